"""A rehearsal as text for a terminal: every step with its time and its reason, a drawing, and the verdict."""

import json
from collections.abc import Iterator, Sequence, Set
from math import inf

from django.utils.translation import gettext as _

from cluster.core.rehearsals.assumptions import TIMES, Assumed
from cluster.core.rehearsals.candidates import Command
from cluster.core.rehearsals.rehearsed import Line, Rehearsed
from cluster.core.rehearsals.remedies import Remedy
from cluster.core.rehearsals.tally import Point
from cluster.core.rehearsals.unacted import Unacted
from cluster.core.rehearsals.verdict import COMPLETE, NOT_BEFORE, Verdict
from cluster.core.traffic.model import Traffic

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
        yield f"{'':14}{line.why.text}"


def draw(points: Sequence[Point]) -> Iterator[str]:
    """Columns are time, rows are pods: # for available ones, + for those not available yet, = for the ceiling and _ for the
    floor."""
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
    yield " " * (wide + 3) + f" 0 s{f'{max(end, 0.0):.1f} s':>{WIDTH - 4}}"
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
    last = rehearsed.points[-1] if rehearsed.points else Point(at=0.0)
    yield f"{rehearsed.outcome} after {rehearsed.duration_seconds:.1f} s"
    yield (
        f"  peak pods         {rehearsed.peak_pods} (ceiling {last.ceiling}), "
        f"{rehearsed.peak_pods_with_terminating} including terminating pods"
    )
    yield f"  lowest available  {rehearsed.min_available} ({floor_text(rehearsed, last.floor)})"
    traffic = rehearsed.traffic
    if traffic:
        yield from traffic_texts(traffic)
    starts = [*(each.started_at for each in rehearsed.rollouts[1:]), inf]
    for each, next_start in zip(rehearsed.rollouts, starts, strict=False):
        took = (
            "did not complete" if each.ended_at is None else f"complete after {each.ended_at - each.started_at:.1f} s"
        )
        lost = f", {traffic.lost_between(each.started_at, next_start):,} requests lost" if traffic else ""
        yield f"  revision {each.revision or '?':<8} {took}{lost}"
    yield f"  verdict           {'; '.join(rehearsed.failings) or 'every rollout completed and the floor held'}"
    yield from answer(rehearsed.verdict)


def floor_text(rehearsed: Rehearsed, floor: int) -> str:
    """`floor` is that at the end: it may have been lower before, or there were fewer pods from the start."""
    if not rehearsed.floor_held:
        return f"floor {floor}; the floor did not hold"
    if rehearsed.min_available < floor:
        return f"floor {floor} at the end; no step went below the floor"
    return f"floor {floor}; the floor held"


def answer(verdict: Verdict) -> Iterator[str]:
    """Whether the rollout will finish, why not, and which progress deadline suffices."""
    yield f"  will it finish    {finish(verdict)}"
    for each in verdict.causes:
        where = f" (revision {each.revision}, {plural(each.pods, 'pod')})" if each.pods else ""
        yield f"  because           {each.text}{where}"
    if verdict.longest_gap and verdict.advised_deadline and verdict.deadline:
        told = (
            f"{verdict.deadline} is enough"
            if verdict.deadline >= verdict.advised_deadline
            else f"set {verdict.advised_deadline}, half as much again"
        )
        yield f"  deadline          longest time without progress {verdict.longest_gap:.1f} s; progressDeadlineSeconds: {told}"


def finish(verdict: Verdict) -> str:
    if verdict.answer == COMPLETE:
        return f"yes, after {verdict.seconds or 0:.1f} s"
    if verdict.answer != NOT_BEFORE:
        return verdict.answer
    passes = verdict.deadline_passes
    late = "" if passes is None else f"; the progress deadline passes before, after {passes:.1f} s"
    return f"not before {verdict.seconds or 0:.1f} s{late}"


def remedies(found: Sequence[Remedy]) -> Iterator[str]:
    """The remedies, smallest change first, each with the resulting rollout and its commands."""
    for each in found:
        rehearsed = each.rehearsed
        floor = "" if rehearsed.floor_held else ", below the floor"
        yield (
            f"  helps             {each.candidate.text}: complete after {rehearsed.duration_seconds:.1f} s, "
            f"at least {rehearsed.min_available} available{floor}"
        )
        for command in each.candidate.commands:
            yield f"                    {kubectl(command)}"


def expectation(misses: Sequence[str] | None) -> Iterator[str]:
    """`misses` None: the story has no expectation."""
    if misses is not None:
        yield f"  as expected       {'; '.join(['no', *misses]) if misses else 'yes'}"


