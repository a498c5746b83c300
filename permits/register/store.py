"""The register's SQL: persons and permits found and written, numbers taken. It decides nothing."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Column, ColumnElement, Select, Table, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, Insert, insert
from sqlalchemy.sql.expression import BindParameter, any_, bindparam
from sqlalchemy.types import LargeBinary, String, Uuid

from permits.db.statements import statement
from permits.register.model import Facts, Permit, Version
from permits.register.tables import counter, ledger_waiting, permit, permit_history, person, person_document

Rows = Sequence[dict[str, Any]]
"""Rows to write, by column; the region goes beside them."""


class Person(msgspec.Struct, frozen=True):
    """A person of the register, whose row this transaction has locked."""

    id: uuid.UUID
    number: str
    birth: bytes
    """Sealed."""
    passport_index: bytes = b""


class PermitRow(Permit, frozen=True, kw_only=True):
    """A permit with its holder's names, sealed."""

    holder: bytes


class VersionRow(Version, frozen=True):
    """A version with the holder's names, sealed."""

    holder: bytes


class KnownVersion(msgspec.Struct, frozen=True):
    """What was known of a permit from an instant on."""

    person_id: uuid.UUID
    permit_id: uuid.UUID
    granted_at: dt.datetime
    recorded: dt.datetime
    facts: Facts


PERMIT_COLUMNS = [permit.c[field] for field in PermitRow.__struct_fields__]


def _in_region(table: Table) -> ColumnElement[bool]:
    return table.c.region == bindparam("region")


def _permits() -> Select[Any]:
    return select(*PERMIT_COLUMNS).where(_in_region(permit))


def _unnested(table: Table) -> tuple[list[str], Select[Any]]:
    """The columns of rows that come as one array a column, `table_column`, all of one region."""
    columns: list[Column[Any]] = [c for c in table.columns if c.name != "region"]
    arrays: list[BindParameter[Any]] = [bindparam(f"{table.name}_{c.name}", type_=ARRAY(c.type)) for c in columns]
    rows = func.unnest(*arrays).table_valued(*[column(c.name, c.type) for c in columns]).render_derived(name="given")
    given_region = bindparam("region", type_=String).label("region")
    return ["region", *(c.name for c in columns)], select(given_region, *rows.columns)


def insert_of(table: Table) -> Insert:
    """Rows to write, which come as `arrays`."""
    return insert(table).from_select(*_unnested(table))


def insert_one(table: Table) -> Insert:
    """One row to write, which comes as `fields`: half the database's work of the same row in arrays."""
    named = {c.name: "region" if c.name == "region" else f"{table.name}_{c.name}" for c in table.columns}
    return insert(table).values({name: bindparam(named[name], type_=table.c[name].type) for name in named})


