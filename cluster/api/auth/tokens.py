"""Keys to the API: made once, shown once, stored hashed."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from cluster.models import Token

LIFETIME = timedelta(days=365)
USE_NOTED_EVERY = timedelta(minutes=1)


def make_token(user: Any, *, name: str = "", lifetime: timedelta = LIFETIME) -> str:
    secret = f"rs-{secrets.token_urlsafe(32)}"
    now = timezone.now()
    Token.objects.create(digest=digest(secret), user=user, name=name, created=now, expires=now + lifetime)
    return secret


def token_of(header: str) -> Token | None:
    """The living token of an Authorization header, of an active user; None for anything else."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    return living([digest(secret.strip())]).get(digest(secret.strip()))


def living(digests: list[str]) -> dict[str, Token]:
    found = Token.objects.select_related("user").filter(
        digest__in=digests, expires__gt=timezone.now(), user__is_active=True
    )
    return {each.digest: each for each in found}


def user_of(header: str) -> Any | None:
    found = token_of(header)
    return found.user if found else None


def note_use(token: Token) -> None:
    """At most one write a minute, whoever else is at it."""
    now = timezone.now()
    if token.last_used is None or now - token.last_used >= USE_NOTED_EVERY:
        unnoted = Q(last_used=None) | Q(last_used__lte=now - USE_NOTED_EVERY)
        Token.objects.filter(unnoted, pk=token.pk).update(last_used=now)


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
