"""The figures managers ask for: valid permits on a day, as known on a day; bridges; series; lists; files; recount.

Reading only. Every figure is the length of the list that `permits_valid_on` gives for the same question.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import asyncpg

from permits.clock import CITY
from permits.db.crypto import Keys
from permits.register import service as register
from permits.register.figures import Cover, cover, figure_of, late, whole_months
from permits.register.store import PermitRow
from permits.rules.masking import mask_name
from permits.statistics import counting, store
from permits.statistics.checks import (
    FIRST as FIRST,
)
from permits.statistics.checks import (
    LAST as LAST,
)
from permits.statistics.checks import (
    after,
    after_day,
    check_days,
    check_dimensions,
    check_kind,
    check_known,
    check_order,
    check_within,
    columns,
)
from permits.statistics.differences import difference
from permits.statistics.model import (
    Bridge,
    Change,
    ChangedPage,
    ChangedPermit,
    Count,
    Flow,
    Group,
    ListedPermit,
    MonthEnd,
    PermitPage,
    Point,
    Rank,
    Ranking,
)
from permits.statistics.periods import ends_of_months, periods

MOST = 500
"""So many permits at most in one part of a list."""
FURTHEST = 3660
"""So many days at most ahead: no permit runs longer."""
KINDS = ("granted", "expired", "cancelled", "revoked", "withdrawn-by-authority")
"""What changes a total."""
NEUTRAL = frozenset({"birthday", "other-permit", "changed"})
"""Causes that move a permit between groups and never change a total."""
CHANGES = (*KINDS, "corrected")
"""What a bridge may name."""
FLOWS = (*KINDS, *store.AMENDED)
"""What flows may name."""
CAUSE = ("cause",)
EVER = dt.datetime(9999, 1, 1, tzinfo=CITY)
"""Nothing is recorded after this."""
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
    values = ["ab"[figure.columns.index(column)] for column in columns(by)]
    groups = [Group(dict(zip(by, (row[v] for v in values), strict=True)), row["delta"], row["persons"]) for row in rows]
    total, persons = sum(group.count for group in groups), sum(group.persons for group in groups)
    shown = sorted((g for g in groups if g.count or g.persons), key=lambda g: (-g.count, *g.values.values()))
    return Count(on, as_known_on, by, total, persons, tuple(shown) if by else ())


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
    before = _end_of(as_known_on) or EVER
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


async def permits_valid_on(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    on: dt.date,
    as_known_on: dt.date | None = None,
    where: Mapping[str, str] | None = None,
    cursor: str | None = None,
    size: int = 50,
) -> PermitPage:
    """The permits behind a figure, a page at a time; `where` narrows it to a group by its values.

    Raises BadInput for an unknown dimension or cursor.
    """
    where, size = where or {}, min(size, MOST)
    check_known(where)
    check_days(on=on, as_known_on=as_known_on)
    moment = _end_of(as_known_on)
    found = await store.permits_valid_on(tx, region, on, moment, where, after(cursor), size + 1)
    items = tuple(_listed(keys, region, permit) for permit in found[:size])
    return PermitPage(items, items[-1].id.hex if len(found) > size else None)


async def permits_changed(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    since: dt.date,
    to: dt.date,
    kind: str,
    cursor: str | None = None,
    size: int = 50,
    as_known_on: dt.date | None = None,
) -> ChangedPage:
    """The permits behind one part of a bridge, a page at a time: their counts add up to it.

    Raises BadInput for an unknown kind or cursor.
    """
    check_order(since, to)
    check_kind(kind, CHANGES)
    size = min(size, MOST)
    known = _end_of(as_known_on) or EVER
    in_time = _midnight_after(to)
    found = await store.changed(tx, region, since, to, (in_time, known), kind, after(cursor), size + 1)
    return _changed_page(keys, region, found, size)


async def permits_in_flow(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    first: dt.date,
    last: dt.date,
    kind: str,
    cursor: str | None = None,
    size: int = 50,
    as_known_on: dt.date | None = None,
) -> ChangedPage:
    """The permits behind one figure of `flows`, a page at a time: their counts add up to it.

    Raises BadInput for an unknown kind or cursor.
    """
    check_order(first, last)
    check_kind(kind, FLOWS)
    size = min(size, MOST)
    before = _end_of(as_known_on) or EVER
    found = await store.flowed(tx, region, first - _DAY, last, before, kind, after(cursor), size + 1)
    return _changed_page(keys, region, found, size)


async def expiring(tx: asyncpg.Connection, keys: Keys, region: str, on: dt.date, days: int) -> list[ListedPermit]:
    """The permits valid on a day that run out within so many days, the earliest first; at most `MOST`."""
    return list((await permits_expiring(tx, keys, region, on, days, None, MOST)).items)


async def permits_expiring(
    tx: asyncpg.Connection, keys: Keys, region: str, on: dt.date, days: int, cursor: str | None = None, size: int = 50
) -> PermitPage:
    """The permits valid on a day, not ended, that run out within so many days, the earliest first, a page at a time."""
    check_days(on=on)
    size = min(size, MOST)
    until = on + min(days, FURTHEST) * _DAY
    found = await store.expiring(tx, region, on, until, after_day(cursor), size + 1)
    items = tuple(_listed(keys, region, permit) for permit in found[:size])
    last = items[-1] if len(found) > size else None
    return PermitPage(items, f"{last.valid_until}.{last.id.hex}" if last else None)


async def expiring_soon(
    tx: asyncpg.Connection, region: str, on: dt.date, within: Sequence[int] = (30, 60, 90)
) -> dict[int, int]:
    """How many permits valid on a day run out within so many days each: the lengths of `permits_expiring`'s lists."""
    check_days(on=on)
    by_day = await store.expiring_by_day(tx, region, on, on + min(max(within), FURTHEST) * _DAY)
    return {days: sum(count for day, count in by_day.items() if day <= on + days * _DAY) for days in within}


async def require_within(
    tx: asyncpg.Connection, region: str, today: dt.date, *, as_known_on: dt.date | None = None, **days: dt.date | None
) -> None:
    """Raises BadInput for days before the register begins, or knowledge of a day outside of what was recorded.

    The days bear the names that the asker gave them, such as `on`; an empty register knows no bounds but today.
    """
    check_within(await store.begins(tx, region), today, as_known_on, **days)


def _changed_page(keys: Keys, region: str, found: Sequence[store.ChangedRow], size: int) -> ChangedPage:
    items = tuple(ChangedPermit(_listed(keys, region, row), row.net) for row in found[:size])
    return ChangedPage(items, items[-1].permit.id.hex if len(found) > size else None)


def _listed(keys: Keys, region: str, permit: PermitRow) -> ListedPermit:
    name = mask_name(register.names_of(keys, region, permit).latin)
    fields = (field for field in ListedPermit.__struct_fields__ if field != "name")
    return ListedPermit(name=name, **{field: getattr(permit, field) for field in fields})


def _midnight_after(day: dt.date) -> dt.datetime:
    """When an office day ends."""
    return dt.datetime.combine(day + _DAY, dt.time(), CITY)


def _end_of(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else _midnight_after(day)
