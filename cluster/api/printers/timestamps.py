"""Times as the API writes them: RFC 3339, in UTC, to the second, or a MicroTime."""

from datetime import UTC, datetime
from functools import lru_cache

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


@lru_cache(maxsize=4096)  # a list of pods has few moments, and strftime would be most of its cost
def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORMAT)


@lru_cache(maxsize=4096)
def seconds(at: float | None) -> str | None:
    """Of seconds since the epoch."""
    return None if at is None else iso(datetime.fromtimestamp(int(at), UTC))


def micro(moment: datetime) -> str:
    """As a MicroTime; the journal tells no less than seconds."""
    return f"{iso(moment)[:-1]}.000000Z"
