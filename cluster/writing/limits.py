"""Request rate limits: a token bucket per user, in this process (a refusal has the apiserver's 429 message)."""

import time
from collections import OrderedDict
from collections.abc import Callable

from django.conf import settings

from cluster.statuses import Refused, failure

BURST_SECONDS = 2.0
MOST_USERS = 10_000
RETRY_SECONDS = 1


class Buckets:
    """A key's bucket has room for `rate` times BURST_SECONDS tokens, and is refilled at `rate` a second."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.levels: OrderedDict[int, tuple[float, float]] = OrderedDict()

    def take(self, key: int, rate: float) -> bool:
        now = self.now()
        level, since = self.levels.pop(key, (rate * BURST_SECONDS, now))
        level = min(level + (now - since) * rate, rate * BURST_SECONDS)
        self.levels[key] = (max(level - 1, 0.0) if level >= 1 else level, now)
        if len(self.levels) > MOST_USERS:
            self.levels.popitem(last=False)
        return level >= 1


buckets = Buckets()


def check(user_id: int) -> None:
    """Raises Refused (429). With API_RATE 0 there is no limit."""
    if settings.API_RATE:
        check_rate(buckets, user_id, settings.API_RATE)


def check_rate(buckets: Buckets, key: int, rate: float) -> None:
    if not buckets.take(key, rate):
        message = "Too many requests, please try again later."
        raise Refused(failure(429, "TooManyRequests", message, retryAfterSeconds=RETRY_SECONDS))
