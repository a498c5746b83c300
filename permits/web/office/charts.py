"""Where everything of a chart stands, in the units of its drawing. Pure: figures in, places out.

Charts are drawn as wide as their place at 1280, so that 12 px of type are 12 px. Bars start at zero or show the cut.
"""

import datetime as dt
import math
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from permits.i18n import Text
from permits.statistics.model import Bridge, MonthEnd
from permits.web.office.words import KINDS

TOP, BASE = 48.0, 220.0
"""Between which heights figures stand in both large charts."""
LEFT, RIGHT = 34.0, 652.0
"""Between which the days of the series stand."""
STEPS = (1, 2, 5)
"""A scale's steps, times powers of ten."""
MOST_LINES = 4
"""Grid lines above the lowest, at most."""
FROM_ZERO = 0.4
"""A scale starts at zero where the least figure is below this share of the greatest."""
NOTED = 2
"""So many gaps between then and now are explained in the chart; all stand in the table."""
STUB = 0.25
"""So much of what is drawn, at least, stands below the lowest figure of a waterfall, so that no bar vanishes."""
WORTH_NOTING = 0.005
"""A gap is explained from this share of the figure on."""
ROOM = 62.0
"""Between the middle of a note and the next figure that stands on the line."""


class Line(msgspec.Struct, frozen=True):
    """A grid line with its figure, or a word under the axis."""

    at: float
    label: Text


class Dot(msgspec.Struct, frozen=True):
    """A figure that stands on the line."""

    x: float
    y: float
    value: int
    label_x: float
    label_y: float
    """Above the line; where it rises from here, below it or beside."""


class Note(msgspec.Struct, frozen=True):
    """Where what was known then differs from what is known now."""

    x: float
    y: float
    """Of the first of its two lines."""
    then: int
    now: int


class Series(msgspec.Struct, frozen=True):
    """Totals over time: a line of what is known now, dashes of what was known then."""

    line: str
    area: str
    dashes: tuple[str, ...]
    grid: tuple[Line, ...]
    months: tuple[Line, ...]
    years: tuple[Line, ...]
    cuts: tuple[float, ...]
    """Where a year ends."""
    first: Dot
    middle: Dot | None
    """A year before the last."""
    last: Dot
    notes: tuple[Note, ...]
    starts_at: int
    """The figure of the lowest line."""


class Bar(msgspec.Struct, frozen=True):
    """One bar of the waterfall."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    label_y: float
    kind: str
    """from, to, or what made the difference."""
    name: Text
    value: int
    link_y: float
    """The height at which a line leads on to the next bar."""
    link_to: float
    """Where that line ends; 0 after the last."""


class Waterfall(msgspec.Struct, frozen=True):
    """From one figure to another by what happened in between."""

    bars: tuple[Bar, ...]
    starts_at: int
    """The figure at the foot; above 0 the outer bars show the cut."""


def series(points: Sequence[MonthEnd]) -> Series:
    """The chart of two or more totals, the first and the last at its ends."""
    values = [value for point in points for value in (point.total, point.then)]
    grid = scale(min(values), max(values))
    first, last = points[0].on.toordinal(), points[-1].on.toordinal()
    day = (RIGHT - LEFT) / max(last - first, 1)
    spots = [(LEFT + day * (p.on.toordinal() - first), _height(p.total, grid)) for p in points]
    dots = [Dot(x, y, p.total, x, y - 10) for (x, y), p in zip(spots, points, strict=True)]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
    ends = f"{spots[0][0]:.1f} {BASE:.0f} L", f"{spots[-1][0]:.1f} {BASE:.0f}Z"
    runs = _gaps(points)
    middle = _middle(dots)
    taken = [dot.x for dot in (dots[0], middle, dots[-1]) if dot]
    cuts = _year_ends(points, spots)
    return Series(
        line=path,
        area=f"M{ends[0]}{path.replace(' ', ' L')} L{ends[1]}",
        dashes=tuple(_dashes(run, points, spots, grid) for run in runs),
        grid=tuple(Line(_height(value, grid), Text(f"{value:,}", f"{value:,}")) for value in grid),
        months=_months(points, spots),
        years=_years(points, cuts),
        cuts=cuts,
        first=_first(dots),
        middle=middle,
        last=dots[-1],
        notes=_notes(runs, points, spots, grid, taken),
        starts_at=grid[0],
    )


def _middle(dots: Sequence[Dot]) -> Dot | None:
    """The figure a year before the last; below the line where the line dips to it."""
    if len(dots) <= 13:
        return None
    before, at, after = dots[-14], dots[-13], dots[-12]
    dips = min(before.y, after.y) < at.y - 4 and at.y < BASE - 24
    return msgspec.structs.replace(at, label_y=at.y + 20) if dips else at


def _first(dots: Sequence[Dot]) -> Dot:
    """The first figure, out of the way of a line that rises from it."""
    first = dots[0]
    if len(dots) < 2 or dots[1].y > first.y - 2:
        return msgspec.structs.replace(first, label_x=first.x + 2)
    if first.y < BASE - 24:
        return msgspec.structs.replace(first, label_x=first.x + 2, label_y=first.y + 20)
    return msgspec.structs.replace(first, label_x=first.x - 20, label_y=first.y - 12)


def scale(least: int, most: int) -> list[int]:
    """The figures of the grid lines, the lowest first: round ones around all that is drawn."""
    low = 0 if least < FROM_ZERO * most else max(least, 0)
    step = next(s for s in _round_steps() if math.ceil(most / s) - low // s <= MOST_LINES)
    bottom, top = low // step, max(math.ceil(most / step), low // step + 1)
    return [n * step for n in range(bottom, top + 1)]


def _round_steps() -> list[int]:
    return [step * 10**power for power in range(12) for step in STEPS]


def _height(value: float, grid: Sequence[int]) -> float:
    return BASE - (BASE - TOP) * (value - grid[0]) / (grid[-1] - grid[0])


def _gaps(points: Sequence[MonthEnd]) -> list[range]:
    """The stretches where then and now differ, as indexes."""
    runs: list[range] = []
    for at, point in enumerate(points):
        if point.then != point.total:
            joins = bool(runs) and runs[-1].stop == at
            runs[-1:] = [range(runs[-1].start, at + 1)] if joins else [*runs[-1:], range(at, at + 1)]
    return runs


Spots = Sequence[tuple[float, float]]


def _dashes(run: range, points: Sequence[MonthEnd], spots: Spots, grid: Sequence[int]) -> str:
    """What was known then, from the point before a gap to the one after it."""
    around = range(max(run.start - 1, 0), min(run.stop + 1, len(points)))
    return " ".join(f"{spots[at][0]:.1f},{_height(points[at].then, grid):.1f}" for at in around)


def _notes(
    runs: Sequence[range], points: Sequence[MonthEnd], spots: Spots, grid: Sequence[int], taken: Sequence[float]
) -> tuple[Note, ...]:
    """The widest gaps that there is room to explain, one a stretch."""

    def gap(at: int) -> float:
        return abs(points[at].then - points[at].total) / max(points[at].total, 1)

    widest = sorted((max(run, key=gap) for run in runs), key=gap, reverse=True)
    worth = [at for at in widest if gap(at) >= WORTH_NOTING and all(abs(spots[at][0] - x) > ROOM for x in taken)]
    return tuple(_note(points[at], spots[at][0], grid) for at in sorted(worth[:NOTED]))


def _note(point: MonthEnd, x: float, grid: Sequence[int]) -> Note:
    above = point.then >= point.total
    edge = _height(point.then, grid)
    return Note(x, edge - 32 if above else edge + 24, point.then, point.total)


def _months(points: Sequence[MonthEnd], spots: Spots) -> tuple[Line, ...]:
    """A word under each quarter's end."""
    ends = [(p.on, x) for p, (x, _) in zip(points, spots, strict=True) if p.on.month % 3 == 0 and _is_month_end(p.on)]
    return tuple(Line(x, Text(f"{day.month} 月", f"{day:%b}")) for day, x in ends)


