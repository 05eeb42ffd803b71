"""Ages as kubectl shows them (apimachinery pkg/util/duration)."""

from datetime import datetime
from typing import Any

Json = dict[str, Any]
MINUTE, HOUR, DAY, YEAR = 60, 3600, 86_400, 365 * 86_400


def age(manifest: Json, now: datetime) -> str:
    created = manifest["metadata"].get("creationTimestamp")
    return human_duration(since(created, now)) if created else "<unknown>"


def since(moment: str, now: datetime) -> float:
    return (now - datetime.fromisoformat(moment)).total_seconds()


def human_duration(seconds: float) -> str:
    """5s, 2m10s, 15m, 3h5m, 9h, 4d2h, 30d."""
    whole = max(int(seconds), 0)
    if whole < 2 * MINUTE:
        return f"{whole}s"
    if whole < 10 * MINUTE:
        return two(whole, MINUTE, "m", 1, "s")
    if whole < 3 * HOUR:
        return f"{whole // MINUTE}m"
    if whole < 8 * HOUR:
        return two(whole, HOUR, "h", MINUTE, "m")
    if whole < 2 * DAY:
        return f"{whole // HOUR}h"
    if whole < 8 * DAY:
        return two(whole, DAY, "d", HOUR, "h")
    if whole < 2 * YEAR:
        return f"{whole // DAY}d"
    return two(whole, YEAR, "y", DAY, "d") if whole < 8 * YEAR else f"{whole // YEAR}y"


def two(whole: int, unit: int, letter: str, part: int, part_letter: str) -> str:
    rest = whole % unit // part
    return f"{whole // unit}{letter}{f'{rest}{part_letter}' if rest else ''}"
