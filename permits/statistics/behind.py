"""The permits behind each figure, a page at a time, with names masked. It only reads.

A list is as long as its figure; the lists of changes add up to theirs.
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import asyncpg

from permits.db.crypto import Keys
from permits.register import service as register
from permits.register.store import PermitRow
from permits.rules.masking import mask_name
from permits.statistics import store
from permits.statistics.checks import after, after_day, check_days, check_kind, check_known, check_order
from permits.statistics.model import ChangedPage, ChangedPermit, ListedPermit, PermitPage
from permits.statistics.periods import EVER, end_of, midnight_after
from permits.statistics.service import CHANGES, FLOWS

MOST = 500
"""So many permits at most in one part of a list."""
FURTHEST = 3660
"""So many days at most ahead: no permit runs longer."""
_DAY = dt.timedelta(days=1)


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
    moment = end_of(as_known_on)
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
    known = end_of(as_known_on) or EVER
    in_time = midnight_after(to)
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
    before = end_of(as_known_on) or EVER
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


def _changed_page(keys: Keys, region: str, found: Sequence[store.ChangedRow], size: int) -> ChangedPage:
    items = tuple(ChangedPermit(_listed(keys, region, row), row.net) for row in found[:size])
    return ChangedPage(items, items[-1].permit.id.hex if len(found) > size else None)


def _listed(keys: Keys, region: str, permit: PermitRow) -> ListedPermit:
    name = mask_name(register.names_of(keys, region, permit).latin)
    fields = (field for field in ListedPermit.__struct_fields__ if field != "name")
    return ListedPermit(name=name, **{field: getattr(permit, field) for field in fields})
