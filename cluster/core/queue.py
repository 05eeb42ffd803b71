"""A queue of keys to work on (client-go util/workqueue/queue.go, default_rate_limiters.go)."""

from collections import deque
from typing import Literal, TypeAlias

FIRST_RETRY_SECONDS, LONGEST_RETRY_SECONDS = 0.005, 1_000.0

Key: TypeAlias = tuple[
    Literal[
        "Deployment", "ReplicaSet", "Garbage", "PodDisruptionBudget", "Taints", "EndpointSlice", "Endpoints", "Pod"
    ],
    str,
]
"""(which controller works, the uid): `Garbage` follows what the owner of that uid leaves behind, `Taints` drives pods away from
the node of that name, `EndpointSlice` and `Endpoints` are of the Service of that namespace/name. A `Pod` is never queued, it only
fails: in the hands of the scheduler or of its kubelet."""


class WorkQueue:
    """First in, first out, each key once. A key that is added while it is being worked on is queued at the end when that work
    is done. `failures`: how often in a row each key has failed."""

    def __init__(self) -> None:
        self._order: deque[Key] = deque()
        self._late: deque[Key] = deque()
        self._waiting: set[Key] = set()
        self._taken: Key | None = None
        self.failures: dict[Key, int] = {}

    def __len__(self) -> int:
        return len(self._order) + len(self._late)

    def add(self, key: Key) -> None:
        if key in self._waiting:
            return
        self._waiting.add(key)
        if key != self._taken:
            self._order.append(key)

    def take(self) -> Key | None:
        """The next key, to be finished with `done`; None: the queue is empty."""
        order = self._order or self._late
        if not order:
            return None
        self._taken = order.popleft()
        self._waiting.discard(self._taken)
        return self._taken

    def done(self, *, late: bool = False) -> None:
        """Finishes the key that was taken. `late`: if the key has been added again meanwhile, it comes after all others."""
        key, self._taken = self._taken, None
        if key is not None and key in self._waiting:
            (self._late if late else self._order).append(key)

    def failed(self, key: Key, now: float) -> float:
        """Counts a failure; returns when to retry the key: 5 ms later, then twice as long each time, 1,000 s at most
        (ItemExponentialFailureRateLimiter). The key is not queued here."""
        count = self.failures[key] = self.failures.get(key, 0) + 1
        return now + min(FIRST_RETRY_SECONDS * 2.0 ** min(count - 1, 32), LONGEST_RETRY_SECONDS)

    def forget(self, key: Key) -> None:
        """Clears the key's failures: the next one counts as the first."""
        self.failures.pop(key, None)

    def copy(self) -> "WorkQueue":
        twin = WorkQueue()
        twin._order, twin._late = self._order.copy(), self._late.copy()
        twin._waiting, twin._taken = self._waiting.copy(), self._taken
        twin.failures = self.failures.copy()
        return twin
