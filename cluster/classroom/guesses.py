"""How often a wrong code may be tried, in this process: a few times from an address, and not too often in all."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
MOST_OF_AN_ADDRESS = 5
MOST_IN_ALL = 100  # a minute; with 25^6 codes a guesser needs years for one of them
MOST_ADDRESSES = 10_000


class Guesses:
    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.of_address: OrderedDict[str, deque[float]] = OrderedDict()
        self.in_all: deque[float] = deque()

    def wait(self, address: str) -> float:
        """For how many seconds an address may not try a code; 0: it may."""
        return max(
            self.until_free(self.of_address.get(address, deque()), MOST_OF_AN_ADDRESS),
            self.until_free(self.in_all, MOST_IN_ALL),
        )

    def note_wrong(self, address: str) -> None:
        times = self.of_address.setdefault(address, deque(maxlen=MOST_OF_AN_ADDRESS))
        self.of_address.move_to_end(address)
        for each in (times, self.in_all):
            each.append(self.now())
        while len(self.in_all) > MOST_IN_ALL:
            self.in_all.popleft()
        if len(self.of_address) > MOST_ADDRESSES:
            self.of_address.popitem(last=False)

    def until_free(self, times: deque[float], most: int) -> float:
        """A window of WINDOW_SECONDS holds at most `most` wrong codes."""
        while times and times[0] <= self.now() - WINDOW_SECONDS:
            times.popleft()
        return times[0] + WINDOW_SECONDS - self.now() if len(times) >= most else 0.0


guesses = Guesses()
