"""Durations, shares and paces in a story."""

import re
from typing import Any

from cluster.core.rehearsals.stories.story import StoryError

LONGEST_SECONDS = 366 * 86_400.0
SLOWEST, FASTEST = 0.1, 60.0  # a clock's pace: simulated seconds per real second
FACTORS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:ms|s|m|h))+")
PACE = re.compile(r"\d{1,4}(?:\.\d{1,4})?")
PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


def read_seconds(value: Any, place: str, more: str = "") -> float:
    """Seconds from a number or a Go duration, such as 1m30s."""
    seconds = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = float(value)
    elif isinstance(value, str) and DURATION.fullmatch(value):
        seconds = sum(float(number) * FACTORS[unit] for number, unit in PART.findall(value))
    if not 0 <= seconds <= LONGEST_SECONDS:
        where = f"{place}: " if place else ""
        raise StoryError(f"{where}{value!r} is not a duration; use e.g. 6s or 1m30s{more}")
    return seconds


def read_share(value: Any, place: str) -> float:
    """A share of 0..1 from a number or a percentage."""
    share = -1.0
    if isinstance(value, int | float) and not isinstance(value, bool):
        share = float(value)
    elif isinstance(value, str) and re.fullmatch(r"\d+(\.\d+)?%", value):
        share = float(value[:-1]) / 100
    if not 0 <= share <= 1:
        raise StoryError(f"{place}: {value!r} is not a share; use a percentage such as 50%")
    return share


def read_pace(value: Any) -> float | str:
    """Simulated seconds per real second; 0: paused; `step`: a paused clock advances to what happens next."""
    if value in ("pause", "step"):
        return 0.0 if value == "pause" else "step"
    text = str(value).removesuffix("x")
    pace = float(text) if PACE.fullmatch(text) else -1.0
    if isinstance(value, bool) or not SLOWEST <= pace <= FASTEST:
        raise StoryError(f"{value!r} is not a pace; use {SLOWEST:g}x to {FASTEST:g}x, pause or step")
    return pace
