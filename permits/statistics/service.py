"""The figures managers ask for: valid permits on a day, as known on a day; what changed between days; series.

Reading only. Every figure is the length of the list that `behind` gives for the same question.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import asyncpg

from permits.register.figures import Cover, cover, figure_of, late, whole_months
from permits.statistics import counting, store
from permits.statistics.checks import (
    FIRST as FIRST,
)
from permits.statistics.checks import (
    LAST as LAST,
)
from permits.statistics.checks import (
    check_days,
    check_dimensions,
    check_known,
    check_order,
    check_within,
    columns,
)
from permits.statistics.differences import difference
from permits.statistics.model import (
    Bridge,
    Change,
    Count,
    Flow,
    Group,
    MonthEnd,
    Point,
    Rank,
    Ranking,
)
from permits.statistics.periods import EVER, end_of, ends_of_months, periods

KINDS = ("granted", "expired", "cancelled", "revoked", "withdrawn-by-authority")
"""What changes a total."""
NEUTRAL = frozenset({"birthday", "other-permit", "changed"})
"""Causes that move a permit between groups and never change a total."""
CHANGES = (*KINDS, "corrected")
"""What a bridge may name."""
FLOWS = (*KINDS, *store.AMENDED)
"""What flows may name."""
CAUSE = ("cause",)
_DAY = dt.timedelta(days=1)


async def valid_on(
    tx: asyncpg.Connection, region: str, on: dt.date, as_known_on: dt.date | None, by: tuple[str, ...]
) -> Count:
    """Valid permits on a day, as known now or at the end of another day, in one statement over the ledger.

    Groups sum to the total. Raises BadInput for an unknown dimension or too many crossed.
    """
    check_dimensions(by)
    check_days(on=on, as_known_on=as_known_on)
    figure = figure_of(columns(by))
    rows = await counting.counted(tx, region, columns(by), cover(figure, on, as_known_on))
    named = [(name, "ab"[figure.columns.index(column)]) for name, column in zip(by, columns(by), strict=True)]
    some = (row for row in rows if row["delta"] or row["persons"])
    groups = [Group({name: row[value] for name, value in named}, row["delta"], row["persons"]) for row in some]
    total, persons = sum(group.count for group in groups), sum(group.persons for group in groups)
    shown = sorted(groups, key=lambda group: (-group.count, *group.values.values())) if by else ()
    return Count(on, as_known_on, by, total, persons, tuple(shown))


async def ranking(
    tx: asyncpg.Connection,
    region: str,
    by: str,
    days: Sequence[tuple[dt.date, dt.date | None]],
    most: int = 1,
    skip: int = 0,
) -> Ranking:
    """The groups of one dimension on some days, each as known now (None) or on a day; in one statement.

    Of the earlier days only what differs from the last is read. Raises BadInput for an unknown dimension.
    """
    check_known((by,))
    for on, known in days:
        check_days(on=on, as_known_on=known)
    (column,) = columns((by,))
    *earlier, last = (cover(figure_of((column,)), on, known) for on, known in days)
    rows = await counting.ranked(
        tx, region, column, [*(difference(last, one) for one in earlier), last], max(most, 1), skip
    )
    ranks = tuple(_rank(row, len(earlier)) for row in rows[:most])
    return Ranking(rows[0]["groups"] if rows else 0, ranks)


def _rank(row: Mapping[str, Any], last: int) -> Rank:
    """A group on all days, of whose earlier ones the row says what the last has more."""
    permits, persons = (row[f"{name}_{last}"] for name in ("delta", "persons"))
    each = [(permits - row[f"delta_{n}"], persons - row[f"persons_{n}"]) for n in range(last)]
    counts = zip(*each, (permits, persons), strict=True)
    return Rank(row["a"], *counts)


async def employers(tx: asyncpg.Connection, region: str, on: dt.date, as_known_on: dt.date | None = None) -> int:
    """How many employers have a valid permit on a day: as many as `ranking` has groups."""
    if as_known_on is None:
        return await store.employers_on(tx, region, on)
    return (await ranking(tx, region, "employer", [(on, as_known_on)])).groups


async def bridge(
    tx: asyncpg.Connection, region: str, since: dt.date, to: dt.date, as_known_on: dt.date | None = None
) -> Bridge:
    """What made the difference between two days, both as known now or on a day, in one statement; it adds up.

    What took effect in between and was recorded only after the later day is `corrected`.
    """
    check_order(since, to)
    check_days(as_known_on=as_known_on)
    by_cause, in_time = figure_of(CAUSE), min(to, as_known_on or to)
    asked = [cover(by_cause, since, as_known_on), cover(by_cause, to, in_time, since)]
    if as_known_on is None:
        asked.append(late(by_cause, to, to, since))
    elif in_time < as_known_on:
        asked.append(cover(by_cause, to, as_known_on, since))
    rows = await counting.counted(tx, region, CAUSE, *asked)
    before, between, rest = (_by_cause(rows, part) for part in range(3))
    afterwards = rest.total() - (between.total() if as_known_on and len(asked) > 2 else 0)
    found = [*((kind, between[kind]) for kind in KINDS), ("corrected", afterwards)]
    changes = tuple(Change(kind, count) for kind, count in found if count)
    whole = before.total()
    return Bridge(Point(since, whole), Point(to, whole + sum(change.count for change in changes)), changes)


def _by_cause(rows: Iterable[Mapping[str, Any]], part: int) -> Counter[str]:
    """What each cause adds in one part of a question; a cause that nobody knows fails loudly."""
    found = Counter({row["a"]: row["delta"] for row in rows if row["part"] == part})
    if unknown := found.keys() - set(KINDS) - NEUTRAL:
        raise LookupError(f"the ledger has causes that no figure knows: {sorted(unknown)}")
    return found


async def flows(
    tx: asyncpg.Connection,
    region: str,
    since: dt.date,
    to: dt.date,
    per: Literal["month", "year"] = "month",
    as_known_on: dt.date | None = None,
) -> list[Flow]:
    """What each month or year brought, from the one of `since` to the one of `to`, whole, as known now or on a day.

    Kinds as in `FLOWS`, each with its sign for the total, those that change no total with 1 each. `permits_in_flow`
    lists what is behind each figure. At most `MONTHS` periods, the last ones.
    """
    check_order(since, to)
    check_days(as_known_on=as_known_on)
    asked = periods(since, to, per)
    rows = await counting.counted(tx, region, CAUSE, *(_flow(first, end, as_known_on) for first, end in asked))
    before = end_of(as_known_on) or EVER
    amended = await store.amended(tx, region, asked[0][0] - _DAY, asked[-1][1] - _DAY, before)
    found = []
    for n, (first, end) in enumerate(asked):
        by_cause = _by_cause(rows, n)
        counts = Counter({kind: by_cause[kind] for kind in KINDS})
        for row in amended:
            counts[row["kind"]] += row["count"] if first <= row["month"] < end else 0
        found.append(Flow(first, end - _DAY, tuple(Change(kind, counts[kind]) for kind in FLOWS if counts[kind])))
    return found


def _flow(first: dt.date, end: dt.date, as_known_on: dt.date | None) -> Cover:
    """What took effect in some whole months, as known now or at the end of a day."""
    if as_known_on is None:
        return whole_months(first, end)
    return cover(figure_of(CAUSE), end - _DAY, as_known_on, first - _DAY)


async def month_ends(tx: asyncpg.Connection, region: str, since: dt.date, to: dt.date) -> list[MonthEnd]:
    """The total at each month's end within two days, as known now and as known then.

    Of longer series the last `MONTHS` only.
    """
    check_order(since, to)
    return await totals(tx, region, ends_of_months(since, to))


async def totals(tx: asyncpg.Connection, region: str, days: Sequence[dt.date]) -> list[MonthEnd]:
    """The total on each of some days, as known now and as known then, in one statement."""
    if not days:
        return []
    total = figure_of(())
    covers = [part for day in days for part in (cover(total, day), cover(total, day, day))]
    counts = {row["part"]: row["delta"] for row in await counting.counted(tx, region, (), *covers)}
    return [MonthEnd(day, counts.get(2 * n, 0), counts.get(2 * n + 1, 0)) for n, day in enumerate(days)]


async def require_within(
    tx: asyncpg.Connection, region: str, today: dt.date, *, as_known_on: dt.date | None = None, **days: dt.date | None
) -> None:
    """Raises BadInput for days before the register begins, or knowledge of a day outside of what was recorded.

    The days bear the names that the asker gave them, such as `on`; an empty register knows no bounds but today.
    """
    check_within(await store.begins(tx, region), today, as_known_on, **days)
