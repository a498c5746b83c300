"""Who holds what is granted: a person is found again by passport, or made with a number for life.

It writes persons and their passports only, and never a permit.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import Conflict
from permits.i18n import Text
from permits.register import store
from permits.register.model import Grant
from permits.register.rows import context, names_in
from permits.register.store import Person
from permits.rules.identifiers import make_permit_number

_ATTEMPTS = 100
"""How often a number or person that another writer took first is tried anew."""


async def found(tx: asyncpg.Connection, keys: Keys, region: str, grants: Sequence[Grant]) -> Mapping[bytes, Person]:
    """The holders by passport, their rows locked; who is not known is made.

    Raises Conflict where a permit number given is another person's.
    """
    firsts = {one.passport_index: one for one in reversed(grants)}
    for _ in range(_ATTEMPTS):
        known = {one.passport_index: one for one in await store.lock_by_passport(tx, region, list(firsts))}
        unknown = [one for index, one in firsts.items() if index not in known]
        if not unknown:
            return known
        numbers = await _numbers(tx, region, unknown)
        try:
            async with tx.transaction():
                made = await _add_people(tx, keys, unknown, numbers)
            return known | {one.passport_index: one for one in made}
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
