"""Rate limits on failures, counted for all processes of a server together. Failures are forgiven over time."""

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
    """The wall clock, which all processes share."""
    return time.time()


def wait(limits: Limits) -> float:
    """Seconds until the next try, by the strictest of the limits. One query."""
    spans = {digest(key): (limit.most - 1) * limit.seconds for key, limit in limits}
    rows = Attempts.objects.filter(pk__in=spans).values_list("key", "until")
    return max([0.0, *(until - now() - spans[key] for key, until in rows)])


def add(limits: Limits) -> None:
    """Counts a failure in each of the limits."""
    wall = now()
    for key, limit in limits:
        Attempts.objects.bulk_create([Attempts(key=digest(key), until=wall)], ignore_conflicts=True)
        until = Greatest(F("until"), Value(wall)) + limit.seconds
        Attempts.objects.filter(pk=digest(key)).update(until=until)


def forgive(key: Key) -> None:
    Attempts.objects.filter(pk=digest(key)).delete()


def forget() -> None:
    """Deletes the rows of which every failure is forgiven."""
    Attempts.objects.filter(until__lt=now()).delete()


def digest(key: Key) -> str:
    """A hash of the key, so that names and addresses are not stored."""
    return hashlib.sha256("\0".join(key).encode(errors="replace")).hexdigest()
