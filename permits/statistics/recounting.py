"""The recount: valid permits counted one by one from the register, compared with the figures that the sums give.

The register is the truth; this reads it and changes nothing. Slow on purpose: it believes no sum.
"""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.register import service as register
from permits.register.ledger import DIMENSIONS as LEDGER
from permits.register.ledger import age_band, age_bands
from permits.register.model import Stretch, counted_on
from permits.rules.law import Law
from permits.statistics import store
from permits.statistics.model import DIMENSIONS, Difference, Recount
from permits.statistics.periods import end_of
from permits.statistics.service import valid_on

_DAY = dt.timedelta(days=1)
_CROSSED = tuple(combinations((name for name in DIMENSIONS if name != "employer"), 2))
BY = (*((name,) for name in DIMENSIONS), *_CROSSED)
"""Every way of grouping that is compared."""

Question = tuple[dt.date, dt.date | None]
"""A day, and the day as known on which; None: as known now."""


def questions(today: dt.date) -> tuple[Question, ...]:
    """The days on which register and figures are compared: today, ends of a month and a year, later, as known then."""
    month = today.replace(day=1) - _DAY
    year = today.replace(month=1, day=1) - _DAY
    return (today, None), (month, None), (year, None), (today + 200 * _DAY, None), (year, year), (today, month)


async def recount(
    tx: asyncpg.Connection, law: Law, keys: Keys, region: str, on: dt.date, as_known_on: dt.date | None = None
) -> Recount:
    """Valid permits of a day by the register alone, compared by every dimension and every two.

    Wants a transaction that has read nothing yet: both are read in one snapshot.
    """
    await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    figures: Counter[str] = Counter()
    people: set[uuid.UUID] = set()
    async for row in store.registered_on(tx, region, on, end_of(as_known_on)):
        birth = register.birth_of(keys, region, row["person_id"], row["birth"])
        band = age_band(birth, on, age_bands(law, row["valid_from"], region))
        values = {**row, **_counted(row, on), "age_band": band}
        figures.update(_figures_of({**values, "employer": values["employer_code"]}))
        people.add(row["person_id"])
    figures["persons"] = len(people)
    theirs = await _by_ledger(tx, region, on, as_known_on)
    return Recount(on, as_known_on, figures["total"], len(people), len(figures | theirs), _compared(figures, theirs))


def _counted(row: Mapping[str, Any], on: dt.date) -> dict[str, Any]:
    """By what a permit counts on a day: as it stands, or as the version said that was the last one then."""
    then: dict[str, Any] = row.get("facts") or {}
    stretches = msgspec.convert(then.get("stretches", row["stretches"]), tuple[Stretch, ...])
    return {name: then[name] for name in then.keys() & set(LEDGER)} | counted_on(stretches, on)


def _figures_of(values: Mapping[str, Any]) -> Iterator[str]:
    yield "total"
    for by in BY:
        yield _named(by, values)


def _named(by: tuple[str, ...], values: Mapping[str, str]) -> str:
    return f"{', '.join(by)} {', '.join(values[name] for name in by)}"


async def _by_ledger(tx: asyncpg.Connection, region: str, on: dt.date, as_known_on: dt.date | None) -> Counter[str]:
    whole = await valid_on(tx, region, on, as_known_on, ())
    figures = Counter({"total": whole.total, "persons": whole.persons})
    for by in BY:
        for group in (await valid_on(tx, region, on, as_known_on, by)).groups:
            figures[_named(by, group.values)] = group.count
    return figures


def _compared(ours: Counter[str], theirs: Counter[str]) -> tuple[Difference, ...]:
    figures = sorted(ours.keys() | theirs.keys())
    return tuple(Difference(f, ours[f], theirs[f]) for f in figures if ours[f] != theirs[f])
