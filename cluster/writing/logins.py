"""How often a log-in may fail before the next try has to wait, in this process: for an account from one address, for an address, and
for an account from anywhere. What failed is forgiven with time; whoever logs in is forgiven at once, from that address."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

MOST_KEYS = 20_000


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`most` failures at once; one is forgiven every `seconds`."""

    most: int
    seconds: float


PAIR = Limit(most=10, seconds=60.0)
ADDRESS = Limit(most=50, seconds=10.0)
ACCOUNT = Limit(most=100, seconds=10.0)
Key = tuple[str, str]


class Failures:
    """How many there are of each key, less what was forgiven since; the least recently seen keys are forgotten."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.levels: OrderedDict[Key, tuple[float, float]] = OrderedDict()

    def level(self, key: Key, limit: Limit) -> float:
        level, since = self.levels.get(key, (0.0, self.now()))
        return max(level - (self.now() - since) / limit.seconds, 0.0)

    def add(self, key: Key, limit: Limit) -> None:
        self.levels[key] = (self.level(key, limit) + 1, self.now())
        self.levels.move_to_end(key)
        if len(self.levels) > MOST_KEYS:
            self.levels.popitem(last=False)

    def wait(self, key: Key, limit: Limit) -> float:
        """Seconds until the next try."""
        return max(self.level(key, limit) - limit.most + 1, 0.0) * limit.seconds

    def forgive(self, key: Key) -> None:
        self.levels.pop(key, None)


failures = Failures()


def keys_of(address: str, account: str) -> Iterator[tuple[Key, Limit]]:
    yield (address, account), PAIR
    yield (address, ""), ADDRESS
    yield ("", account), ACCOUNT


def address_of(request: Any) -> str:
    """Behind a proxy (HTTPS=1) the last address of X-Forwarded-For, which the proxy has written."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def limited(form: type[AuthenticationForm]) -> type[AuthenticationForm]:
    """The form, with passwords looked at only as often as the limits allow."""

    class LimitedForm(form):  # type: ignore[misc, valid-type]
        def clean(self) -> dict[str, Any]:
            keys = list(keys_of(address_of(self.request), str(self.cleaned_data.get("username", "")).lower()))
            wait = max(failures.wait(key, limit) for key, limit in keys)
            if wait > 0:
                raise too_many(wait)
            try:
                cleaned: dict[str, Any] = super().clean()
            except ValidationError:
                for key, limit in keys:
                    failures.add(key, limit)
                raise
            failures.forgive(keys[0][0])
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
