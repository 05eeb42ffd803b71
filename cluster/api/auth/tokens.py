"""Tokens for the API: generated once, shown once, stored hashed."""

import contextlib
import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.utils import timezone

from cluster.models import Token
from cluster.records import inline
from cluster.records.prepared import Prepared

LIFETIME = timedelta(days=365)
USE_NOTED_EVERY = timedelta(minutes=1)
_being_noted: set[int] = set()


def usable(now: datetime) -> QuerySet[Token]:
    """The unexpired tokens of active users, with their users."""
    return Token.objects.select_related("user").filter(expires__gt=now, user__is_active=True)


ONE = Prepared(lambda now, digest: usable(now).filter(digest=digest), datetime, str)


def make_token(user: Any, *, name: str = "", lifetime: timedelta = LIFETIME) -> str:
    secret = f"rs-{secrets.token_urlsafe(32)}"
    now = timezone.now()
    Token.objects.create(digest=digest(secret), user=user, name=name, created=now, expires=now + lifetime)
    return secret


def token_of(header: str) -> Token | None:
    """The unexpired token of an active user in an Authorization header; None otherwise."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    found: Token | None = ONE.first(timezone.now(), digest(secret.strip()))
    return found


def living(digests: list[str]) -> dict[str, Token]:
    return {each.digest: each for each in usable(timezone.now()).filter(digest__in=digests)}


def user_of(header: str) -> Any | None:
    found = token_of(header)
    return found.user if found else None


def note_use(token: Token) -> None:
    """Records the last use, at most once a minute over all processes, and one write at a time in this one: while the database
    is locked, uses do not pile up. A database error (disk full) is ignored: the token stays valid."""
    now = timezone.now()
    is_due = token.last_used is None or now - token.last_used >= USE_NOTED_EVERY
    if is_due and token.pk not in _being_noted:
        _being_noted.add(token.pk)
        inline.aside(write_use, token.pk, now)


def write_use(key: int, now: datetime) -> None:
    unnoted = Q(last_used=None) | Q(last_used__lte=now - USE_NOTED_EVERY)
    try:
        with contextlib.suppress(DatabaseError):
            Token.objects.filter(unnoted, pk=key).update(last_used=now)
    finally:
        _being_noted.discard(key)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