def kubectl(command: Command) -> str:
    """The kubectl command with the same effect."""
    if command.verb == "undo":
        return f"kubectl rollout undo deployment/{command.name}"
    text = json.dumps(command.value, separators=(",", ":"))
    if command.verb == "create":
        return f"kubectl create -f - <<< '{text}'"
    return f"kubectl patch {command.kind.lower()} {command.name} -p '{text}'"


def plural(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def traffic_texts(traffic: Traffic) -> Iterator[str]:
    """The traffic, always labelled as a model."""
    yield f"  traffic, a model  {lost_text(traffic)}"
    yield f"{'':20}{model_text(traffic)}"


def lost_text(traffic: Traffic) -> str:
    numbers = {name: f"{number:,}" for name, number in traffic.counts.items()}
    return _("%(lost)s of %(requests)s requests lost: %(refused)s refused, %(broken)s broken off") % numbers


def model_text(traffic: Traffic) -> str:
    model = traffic.model
    return _(
        "%(rate)s a second to the Service %(service)s; proxies hear of a change after %(delay)s s; a request takes %(takes)s s"
    ) % {
        "rate": f"{model.requests_per_second:g}",
        "service": traffic.service,
        "delay": f"{model.belief_delay_seconds:g}",
        "takes": f"{model.request_seconds:g}",
    }


def compare(names: Sequence[str], rows: Sequence[tuple[Sequence[str], Rehearsed]]) -> str:
    """A table of variants: the values that differ, then their results."""
    has_traffic = any(each.traffic for _, each in rows)
    lost = ["lost requests (a model)"] if has_traffic else []
    head = [*names, "seconds", "peak", "incl. terminating", "lowest available", *lost, "verdict"]
    body = [
        [
            *values,
            f"{each.duration_seconds:.1f}",
            str(each.peak_pods),
            str(each.peak_pods_with_terminating),
            str(each.min_available),
            *([f"{each.traffic.counts['lost']:,}" if each.traffic else "-"] if has_traffic else []),
            (each.outcome if each.verdict.is_good else finish(each.verdict))
            + ("" if each.floor_held else ", below the floor"),
        ]
        for values, each in rows
    ]
    widths = [max(len(row[column]) for row in [head, *body]) for column in range(len(head))]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in [head, *body]
    )


def assumptions(variants: Sequence[Sequence[Assumed]]) -> Iterator[str]:
    """One line per container, for variants with the same containers; "varies" where their times differ."""
    for same in zip(*variants, strict=True):
        first = same[0]
        times = [time_text(key, {each.times[key] for each in same}, first) for key in TIMES if key in first.counted]
        rule = f"image rule {first.pattern}" if first.pattern else "no image rule"
        if first.jitter:
            rule += f", each time varies by up to {first.jitter:.0%}"
        yield f"  assumes           {subject(first)}: {', '.join(times)} ({rule})"


def subject(assumed: Assumed) -> str:
    """The image, with its container's name and role."""
    names = {"init": f" (init container {assumed.container})", "sidecar": f" (sidecar {assumed.container})", "main": ""}
    return assumed.image + names[assumed.role] + (" (replaced)" if assumed.is_old else "")


def unacted(found: Sequence[Unacted]) -> Iterator[str]:
    """The fields of the manifests that are kept but not acted on."""
    for each in found:
        yield f"  not acted on      {', '.join(each.places)}: {each.text}"


def time_text(key: str, values: Set[float | None], first: Assumed) -> str:
    name = "runs for" if key == "ready_seconds" and first.role == "init" else key.removesuffix("_seconds")
    if len(values) > 1:
        return f"{name} varies"
    value = first.times[key]
    text = f"{name} {'by hand' if value is None else f'{value:g} s'}"
    if key == "ready_seconds" and first.probe:
        delay, period, successes = first.probe
        text += f" (seen by its readiness probe: after {delay:g} s, every {period:g} s, {successes}x)"
    if key == "start_seconds":
        text += "".join(
            limit_text(name, each) for name, each in (("startup", first.startup), ("liveness", first.liveness))
        )
    if key == "stop_seconds" and first.pre_stop_seconds:
        text += f" (after its preStop hook of {first.pre_stop_seconds:g} s)"
    return f"{text} as given" if first.sources[key] == "override" else text


def limit_text(name: str, limits: tuple[float, float, int] | None) -> str:
    """How long a probe lets a container fail before the container is ended."""
    if limits is None:
        return ""
    delay, period, failures = limits
    return f" ({name} probe: after {delay:g} s, every {period:g} s, ends the container after {failures} failures)"
