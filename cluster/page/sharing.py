"""Expensive results, computed once for all equal requests at the same time, in this process."""

import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Any

from cluster.statuses import Refused, failure

FRESH_SECONDS = 2.0
MOST_KEPT = 64


class Budget:
    """A limit in wall-clock seconds for a computation, which calls `check` regularly; it raises Refused (504) past the limit."""

    def __init__(self, seconds: float, about: str, now: Callable[[], float] = time.monotonic) -> None:
        self.seconds, self.about, self.now = seconds, about, now
        self.end = now() + seconds

    def check(self) -> None:
        if self.now() > self.end:
            message = f"Timeout: {self.about} took longer than {self.seconds:g} seconds"
            raise Refused(failure(504, "Timeout", message))


class Shared:
    """One computation at a time for each place (a hashable); `kept` maps a key to (when its result was ready, the result)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.guard = threading.Lock()
        self.locks: dict[Hashable, threading.Lock] = defaultdict(threading.Lock)
        self.users: dict[Hashable, int] = defaultdict(int)
        self.kept: OrderedDict[Hashable, tuple[float, Any]] = OrderedDict()

    def get(self, place: Hashable, key: Callable[[], Hashable], compute: Callable[[], Any], *, patience: float) -> Any:
        """The result for the same key, if it was computed at most FRESH_SECONDS ago or since this call began to wait; otherwise
        computes it. `key` is called once the place is free. Raises Refused (503) where it is not after `patience` seconds."""
        asked = self.now()
        with self.alone(place, patience):
            found = (place, key())
            ready, answer = self.kept.get(found, (-float("inf"), None))
            if ready >= min(asked, self.now() - FRESH_SECONDS):
                return answer
            answer = compute()
            self.keep(found, answer)
            return answer

    def keep(self, key: Hashable, answer: Any) -> None:
        self.kept.pop(key, None)
        self.kept[key] = (self.now(), answer)
        while len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)

    @contextmanager
    def alone(self, place: Hashable, patience: float) -> Iterator[None]:
        with self.guard:
            lock = self.locks[place]
            self.users[place] += 1
        try:
            if not lock.acquire(timeout=patience):
                raise Refused(
                    failure(503, "ServiceUnavailable", "others are being served first; please try again later")
                )
            try:
                yield
            finally:
                lock.release()
        finally:
            self.leave(place)

    def leave(self, place: Hashable) -> None:
        """Removes a place without callers."""
        with self.guard:
            self.users[place] -= 1
            if not self.users[place]:
                del self.users[place], self.locks[place]
