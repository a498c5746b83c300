"""Use cases of the register: grant, end, look up, verify. Each runs in the caller's transaction.

Nothing recorded is ever overwritten: an ending is a further version and further rows of the ledger.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.register import store
from permits.register.ledger import Holding, Row, age_bands, holding_of, rows_of_change
from permits.register.model import (
    Ending,
    Grant,
    Granted,
    Names,
    Permit,
    RegisteredPermit,
    RegisterEntry,
    Verification,
    status,
)
from permits.register.store import PermitRow, Person
from permits.rules.identifiers import SECRET_BYTES, make_permit_number, make_verification_code, region_of
from permits.rules.law import Law
from permits.rules.masking import mask_name

_ATTEMPTS = 100
"""How often a number or person that another writer took first is tried anew."""


async def grant(tx: asyncpg.Connection, law: Law, keys: Keys, grant: Grant) -> Granted:
    """Write a granted permit and its ledger rows; the person is found by passport, or made."""
    return (await grant_many(tx, law, keys, [grant]))[0]


async def grant_many(tx: asyncpg.Connection, law: Law, keys: Keys, grants: Sequence[Grant]) -> list[Granted]:
    """Write many granted permits of one region, in a handful of statements however many they are.

    Raises Conflict where a given permit number is another person's.
    """
    if not grants:
        return []
    region = grants[0].region
    people = await _people(tx, keys, region, grants)
    births = {found.id: _birth(keys, region, found) for found in people.values()}
    held = await _held(tx, law, region, births)
    permits, rows = [], []
    for one in grants:
        holder = people[one.passport_index]
        made = _permit(keys, one, holder)
        bands = age_bands(law, made.valid_from, region)
        before, after = held[holder.id], [*held[holder.id], holding_of(made, bands)]
        rows += _ledger_rows(holder.id, one.recorded, rows_of_change(before, after, births[holder.id]))
        held[holder.id] = after
        permits.append(made)
    history = [_first_version(made) for made in permits]
    await store.add_permits(tx, region, [msgspec.structs.asdict(made) for made in permits], history, rows)
    return [Granted(made.id, made.number, made.verification_code, made.person_id) for made in permits]


async def end(tx: asyncpg.Connection, law: Law, keys: Keys, ending: Ending) -> None:
    """End a permit from a day on, which may lie in the past.

    Raises NotFound, Conflict where it was ended before, BadInput where it runs out before that day.
    """
    region = ending.region
    holder = await store.lock_holder(tx, region, ending.permit_id)
    if holder is None:
        raise NotFound(Text("登记簿上没有这份许可。", "The register has no such permit."))
    permits = await store.permits_of(tx, region, [holder.id])
    old = next(permit for permit in permits if permit.id == ending.permit_id)
    _check_may_end(old, ending)
    changes = {"version": old.version + 1, "ended_on": ending.effective, "end_kind": ending.kind}
    new = msgspec.structs.replace(old, **changes)
    before = [holding_of(permit, age_bands(law, permit.valid_from, region)) for permit in permits]
    after = [holding_of(new, one.bands) if one.permit_id == new.id else one for one in before]
    rows = rows_of_change(before, after, _birth(keys, region, holder))
    history = [_last_version(new, ending)]
    await store.end_permit(tx, region, new, history, _ledger_rows(holder.id, ending.recorded, rows))


async def permit_by_number(
    tx: asyncpg.Connection, keys: Keys, region: str, number: str, today: dt.date
) -> RegisterEntry:
    """All that the register holds under a permit number, names unmasked. Raises NotFound."""
    permits = await store.by_number(tx, region, number.strip().upper())
    if not permits:
        raise NotFound(Text("登记簿上没有这个许可编号。", "The register has no such permit number."))
    history = await store.history_of(tx, region, [permit.id for permit in permits])
    entries = [
        RegisteredPermit(
            **{field: getattr(permit, field) for field in Permit.__struct_fields__},
            status=status(permit, today),
            history=tuple(version for version in history if version.permit_id == permit.id),
        )
        for permit in permits
    ]
    return RegisterEntry(permits[-1].number, names_of(keys, region, permits[-1]), tuple(entries))


async def verify(tx: asyncpg.Connection, keys: Keys, code: str, today: dt.date) -> Verification:
    """Whether the permit with this verification code is good today, for anyone. Raises NotFound."""
    code = code.strip().upper()
    region = region_of(code)
    found = await store.by_code(tx, region, code) if region else None
    if region is None or found is None:
        raise NotFound(
            Text("查不到：核验码有误，或者不是本市发的。", "Not found: the code is mistyped, or is not of this city.")
        )
    name = mask_name(names_of(keys, region, found).latin)
    days = (found.valid_from, found.valid_until, found.ended_on)
    return Verification(status(found, today), name, found.number, found.category, found.employer_name, *days)


def names_of(keys: Keys, region: str, permit: PermitRow) -> Names:
    """The holder's names as they were at the grant."""
    return msgspec.json.decode(keys.open(permit.holder, _context("permit", region, permit.id)), type=Names)


def birth_of(keys: Keys, region: str, person_id: uuid.UUID, sealed: bytes) -> dt.date:
    """A person's date of birth, unsealed."""
    return dt.date.fromisoformat(keys.open(sealed, _context("person", region, person_id)).decode())


