"""The rows of the ledger that a person's permits stand for, worked out purely.

A change writes the difference between the rows before and after it, so that backdating is no special case; nor is what
was recorded earlier than what is there. It never reads a clock or the database.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec
from msgspec.structs import replace

from permits.register.model import EndKind, Facts
from permits.rules.law import Law

Cause = Literal[
    "granted", "expired", "cancelled", "revoked", "withdrawn-by-authority", "birthday", "other-permit", "changed"
]
"""Why a row stands in the ledger; the last three move a permit between groups and change no total of permits."""
AgeBand = tuple[int, str]
"""The youngest age of a band, in whole years, and its name."""
_DAY = dt.timedelta(days=1)


class Dimensions(msgspec.Struct, frozen=True):
    """What permits are counted by."""

    category: str
    nationality: str
    sex: str
    industry: str
    district: str
    employer_code: str
    position_kind: str
    permit_kind: str
    age_band: str = ""
    """Set for each row: the holder's band on its day."""


DIMENSIONS = tuple(name for name in Dimensions.__struct_fields__ if name != "age_band")
"""The dimensions that a permit keeps on all its days."""


class Holding(msgspec.Struct, frozen=True):
    """One permit as the ledger sees it: when it holds, for whom, how it ends."""

    permit_id: uuid.UUID
    granted_at: dt.datetime
    valid_from: dt.date
    valid_until: dt.date
    dimensions: Dimensions
    bands: tuple[AgeBand, ...]
    """The age bands it is counted by, youngest first."""
    ended_on: dt.date | None = None
    end_kind: EndKind | Literal["changed"] | None = None
    began: Literal["granted", "changed"] = "granted"
    """How it begins; changed where it goes on from a stretch with other facts."""

    @property
    def end(self) -> dt.date:
        """The first day on which it is no longer valid; never before its first day."""
        if self.ended_on is None:
            return self.valid_until + _DAY
        return max(self.ended_on, self.valid_from)


class Entry(msgspec.Struct, frozen=True):
    """What makes rows of the ledger the same row: their sums are added."""

    permit_id: uuid.UUID
    effective: dt.date
    cause: Cause
    dimensions: Dimensions


class Row(msgspec.Struct, frozen=True):
    """A row to write: from its effective day on, so many permits and persons more or fewer."""

    entry: Entry
    delta: int
    persons: int


class Known(msgspec.Struct, frozen=True):
    """One permit as it was known from an instant on."""

    permit_id: uuid.UUID
    recorded: dt.datetime
    holdings: tuple[Holding, ...]


Sums = dict[Entry, tuple[int, int]]


def age_bands(law: Law, on: dt.date, region: str) -> tuple[AgeBand, ...]:
    """The age bands by which figures count, by setting `statistics.age_bands` in force on a day. Raises NoRule."""
    names: list[str] = law.setting("statistics.age_bands", on=on, region=region).value
    bands = [(int(name.rstrip("+").partition("-")[0]), name) for name in names]
    return ((0, f"0-{bands[0][0] - 1}"), *bands)


def birthday(birth: dt.date, age: int) -> dt.date:
    """The day on which someone reaches an age; born on 29 February, in ordinary years on 1 March."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return dt.date(birth.year + age, 3, 1)


def age_band(birth: dt.date, on: dt.date, bands: Sequence[AgeBand]) -> str:
    """The band of someone's age on a day."""
    reached = [name for youngest, name in bands if birthday(birth, youngest) <= on]
    return reached[-1] if reached else bands[0][1]


def holdings_of(
    permit_id: uuid.UUID, granted_at: dt.datetime, facts: Facts, bands: tuple[AgeBand, ...]
) -> tuple[Holding, ...]:
    """A permit as a version says it: one holding after another, each with facts of its own."""
    dimensions = Dimensions(*(getattr(facts, name) for name in DIMENSIONS))
    days = facts.valid_from, facts.valid_until
    rest = Holding(permit_id, granted_at, *days, dimensions, bands, facts.ended_on, facts.end_kind)
    found: list[Holding] = []
    for stretch in facts.stretches:
        then = replace(rest, dimensions=Dimensions(**stretch.facts))
        if stretch.until >= rest.end:
            return (*found, then)
        found.append(replace(then, ended_on=stretch.until, end_kind="changed"))
        rest = replace(rest, valid_from=stretch.until, began="changed")
    return (*found, rest)


