"""Use cases of the register: grant, amend, end, correct, look up, verify. Each runs in the caller's transaction.

Nothing recorded is ever overwritten: each is a further version and further rows of the ledger.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import Conflict, NotFound
from permits.i18n import Text
from permits.register import life, store
from permits.register.ledger import Holding, age_bands, holdings_of, rows_of_change
from permits.register.model import (
    Amendment,
    Correction,
    Ending,
    Grant,
    Granted,
    NamedVersion,
    Names,
    Permit,
    RegisteredPermit,
    RegisterEntry,
    Verification,
    Version,
    status,
)
from permits.register.rows import (
    context,
    first_version,
    licence,
    names_in,
    permit_of,
    said_of,
    sealed_names,
    serial_of,
)
from permits.register.store import PermitRow, Person
from permits.register.waiting import written
from permits.rules.identifiers import make_permit_number, region_of
from permits.rules.law import Law
from permits.rules.masking import mask_name

_ATTEMPTS = 100
"""How often a number or person that another writer took first is tried anew."""
NO_PERMIT = Text("登记簿上没有这份许可。", "The register has no such permit.")


class Held(NamedTuple):
    """A permit among all of its holder's, the person's row locked."""

    region: str
    holder: Person
    permits: list[PermitRow]
    permit: PermitRow


async def grant(tx: asyncpg.Connection, law: Law, keys: Keys, grant: Grant) -> Granted:
    """Write a granted permit and its ledger rows; the person is found by passport, or made."""
    return (await grant_many(tx, law, keys, [grant]))[0]


async def grant_many(
    tx: asyncpg.Connection,
    law: Law,
    keys: Keys,
    grants: Sequence[Grant],
    endings: Sequence[Ending | None] | None = None,
) -> list[Granted]:
    """Write many granted permits of one region, in a handful of statements however many they are.

    `endings`, one for each or None, are ends known already, their permit's id left open. Raises Conflict where a given
    permit number is another person's, BadInput for an end that cannot be.
    """
    if not grants:
        return []
    region = grants[0].region
    people = await _people(tx, keys, region, grants)
    births = {found.id: _birth(keys, region, found) for found in people.values()}
    held = await _held(tx, law, region, births)
    permits: list[PermitRow] = []
    history, waiting = [], []
    for one, ending in zip(grants, endings or [None] * len(grants), strict=True):
        holder = people[one.passport_index]
        nth = len({span.permit_id for span in held[holder.id]}) + 1
        made = permit_of(law, keys, one, holder, nth)
        history.append(first_version(made, one))
        before, birth = held[holder.id], births[holder.id]
        after = [*before, *holdings_of(made, age_bands(law, made.valid_from, region))]
        waiting.append(written(holder.id, one.recorded, rows_of_change(before, after, birth)))
        if ending:
            ending = msgspec.structs.replace(ending, permit_id=made.id)
            made = life.ended(made, ending)
            history.append(said_of(made, ending) | {"kind": ending.kind, "ground": ending.ground})
            ended = [*before, *holdings_of(made, age_bands(law, made.valid_from, region))]
            waiting.append(written(holder.id, ending.recorded, rows_of_change(after, ended, birth)))
            after = ended
        held[holder.id] = after
        permits.append(made)
    rows = [msgspec.structs.asdict(made) for made in permits]
    await store.add_permits(tx, region, rows, history, list(filter(None, waiting)))
    return [Granted(made.id, made.number, made.verification_code, made.person_id, made.licence) for made in permits]


async def end(tx: asyncpg.Connection, law: Law, keys: Keys, ending: Ending) -> Permit:
    """End a permit from a day on, which may lie in the past; the permit as it is then.

    Raises NotFound, Conflict where it was ended before, BadInput where it runs out before that day.
    """
    held = await _hold(tx, ending.region, ending.permit_id)
    new = life.ended(held.permit, ending)
    version = said_of(new, ending) | {"kind": ending.kind, "ground": ending.ground}
    return await _put(tx, law, keys, held, new, version)


async def amend(tx: asyncpg.Connection, law: Law, keys: Keys, amendment: Amendment) -> Permit:
    """Extend, change or replace a permit; the permit in its new version.

    Raises NotFound, Conflict where it was ended or a new passport is another's, BadInput for days that cannot be.
    """
    region = amendment.region
    held = await _hold(tx, region, amendment.permit_id)
    new = life.amended(held.permit, amendment)
    new = msgspec.structs.replace(
        new,
        holder=sealed_names(keys, region, new.id, amendment.names) if amendment.names else new.holder,
        licence=licence(law, region, amendment.recorded.date(), version=new.version, serial=serial_of(new.licence)),
    )
    if amendment.passport_index:
        await _add_passport(tx, region, held.holder.id, amendment.passport_index, amendment.recorded)
    version = said_of(new, amendment) | {"kind": amendment.kind, "licence": new.licence}
    return await _put(tx, law, keys, held, new, version)


async def correct(tx: asyncpg.Connection, law: Law, keys: Keys, correction: Correction) -> Permit:
    """Put a registration error right by a new entry; what was recorded before stays in the history.

    Raises NotFound, BadInput for days that cannot be.
    """
    region = correction.region
    held = await _hold(tx, region, correction.permit_id)
    new = life.corrected(held.permit, correction)
    names = msgspec.structs.asdict(names_of(keys, region, held.permit))
    right = names | {name: value for name, value in correction.facts.items() if name in names}
    if right != names:
        new = msgspec.structs.replace(new, holder=sealed_names(keys, region, new.id, Names(**right)))
    on, serial = correction.recorded.date(), serial_of(new.licence)
    new = msgspec.structs.replace(new, licence=licence(law, region, on, version=new.version, serial=serial))
    said = {"kind": "corrected", "effective": new.valid_from, "proposer": correction.proposer, "licence": new.licence}
    return await _put(tx, law, keys, held, new, said_of(new, correction) | said)


async def held(tx: asyncpg.Connection, region: str, permit_id: uuid.UUID) -> PermitRow:
    """A permit as it stands, its holder locked for what is written next. Raises NotFound."""
    return (await _hold(tx, region, permit_id)).permit


async def _put(
    tx: asyncpg.Connection, law: Law, keys: Keys, held: Held, new: PermitRow, version: dict[str, Any]
) -> Permit:
    """Write a permit's new version with the rows that turn its holder's ledger into the one after it."""
    bands = {one.id: age_bands(law, one.valid_from, held.region) for one in held.permits}
    before = [span for one in held.permits for span in holdings_of(one, bands[one.id])]
    after = [span for one in held.permits for span in holdings_of(new if one.id == new.id else one, bands[one.id])]
    rows = rows_of_change(before, after, _birth(keys, held.region, held.holder))
    await store.put_version(tx, held.region, new, version, written(held.holder.id, version["recorded"], rows))
    return new


async def _hold(tx: asyncpg.Connection, region: str, permit_id: uuid.UUID) -> Held:
    """A permit with all its holder's, the person locked. Raises NotFound."""
    holder = await store.lock_holder(tx, region, permit_id)
    if holder is None:
        raise NotFound(NO_PERMIT)
    permits = await store.permits_of(tx, region, [holder.id])
    return Held(region, holder, permits, next(permit for permit in permits if permit.id == permit_id))


