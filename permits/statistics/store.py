"""The SQL of the figures: sums over the ledger, and the lists of permits behind them. It never writes."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import Case, ColumnElement, Date, DateTime, Integer, String, Uuid, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.expression import any_, bindparam

from permits.db.statements import Statement, statement
from permits.register.store import PERMIT_COLUMNS, PermitRow
from permits.register.tables import ledger, permit, person


def _dimension(name: str) -> ColumnElement[str]:
    return ledger.c["employer_code" if name == "employer" else name]


def _known(as_known_then: bool) -> list[ColumnElement[bool]]:
    """The rows that make up a day, as known now or by what was recorded before an instant."""
    rows = [ledger.c.region == bindparam("region"), ledger.c.effective <= bindparam("on")]
    return [*rows, ledger.c.recorded < bindparam("recorded_before")] if as_known_then else rows


def _moment(on: dt.date, recorded_before: dt.datetime | None) -> dict[str, Any]:
    return {"on": on} if recorded_before is None else {"on": on, "recorded_before": recorded_before}


def _sum_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    added: Case[int] = case((condition, ledger.c.delta), else_=0)
    return func.sum(added, type_=Integer)


@cache
def _list(where: tuple[str, ...], as_known_then: bool) -> Statement:
    filters = [_dimension(name) == bindparam(f"is_{name}") for name in where]
    valid = (
        select(ledger.c.region, ledger.c.permit_id)
        .where(*_known(as_known_then), *filters)
        .group_by(ledger.c.region, ledger.c.permit_id)
        .having(func.sum(ledger.c.delta) > 0)
        .subquery("valid")
    )
    return statement(
        select(*PERMIT_COLUMNS)
        .join(valid, (valid.c.region == permit.c.region) & (valid.c.permit_id == permit.c.id))
        .where(permit.c.region == bindparam("region"), permit.c.id > bindparam("after", type_=Uuid))
        .order_by(permit.c.id)
        .limit(bindparam("most", type_=Integer))
    )


_BETWEEN = ledger.c.effective > bindparam("since")
_IN_TIME = ledger.c.recorded < bindparam("recorded_before")
_BRIDGE = statement(
    select(
        ledger.c.cause,
        _sum_where(ledger.c.effective <= bindparam("since")).label("before"),
        _sum_where(_BETWEEN & _IN_TIME).label("between"),
        _sum_where(_BETWEEN & ~_IN_TIME).label("late"),
    )
    .where(*_known(False))
    .group_by(ledger.c.cause)
)
_STARTS = bindparam("starts", type_=ARRAY(Date))
_MIDNIGHTS = bindparam("midnights", type_=ARRAY(DateTime(timezone=True)))
_BY_EFFECTIVE = func.width_bucket(ledger.c.effective, _STARTS, type_=Integer)
_BY_RECORDED = func.width_bucket(ledger.c.recorded, _MIDNIGHTS, type_=Integer)
_CELLS = (
    select(_BY_EFFECTIVE.label("effective"), _BY_RECORDED.label("recorded"), ledger.c.delta)
    .where(*_known(False))
    .subquery("cells")
)
_CELL = (_CELLS.c.effective, _CELLS.c.recorded)
_MONTHS = statement(select(*_CELL, func.sum(_CELLS.c.delta).label("delta")).group_by(*_CELL))
_CAUSED = ledger.c.cause == bindparam("cause")


class ChangedRow(PermitRow, frozen=True, kw_only=True):
    """A permit with what it adds to one part of a bridge."""

    net: int


def _changed(*conditions: ColumnElement[bool]) -> Statement:
    net = func.sum(ledger.c.delta, type_=Integer)
    changed = (
        select(ledger.c.region, ledger.c.permit_id, net.label("net"))
        .where(*_known(False), _BETWEEN, *conditions)
        .group_by(ledger.c.region, ledger.c.permit_id)
        .having(net != 0)
        .subquery("changed")
    )
    return statement(
        select(*PERMIT_COLUMNS, changed.c.net)
        .join(changed, (changed.c.region == permit.c.region) & (changed.c.permit_id == permit.c.id))
        .where(permit.c.region == bindparam("region"), permit.c.id > bindparam("after", type_=Uuid))
        .order_by(permit.c.id)
        .limit(bindparam("most", type_=Integer))
    )


_CHANGED = _changed(_IN_TIME, _CAUSED)
_CORRECTED = _changed(~_IN_TIME)
_CODES = bindparam("codes", type_=ARRAY(String))
_EMPLOYERS = statement(
    select(permit.c.employer_code, func.max(permit.c.employer_name).label("name"))
    .where(permit.c.region == bindparam("region"), permit.c.employer_code == any_(_CODES))
    .group_by(permit.c.employer_code)
)
_STANDING = (
    permit.c.region == bindparam("region"),
    permit.c.valid_from <= bindparam("on", type_=Date),
    permit.c.valid_until >= bindparam("on", type_=Date),
)
_EXPIRING = statement(
    select(*PERMIT_COLUMNS)
    .where(*_STANDING, permit.c.valid_until <= bindparam("until"), permit.c.ended_on.is_(None))
    .order_by(permit.c.valid_until, permit.c.id)
    .limit(bindparam("most", type_=Integer))
)
_REGISTERED = statement(
    select(*PERMIT_COLUMNS, person.c.birth)
    .join(person, (person.c.region == permit.c.region) & (person.c.id == permit.c.person_id))
    .where(*_STANDING, permit.c.ended_on.is_(None) | (permit.c.ended_on > bindparam("on", type_=Date)))
)


async def changes(
    tx: asyncpg.Connection, region: str, since: dt.date, on: dt.date, recorded_before: dt.datetime
) -> list[asyncpg.Record]:
    """By cause: what took effect up to `since`, and after it until `on`, recorded in time or late."""
    return await _BRIDGE.all(tx, region=region, since=since, on=on, recorded_before=recorded_before)


async def month_ends(
    tx: asyncpg.Connection, region: str, ends: Sequence[dt.date], midnights: Sequence[dt.datetime]
) -> list[asyncpg.Record]:
    """The ledger summed by the index of the first month end a row took effect by, and was recorded by."""
    starts = [end + dt.timedelta(days=1) for end in ends]
    return await _MONTHS.all(tx, region=region, on=ends[-1], starts=starts, midnights=midnights)


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
    listed = _list(tuple(sorted(where)), recorded_before is not None)
    values = {f"is_{name}": value for name, value in where.items()}
    given = {**_moment(on, recorded_before), **values}
    return await listed.structs(tx, PermitRow, region=region, after=after, most=most, **given)


async def expiring(tx: asyncpg.Connection, region: str, on: dt.date, until: dt.date, most: int) -> list[PermitRow]:
    """The permits valid on a day, and not ended, whose last day comes by another, the earliest first."""
    return await _EXPIRING.structs(tx, PermitRow, region=region, on=on, until=until, most=most)


async def changed(
    tx: asyncpg.Connection,
    region: str,
    since: dt.date,
    on: dt.date,
    recorded_before: dt.datetime,
    kind: str,
    after: uuid.UUID,
    most: int,
) -> list[ChangedRow]:
    """The permits that one part of a bridge is made of, by id, from after one of them on."""
    given: dict[str, Any] = {"since": since, "on": on, "recorded_before": recorded_before, "after": after, "most": most}
    if kind == "corrected":
        return await _CORRECTED.structs(tx, ChangedRow, region=region, **given)
    return await _CHANGED.structs(tx, ChangedRow, region=region, cause=kind, **given)


async def employer_names(tx: asyncpg.Connection, region: str, codes: Sequence[str]) -> dict[str, str]:
    """What employers are called in the register, by credit code."""
    found = await _EMPLOYERS.all(tx, region=region, codes=list(codes))
    return {row["employer_code"]: row["name"] for row in found}


async def registered_on(tx: asyncpg.Connection, region: str, on: dt.date) -> AsyncIterator[asyncpg.Record]:
    """Every permit valid on a day by the register alone, with its holder's sealed birth date, one after another."""
    async for row in tx.cursor(_REGISTERED.sql, *_REGISTERED.arguments({"region": region, "on": on})):
        yield row
