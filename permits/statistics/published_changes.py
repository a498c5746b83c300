"""Which figures of bridges and flows stay out of what leaves the office. Pure, as `suppression` is for counts.

Whoever reads a file knows the totals of every day, and so what each period adds, and may have each kind's sum over a
year and over all of the time from files of their own: from none of it can a small figure be worked out.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import msgspec

from permits.statistics.inference import Edge, Network, Node
from permits.statistics.model import Bridge, Change, Flow

ROOT: Node = ("root",)
COMING = "granted"
LEAVING = ("expired", "cancelled", "revoked", "withdrawn-by-authority")
ELSEWHERE = ("extended", "changed", "replaced")
"""Kinds that change no total."""
KINDS = (COMING, *LEAVING, "corrected", *ELSEWHERE)


class Leaving(msgspec.Struct, frozen=True):
    """What may be said of the changes of one period."""

    changes: tuple[tuple[str, int | None], ...]
    """By kind; None where the figure is left out."""
    withheld: bool
    """Whether the kinds are not even named."""

    @property
    def suppressed(self) -> bool:
        """Whether anything was left out."""
        return self.withheld or any(count is None for _, count in self.changes)


class _Period(msgspec.Struct, frozen=True):
    """What a period brought, and in which one of the next longer ones it lies."""

    within: int
    counts: Counter[str]


Level = list[_Period]
Cell = tuple[int, int, str]
"""Level, period and kind."""


def publish_bridge(bridge: Bridge, smallest: int) -> Leaving:
    """What may leave of a bridge; its two totals stand beside it."""
    return _published([[_Period(0, _counts(bridge.changes))]], smallest)[0]


def publish_flows(flows: Sequence[Flow], smallest: int) -> tuple[Leaving, ...]:
    """What may leave of flows, for each of their periods."""
    return _published(_levels(flows), smallest) if flows else ()


def _counts(changes: Sequence[Change]) -> Counter[str]:
    return Counter({change.kind: change.count for change in changes})


def _levels(flows: Sequence[Flow]) -> list[Level]:
    """All of the time, its years, its months; no level twice."""
    years = [list(some) for _, some in groupby(flows, key=lambda flow: flow.first.year)]
    within = [n for n, some in enumerate(years) for _ in some]
    yearly = [_Period(0, _summed(some)) for some in years]
    each = [_Period(n, _counts(flow.changes)) for n, flow in zip(within, flows, strict=True)]
    found = [[_Period(0, _summed(flows))], *([yearly] if len(yearly) > 1 else []), each]
    return found[:1] if len(flows) == 1 else found[:2] if len(flows) == len(yearly) else found


def _summed(flows: Sequence[Flow]) -> Counter[str]:
    found: Counter[str] = Counter()
    for flow in flows:
        for change in flow.changes:
            found[change.kind] += change.count
    return found


def _published(levels: Sequence[Level], smallest: int) -> tuple[Leaving, ...]:
    """Level by level, the longest periods first: what they leave out is given where the shorter ones are asked."""
    hidden: set[Cell] = set()
    for last in range(len(levels)):
        cells = list(_cells(levels[: last + 1]))
        edges = [_edge(levels, cell, last, place, hidden) for place, cell in enumerate(cells)]
        if not Network(edges).protect(smallest):
            return tuple(Leaving((), withheld=True) for _ in levels[-1])
        hidden |= {cell for cell, edge in zip(cells, edges, strict=True) if edge.hidden}
    return tuple(_leaving(len(levels) - 1, n, period.counts, hidden) for n, period in enumerate(levels[-1]))


def _cells(levels: Sequence[Level]) -> Iterator[Cell]:
    for level, periods in enumerate(levels):
        for n in range(len(periods)):
            yield from ((level, n, kind) for kind in KINDS)


def _edge(levels: Sequence[Level], cell: Cell, last: int, place: int, hidden: set[Cell]) -> Edge:
    """A kind's figure of a period: from its sum over the longer period into the shorter ones, or into its own."""
    level, n, kind = cell
    period = levels[level][n]
    above = _sum(kind, level - 1, period.within) if level else ROOT
    own: Node = ROOT if kind in ELSEWHERE else ("period", str(n))
    below = own if level == last else _sum(kind, level, n)
    value = period.counts[kind]
    tail, head = (below, above) if value < 0 or (not value and kind in LEAVING) else (above, below)
    if level < last:
        return Edge(tail, head, abs(value), hidden=cell in hidden)
    cost = abs(value) or 2 * sum(map(abs, period.counts.values())) + 1
    return Edge(tail, head, abs(value), place, cost=cost, row=n)


def _sum(kind: str, level: int, n: int) -> Node:
    return (kind, str(level), str(n))


def _leaving(level: int, n: int, counts: Counter[str], hidden: set[Cell]) -> Leaving:
    if any((level, n, kind) in hidden and not counts[kind] for kind in KINDS):
        return Leaving((), withheld=True)
    named = [kind for kind in KINDS if counts[kind]]
    return Leaving(tuple((kind, None if (level, n, kind) in hidden else counts[kind]) for kind in named), False)
