"""A rehearsal as a self-contained picture: the film strip, and the chart between ceiling and floor. Its texts are in the active
language: the reader's on a page, English for commands."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cluster.core.rehearsals.rehearsed import EXCEEDED, SETTLED, STUCK, Frame, Rehearsed
from cluster.core.rehearsals.tally import Point
from cluster.core.traffic.model import Traffic
from cluster.stories.rehearsal_text import lost_text, model_text

WIDTH, MARGIN = 960, 32
CARD, CARD_GAP = 116, 14
HEAD, CHART_HEIGHT, NAMES_WIDTH = 108, 230, 90
LANE, LEAST_LOST = 30, 2.5  # the height of the lane of requests, and the least height of lost ones
COLOURS = ("#a8650f", "#1d55d8", "#0f7a6c", "#8a3bb8", "#b3305f", "#4f6b12")
STYLE = """
svg { background: #fffefb; font: 13px system-ui, "DejaVu Sans", sans-serif; color: #1b1a17; }
text { fill: currentColor; } .quiet { fill: #5b574e; font-size: 11.5px; } .title { font-size: 18px; font-weight: 700; }
.card { fill: #fff; stroke: #dcd9d1; } .rest { fill: #ece9e1; } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.limit { fill: none; stroke: #5b574e; stroke-dasharray: 5 4; } .grid { stroke: #ece9e1; } .axis { stroke: #b9b4a8; }
.dying { fill: #8a857a; opacity: .28; } .waiting { fill: #f6e6c8; } .serving { fill: #d7ecdc; }
.requests { fill: #d7ecdc; } .lost { fill: #b3261e; } .total { stroke: #1b1a17; } .available { stroke: #1a7f45; }
"""
LEFT, RIGHT = MARGIN + 30, WIDTH - MARGIN - NAMES_WIDTH  # of the chart
Scale = Callable[[float], float]


def draw(rehearsed: Rehearsed) -> str:
    frames = film(rehearsed.frames)
    columns = (WIDTH - 2 * MARGIN + CARD_GAP) // (CARD + CARD_GAP)
    rows = -(-len(frames) // columns)
    row_height = 34 + 26 * max((len(each.counts) for each in frames), default=1)
    chart_top = HEAD + rows * (row_height + CARD_GAP) + 24
    traffic = rehearsed.traffic if rehearsed.points else None
    height = chart_top + CHART_HEIGHT + 60 + (LANE + 44 if traffic else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(rehearsed.name)}: {escape(outcome(rehearsed))}</title><style>{STYLE}</style>",
        label(MARGIN, 40, rehearsed.name, "title"),
        label(MARGIN, 62, summary(rehearsed), "quiet"),
        *key(frames),
    ]
    largest = max((size for each in frames for size in each.counts.values()), default=1)
    before: Mapping[int, int] = frames[0].counts if frames else {}
    for index, each in enumerate(frames):
        x = MARGIN + index % columns * (CARD + CARD_GAP)
        parts += card(each, before, x, HEAD + index // columns * (row_height + CARD_GAP), row_height, largest)
        before = each.counts
    parts += chart(rehearsed.points, chart_top)
    parts += lane(traffic, rehearsed.points, chart_top + CHART_HEIGHT + 56) if traffic else ()
    return "\n".join([*parts, "</svg>", ""])


def key(frames: Sequence[Frame]) -> Iterator[str]:
    """The legend of the ReplicaSets' colours."""
    x = MARGIN
    for number in frames[0].counts if frames else ():
        yield f'<rect fill="{colour_of(number)}" x="{x}" y="80" width="12" height="12" rx="3"/>'
        yield label(x + 18, 90, _("ReplicaSet %(number)s") % {"number": number}, "quiet")
        x += 108


def colour_of(number: int) -> str:
    return COLOURS[(number - 1) % len(COLOURS)]


def film(frames: Sequence[Frame]) -> list[Frame]:
    """Every frame with every ReplicaSet: one that is not created yet has 0 pods."""
    numbers = sorted({number for each in frames for number in each.counts})
    return [
        Frame(at=each.at, label=each.label, counts={number: each.counts.get(number, 0) for number in numbers})
        for each in frames
    ]


def summary(rehearsed: Rehearsed) -> str:
    most = ngettext(
        "at most %(count)s pod (%(whole)s including terminating pods)",
        "at most %(count)s pods (%(whole)s including terminating pods)",
        rehearsed.peak_pods,
    ) % {"count": rehearsed.peak_pods, "whole": rehearsed.peak_pods_with_terminating}
    least = _("at least %(least)s available") % {"least": rehearsed.min_available}
    values = {"outcome": outcome(rehearsed), "most": most, "least": least}
    return _("%(outcome)s, %(most)s, %(least)s") % values


def outcome(rehearsed: Rehearsed) -> str:
    time = seconds_text(f"{rehearsed.duration_seconds:.1f}")
    texts = {
        SETTLED: _("settled after %(time)s"),
        STUCK: _("stuck after %(time)s"),
        EXCEEDED: _("deadline exceeded after %(time)s"),
    }
    return texts[rehearsed.outcome] % {"time": time}


def seconds_text(seconds: str) -> str:
    return _("%(seconds)s s") % {"seconds": seconds}


def card(frame: Frame, before: Mapping[int, int], x: float, y: float, height: float, largest: int) -> Iterator[str]:
    yield f'<rect class="card" x="{x}" y="{y}" width="{CARD}" height="{height}" rx="8"/>'
    wide = CARD - 38 - 9 * len(str(largest))  # without the numbers' width
    for row, (number, size) in enumerate(frame.counts.items()):
        top, colour = y + 10 + 26 * row, colour_of(number)
        change = size - before[number]
        mark = "\u25b2 " if change > 0 else "\u25bc " if change < 0 else ""
        yield f'<rect class="rest" x="{x + 10}" y="{top}" width="{wide}" height="14" rx="3"/>'
        yield f'<rect fill="{colour}" x="{x + 10}" y="{top}" width="{wide * size / max(largest, 1):.1f}" height="14" rx="3"/>'
        yield (
            f'<text x="{x + CARD - 9}" y="{top + 12}" text-anchor="end" style="fill:{colour};font-weight:700">'
            f'<tspan font-size="9">{mark}</tspan>{size}</text>'
        )
    yield label(x + 10, y + height - 10, seconds_text(f"{frame.at:.1f}"), "quiet")


def chart(points: Sequence[Point], top: float) -> Iterator[str]:
    if not points:
        return
    begin, end = span(points)
    most = max(max(each.ceiling, each.total + each.terminating) for each in points) or 1
    across = scale(points)

    def up(value: float) -> float:
        return top + CHART_HEIGHT * (1 - value / most)

    yield from grid(most, begin, end, across, up)
    areas = (
        ("dying", [(each.at, each.total + each.terminating) for each in points]),
        ("waiting", [(each.at, each.total) for each in points]),
        ("serving", [(each.at, each.available) for each in points]),
    )
    for kind, values in areas:
        yield f'<path class="{kind}" d="{steps(values, across, up, end)}V{up(0):.1f}H{across(begin):.1f}Z"/>'
    for name, kind in (
        ("ceiling", "limit"),
        ("floor", "limit"),
        ("total", "line total"),
        ("available", "line available"),
    ):
        values = [(each.at, getattr(each, name)) for each in points]
        yield f'<path class="{kind}" d="{steps(values, across, up, end)}"/>'
    yield from legend(points[-1], across(end) + 8, up)
    foot = _("green: available; amber: not available yet; grey: terminating pods, not counted against the ceiling")
    yield label(LEFT, top + CHART_HEIGHT + 42, foot, "quiet")


def span(points: Sequence[Point]) -> tuple[float, float]:
    return max(points[0].at, 0.0), max(points[-1].at, 0.1)


def scale(points: Sequence[Point]) -> Scale:
    begin, end = span(points)
    return lambda at: LEFT + (RIGHT - LEFT) * (min(max(at, begin), end) - begin) / (end - begin)


def lane(traffic: Traffic, points: Sequence[Point], top: float) -> Iterator[str]:
    """All requests as a band on the chart's time axis, with the lost ones in red."""
    across = scale(points)
    ends = [*(each.at for each in traffic.rates[1:]), traffic.end]
    if traffic.rates:
        yield bar("requests", across(traffic.rates[0].at), across(traffic.end), top, LANE)
    for each, until in zip(traffic.rates, ends, strict=False):
        lost = each.refused + each.broken
        if lost:
            high = max(lost / (each.served + lost) * LANE, LEAST_LOST)
            yield bar("lost", across(each.at), across(until), top, high)
    yield label(LEFT, top + LANE + 18, _("requests, a model: %(told)s") % {"told": lost_text(traffic)}, "quiet")
    yield label(LEFT, top + LANE + 34, model_text(traffic), "quiet")


def bar(kind: str, left: float, right: float, top: float, height: float) -> str:
    return f'<rect class="{kind}" x="{left:.1f}" y="{top}" width="{right - left:.1f}" height="{height:.1f}"/>'


def grid(most: int, begin: float, end: float, across: Scale, up: Scale) -> Iterator[str]:
    """Lines at round numbers of pods, and times at round seconds."""
    pods, seconds = max(round_step(most / 5), 1.0), round_step((end - begin) / 8)
    for place in range(int(most / pods) + 1):
        y = up(place * pods)
        kind = "grid" if place else "axis"
        yield f'<line class="{kind}" x1="{across(begin):.1f}" x2="{across(end):.1f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield label(across(begin) - 8, y + 4, f"{place * pods:g}", "quiet", anchor="end")
    for place in range(int((end - begin) / seconds) + 1):
        at = begin + place * seconds
        yield label(across(at), up(0) + 18, seconds_text(f"{at:g}" if place else f"{at:.4g}"), "quiet", anchor="middle")


def round_step(least: float) -> float:
    """The smallest of 1, 2 or 5 times a power of ten that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(max(least, 0.01)))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)


def steps(values: Sequence[tuple[float, float]], across: Scale, up: Scale, end: float) -> str:
    (at, first), *rest = values
    path = f"M{across(at):.1f} {up(first):.1f}"
    path += "".join(f"H{across(at):.1f}V{up(value):.1f}" for at, value in rest)
    return f"{path}H{across(end):.1f}"


def legend(last: Point, x: float, up: Scale) -> Iterator[str]:
    """Names at the right end, moved apart where they would overlap."""
    words = {"ceiling": _("ceiling"), "total": _("total"), "available": _("available"), "floor": _("floor")}
    named = ((up(getattr(last, name)), name) for name in words)
    y = 0.0
    for at, name in sorted(named, key=lambda pair: pair[0]):
        y = max(at + 4, y + 15)
        yield label(x, y, f"{words[name]} {getattr(last, name)}", "quiet")


def label(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
