"""The office's own entries in SQL: what is in force of them, and since when anything is new."""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import bindparam, insert, literal_column, select
from sqlalchemy.dialects.postgresql import distinct_on

from permits.db.statements import statement
from permits.own_law.tables import law_entry


class Entry(msgspec.Struct, frozen=True):
    """One entry as it was loaded."""

    id: uuid.UUID
    kind: str
    """A table of the law, such as `calendar`."""
    key: str
    content: dict[str, Any]
    """The entry as the law's files write it."""
    loaded_at: dt.datetime
    """Office time."""
    loaded_by: uuid.UUID | None
    """Whose account; None for the operator on the command line."""
    by: str


_newest_first = law_entry.c.kind, law_entry.c.key, law_entry.c.id.desc()
IN_FORCE = statement(select(*law_entry.c).ext(distinct_on(law_entry.c.kind, law_entry.c.key)).order_by(*_newest_first))
NEWEST = statement(select(law_entry.c.id).order_by(law_entry.c.id.desc()).limit(literal_column("1")))
ADD = statement(insert(law_entry).values({c.name: bindparam(c.name, type_=c.type) for c in law_entry.c}))


async def in_force(tx: asyncpg.Connection) -> list[Entry]:
    """The entries in force: of each kind and key the one that was loaded last."""
    return await IN_FORCE.structs(tx, Entry)


async def newest(tx: asyncpg.Connection) -> uuid.UUID | None:
    """The entry that was loaded last of all; None where there is none."""
    found: uuid.UUID | None = await NEWEST.value(tx)
    return found


async def add(tx: asyncpg.Connection, entry: Entry) -> None:
    """Keep an entry."""
    await ADD.run(tx, **msgspec.structs.asdict(entry))