def fields(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    return {f"{table.name}_{c.name}": row.get(c.name) for c in table.columns if c.name != "region"}


def arrays(table: Table, rows: Rows) -> dict[str, list[Any]]:
    names = [c.name for c in table.columns if c.name != "region"]
    return {f"{table.name}_{name}": [row.get(name) for row in rows] for name in names}


_TAKE = insert(counter).values(
    region=bindparam("region"), kind=bindparam("kind"), year=bindparam("year"), value=bindparam("count")
)
_TAKE_NUMBERS = statement(
    _TAKE.on_conflict_do_update(
        index_elements=["region", "kind", "year"], set_={"value": counter.c.value + _TAKE.excluded.value}
    ).returning(counter.c.value)
)
_LOCK_BY_PASSPORT = statement(
    select(person.c.id, person.c.number, person.c.birth, person_document.c.passport_index)
    .join(person_document, (person_document.c.region == person.c.region) & (person_document.c.person_id == person.c.id))
    .where(
        _in_region(person),
        _in_region(person_document),
        person_document.c.passport_index == any_(bindparam("indexes", type_=ARRAY(LargeBinary))),
    )
    .order_by(person.c.id)
    .with_for_update(of=person)
)
_LOCK_HOLDER = statement(
    select(person.c.id, person.c.number, person.c.birth)
    .join(permit, (permit.c.region == person.c.region) & (permit.c.person_id == person.c.id))
    .where(_in_region(person), _in_region(permit), permit.c.id == bindparam("permit_id"))
    .with_for_update(of=person)
)
_BIRTH = statement(select(person.c.birth).where(_in_region(person), person.c.id == bindparam("person_id")))
_PERMITS_OF = statement(
    _permits()
    .where(permit.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid))))
    .order_by(permit.c.granted_at, permit.c.id)
)
_KNOWN_OF = statement(
    select(
        permit.c.person_id,
        permit_history.c.permit_id,
        permit.c.granted_at,
        permit_history.c.recorded,
        permit_history.c.facts,
    )
    .join(permit_history, (permit_history.c.region == permit.c.region) & (permit_history.c.permit_id == permit.c.id))
    .where(_in_region(permit), permit.c.person_id == any_(bindparam("person_ids", type_=ARRAY(Uuid))))
    .order_by(permit.c.id, permit_history.c.version)
)
_PERSONS = insert_of(person).returning(person.c.id).cte("new_person")
_ADD_PERSONS = statement(insert_of(person_document).add_cte(_PERSONS).returning(literal(1)))
PERMITS = insert_of(permit).returning(permit.c.id).cte("new_permit")
HISTORY = insert_of(permit_history).returning(permit_history.c.id).cte("new_history")
_ADD_PERMITS = statement(insert_of(ledger_waiting).add_cte(PERMITS, HISTORY).returning(literal(1)))
PERMIT = insert_one(permit).returning(permit.c.id).cte("new_permit")
_VERSION = insert_one(permit_history).returning(permit_history.c.id).cte("new_history")
_ADD_PERMIT = statement(insert_one(ledger_waiting).add_cte(PERMIT, _VERSION).returning(literal(1)))
_KEPT = ("id", "person_id", "number", "case_id", "case_number", "verification_code", "granted_at")
"""What no later version of a permit changes."""
_NEW = [permit.c[name] for name in PermitRow.__struct_fields__ if name not in _KEPT]
_AGAIN = (
    update(permit)
    .where(_in_region(permit), permit.c.id == bindparam("permit_id"))
    .values({column.name: bindparam(f"new_{column.name}", type_=column.type) for column in _NEW})
    .returning(permit.c.id)
    .cte("again")
)
_PUT = statement(insert_one(ledger_waiting).add_cte(_AGAIN, _VERSION).returning(literal(1)))
_PUT_MANY = statement(insert_of(ledger_waiting).add_cte(_AGAIN, _VERSION).returning(literal(1)))
"""For a version that is older than others of its holder: each of those waits again."""
_PUT_UNCOUNTED = statement(insert_one(permit_history).add_cte(_AGAIN).returning(literal(1)))
"""For a version by which nothing is counted otherwise."""
_ADD_DOCUMENT = statement(
    insert(person_document)
    .values({c.name: bindparam(c.name, type_=c.type) for c in person_document.c})
    .on_conflict_do_update(
        index_elements=["region", "passport_index"], set_={"passport_index": person_document.c.passport_index}
    )
    .returning(person_document.c.person_id)
)
_DOCUMENTS_OF = statement(
    select(person_document.c.passport_index)
    .where(_in_region(person_document), person_document.c.person_id == bindparam("person_id"))
    .order_by(person_document.c.recorded)
)
_BY_NUMBER = statement(
    _permits().where(permit.c.number == bindparam("number")).order_by(permit.c.granted_at, permit.c.id)
)
_BY_CODE = statement(_permits().where(permit.c.verification_code == bindparam("code")))
_HISTORY_OF = statement(
    select(*(permit_history.c[field] for field in VersionRow.__struct_fields__))
    .where(_in_region(permit_history), permit_history.c.permit_id == any_(bindparam("permit_ids", type_=ARRAY(Uuid))))
    .order_by(permit_history.c.recorded, permit_history.c.version)
)


async def next_number(tx: asyncpg.Connection, region: str, kind: str, year: int) -> int:
    """The next number of a kind in a year (0: a kind that counts on for ever), from 1; never given out twice."""
    return (await next_numbers(tx, region, kind, year, 1))[0]


async def next_numbers(tx: asyncpg.Connection, region: str, kind: str, year: int, count: int) -> range:
    """So many numbers in a row."""
    last = await _TAKE_NUMBERS.value(tx, region=region, kind=kind, year=year, count=count)
    return range(last - count + 1, last + 1)


async def lock_by_passport(tx: asyncpg.Connection, region: str, indexes: Sequence[bytes]) -> list[Person]:
    """The known persons with these passports, their rows locked in one order for all."""
    return await _LOCK_BY_PASSPORT.structs(tx, Person, region=region, indexes=indexes)


