"""A rehearsal as a picture that stands alone: the film strip, and the chart between ceiling and floor."""

from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from cluster.core.rehearsed import Frame, Rehearsed
from cluster.core.tally import Point

WIDTH, MARGIN = 960, 32
CARD, CARD_GAP, BAR = 116, 12, 84
CHART_HEIGHT = 220
COLOURS = ("#a8650f", "#1d55d8", "#0f7a6c", "#8a3bb8", "#b3305f", "#4f6b12")
STYLE = """
svg { background: #fffefb; font: 13px system-ui, "DejaVu Sans", sans-serif; color: #1b1a17; }
text { fill: currentColor; } .quiet { fill: #5b574e; font-size: 11.5px; } .title { font-size: 18px; font-weight: 700; }
.card { fill: none; stroke: #dcd9d1; } .rest { fill: #ece9e1; } .line { fill: none; stroke-width: 2.2; }
.living { fill: #fffefb; } .limit { fill: none; stroke: #5b574e; stroke-dasharray: 5 4; } .dying { fill: #8a857a; opacity: .28; }
.total { stroke: #1b1a17; } .available { stroke: #1a7f45; }
"""
Scale = Callable[[float], float]


def draw(rehearsed: Rehearsed) -> str:
    frames = film(rehearsed.frames)
    columns = (WIDTH - 2 * MARGIN + CARD_GAP) // (CARD + CARD_GAP)
    rows = -(-len(frames) // columns)
    row_height = 34 + 26 * max((len(each.counts) for each in frames), default=1)
    chart_top = 84 + rows * (row_height + CARD_GAP) + 30
    height = chart_top + CHART_HEIGHT + 64
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img">',
        f"<title>{escape(rehearsed.name)}: {escape(rehearsed.outcome)}</title><style>{STYLE}</style>",
        label(MARGIN, 40, rehearsed.name, "title"),
        label(MARGIN, 62, summary(rehearsed), "quiet"),
    ]
    largest = max((size for each in frames for size in each.counts.values()), default=1)
    for index, each in enumerate(frames):
        x = MARGIN + index % columns * (CARD + CARD_GAP)
        parts += card(each, x, 84 + index // columns * (row_height + CARD_GAP), row_height, largest)
    parts += chart(rehearsed.points, chart_top)
    return "\n".join([*parts, "</svg>", ""])


def film(frames: Sequence[Frame]) -> list[Frame]:
    """Every frame, and in each every ReplicaSet there ever was: a new one stands at 0 before it comes."""
    numbers = sorted({number for each in frames for number in each.counts})
    return [
        Frame(at=each.at, label=each.label, counts={number: each.counts.get(number, 0) for number in numbers})
        for each in frames
    ]


def summary(rehearsed: Rehearsed) -> str:
    return (
        f"{rehearsed.outcome} after {rehearsed.duration_seconds:.1f} s, at most {rehearsed.peak_pods} pods "
        f"({rehearsed.peak_pods_with_terminating} with those that still stop), at least {rehearsed.min_available} available"
    )


def card(frame: Frame, x: float, y: float, height: float, largest: int) -> Iterator[str]:
    yield f'<rect class="card" x="{x}" y="{y}" width="{CARD}" height="{height}" rx="8"/>'
    for row, (number, size) in enumerate(frame.counts.items()):
        top = y + 10 + 26 * row
        colour = COLOURS[(number - 1) % len(COLOURS)]
        yield f'<rect class="rest" x="{x + 10}" y="{top}" width="{BAR - 14}" height="14" rx="3"/>'
        yield f'<rect fill="{colour}" x="{x + 10}" y="{top}" width="{(BAR - 14) * size / max(largest, 1):.1f}" height="14" rx="3"/>'
        yield f'<text x="{x + CARD - 10}" y="{top + 12}" text-anchor="end" style="fill:{colour};font-weight:700">{size}</text>'
    yield label(x + 10, y + height - 10, f"{frame.at:.1f} s", "quiet")


def chart(points: Sequence[Point], top: float) -> Iterator[str]:
    if not points:
        return
    begin, end = max(points[0].at, 0.0), max(points[-1].at, 0.1)
    most = max(max(each.ceiling, each.total + each.terminating) for each in points) or 1

    def across(at: float) -> float:
        return MARGIN + (WIDTH - 2 * MARGIN - 90) * (at - begin) / (end - begin)

    def up(value: float) -> float:
        return top + CHART_HEIGHT * (1 - value / most)

    stacked = [(each.at, each.total + each.terminating) for each in points]
    living = [(each.at, each.total) for each in points]
    for kind, values in (("dying", stacked), ("living", living)):
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
    yield label(MARGIN, top + CHART_HEIGHT + 22, f"{begin:.1f} s", "quiet")
    yield label(across(end), top + CHART_HEIGHT + 22, f"{end:.1f} s", "quiet", anchor="end")
    yield label(
        MARGIN, top + CHART_HEIGHT + 42, "shaded: pods that still stop, not counted against the ceiling", "quiet"
    )


def steps(values: Sequence[tuple[float, float]], across: Scale, up: Scale, end: float) -> str:
    (at, first), *rest = values
    path = f"M{across(at):.1f} {up(first):.1f}"
    path += "".join(f"H{across(at):.1f}V{up(value):.1f}" for at, value in rest)
    return f"{path}H{across(end):.1f}"


def legend(last: Point, x: float, up: Scale) -> Iterator[str]:
    """Names at the right end, moved apart where lines meet."""
    named = sorted((up(getattr(last, name)), name) for name in ("ceiling", "total", "available", "floor"))
    y = 0.0
    for at, name in named:
        y = max(at + 4, y + 15)
        yield label(x, y, f"{name} {getattr(last, name)}", "quiet")


def label(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
