"""The SQL of the figures: sums over the ledger, and the lists of permits behind them. It never writes."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import (
    Date,
    DateTime,
    String,
    and_,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    true,
    tuple_,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, distinct_on
from sqlalchemy.sql.expression import bindparam, column

from permits.db.statements import Statement, statement
from permits.register.store import PERMIT_COLUMNS, PermitRow
from permits.register.tables import ALTERED, STEADY, permit, permit_history, person
from permits.register.waiting import whole
from permits.statistics.listing import AFTER, CHANGED, CORRECTED, FLOWED, MOST, in_group, permits_in

AMENDED = ("extended", "changed", "replaced")
"""Versions of a permit that neither begin nor end it: they are counted in the history, not in the ledger."""


def _moment(on: dt.date, recorded_before: dt.datetime | None) -> dict[str, Any]:
    return {"on": on} if recorded_before is None else {"on": on, "recorded_before": recorded_before}


@cache
def _candidates(where: tuple[str, ...]) -> Statement:
    """Permits that may be valid on a day and in a group, as known now: few that are not, none that is is missing."""
    steady = [name for name in where if name != "age_band"]
    filters = [permit.c["employer_code" if name == "employer" else name] == bindparam(f"is_{name}") for name in steady]
    return statement(
        select(permit.c.id)
        .where(*_STANDING, permit.c.id > AFTER, or_(and_(*filters), text(ALTERED)) if filters else true())
        .order_by(permit.c.id)
        .limit(MOST)
    )


class ChangedRow(PermitRow, frozen=True, kw_only=True):
    """A permit with what it adds to one part of a bridge."""

    net: int


_HAPPENED = (
    permit_history.c.region == bindparam("region"),
    permit_history.c.recorded < bindparam("recorded_before", type_=DateTime(timezone=True)),
    permit_history.c.effective > bindparam("since", type_=Date),
    permit_history.c.effective <= bindparam("on", type_=Date),
    permit_history.c.kind.in_([literal_column(f"'{kind}'", String) for kind in AMENDED]),
)
_MONTH = cast(func.date_trunc(literal_column("'month'", String), cast(permit_history.c.effective, DateTime)), Date)
_AMENDED = statement(
    select(_MONTH.label("month"), permit_history.c.kind, func.count().label("count"))
    .where(*_HAPPENED)
    .group_by(literal_column("1"), permit_history.c.kind)
)
_amended = (
    select(permit_history.c.region, permit_history.c.permit_id, func.count().label("net"))
    .where(*_HAPPENED, permit_history.c.kind == bindparam("cause", type_=String), permit_history.c.permit_id > AFTER)
    .group_by(permit_history.c.region, permit_history.c.permit_id)
    .order_by(permit_history.c.permit_id)
    .limit(MOST)
    .subquery("amended")
)
_AMENDED_LIST = statement(permits_in(_amended, _amended.c.net))
_CODES = func.unnest(bindparam("codes", type_=ARRAY(String)))
_codes = _CODES.table_valued(column("code", String)).render_derived("given")
_granted_last = (
    select(permit.c.employer_name)
    .where(permit.c.region == bindparam("region"), permit.c.employer_code == _codes.c.code)
    .order_by(permit.c.granted_at.desc())
    .limit(literal_column("1"))
    .lateral("granted_last")
)
_EMPLOYERS = statement(select(_codes.c.code, _granted_last.c.employer_name).join(_granted_last, true()))
_STANDING = (
    permit.c.region == bindparam("region"),
    permit.c.valid_from <= bindparam("on", type_=Date),
    permit.c.valid_until >= bindparam("on", type_=Date),
)
_VALID = (*_STANDING, permit.c.ended_on.is_(None) | (permit.c.ended_on > bindparam("on", type_=Date)))
_stretch = func.jsonb_array_elements(permit.c.stretches).table_valued(column("said", JSONB)).render_derived("stretch")
_employer_then = (
    select(_stretch.c.said["facts"]["employer_code"].astext)
    .where(cast(_stretch.c.said["until"].astext, Date) > bindparam("on", type_=Date))
    .order_by(_stretch.c.said["until"].astext)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_EMPLOYING = statement(
    select(func.count()).select_from(
        union(
            select(permit.c.employer_code).where(*_VALID, text(STEADY)),
            select(func.coalesce(_employer_then, permit.c.employer_code)).where(*_VALID, text(ALTERED)),
        ).subquery("employing")
    )
)
_RUNNING_OUT = (*_STANDING, permit.c.valid_until <= bindparam("until", type_=Date), permit.c.ended_on.is_(None))
_BY_LAST_DAY = (permit.c.valid_until, permit.c.id)
_EXPIRING = statement(
    select(*PERMIT_COLUMNS)
    .where(*_RUNNING_OUT, tuple_(permit.c.valid_until, permit.c.id) > tuple_(bindparam("after_day", type_=Date), AFTER))
    .order_by(permit.c.valid_until, permit.c.id)
    .limit(MOST)
)
_EXPIRING_BY_DAY = statement(
    select(permit.c.valid_until, func.count().label("count")).where(*_RUNNING_OUT).group_by(permit.c.valid_until)
)
_HERE = whole.c.region == bindparam("region", type_=String)
_BEGINS = statement(
    select(
        select(func.min(whole.c.effective)).where(_HERE).scalar_subquery().label("effective"),
        select(func.min(whole.c.recorded_on)).where(_HERE).scalar_subquery().label("recorded"),
    )
)
_REGISTERED = statement(
    select(*PERMIT_COLUMNS, person.c.birth)
    .join(person, (person.c.region == permit.c.region) & (person.c.id == permit.c.person_id))
    .where(*_VALID)
)

_THEN = (
    select(permit_history)
    .where(
        permit_history.c.region == bindparam("region"),
        permit_history.c.recorded < bindparam("recorded_before", type_=DateTime(timezone=True)),
    )
    .order_by(permit_history.c.permit_id, permit_history.c.version.desc())
    .ext(distinct_on(permit_history.c.permit_id))
    .subquery("version_then")
)
_SAID_THEN = {name: cast(_THEN.c.facts[name].astext, Date) for name in ("valid_from", "valid_until", "ended_on")}
_REGISTERED_THEN = statement(
    select(*PERMIT_COLUMNS, person.c.birth, _THEN.c.facts)
    .join(_THEN, (_THEN.c.region == permit.c.region) & (_THEN.c.permit_id == permit.c.id))
    .join(person, (person.c.region == permit.c.region) & (person.c.id == permit.c.person_id))
    .where(
        permit.c.region == bindparam("region"),
        _SAID_THEN["valid_from"] <= bindparam("on", type_=Date),
        _SAID_THEN["valid_until"] >= bindparam("on", type_=Date),
        _SAID_THEN["ended_on"].is_(None) | (_SAID_THEN["ended_on"] > bindparam("on", type_=Date)),
    )
)


async def permits_valid_on(
    tx: asyncpg.Connection,
    region: str,
    on: dt.date,
    recorded_before: dt.datetime | None,
    where: Mapping[str, str],
    after: uuid.UUID,
    most: int,
) -> list[PermitRow]:
    """The permits that a count of a day is made of, by id, from after one of them on."""
    names = tuple(sorted(where))
    values = {f"is_{name}": value for name, value in where.items()}
    if recorded_before is not None:
        given = {**_moment(on, recorded_before), **values}
        return await in_group(names, True).structs(tx, PermitRow, region=region, after=after, most=most, **given)
    steady = {name: value for name, value in values.items() if name != "is_age_band"}
    found: list[PermitRow] = []
    while len(found) < most:
        asked = {"region": region, "on": on, "after": after}
        among = [row["id"] for row in await _candidates(names).all(tx, most=2 * most, **asked, **steady)]
        found += await in_group(names, False).structs(tx, PermitRow, most=most, among=among, **asked, **values)
        if len(among) < 2 * most:
            break
        after = among[-1]
    return found[:most]


async def employers_on(tx: asyncpg.Connection, region: str, on: dt.date) -> int:
    """How many employers have a valid permit on a day, as known now: as many as the groups of that count."""
    found: int = await _EMPLOYING.value(tx, region=region, on=on)
    return found


async def expiring(
    tx: asyncpg.Connection, region: str, on: dt.date, until: dt.date, after: tuple[dt.date, uuid.UUID], most: int
) -> list[PermitRow]:
    """The permits valid on a day, and not ended, whose last day comes by another, the earliest first."""
    given: dict[str, Any] = {"on": on, "until": until, "after_day": after[0], "after": after[1], "most": most}
    return await _EXPIRING.structs(tx, PermitRow, region=region, **given)


async def expiring_by_day(tx: asyncpg.Connection, region: str, on: dt.date, until: dt.date) -> dict[dt.date, int]:
    """How many of them have which last day."""
    rows = await _EXPIRING_BY_DAY.all(tx, region=region, on=on, until=until)
    return {row["valid_until"]: row["count"] for row in rows}


async def begins(tx: asyncpg.Connection, region: str) -> tuple[dt.date, dt.date] | None:
    """The first day on which anything took effect, and the first on which anything was recorded; None where nothing."""
    row = await _BEGINS.one(tx, region=region)
    return (row["effective"], row["recorded"]) if row and row["recorded"] else None


async def amended(
    tx: asyncpg.Connection, region: str, since: dt.date, on: dt.date, recorded_before: dt.datetime
) -> list[asyncpg.Record]:
    """How many versions each month brought that are neither a beginning nor an end, by kind, recorded before then."""
    return await _AMENDED.all(tx, region=region, since=since, on=on, recorded_before=recorded_before)


async def flowed(
    tx: asyncpg.Connection,
    region: str,
    since: dt.date,
    on: dt.date,
    recorded_before: dt.datetime,
    kind: str,
    after: uuid.UUID,
    most: int,
) -> list[ChangedRow]:
    """The permits that one flow between two days is made of, recorded before an instant, by id, from after one on."""
    listed = _AMENDED_LIST if kind in AMENDED else FLOWED
    given: dict[str, Any] = {"since": since, "on": on, "recorded_before": recorded_before, "after": after, "most": most}
    return await listed.structs(tx, ChangedRow, region=region, cause=kind, **given)


async def changed(
    tx: asyncpg.Connection,
    region: str,
    since: dt.date,
    on: dt.date,
    recorded: tuple[dt.datetime, dt.datetime],
    kind: str,
    after: uuid.UUID,
    most: int,
) -> list[ChangedRow]:
    """The permits that one part of a bridge is made of, by id, from after one of them on.

    `recorded`: the end of the later day, from which on a record is late, and the end of what is known.
    """
    in_time, known = recorded
    given: dict[str, Any] = {"since": since, "on": on, "after": after, "most": most}
    if kind == "corrected":
        return await CORRECTED.structs(
            tx, ChangedRow, region=region, recorded_from=in_time, recorded_before=known, **given
        )
    return await CHANGED.structs(
        tx, ChangedRow, region=region, recorded_before=min(in_time, known), cause=kind, **given
    )


async def employer_names(tx: asyncpg.Connection, region: str, codes: Sequence[str]) -> dict[str, str]:
    """What employers are called in the register, by credit code: as in the permit granted last."""
    return {row["code"]: row["employer_name"] for row in await _EMPLOYERS.all(tx, region=region, codes=list(codes))}


async def registered_on(
    tx: asyncpg.Connection, region: str, on: dt.date, recorded_before: dt.datetime | None = None
) -> AsyncIterator[asyncpg.Record]:
    """Every permit valid on a day by the register alone, with its holder's sealed birth date, one after another.

    As it stands, or by the last of its versions recorded before an instant.
    """
    asked = _REGISTERED if recorded_before is None else _REGISTERED_THEN
    given: dict[str, Any] = {"region": region, "on": on}
    arguments = asked.arguments(given if recorded_before is None else given | {"recorded_before": recorded_before})
    async for row in tx.cursor(asked.sql, *arguments):
        yield row
