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
        self._late: deque[Key] = deque()
        self._waiting: set[Key] = set()
        self._taken: Key | None = None

    def __len__(self) -> int:
        return len(self._order) + len(self._late)

    def add(self, key: Key) -> None:
        if key in self._waiting:
            return
        self._waiting.add(key)
        if key != self._taken:
            self._order.append(key)

    def take(self) -> Key | None:
        """The next key, to be given back with `done`; None: there is no work."""
        order = self._order or self._late
        if not order:
            return None
        self._taken = order.popleft()
        self._waiting.discard(self._taken)
        return self._taken

    def done(self, *, late: bool = False) -> None:
        """`late`: if the key has been added again meanwhile it comes after all others."""
        key, self._taken = self._taken, None
        if key is not None and key in self._waiting:
            (self._late if late else self._order).append(key)

    def copy(self) -> "WorkQueue":
        twin = WorkQueue()
        twin._order, twin._late = self._order.copy(), self._late.copy()
        twin._waiting, twin._taken = self._waiting.copy(), self._taken
        return twin