def rows_of_history(
    before: Sequence[Known], added: Sequence[Known], birth: dt.date
) -> Iterator[tuple[dt.datetime, tuple[Row, ...]]]:
    """The rows that further knowledge brings into a person's ledger, by the instant at which each was recorded.

    It may be older than what is there. By every instant all rows recorded add up to what was known then, so that a
    person counts once whatever order a history is brought in. Both name each permit's versions in their order.
    """
    sofar: Sums = {}
    first = min(one.recorded for one in added)
    for at in sorted({one.recorded for one in (*before, *added) if one.recorded >= first}):
        whole = _less(ledger_of(_known_at((*before, *added), at), birth), ledger_of(_known_at(before, at), birth))
        yield at, tuple(Row(entry, *sums) for entry, sums in _less(whole, sofar).items())
        sofar = whole


def _known_at(known: Sequence[Known], at: dt.datetime) -> list[Holding]:
    """A person's permits as known at an instant: of each its last version recorded by then."""
    last = {one.permit_id: one.holdings for one in known if one.recorded <= at}
    return [holding for holdings in last.values() for holding in holdings]


def _less(sums: Sums, others: Sums) -> Sums:
    """What some sums have more than others, entry by entry; what is the same in both is not in it."""
    found: Sums = {}
    for entry in dict.fromkeys((*others, *sums)):
        (permits, persons), (permits_then, persons_then) = sums.get(entry, (0, 0)), others.get(entry, (0, 0))
        if (permits, persons) != (permits_then, persons_then):
            found[entry] = permits - permits_then, persons - persons_then
    return found


def ledger_of(holdings: Sequence[Holding], birth: dt.date) -> Sums:
    """The sums of (permits, persons) that a person's permits stand for.

    On a day with several valid permits the person counts once, with the permit granted first.
    """
    sums: Sums = {}
    covered: list[tuple[dt.date, dt.date]] = []
    for holding in sorted(holdings, key=lambda h: (h.granted_at, h.permit_id)):
        own = (holding.valid_from, holding.end)
        for entry, sign in _edges(holding, own, birth):
            _add(sums, entry, sign, 0)
        for free in _without(own, covered):
            for entry, sign in _edges(holding, free, birth):
                _add(sums, entry, 0, sign)
        covered.append(own)
    return sums


def _add(sums: Sums, entry: Entry, delta: int, persons: int) -> None:
    old_delta, old_persons = sums.get(entry, (0, 0))
    sums[entry] = (old_delta + delta, old_persons + persons)


def _edges(holding: Holding, span: tuple[dt.date, dt.date], birth: dt.date) -> Iterator[tuple[Entry, int]]:
    """+1 where each stretch of the span within one age band begins, -1 where it ends."""
    first, end = span
    birthdays = (birthday(birth, youngest) for youngest, _ in holding.bands)
    cuts = sorted(day for day in birthdays if first < day < end)
    days = [first, *cuts, end]
    causes: list[Cause] = ["birthday"] * len(days)
    causes[0] = holding.began if first == holding.valid_from else "other-permit"
    causes[-1] = (holding.end_kind or "expired") if end == holding.end else "other-permit"
    for i in range(len(days) - 1):
        dimensions = replace(holding.dimensions, age_band=age_band(birth, days[i], holding.bands))
        yield Entry(holding.permit_id, days[i], causes[i], dimensions), 1
        yield Entry(holding.permit_id, days[i + 1], causes[i + 1], dimensions), -1


def _without(
    span: tuple[dt.date, dt.date], covered: Iterable[tuple[dt.date, dt.date]]
) -> list[tuple[dt.date, dt.date]]:
    """What is left of a span of days (its end left out) after taking others away."""
    left = [span]
    for start, end in covered:
        left = [piece for a, b in left for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
    return [(a, b) for a, b in left if a < b]
