"""The questions asked about uploaded documents, one function each. Names go in and come out sealed."""

import uuid
from typing import Any

import asyncpg
from sqlalchemy import bindparam, insert, select, update

from permits.db.statements import statement
from permits.files.tables import file

_HERE = file.c.region == bindparam("region")
_COLUMNS = [column for column in file.c if column.name != "region"]

_ADD = statement(insert(file))
_REPLACE = statement(
    update(file)
    .where(
        file.c.region == bindparam("here"),
        file.c.case_id == bindparam("of_case"),
        file.c.kind == bindparam("of_kind"),
        file.c.status == "current",
    )
    .values(status="replaced")
)
_ONE = statement(select(*_COLUMNS).where(_HERE, file.c.id == bindparam("id")))
_OF_CASE = statement(select(*_COLUMNS).where(_HERE, file.c.case_id == bindparam("case_id")).order_by(file.c.id))


async def add(tx: asyncpg.Connection, **row: Any) -> None:
    """Write the row of a document."""
    await _ADD.run(tx, **row)


async def replace_earlier(tx: asyncpg.Connection, region: str, case_id: uuid.UUID, kind: str) -> None:
    """Mark the documents of this kind in a case as replaced; they stay as evidence."""
    await _REPLACE.run(tx, here=region, of_case=case_id, of_kind=kind)


async def file_by_id(tx: asyncpg.Connection, region: str, file_id: uuid.UUID) -> asyncpg.Record | None:
    """The row of one document."""
    return await _ONE.one(tx, region=region, id=file_id)


async def files_of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> list[asyncpg.Record]:
    """The rows of a case's documents, oldest first, replaced ones included."""
    return await _OF_CASE.all(tx, region=region, case_id=case_id)
