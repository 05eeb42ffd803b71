"""Limits on failed log-ins: per account from one address, per address, and per account from all addresses. A successful log-in
resets the count of its account from its address."""

import math
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from cluster.writing import attempts
from cluster.writing.attempts import Key, Limit

PAIR = Limit(most=10, seconds=60.0)
ADDRESS = Limit(most=50, seconds=10.0)
ACCOUNT = Limit(most=100, seconds=10.0)


def keys_of(address: str, account: str) -> Iterator[tuple[Key, Limit]]:
    yield (address, account), PAIR
    yield (address, ""), ADDRESS
    yield ("", account), ACCOUNT


def address_of(request: Any) -> str:
    """The client's address; behind a proxy (HTTPS=1) the last address of X-Forwarded-For, which the proxy has added."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def limited(form: type[AuthenticationForm]) -> type[AuthenticationForm]:
    """The form, which refuses to check a password while a limit is exceeded."""

    class LimitedForm(form):  # type: ignore[misc, valid-type]
        def clean(self) -> dict[str, Any]:
            keys = list(keys_of(address_of(self.request), str(self.cleaned_data.get("username", "")).lower()))
            wait = attempts.wait(keys)
            if wait > 0:
                raise too_many(wait)
            try:
                cleaned: dict[str, Any] = super().clean()
            except ValidationError:
                attempts.add(keys)
                raise
            attempts.forgive(keys[0][0])
            return cleaned

    return LimitedForm


def too_many(wait: float) -> ValidationError:
    minutes = max(math.ceil(wait / 60), 1)
    text = ngettext(
        "Too many failed logins. Try again in %(minutes)d minute.",
        "Too many failed logins. Try again in %(minutes)d minutes.",
        minutes,
    )
    return ValidationError(text % {"minutes": minutes}, code="too_many")


LoginForm = limited(AuthenticationForm)
