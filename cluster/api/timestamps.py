"""Times as the API writes them: RFC 3339, in UTC, to the second."""

from datetime import UTC, datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime(FORMAT)


def seconds(at: float | None) -> str | None:
    """Of seconds since the epoch."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime(FORMAT)
