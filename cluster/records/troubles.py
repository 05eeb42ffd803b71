"""Repeated failures: logged in full the first time, then ever more rarely, with ever longer waits before the next try."""

import logging
from dataclasses import dataclass, field

log = logging.getLogger("cluster")


@dataclass(kw_only=True)
class Troubles:
    """Failures in a row, by what fails. The wait starts at `first_seconds` and doubles up to `longest_seconds` (client-go
    util/workqueue ItemExponentialFailureRateLimiter)."""

    first_seconds: float
    longest_seconds: float
    counts: dict[object, int] = field(default_factory=dict)

    def met(self, key: object, what: str) -> float:
        """Logs a failure and returns the seconds to wait. Must be called in the exception handler."""
        count = self.counts[key] = self.counts.get(key, 0) + 1
        seconds = float(min(self.first_seconds * 2 ** min(count - 1, 32), self.longest_seconds))
        if count == 1:
            log.exception("%s failed; next try in %g s", what, seconds)
        elif count & (count - 1) == 0:
            log.error("%s failed %d times in a row; next try in %g s", what, count, seconds)
        return seconds

    def over(self, key: object, what: str) -> None:
        count = self.counts.pop(key, 0)
        if count:
            log.warning("%s works again, after %d failures", what, count)
