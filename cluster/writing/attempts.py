"""How often something may fail before the next try has to wait, counted for all processes of a server together. What failed is
forgiven with time."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F, Value
from django.db.models.functions import Greatest

from cluster.models import Attempts


@dataclass(frozen=True, kw_only=True)
class Limit:
    """`most` failures at once; one is forgiven every `seconds`."""

    most: int
    seconds: float


Key = tuple[str, ...]
Limits = Iterable[tuple[Key, Limit]]


def now() -> float:
    """By the clock that the processes share."""
    return time.time()


def wait(limits: Limits) -> float:
    """Seconds until the next try, by the strictest of the limits. One query."""
    spans = {digest(key): (limit.most - 1) * limit.seconds for key, limit in limits}
    rows = Attempts.objects.filter(pk__in=spans).values_list("key", "until")
    return max([0.0, *(until - now() - spans[key] for key, until in rows)])


def add(limits: Limits) -> None:
    """A failure counts in each of them."""
    wall = now()
    for key, limit in limits:
        Attempts.objects.bulk_create([Attempts(key=digest(key), until=wall)], ignore_conflicts=True)
        until = Greatest(F("until"), Value(wall)) + limit.seconds
        Attempts.objects.filter(pk=digest(key)).update(until=until)


def forgive(key: Key) -> None:
    Attempts.objects.filter(pk=digest(key)).delete()


def forget() -> None:
    """All that is forgiven."""
    Attempts.objects.filter(until__lt=now()).delete()


def digest(key: Key) -> str:
    """Names and addresses are kept nowhere."""
    return hashlib.sha256("\0".join(key).encode(errors="replace")).hexdigest()
