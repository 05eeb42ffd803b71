"""A queue of keys to work on (client-go util/workqueue/queue.go)."""

from collections import deque
from typing import Literal, TypeAlias

Key: TypeAlias = tuple[Literal["Deployment", "ReplicaSet", "Garbage"], str]
"""(which controller works, the uid): `Garbage` follows what the owner of that uid leaves behind."""


class WorkQueue:
    """First in, first out, each key once. A key that is added while somebody works on it comes to the end when that work is
    done."""

    def __init__(self) -> None:
        self._order: deque[Key] = deque()
        self._waiting: set[Key] = set()
        self._taken: Key | None = None

    def __len__(self) -> int:
        return len(self._order)

    def add(self, key: Key) -> None:
        if key in self._waiting:
            return
        self._waiting.add(key)
        if key != self._taken:
            self._order.append(key)

    def take(self) -> Key | None:
        """The next key, to be given back with `done`; None: there is no work."""
        if not self._order:
            return None
        self._taken = self._order.popleft()
        self._waiting.discard(self._taken)
        return self._taken

    def done(self) -> None:
        key, self._taken = self._taken, None
        if key in self._waiting and key is not None:
            self._order.append(key)

    def copy(self) -> "WorkQueue":
        twin = WorkQueue()
        twin._order, twin._waiting, twin._taken = self._order.copy(), self._waiting.copy(), self._taken
        return twin
