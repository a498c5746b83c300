"""The questions asked of the credit record: what stands against an employer, and what is not repaired yet."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import ColumnElement, bindparam, func, insert, literal, select, update

from permits.credit.tables import credit_record
from permits.db.statements import statement

MOST = 300


class Entry(msgspec.Struct, frozen=True):
    """One entry that is not repaired."""

    id: uuid.UUID
    credit_code: str
    case_id: uuid.UUID | None
    reason: str
    at: dt.datetime


_HERE = credit_record.c.region == bindparam("region")
_OPEN = statement(
    select(*(credit_record.c[name] for name in Entry.__struct_fields__))
    .where(_HERE, credit_record.c.repaired_at.is_(None))
    .order_by(credit_record.c.at.desc(), credit_record.c.id)
    .limit(literal(MOST))
)
_ADD = statement(insert(credit_record).values({c.name: bindparam(c.name, type_=c.type) for c in credit_record.c}))
_REPAIR = statement(
    update(credit_record)
    .where(_HERE, credit_record.c.id == bindparam("entry_id"), credit_record.c.repaired_at.is_(None))
    .values(repaired_at=bindparam("at", type_=credit_record.c.at.type))
    .returning(credit_record.c.id)
)


def reasons(region: ColumnElement[str], credit_code: ColumnElement[Any]) -> ColumnElement[Any]:
    """What stands against an employer unrepaired, as a part of another statement: a list, or NULL."""
    return (
        select(func.json_agg(credit_record.c.reason))
        .where(
            credit_record.c.region == region,
            credit_record.c.credit_code == credit_code,
            credit_record.c.repaired_at.is_(None),
        )
        .scalar_subquery()
    )


async def add(tx: asyncpg.Connection, region: str, row: dict[str, Any]) -> None:
    """Write an entry."""
    await _ADD.run(tx, region=region, repaired_at=None, **row)


async def open_entries(tx: asyncpg.Connection, region: str) -> list[Entry]:
    """The entries that are not repaired, the latest first."""
    return await _OPEN.structs(tx, Entry, region=region)


async def repaired(tx: asyncpg.Connection, region: str, entry_id: uuid.UUID, at: dt.datetime) -> bool:
    """Note that an entry is repaired; whether there was one that was not."""
    return await _REPAIR.value(tx, region=region, entry_id=entry_id, at=at) is not None