async def lock_holder(tx: asyncpg.Connection, region: str, permit_id: uuid.UUID) -> Person | None:
    """The holder of a permit, whose row is locked, or None where there is no such permit."""
    found = await _LOCK_HOLDER.structs(tx, Person, region=region, permit_id=permit_id)
    return found[0] if found else None


async def sealed_birth(tx: asyncpg.Connection, region: str, person_id: uuid.UUID) -> bytes:
    """A person's date of birth, sealed."""
    found: bytes = await _BIRTH.value(tx, region=region, person_id=person_id)
    return found


async def permits_of(tx: asyncpg.Connection, region: str, person_ids: Sequence[uuid.UUID]) -> list[PermitRow]:
    """All permits of these persons, in the order of granting."""
    return await _PERMITS_OF.structs(tx, PermitRow, region=region, person_ids=person_ids)


async def known_of(tx: asyncpg.Connection, region: str, person_ids: Sequence[uuid.UUID]) -> list[KnownVersion]:
    """Every version of all permits of these persons, each permit's in their order."""
    return await _KNOWN_OF.structs(tx, KnownVersion, region=region, person_ids=person_ids)


async def add_persons(tx: asyncpg.Connection, region: str, persons: Rows, documents: Rows) -> None:
    """Write new persons and their passports. Raises UniqueViolationError where one is there already."""
    await _ADD_PERSONS.all(tx, region=region, **arrays(person, persons), **arrays(person_document, documents))


async def add_permits(tx: asyncpg.Connection, region: str, permits: Rows, history: Rows, waiting: Rows) -> None:
    """Write new permits, their first versions and what waits for the ledger."""
    if len(permits) == len(history) == len(waiting) == 1:
        one = fields(permit, permits[0]) | fields(permit_history, history[0]) | fields(ledger_waiting, waiting[0])
        await _ADD_PERMIT.all(tx, region=region, **one)
        return
    given = arrays(permit, permits) | arrays(permit_history, history) | arrays(ledger_waiting, waiting)
    await _ADD_PERMITS.all(tx, region=region, **given)


async def put_version(
    tx: asyncpg.Connection, region: str, new: PermitRow, version: dict[str, Any], waiting: Rows
) -> None:
    """Write a permit as its new version has it, the version itself and what waits for the ledger."""
    state = {f"new_{column.name}": getattr(new, column.name) for column in _NEW} | fields(permit_history, version)
    if not waiting:
        await _PUT_UNCOUNTED.all(tx, region=region, permit_id=new.id, **state)
    elif len(waiting) == 1:
        await _PUT.all(tx, region=region, permit_id=new.id, **state, **fields(ledger_waiting, waiting[0]))
    else:
        await _PUT_MANY.all(tx, region=region, permit_id=new.id, **state, **arrays(ledger_waiting, waiting))


def arrays_of_history(versions: Rows) -> dict[str, list[Any]]:
    """The parameters of `HISTORY`, which writes versions."""
    return arrays(permit_history, versions)


async def add_document(
    tx: asyncpg.Connection, region: str, passport_index: bytes, person_id: uuid.UUID, recorded: dt.datetime
) -> uuid.UUID:
    """Whose passport it is: this person's from now on, unless it was somebody's before."""
    row = {"region": region, "passport_index": passport_index, "person_id": person_id, "recorded": recorded}
    found: uuid.UUID = await _ADD_DOCUMENT.value(tx, **row)
    return found


async def documents_of(tx: asyncpg.Connection, region: str, person_id: uuid.UUID) -> list[bytes]:
    """The passports of a person as blind indexes, the earliest first."""
    return [row["passport_index"] for row in await _DOCUMENTS_OF.all(tx, region=region, person_id=person_id)]


async def by_number(tx: asyncpg.Connection, region: str, number: str) -> list[PermitRow]:
    """All permits of the person with this number, in the order of granting."""
    return await _BY_NUMBER.structs(tx, PermitRow, region=region, number=number)


async def by_code(tx: asyncpg.Connection, region: str, code: str) -> PermitRow | None:
    """The permit with this verification code."""
    found = await _BY_CODE.structs(tx, PermitRow, region=region, code=code)
    return found[0] if found else None


async def history_of(tx: asyncpg.Connection, region: str, permit_ids: Sequence[uuid.UUID]) -> list[VersionRow]:
    """Every version and ending of these permits, in the order of recording."""
    return await _HISTORY_OF.structs(tx, VersionRow, region=region, permit_ids=permit_ids)