def _is_month_end(day: dt.date) -> bool:
    return (day + dt.timedelta(days=1)).day == 1


def _year_ends(points: Sequence[MonthEnd], spots: Spots) -> tuple[float, ...]:
    half = (RIGHT - LEFT) / max(len(points) - 1, 1) / 2
    ends = [x + half for p, (x, _) in zip(points, spots, strict=True) if p.on.month == 12 and _is_month_end(p.on)]
    return tuple(x for x in ends if x < RIGHT)


def _years(points: Sequence[MonthEnd], cuts: Sequence[float]) -> tuple[Line, ...]:
    edges = [LEFT, *cuts, RIGHT]
    first = points[0].on.year
    named = [(first + n, a, b) for n, (a, b) in enumerate(pairwise(edges))]
    return tuple(Line((a + b) / 2, Text(str(year), str(year))) for year, a, b in named if b - a > 60)


def waterfall(bridge: Bridge, width: float) -> Waterfall:
    """The bars from one day's total to another's, so wide altogether."""
    levels = [bridge.from_.total]
    for change in bridge.changes:
        levels.append(levels[-1] + change.count)
    least, most = min(levels), max(levels)
    cut = scale(least - int(STUB * (most - least)), most)[0]
    grid = [cut, max(*levels, cut + 1)]
    parts = [("from", bridge.from_.total, cut, bridge.from_.total)]
    parts += [(c.kind, c.count, *edges) for c, edges in zip(bridge.changes, pairwise(levels), strict=True)]
    parts.append(("to", bridge.to.total, cut, bridge.to.total))
    step = width / len(parts)
    return Waterfall(tuple(_bar(n, part, step, grid, len(parts)) for n, part in enumerate(parts)), cut)


def _bar(at: int, part: tuple[str, int, int, int], step: float, grid: Sequence[int], count: int) -> Bar:
    kind, value, start, end = part
    edges = sorted((_height(start, grid), _height(end, grid)))
    height, wide = max(edges[1] - edges[0], 2.0), min(0.58 * step, 64.0)
    x = step * at + (step - wide) / 2
    label_y = edges[1] + 18 if value < 0 and kind not in ("from", "to") else edges[0] - 8
    link_to = x + step if at < count - 1 else 0.0
    return Bar(x, edges[0], wide, height, x + wide / 2, label_y, kind, KINDS.get(kind, Text("", "")), value,
               _height(end, grid), link_to)  # fmt: skip
