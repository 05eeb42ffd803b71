"""Times in the API's format: RFC 3339, in UTC, to the second, or as a MicroTime."""

from datetime import UTC, datetime
from functools import lru_cache

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@lru_cache(maxsize=4096)  # a list of pods has few different times, and strftime would be most of its cost
def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORMAT)


@lru_cache(maxsize=4096)
def seconds(at: float | None) -> str | None:
    """Formats seconds since the epoch."""
    return None if at is None else iso(datetime.fromtimestamp(int(at), UTC))


def micro(moment: datetime) -> str:
    """Formats a MicroTime, with the fraction of the second cut off."""
    return f"{iso(moment)[:-1]}.000000Z"
