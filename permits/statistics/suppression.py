"""Which figures of a count stay out of what leaves the office, so that nobody can be made out. Pure.

Small figures are left out, and so many others with them that no reader can work out from the totals, or from the
counts by either dimension alone, that a figure left out is small.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules.law import Law, NoRule
from permits.statistics.model import Count, Group

SETTING = "statistics.smallest_count"
LEFT_OUT = "*"
"""What stands in place of a figure left out."""
NOTE = Text(
    "小于 {smallest} 的数不出本局；为使它们推算不出，另有一些数一并略去，都写作 *。",
    "Figures below {smallest} do not leave the office; others are left out with them so that they cannot be worked "
    "out. Each is written as *.",
)
Node = tuple[str, ...]
SOURCE: Node = ("all",)
SINK: Node = ("sum",)


class Published(msgspec.Struct, frozen=True):
    """A count as it may leave the office."""

    count: Count
    hidden: frozenset[int]
    """The groups left out, by their place."""
    withheld: bool
    """Whether no group may be shown at all, not even which there are."""
    total_hidden: bool
    smallest: int

    @property
    def suppressed(self) -> bool:
        """Whether anything was left out."""
        return self.total_hidden or self.withheld or bool(self.hidden)


class _Edge(msgspec.Struct):
    """A figure as a flow from one sum to another; what goes into a sum comes out of it."""

    tail: Node
    head: Node
    value: int
    group: int | None = None
    """The group it is the figure of; None for a sum."""
    hidden: bool = False


def smallest_count(law: Law, on: date, region: str) -> int:
    """The least figure that leaves the office, by the setting in force on a day; 0 and 1 let everything leave."""
    try:
        return int(law.setting(SETTING, on=on, region=region).value)
    except NoRule:
        return 0


def publish(count: Count, smallest: int) -> Published:
    """The count with what must stay left out; permits and persons of a group go together."""
    margins = {name: publish(_margin(count, name), smallest) for name in count.by} if len(count.by) > 1 else {}
    hidden, withheld, before = frozenset[int](), False, None
    while hidden != before:
        before = hidden
        for figure in ("count", "persons"):
            hidden, leaks = _hidden(count, figure, hidden, margins, smallest)
            withheld = withheld or leaks
    small = 0 < count.persons < smallest or 0 < count.total < smallest
    return Published(count, hidden, withheld, small, smallest)


def _margin(count: Count, name: str) -> Count:
    """The count by one of its dimensions alone, which anybody may ask for too."""
    sums: dict[str, Group] = {}
    for group in count.groups:
        value = group.values[name]
        sofar = sums.get(value, Group({name: value}, 0, 0))
        sums[value] = Group({name: value}, sofar.count + group.count, sofar.persons + group.persons)
    return msgspec.structs.replace(count, by=(name,), groups=tuple(sums.values()))


def _hidden(
    count: Count, figure: str, before: frozenset[int], margins: Mapping[str, Published], smallest: int
) -> tuple[frozenset[int], bool]:
    """The groups to leave out by one of their two figures, and whether a small one can be made out all the same."""
    edges, leaks = _network(count, figure, before, margins, smallest), False
    for edge in edges:
        if 0 < edge.value < smallest and edge.tail != SINK:
            while not _unknowable(edges, edge, smallest):
                if not _hide_another(edges, edge):
                    leaks = True
                    break
    return frozenset(edge.group for edge in edges if edge.hidden and edge.group is not None), leaks


def _network(
    count: Count, figure: str, before: frozenset[int], margins: Mapping[str, Published], smallest: int
) -> list[_Edge]:
    """One dimension: every group from the total to the total. Two: total, first, both, second, total."""
    total = count.total if figure == "count" else count.persons
    back = _Edge(SINK, SOURCE, total, hidden=0 < total < smallest)
    edges = [back]
    for at, group in enumerate(count.groups):
        value: int = getattr(group, figure)
        ends: list[Node] = [(name, group.values[name]) for name in count.by] if margins else [SOURCE, SINK]
        edges.append(_Edge(ends[0], ends[1], value, at, hidden=at in before or 0 < value < smallest))
    for name, published in margins.items():
        for at, group in enumerate(published.count.groups):
            own: Node = (name, group.values[name])
            ends = [SOURCE, own] if name == count.by[0] else [own, SINK]
            secret = published.withheld or at in published.hidden
            edges.append(_Edge(ends[0], ends[1], getattr(group, figure), hidden=secret))
    return edges


def _unknowable(edges: Sequence[_Edge], edge: _Edge, smallest: int) -> bool:
    """Whether a reader must think it possible that the figure is not small: others left out could make up for it."""
    room = _residual(edges, edge)
    needed = smallest - edge.value
    while needed > 0:
        path = _path(room, edge.head, edge.tail)
        if not path:
            return False
        gain = min(needed, *(room[a][b] for a, b in path))
        for a, b in path:
            room[a][b] -= gain
            room[b][a] += gain
        needed -= gain
    return True


def _residual(edges: Iterable[_Edge], without: _Edge) -> Mapping[Node, dict[Node, int]]:
    """How far each sum's parts could be otherwise: up without end, down to one, for what is left out."""
    room: dict[Node, dict[Node, int]] = defaultdict(lambda: defaultdict(int))
    for edge in edges:
        if edge.hidden and edge is not without:
            room[edge.tail][edge.head] += 1 << 40
            room[edge.head][edge.tail] += max(edge.value - 1, 0)
    return room


def _path(room: Mapping[Node, dict[Node, int]], start: Node, end: Node) -> list[tuple[Node, Node]]:
    """A way with room from one sum to another, as its steps; empty where there is none."""
    came: dict[Node, Node] = {start: start}
    waiting = deque([start])
    while waiting and end not in came:
        here = waiting.popleft()
        for there, left in room.get(here, {}).items():
            if left > 0 and there not in came:
                came[there] = here
                waiting.append(there)
    steps: list[tuple[Node, Node]] = []
    at = end if end in came else start
    while at != start:
        steps.append((came[at], at))
        at = came[at]
    return steps[::-1]


def _hide_another(edges: Sequence[_Edge], edge: _Edge) -> bool:
    """Leave out one more group, the smallest beside an edge if there is one; False where none is left."""
    groups = [one for one in edges if not one.hidden and one.value > 0 and one.group is not None]
    beside = [one for one in groups if {one.tail, one.head} & {edge.tail, edge.head}]
    if not groups:
        return False
    min(beside or groups, key=lambda one: one.value).hidden = True
    return True
