"""Use cases of the register: grant, amend, end, correct, look up, verify. Each runs in the caller's transaction.

Nothing recorded is ever overwritten: each is a further version and further rows of the ledger.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.errors import Conflict, NotFound
from permits.i18n import Text
from permits.register import holders, life, store
from permits.register.ledger import Known, age_bands, holdings_of, rows_of_history
from permits.register.model import (
    Amendment,
    Correction,
    Ending,
    Facts,
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
    facts_of,
    first_version,
    licence,
    permit_of,
    said_of,
    sealed_names,
    serial_of,
)
from permits.register.store import PermitRow, Person
from permits.register.waiting import written
from permits.rules.identifiers import region_of
from permits.rules.law import Law
from permits.rules.masking import mask_name

NO_PERMIT = Text("登记簿上没有这份许可。", "The register has no such permit.")


class Held(NamedTuple):
    """A permit, its holder's row locked."""

    region: str
    holder: Person
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
    people = await holders.found(tx, keys, region, grants)
    births = {found.id: _birth(keys, region, found) for found in people.values()}
    known = await _known(tx, law, region, births)
    permits: list[PermitRow] = []
    history, waiting = [], []
    for one, ending in zip(grants, endings or [None] * len(grants), strict=True):
        holder = people[one.passport_index]
        before = known[holder.id]
        made = permit_of(law, keys, one, holder, len({version.permit_id for version in before}) + 1)
        history.append(first_version(made, one))
        added = [_version_known(law, region, made, one.recorded)]
        if ending:
            ending = msgspec.structs.replace(ending, permit_id=made.id)
            made = life.ended(made, ending)
            history.append(said_of(made, ending) | {"kind": ending.kind, "ground": ending.ground})
            added.append(_version_known(law, region, made, ending.recorded))
        changes = rows_of_history(before, added, births[holder.id])
        waiting += [written(holder.id, recorded, changed) for recorded, changed in changes]
        known[holder.id] = [*before, *added]
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
        await add_passport(tx, region, held.holder.id, amendment.passport_index, amendment.recorded)
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
    known = await _known(tx, law, held.region, [held.holder.id])
    added = _version_known(law, held.region, new, version["recorded"])
    rows = rows_of_history(known[held.holder.id], [added], _birth(keys, held.region, held.holder))
    waiting = [written(held.holder.id, recorded, changed) for recorded, changed in rows]
    await store.put_version(tx, held.region, new, version, list(filter(None, waiting)))
    return new


async def _hold(tx: asyncpg.Connection, region: str, permit_id: uuid.UUID) -> Held:
    """A permit, its holder locked. Raises NotFound."""
    holder = await store.lock_holder(tx, region, permit_id)
    if holder is None:
        raise NotFound(NO_PERMIT)
    permits = await store.permits_of(tx, region, [holder.id])
    return Held(region, holder, next(permit for permit in permits if permit.id == permit_id))


async def add_passport(
    tx: asyncpg.Connection, region: str, person_id: uuid.UUID, passport_index: bytes, recorded: dt.datetime
) -> None:
    """Find a person by a further passport as well. Raises Conflict where it is another person's."""
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


async def _known(
    tx: asyncpg.Connection, law: Law, region: str, person_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[Known]]:
    """What the register knew when of these persons' permits, each permit's versions in their order."""
    known: dict[uuid.UUID, list[Known]] = {person_id: [] for person_id in person_ids}
    for one in await store.known_of(tx, region, list(person_ids)):
        known[one.person_id].append(_as_known(law, region, one.permit_id, one.granted_at, one.facts, one.recorded))
    return known


def _as_known(
    law: Law, region: str, permit_id: uuid.UUID, granted_at: dt.datetime, facts: Facts, recorded: dt.datetime
) -> Known:
    bands = age_bands(law, facts.valid_from, region)
    return Known(permit_id, recorded, holdings_of(permit_id, granted_at, facts, bands))


def _version_known(law: Law, region: str, permit: Permit, recorded: dt.datetime) -> Known:
    return _as_known(law, region, permit.id, permit.granted_at, facts_of(permit), recorded)


def _birth(keys: Keys, region: str, holder: Person) -> dt.date:
    return birth_of(keys, region, holder.id, holder.birth)