async def _people(tx: asyncpg.Connection, keys: Keys, region: str, grants: Sequence[Grant]) -> Mapping[bytes, Person]:
    """The holders by passport, their rows locked; who is not known is made."""
    firsts = {one.passport_index: one for one in reversed(grants)}
    for _ in range(_ATTEMPTS):
        found = {one.passport_index: one for one in await store.lock_by_passport(tx, region, list(firsts))}
        unknown = [one for index, one in firsts.items() if index not in found]
        if not unknown:
            return found
        numbers = await _numbers(tx, region, unknown)
        try:
            async with tx.transaction():
                made = await _add_people(tx, keys, unknown, numbers)
            return found | {one.passport_index: one for one in made}
        except asyncpg.UniqueViolationError:
            continue
    raise Conflict(Text("许可编号已属他人。", "A permit number given belongs to another person."), type="number-taken")


async def _numbers(tx: asyncpg.Connection, region: str, unknown: Sequence[Grant]) -> list[str]:
    wanted = sum(one.permit_number is None for one in unknown)
    fresh = iter(await store.next_numbers(tx, region, "permit", 0, wanted) if wanted else ())
    return [one.permit_number or make_permit_number(region, next(fresh)) for one in unknown]


async def _add_people(
    tx: asyncpg.Connection, keys: Keys, unknown: Sequence[Grant], numbers: Sequence[str]
) -> list[Person]:
    persons: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    for one, number in zip(unknown, numbers, strict=True):
        id_ = new_id()
        context = _context("person", one.region, id_)
        names = keys.seal(msgspec.json.encode(_names(one)), context)
        birth = keys.seal(one.birth_date.isoformat().encode(), context)
        persons.append({"id": id_, "number": number, "names": names, "birth": birth, "recorded": one.recorded})
        documents.append({"passport_index": one.passport_index, "person_id": id_, "recorded": one.recorded})
    await store.add_persons(tx, unknown[0].region, persons, documents)
    pairs = zip(persons, documents, strict=True)
    return [Person(p["id"], p["number"], p["birth"], d["passport_index"]) for p, d in pairs]


async def _held(
    tx: asyncpg.Connection, law: Law, region: str, person_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[Holding]]:
    held: dict[uuid.UUID, list[Holding]] = {person_id: [] for person_id in person_ids}
    for permit in await store.permits_of(tx, region, list(person_ids)):
        held[permit.person_id].append(holding_of(permit, age_bands(law, permit.valid_from, region)))
    return held


def _permit(keys: Keys, one: Grant, holder: Person) -> PermitRow:
    id_ = new_id()
    same = set(Grant.__struct_fields__) & set(Permit.__struct_fields__)
    names = keys.seal(msgspec.json.encode(_names(one)), _context("permit", one.region, id_))
    return PermitRow(
        **{field: getattr(one, field) for field in same},
        id=id_,
        person_id=holder.id,
        number=holder.number,
        version=1,
        ended_on=None,
        end_kind=None,
        verification_code=make_verification_code(one.region, secrets.token_bytes(SECRET_BYTES)),
        granted_at=one.recorded,
        holder=names,
    )


def _first_version(made: Permit) -> dict[str, Any]:
    granted = {"kind": "granted", "effective": made.valid_from, "recorded": made.granted_at}
    return _version(made) | granted | {"case_id": made.case_id, "case_number": made.case_number}


def _last_version(ended: Permit, ending: Ending) -> dict[str, Any]:
    fields = ("kind", "effective", "recorded", "case_id", "case_number", "ground", "reasons")
    return _version(ended) | {field: getattr(ending, field) for field in fields}


def _version(permit: Permit) -> dict[str, Any]:
    same = {"permit_id": permit.id, "version": permit.version, "valid_until": permit.valid_until}
    return {"id": new_id(), **same}


def _ledger_rows(person_id: uuid.UUID, recorded: dt.datetime, rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id(),
            "person_id": person_id,
            "recorded": recorded,
            "permit_id": row.entry.permit_id,
            "effective": row.entry.effective,
            "cause": row.entry.cause,
            "delta": row.delta,
            "persons": row.persons,
            **msgspec.structs.asdict(row.entry.dimensions),
        }
        for row in rows
    ]


def _check_may_end(permit: Permit, ending: Ending) -> None:
    if permit.ended_on is not None:
        raise Conflict(
            Text(f"这份许可已自 {permit.ended_on} 起终止。", f"This permit has ended, from {permit.ended_on} on."),
            type="already-ended",
        )
    if ending.effective > permit.valid_until:
        last = permit.valid_until
        text = Text(f"不能晚于最后有效日 {last}：到期自行失效。", f"Not later than {last}: it expires then by itself.")
        raise BadInput(errors=[FieldError("/effective", text)])


def _names(one: Grant) -> Names:
    return Names(one.surname, one.given_names, one.chinese_name)


def _birth(keys: Keys, region: str, holder: Person) -> dt.date:
    return birth_of(keys, region, holder.id, holder.birth)


def _context(kind: str, region: str, id_: uuid.UUID) -> bytes:
    """What a sealed value belongs to: it opens nowhere else."""
    return f"{kind}/{region}/{id_}".encode()
