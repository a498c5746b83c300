"""The figures managers ask for, as values, with their definitions in words. It never counts anything itself."""

import datetime as dt
import uuid

import msgspec

from permits.i18n import Text
from permits.register.model import EndKind

DIMENSIONS: dict[str, Text] = {
    "category": Text("类别", "Category"),
    "nationality": Text("国籍", "Nationality"),
    "sex": Text("性别", "Sex"),
    "age_band": Text("年龄段", "Age band"),
    "industry": Text("行业", "Industry"),
    "district": Text("区县", "District"),
    "employer": Text("用人单位", "Employer"),
    "position_kind": Text("岗位种类", "Kind of position"),
    "permit_kind": Text("许可种类", "Kind of permit"),
}
"""What valid permits are counted by."""
CROSSED = 2
"""So many dimensions at most are crossed."""

DEFINITION = Text(
    "有效许可：已批准、已开始、没过最后一天，也没有在当日或之前生效的注销、撤销或撤回。",
    "Valid permits: granted, begun, not past their last day, "
    "and not cancelled, revoked or withdrawn with effect on or before the day.",
)


class Group(msgspec.Struct, frozen=True):
    """One group of a count."""

    values: dict[str, str]
    """The group's value in each dimension asked for."""
    count: int
    """Permits."""
    persons: int
    """Persons; who holds several permits counts with the one granted first."""

    def json(self) -> dict[str, str | int]:
        """As the interface shows it: the values beside the numbers."""
        return {**self.values, "count": self.count, "persons": self.persons}


class Count(msgspec.Struct, frozen=True):
    """Valid permits on a day."""

    on: dt.date
    as_known_on: dt.date | None
    """Counted by what was recorded up to the end of this day; None: all that is known now."""
    by: tuple[str, ...]
    total: int
    persons: int
    groups: tuple[Group, ...]
    """They sum to the total; empty without a dimension."""

    def json(self) -> dict[str, object]:
        """As the interface shows it."""
        return msgspec.structs.asdict(self) | {"groups": [group.json() for group in self.groups]}


class Rank(msgspec.Struct, frozen=True):
    """One group on one or more days."""

    code: str
    counts: tuple[int, ...]
    """Permits, on each day."""
    persons: tuple[int, ...]


class Ranking(msgspec.Struct, frozen=True):
    """The groups of one dimension, those with most on the last day first, or a part of them."""

    groups: int
    """How many there are in all."""
    ranks: tuple[Rank, ...]


class Point(msgspec.Struct, frozen=True):
    """A total on a day."""

    on: dt.date
    total: int


class Change(msgspec.Struct, frozen=True):
    """What one kind of event adds between two days, or takes away."""

    kind: str
    """granted, expired, cancelled, revoked, withdrawn-by-authority, corrected."""
    count: int


class Bridge(msgspec.Struct, frozen=True, rename={"from_": "from"}):
    """Two days and what made the difference: from + changes = to, both as known now."""

    from_: Point
    to: Point
    changes: tuple[Change, ...]
    """`corrected` is what took effect in between and was recorded only after the later day."""


class Flow(msgspec.Struct, frozen=True):
    """What happened in a month or a year."""

    first: dt.date
    last: dt.date
    changes: tuple[Change, ...]
    """By kind: what it adds to the total of valid permits, or takes away; extended, changed, replaced: how many."""


class MonthEnd(msgspec.Struct, frozen=True):
    """The total at the end of a month."""

    on: dt.date
    total: int
    """As known now."""
    then: int
    """As known on that day."""


class ListedPermit(msgspec.Struct, frozen=True):
    """A permit in a list behind a figure; the holder's name is masked."""

    id: uuid.UUID
    number: str
    case_number: str | None
    name: str
    category: str
    nationality: str
    district: str
    employer_code: str
    employer_name: str
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None
    end_kind: EndKind | None


class PermitPage(msgspec.Struct, frozen=True):
    """A part of a list."""

    items: tuple[ListedPermit, ...]
    cursor: str | None
    """Where the next part begins; None after the last."""


class ChangedPermit(msgspec.Struct, frozen=True):
    """A permit in the list behind one part of a bridge."""

    permit: ListedPermit
    count: int
    """What it adds to that part, or takes away: 1 or -1."""


class ChangedPage(msgspec.Struct, frozen=True):
    """A part of a list of changes."""

    items: tuple[ChangedPermit, ...]
    cursor: str | None
    """Where the next part begins; None after the last."""


class Difference(msgspec.Struct, frozen=True):
    """A figure on which register and ledger disagree."""

    figure: str
    """`total`, `persons`, or a dimension and its value."""
    register: int
    ledger: int


class Recount(msgspec.Struct, frozen=True):
    """Valid permits on a day, counted from the register and compared with the ledger."""

    on: dt.date
    as_known_on: dt.date | None
    total: int
    """By the register."""
    persons: int
    figures: int
    """How many figures were compared."""
    differences: tuple[Difference, ...]
    """Empty where both agree."""
