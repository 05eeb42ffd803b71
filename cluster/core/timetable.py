"""Due times of things: a heap whose outdated entries are dropped when they come to its top."""

import heapq
from collections.abc import Hashable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


class Timetable(Generic[K]):
    """One time for each thing, in seconds of the cluster's clock. Putting and taking cost the logarithm of the number of
    entries."""

    def __init__(self) -> None:
        self._times: dict[K, float] = {}
        self._heap: list[tuple[float, int, K]] = []
        self._count = 0

    def __iter__(self) -> Iterator[K]:
        return iter(self._times)

    def put(self, thing: K, at: float | None) -> None:
        """Sets the thing's time; None removes it."""
        if at is None:
            self._times.pop(thing, None)
        elif self._times.get(thing) != at:
            self._times[thing] = at
            self._count += 1
            heapq.heappush(self._heap, (at, self._count, thing))

    def at(self, thing: K) -> float | None:
        """The thing's time; None if it has none."""
        return self._times.get(thing)

    def next(self) -> float | None:
        """The earliest time; None without one."""
        while self._heap and self._times.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: float, most: int | None = None) -> list[K]:
        """Removes and returns what is due at `now`, earliest first; `most` of them at most."""
        taken: list[K] = []
        while most is None or len(taken) < most:
            at = self.next()
            if at is None or at > now:
                break
            thing = heapq.heappop(self._heap)[2]
            del self._times[thing]
            taken.append(thing)
        return taken

    def copy(self) -> "Timetable[K]":
        twin: Timetable[K] = Timetable()
        twin._times, twin._heap, twin._count = self._times.copy(), self._heap.copy(), self._count
        return twin
