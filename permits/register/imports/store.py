"""The SQL of taking over an old register: files seen, rows on their way, and what the register knows already."""

import datetime as dt
import uuid
from collections.abc import Sequence

import asyncpg
import msgspec
from sqlalchemy import DateTime, Integer, LargeBinary, String, bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.sql.expression import any_

from permits.db.statements import statement
from permits.register.imports.tables import register_import, register_import_row
from permits.register.store import arrays, insert_of
from permits.register.tables import counter, permit, person, person_document

_HERE = (register_import.c.region == bindparam("region"), register_import.c.digest == bindparam("digest"))
_ROWS = (register_import_row.c.region == bindparam("region"), register_import_row.c.digest == bindparam("digest"))


class File(msgspec.Struct, frozen=True):
    """A file that was begun."""

    name: str
    rows: int
    begun_at: dt.datetime
    done_at: dt.datetime | None


class Known(msgspec.Struct, frozen=True):
    """A person of the register, and a permit that they hold or held."""

    passport_index: bytes
    person_id: uuid.UUID
    number: str
    birth: bytes
    """Sealed."""
    valid_from: dt.date | None
    valid_until: dt.date | None
    permit_kind: str | None


class Sealed(msgspec.Struct, frozen=True):
    """A person of the register."""

    id: uuid.UUID
    number: str
    birth: bytes
    names: bytes


class Waiting(msgspec.Struct, frozen=True):
    """A row on its way, sealed."""

    row: int
    entry: bytes


_TURNS = 0x1092
"""Names the lock among those of this database."""
_TURN = statement(select(func.pg_advisory_xact_lock(bindparam("of", type_=Integer), bindparam("city", type_=Integer))))
_FILE = statement(select(*(register_import.c[name] for name in File.__struct_fields__)).where(*_HERE))
_LOCK = statement(select(register_import.c.done_at).where(*_HERE).with_for_update())
_BEGIN = statement(upsert(register_import).on_conflict_do_nothing())
_DONE = statement(update(register_import).where(*_HERE).values(done_at=bindparam("at", type_=DateTime(timezone=True))))
_STAGED = statement(select(func.count(), func.coalesce(func.max(register_import_row.c.row), 0)).where(*_ROWS))
_STAGE = statement(insert_of(register_import_row))
_COUNTED = statement(update(register_import).where(*_HERE).values(rows=bindparam("counted", type_=Integer)))
_NEXT = statement(
    select(register_import_row.c.row, register_import_row.c.entry)
    .where(*_ROWS, register_import_row.c.row > bindparam("after", type_=Integer))
    .order_by(register_import_row.c.row)
    .limit(bindparam("most", type_=Integer))
)
_FORGET = statement(delete(register_import_row).where(*_ROWS))
_ABANDONED = select(register_import.c.digest).where(
    register_import.c.region == bindparam("region"),
    register_import.c.done_at.is_(None),
    register_import.c.begun_at < bindparam("before", type_=DateTime(timezone=True)),
)
_FORGET_ABANDONED = statement(
    delete(register_import_row).where(
        register_import_row.c.region == bindparam("region"),
        register_import_row.c.digest == any_(_ABANDONED.scalar_subquery()),
    )
)
_INDEXES = bindparam("indexes", type_=ARRAY(LargeBinary))
_KNOWN = statement(
    select(
        person_document.c.passport_index,
        person.c.id.label("person_id"),
        person.c.number,
        person.c.birth,
        permit.c.valid_from,
        permit.c.valid_until,
        permit.c.permit_kind,
    )
    .join(person, (person.c.region == person_document.c.region) & (person.c.id == person_document.c.person_id))
    .outerjoin(permit, (permit.c.region == person.c.region) & (permit.c.person_id == person.c.id))
    .where(person_document.c.region == bindparam("region"), person_document.c.passport_index == any_(_INDEXES))
)
_OWNERS = statement(
    select(person.c.id, person.c.number, person.c.birth, person.c.names).where(
        person.c.region == bindparam("region"), person.c.number == any_(bindparam("numbers", type_=ARRAY(String)))
    )
)
_first = upsert(counter).values(region=bindparam("region"), kind="permit", year=0, value=bindparam("value"))
_COUNT_ON = statement(
    _first.on_conflict_do_update(
        index_elements=["region", "kind", "year"], set_={"value": func.greatest(counter.c.value, _first.excluded.value)}
    )
)


