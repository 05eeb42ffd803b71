"""A rehearsal for people in a terminal: every step with its time and its why, a drawing, and the verdict."""

from collections.abc import Iterator, Sequence, Set

from cluster.core.rehearsals.assumptions import TIMES, Assumed
from cluster.core.rehearsals.rehearsed import Line, Rehearsed
from cluster.core.rehearsals.tally import Point

WIDTH, TALLEST = 72, 16
MARKS = {"step": ">", "say": "#", "scaling": " ", "trouble": "!", "condition": "="}


def describe(rehearsed: Rehearsed) -> str:
    parts = [
        f"Rehearsal of {rehearsed.name}",
        *([rehearsed.purpose] if rehearsed.purpose else []),
        "",
        *(text for line in rehearsed.lines for text in line_texts(line)),
        "",
        *draw(rehearsed.points),
        "",
        *verdict(rehearsed),
    ]
    return "\n".join(parts)


def line_texts(line: Line) -> Iterator[str]:
    yield f"{line.at:9.1f} s {MARKS[line.kind]} {line.text}"
    if line.why:
        yield f"{'':14}{line.why}"


def draw(points: Sequence[Point]) -> Iterator[str]:
    """Columns are time, rows are pods: full blocks available, light ones not available yet; the ceiling and the floor as lines."""
    if not points:
        return
    top = max(max(each.ceiling, each.total, 1) for each in points)
    pods_a_row = -(-top // TALLEST)
    columns = sample(points)
    wide = len(str(top))
    for row in range(-(-top // pods_a_row), 0, -1):
        value, below = row * pods_a_row, (row - 1) * pods_a_row
        yield f"{value:>{wide + 2}} |" + "".join(cell(each, below, value) for each in columns)
    end = points[-1].at
    yield " " * (wide + 2) + " +" + "-" * WIDTH
    yield " " * (wide + 3) + f" 0 s{f'{end:.1f} s':>{WIDTH - 4}}"
    yield "  # available   + not available yet   = ceiling (desired + surge)   _ floor (desired - unavailable)"


def sample(points: Sequence[Point]) -> list[Point]:
    """The state in the middle of each column's time."""
    begin, end = points[0].at, points[-1].at
    found, place = [], 0
    for column in range(WIDTH):
        at = begin + (end - begin) * (column + 0.5) / WIDTH
        while place + 1 < len(points) and points[place + 1].at <= at:
            place += 1
        found.append(points[place])
    return found


def cell(point: Point, below: int, value: int) -> str:
    if point.available > below:
        return "_" if below < point.floor <= value and point.available <= value else "#"
    if point.total > below:
        return "+"
    if below < point.ceiling <= value:
        return "="
    return "_" if below < point.floor <= value else " "


def verdict(rehearsed: Rehearsed) -> Iterator[str]:
    held = "held" if rehearsed.floor_held else "did not hold"
    last = rehearsed.points[-1] if rehearsed.points else Point(at=0.0)
    yield f"{rehearsed.outcome} after {rehearsed.duration_seconds:.1f} s"
    yield (
        f"  peak pods         {rehearsed.peak_pods} (ceiling {last.ceiling}), "
        f"{rehearsed.peak_pods_with_terminating} including terminating pods"
    )
    yield f"  lowest available  {rehearsed.min_available} (floor {last.floor}; the floor {held})"
    for each in rehearsed.rollouts:
        took = (
            "did not complete" if each.ended_at is None else f"complete after {each.ended_at - each.started_at:.1f} s"
        )
        yield f"  revision {each.revision or '?':<8} {took}"
    yield f"  verdict           {'; '.join(rehearsed.failings) or 'every rollout completed and the floor held'}"


def compare(names: Sequence[str], rows: Sequence[tuple[Sequence[str], Rehearsed]]) -> str:
    """A table of variants: the values that differ, then what they lead to."""
    head = [*names, "seconds", "peak", "incl. terminating", "lowest available", "verdict"]
    body = [
        [
            *values,
            f"{each.duration_seconds:.1f}",
            str(each.peak_pods),
            str(each.peak_pods_with_terminating),
            str(each.min_available),
            each.outcome + ("" if each.floor_held else ", below the floor"),
        ]
        for values, each in rows
    ]
    widths = [max(len(row[column]) for row in [head, *body]) for column in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in [head, *body]
    )


def assumptions(variants: Sequence[Sequence[Assumed]]) -> Iterator[str]:
    """One line for each container, of variants that assume about the same containers; "varies" where they differ."""
    for same in zip(*variants, strict=True):
        first = same[0]
        times = [
            time_text(key, {each.times[key] for each in same}, first)
            for key in TIMES
            if not first.is_old or key == "stop_seconds"
        ]
        rule = f"image rule {first.pattern}" if first.pattern else "no image rule"
        if first.jitter:
            rule += f", each time varies by up to {first.jitter:.0%}"
        yield f"  assumes           {first.image}: {', '.join(times)} ({rule})"


def time_text(key: str, values: Set[float | None], first: Assumed) -> str:
    name = key.removesuffix("_seconds")
    if len(values) > 1:
        return f"{name} varies"
    value = first.times[key]
    text = f"{name} {'by hand' if value is None else f'{value:g} s'}"
    if key == "ready_seconds" and first.probe:
        delay, period, successes = first.probe
        text += f" (seen by its readiness probe: after {delay:g} s, every {period:g} s, {successes}x)"
    return f"{text} as given" if first.sources[key] == "override" else text
