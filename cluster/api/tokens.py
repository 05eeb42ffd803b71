"""Keys to the API: made once, shown once, stored hashed."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from cluster.models import Token

LIFETIME = timedelta(days=365)


def make_token(user: Any, *, name: str = "", lifetime: timedelta = LIFETIME) -> str:
    secret = f"rs-{secrets.token_urlsafe(32)}"
    now = timezone.now()
    Token.objects.create(digest=digest(secret), user=user, name=name, created=now, expires=now + lifetime)
    return secret


def user_of(header: str) -> Any | None:
    """The active user of an Authorization header; None for anything else."""
    scheme, _, secret = header.partition(" ")
    if scheme.lower() != "bearer" or not secret:
        return None
    found = (
        Token.objects.select_related("user").filter(digest=digest(secret.strip()), expires__gt=timezone.now()).first()
    )
    return found.user if found and found.user.is_active else None


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
