"""Rows of an old system beside what the register knows: what speaks against them, and whose passports they bring.

A person keeps one number for life and has several passports in that time: the same number, birth date and names with
another passport are the same person. It writes nothing but such a passport.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Mapping

import asyncpg
import msgspec

from permits.clock import CITY
from permits.db.crypto import Keys
from permits.i18n import Text
from permits.register import service
from permits.register.imports import store
from permits.register.imports.rows import Entry, same_person
from permits.register.imports.sheet import Problem
from permits.register.model import Names
from permits.register.rows import context
from permits.register.store import permits_of


class Owner(msgspec.Struct, frozen=True):
    """Whose a permit number is in the register."""

    id: uuid.UUID
    birth: dt.date
    names: Names

    def may_be(self, entry: Entry) -> bool:
        """Whether a row with another passport may speak of the same person."""
        names = (self.names.surname, self.names.given_names, self.names.chinese_name)
        return same_person(self.birth, names, entry)


def index_of(keys: Keys, entry: Entry) -> bytes:
    """Where the passport of a row is found."""
    return keys.passport_index(entry.nationality, entry.passport)


def noon(day: dt.date) -> dt.datetime:
    """When the old system is taken to have known what it dates with a day."""
    return dt.datetime.combine(day, dt.time(12), CITY)


async def problems(tx: asyncpg.Connection, keys: Keys, region: str, entries: list[Entry]) -> list[Problem]:
    """What the register knows that speaks against these rows."""
    known = await store.known(tx, region, [index_of(keys, entry) for entry in entries])
    people = {one.passport_index: one for one in known}
    births = {one.person_id: service.birth_of(keys, region, one.person_id, one.birth) for one in known}
    owners = await _owners(tx, keys, region, entries)
    held = {(one.person_id, one.valid_from, one.valid_until, one.permit_kind) for one in known}
    held |= await _held(tx, region, {one.id for one in owners.values()} - births.keys())
    found = []
    for entry in entries:
        person, owner = people.get(index_of(keys, entry)), owners.get(entry.permit_number or "")
        id_ = person.person_id if person else owner.id if owner else None
        if (id_, entry.valid_from, entry.valid_until, entry.permit_kind) in held:
            found.append(_known(entry, "护照号", "登记簿上已有这份许可。", "The register has this permit."))
        if person and births[person.person_id] != entry.birth_date:
            found.append(_known(entry, "出生日期", "与登记簿不同。", "The register has another."))
        if person and entry.permit_number and person.number != entry.permit_number:
            found.append(_known(entry, "许可编号", "与登记簿不同。", "The register has another."))
        if owner and (owner.id != id_ if person else not owner.may_be(entry)):
            found.append(_known(entry, "许可编号", "登记簿上是别人的。", "Another person's in the register."))
    return found


def _known(entry: Entry, column: str, zh: str, en: str) -> Problem:
    return Problem(entry.row, column, Text(zh, en))


async def _owners(tx: asyncpg.Connection, keys: Keys, region: str, entries: list[Entry]) -> Mapping[str, Owner]:
    numbers = [entry.permit_number for entry in entries if entry.permit_number]
    return {one.number: _owner(keys, region, one) for one in await store.owners(tx, region, numbers)}


def _owner(keys: Keys, region: str, one: store.Sealed) -> Owner:
    names = msgspec.json.decode(keys.open(one.names, context("person", region, one.id)), type=Names)
    return Owner(one.id, service.birth_of(keys, region, one.id, one.birth), names)


async def _held(
    tx: asyncpg.Connection, region: str, people: Collection[uuid.UUID]
) -> set[tuple[uuid.UUID, dt.date | None, dt.date | None, str | None]]:
    permits = await permits_of(tx, region, list(people)) if people else []
    return {(one.person_id, one.valid_from, one.valid_until, one.permit_kind) for one in permits}


def apart(entries: list[Entry]) -> Iterator[list[Entry]]:
    """The rows in order, in parts in none of which a person comes with two passports."""
    part, passports = list[Entry](), dict[str, tuple[str, str]]()
    for entry in entries:
        passport = (entry.nationality, entry.passport)
        if entry.permit_number and passports.setdefault(entry.permit_number, passport) != passport:
            yield part
            part, passports = [], {entry.permit_number: passport}
        part.append(entry)
    yield part


async def link_passports(tx: asyncpg.Connection, keys: Keys, region: str, entries: list[Entry]) -> None:
    """Give people of the register the further passports that these rows bring; nothing may speak against the rows."""
    people = {one.number: one.id for one in await store.owners(tx, region, [e.permit_number or "" for e in entries])}
    if not people:
        return
    known = {one.passport_index for one in await store.known(tx, region, [index_of(keys, e) for e in entries])}
    for entry in entries:
        owner, index = people.get(entry.permit_number or ""), index_of(keys, entry)
        if owner and index not in known:
            await service.add_passport(tx, region, owner, index, noon(entry.granted_on))
