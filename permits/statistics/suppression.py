"""Which figures of a count stay out of what leaves the office, so that nobody can be made out. Pure.

Small figures are left out, and so many others with them that no reader can work out from the totals, or from the
counts by either dimension alone, that a figure left out is small.
"""

from collections.abc import Mapping
from datetime import date

import msgspec

from permits.i18n import Text
from permits.rules.law import Law, NoRule
from permits.statistics.inference import Edge, Network, Node, is_small, places
from permits.statistics.model import Count, Group

SETTING = "statistics.smallest_count"
LEFT_OUT = "*"
"""What stands in place of a figure left out."""
NOTE = Text(
    "小于 {smallest} 的数不出本局；为使它们推算不出，另有一些数一并略去，都写作 *。",
    "Figures below {smallest} do not leave the office; others are left out with them so that they cannot be worked "
    "out. Each is written as *.",
)
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


def smallest_count(law: Law, on: date, region: str) -> int:
    """The least figure that leaves the office, by the setting in force on a day; 0 and 1 let everything leave."""
    try:
        return int(law.setting(SETTING, on=on, region=region).value)
    except NoRule:
        return 0


def note(smallest: int) -> Text:
    """What stands in a file in which figures were left out."""
    return Text(NOTE.zh.format(smallest=smallest), NOTE.en.format(smallest=smallest))


def publish(count: Count, smallest: int) -> Published:
    """The count with what must stay left out; permits and persons of a group go together."""
    margins = {name: publish(_margin(count, name), smallest) for name in count.by} if len(count.by) > 1 else {}
    hidden, withheld, before = frozenset[int](), False, None
    while hidden != before:
        before = hidden
        for figure in ("count", "persons"):
            hidden, leaks = _hidden(count, figure, hidden, margins, smallest)
            withheld = withheld or leaks
    small = is_small(count.persons, smallest) or is_small(count.total, smallest)
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
    edges = _edges(count, figure, before, margins, smallest)
    safe = Network(edges).protect(smallest)
    return places(edges), not safe


def _edges(
    count: Count, figure: str, before: frozenset[int], margins: Mapping[str, Published], smallest: int
) -> list[Edge]:
    """One dimension: every group from the total to the total. Two: total, first, both, second, total."""
    total = count.total if figure == "count" else count.persons
    edges = [Edge(SINK, SOURCE, total, hidden=is_small(total, smallest), whole=True)]
    for at, group in enumerate(count.groups):
        ends: list[Node] = [(name, group.values[name]) for name in count.by] if margins else [SOURCE, SINK]
        edges.append(Edge(ends[0], ends[1], getattr(group, figure), at, hidden=at in before))
    for name, published in margins.items():
        for at, group in enumerate(published.count.groups):
            own: Node = (name, group.values[name])
            ends = [SOURCE, own] if name == count.by[0] else [own, SINK]
            secret = published.withheld or at in published.hidden
            edges.append(Edge(ends[0], ends[1], getattr(group, figure), hidden=secret))
    return edges