async def _add_passport(
    tx: asyncpg.Connection, region: str, person_id: uuid.UUID, passport_index: bytes, recorded: dt.datetime
) -> None:
    if await store.add_document(tx, region, passport_index, person_id, recorded) != person_id:
        text = Text(
            "新护照登记在另一个人名下，请核对。", "The new passport is registered for another person; check it."
        )
        raise Conflict(text, type="passport-taken")


async def permit_by_number(
    tx: asyncpg.Connection, keys: Keys, region: str, number: str, today: dt.date
) -> RegisterEntry:
    """All that the register holds under a permit number, names unmasked. Raises NotFound."""
    permits = await store.by_number(tx, region, number.strip().upper())
    if not permits:
        raise NotFound(Text("登记簿上没有这个许可编号。", "The register has no such permit number."))
    history = [_named(keys, region, row) for row in await store.history_of(tx, region, [one.id for one in permits])]
    entries = [
        RegisteredPermit(
            **{field: getattr(permit, field) for field in Permit.__struct_fields__},
            status=status(permit, today),
            history=tuple(version for version in history if version.permit_id == permit.id),
        )
        for permit in permits
    ]
    return RegisterEntry(permits[-1].number, names_of(keys, region, permits[-1]), tuple(entries))


def _named(keys: Keys, region: str, row: store.VersionRow) -> NamedVersion:
    names = msgspec.json.decode(keys.open(row.holder, context("permit", region, row.permit_id)), type=Names)
    return NamedVersion(**{field: getattr(row, field) for field in Version.__struct_fields__}, names=names)


async def by_code(tx: asyncpg.Connection, code: str) -> tuple[str, PermitRow]:
    """The region that a verification code names and the permit with it. Raises NotFound."""
    code = code.strip().upper()
    region = region_of(code)
    found = await store.by_code(tx, region, code) if region else None
    if region is None or found is None:
        raise NotFound(
            Text("查不到：核验码有误，或者不是本市发的。", "Not found: the code is mistyped, or is not of this city.")
        )
    return region, found


def verification(keys: Keys, region: str, found: PermitRow, today: dt.date) -> Verification:
    """What anybody may know of a permit today."""
    name = mask_name(names_of(keys, region, found).latin)
    days = (found.valid_from, found.valid_until, found.ended_on)
    facts = found.number, found.category, found.employer_name
    return Verification(status(found, today), name, *facts, *days, found.licence)


def names_of(keys: Keys, region: str, permit: PermitRow) -> Names:
    """The holder's names as they were at the grant."""
    return msgspec.json.decode(keys.open(permit.holder, context("permit", region, permit.id)), type=Names)


def birth_of(keys: Keys, region: str, person_id: uuid.UUID, sealed: bytes) -> dt.date:
    """A person's date of birth, unsealed."""
    return dt.date.fromisoformat(keys.open(sealed, context("person", region, person_id)).decode())


async def birth_date(tx: asyncpg.Connection, keys: Keys, region: str, person_id: uuid.UUID) -> dt.date:
    """The date of birth of a person in the register."""
    return birth_of(keys, region, person_id, await store.sealed_birth(tx, region, person_id))


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
        sealing = context("person", one.region, id_)
        names = keys.seal(msgspec.json.encode(names_in(one)), sealing)
        birth = keys.seal(one.birth_date.isoformat().encode(), sealing)
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
        held[permit.person_id] += holdings_of(permit, age_bands(law, permit.valid_from, region))
    return held


def _birth(keys: Keys, region: str, holder: Person) -> dt.date:
    return birth_of(keys, region, holder.id, holder.birth)
