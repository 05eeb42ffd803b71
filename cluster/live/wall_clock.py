"""Handles a machine's clock that is set back, by hand or by NTP. Simulated time continues: otherwise everything that is due would
wait until the clock is back where it was."""

import logging
import time
from collections.abc import Callable

from cluster.records import journal

log = logging.getLogger(__name__)

TOLERATED_SECONDS = 10.0  # longer than the time between two heartbeats


class WallClock:
    """Compares the wall clock with the monotonic clock; the first time with the last heartbeat of a worker."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self.wall, self.steady = wall, steady
        self.ahead: float | None = None  # of the steady clock, in seconds

    def look(self) -> None:
        """Moves the clusters' clocks if the wall clock was set back. To be called before a heartbeat."""
        wall = self.wall()
        ahead = wall - self.steady()
        back = journal.beaten_at() - wall if self.ahead is None else self.ahead - ahead
        self.ahead = ahead
        if back > TOLERATED_SECONDS and journal.carry_on(wall, back):
            log.warning("The clock of this machine was set back by %.0f s; time in the clusters goes on", back)