async def file(tx: asyncpg.Connection, region: str, digest: bytes) -> File | None:
    """A file that was begun before, by its bytes."""
    found = await _FILE.structs(tx, File, region=region, digest=digest)
    return found[0] if found else None


async def begin(tx: asyncpg.Connection, region: str, digest: bytes, name: str, at: dt.datetime) -> None:
    """Note that a file is being taken over; again is no error. How many rows it has is not known yet."""
    await _BEGIN.run(tx, region=region, digest=digest, name=name, rows=0, begun_at=at, done_at=None)


async def counted(tx: asyncpg.Connection, region: str, digest: bytes, rows: int) -> None:
    """All rows of a file were checked and put aside: so many."""
    await _COUNTED.run(tx, region=region, digest=digest, counted=rows)


async def lock(tx: asyncpg.Connection, region: str, digest: bytes) -> bool:
    """Hold a file against another that takes it over too; whether it is done already."""
    found = await _LOCK.one(tx, region=region, digest=digest)
    return found is not None and found["done_at"] is not None


async def staged(tx: asyncpg.Connection, region: str, digest: bytes) -> tuple[int, int]:
    """How many rows of a file are on their way, and the last of them."""
    found = await _STAGED.one(tx, region=region, digest=digest)
    assert found is not None
    return found[0], found[1]


async def stage(tx: asyncpg.Connection, region: str, digest: bytes, rows: Sequence[tuple[int, bytes]]) -> None:
    """Put rows on their way, sealed."""
    given = [{"digest": digest, "row": row, "entry": entry} for row, entry in rows]
    await _STAGE.run(tx, region=region, **arrays(register_import_row, given))


async def waiting(tx: asyncpg.Connection, region: str, digest: bytes, after: int, most: int) -> list[Waiting]:
    """The next rows on their way."""
    return await _NEXT.structs(tx, Waiting, region=region, digest=digest, after=after, most=most)


async def done(tx: asyncpg.Connection, region: str, digest: bytes, at: dt.datetime) -> None:
    """All rows of a file are in the register."""
    await _FORGET.run(tx, region=region, digest=digest)
    await _DONE.run(tx, region=region, digest=digest, at=at)


async def forget(tx: asyncpg.Connection, region: str, digest: bytes) -> None:
    """Drop the rows of a file."""
    await _FORGET.run(tx, region=region, digest=digest)


async def forget_abandoned(tx: asyncpg.Connection, region: str, before: dt.datetime) -> None:
    """Drop the rows of files that were begun before an instant and never done."""
    await _FORGET_ABANDONED.run(tx, region=region, before=before)


async def known(tx: asyncpg.Connection, region: str, indexes: Sequence[bytes]) -> list[Known]:
    """The persons of the register with these passports, a row for each permit of theirs."""
    return await _KNOWN.structs(tx, Known, region=region, indexes=list(indexes))


async def owners(tx: asyncpg.Connection, region: str, numbers: Sequence[str]) -> list[Sealed]:
    """Whose these permit numbers are."""
    return await _OWNERS.structs(tx, Sealed, region=region, numbers=list(numbers))


async def lock_register(tx: asyncpg.Connection, region: int) -> None:
    """Wait until no other transaction takes over rows into this city's register, and keep others from it."""
    await _TURN.run(tx, of=_TURNS, city=region)


async def count_on_from(tx: asyncpg.Connection, region: str, value: int) -> None:
    """The counter of permit numbers goes on after this one at least."""
    await _COUNT_ON.run(tx, region=region, value=value)
