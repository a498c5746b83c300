"""Granting, ending, looking up and verifying, on a real PostgreSQL."""

import asyncio
import datetime as dt

import asyncpg
import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput, Conflict, NotFound
from permits.register import service, store
from permits.register.model import Grant, Granted, Verification
from permits.rules import law
from permits.rules.identifiers import region_of
from tests.register.samples import REGION, a_grant, an_ending, at

LAW = law.load()
TODAY = dt.date(2024, 6, 1)
PERSONS = """
    SELECT sum((fields ->> 3)::integer) FROM ledger_waiting, jsonb_each(entries) AS entry(id, fields)
    WHERE (fields ->> 1)::date <= $1
"""


async def _grant(database: Database, keys: Keys, person: int = 1, **changes: object) -> Granted:
    async with database.transaction(REGION) as tx:
        return await service.grant(tx, LAW, keys, a_grant(person, **changes))


async def test_one_person_keeps_one_number_for_life(database: Database, keys: Keys) -> None:
    first = await _grant(database, keys)
    later = await _grant(database, keys, valid_from=dt.date(2025, 3, 1), valid_until=dt.date(2026, 2, 28))
    other = await _grant(database, keys, person=2)
    assert (later.person_id, later.permit_number) == (first.person_id, first.permit_number)
    assert later.verification_code != first.verification_code
    assert other.permit_number != first.permit_number
    assert region_of(first.permit_number) == REGION


async def test_the_register_shows_all_permits_of_a_person_with_their_history(database: Database, keys: Keys) -> None:
    first = await _grant(database, keys)
    await _grant(database, keys, valid_from=dt.date(2025, 3, 1), valid_until=dt.date(2026, 2, 28))
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, an_ending(first, dt.date(2024, 5, 1), dt.date(2024, 5, 20)))
        entry = await service.permit_by_number(tx, keys, REGION, first.permit_number.lower(), TODAY)
    assert entry.names.latin == "MUSTERFELD ALICE ERIKA"
    assert [permit.status for permit in entry.permits] == ["cancelled", "not-yet-valid"]
    assert [(v.version, v.kind, str(v.effective)) for v in entry.permits[0].history] == [
        (1, "granted", "2024-01-01"),
        (2, "cancelled", "2024-05-01"),
    ]
    assert entry.permits[0].history[1].reasons == "劳动关系已经结束"


async def test_a_number_that_is_not_in_the_register_is_not_found(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        with pytest.raises(NotFound):
            await service.permit_by_number(tx, keys, REGION, "321200000001X", TODAY)


async def test_names_and_birth_dates_lie_sealed_in_the_database(database: Database, keys: Keys) -> None:
    await _grant(database, keys)
    async with database.transaction(REGION) as tx:
        person = await tx.fetchrow("SELECT * FROM person WHERE region = $1", REGION)
        permit = await tx.fetchrow("SELECT * FROM permit WHERE region = $1", REGION)
    for value in (*person.values(), *permit.values()):
        assert b"MUSTERFELD" not in bytes(value if isinstance(value, bytes) else str(value).encode())
        assert b"1985" not in bytes(value if isinstance(value, bytes) else str(value).encode())


async def verify(tx: asyncpg.Connection, keys: Keys, code: str, day: dt.date) -> Verification:
    region, found = await service.by_code(tx, code)
    return service.verification(keys, region, found, day)


async def test_anyone_may_verify_a_permit_and_sees_its_holder_masked(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    answers = []
    async with database.transaction(REGION) as tx:
        for day in (dt.date(2023, 12, 31), dt.date(2024, 1, 1), dt.date(2024, 12, 31), dt.date(2025, 1, 1)):
            answers.append(await verify(tx, keys, f" {granted.verification_code.lower()} ", day))
    assert [answer.status for answer in answers] == ["not-yet-valid", "valid", "valid", "expired"]
    assert answers[0].name == "M** A** E**"


async def test_a_permit_cancelled_from_its_first_day_on_never_becomes_valid(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        granted = await service.grant(tx, LAW, keys, a_grant(1))
        await service.end(tx, LAW, keys, an_ending(granted, a_grant(1).valid_from, a_grant(1).valid_from))
    async with database.transaction(REGION) as tx:
        region, found = await service.by_code(tx, granted.verification_code)
    days = (a_grant(1).valid_from + dt.timedelta(days=away) for away in (-1, 0, 1))
    assert [service.verification(keys, region, found, day).status for day in days] == ["cancelled"] * 3


@pytest.mark.parametrize("kind", ["cancelled", "revoked", "withdrawn-by-authority"])
async def test_an_ended_permit_says_how_it_ended_from_its_day_on(database: Database, keys: Keys, kind: str) -> None:
    granted = await _grant(database, keys)
    ending = an_ending(granted, dt.date(2024, 7, 1), dt.date(2024, 6, 20), kind)  # type: ignore[arg-type]
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, ending)
        before = await verify(tx, keys, granted.verification_code, dt.date(2024, 6, 30))
        after = await verify(tx, keys, granted.verification_code, dt.date(2024, 7, 1))
    assert (before.status, after.status) == ("valid", kind)


@pytest.mark.parametrize("code", ["", "3212-AAAA-BBBB-CCCC-D", "nonsense", "9" * 400])
async def test_a_code_that_is_none_of_ours_is_not_found(database: Database, keys: Keys, code: str) -> None:
    async with database.transaction(REGION) as tx:
        with pytest.raises(NotFound):
            await verify(tx, keys, code, TODAY)


async def test_a_permit_ends_once(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    async with database.transaction(REGION) as tx:
        await service.end(tx, LAW, keys, an_ending(granted, TODAY, TODAY))
        with pytest.raises(Conflict):
            await service.end(tx, LAW, keys, an_ending(granted, TODAY, TODAY, "revoked"))


async def test_a_permit_cannot_be_ended_after_its_last_day(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    async with database.transaction(REGION) as tx:
        with pytest.raises(BadInput) as refused:
            await service.end(tx, LAW, keys, an_ending(granted, dt.date(2025, 1, 1), TODAY))
    assert [error.pointer for error in refused.value.errors] == ["/effective"]


async def test_two_grants_at_once_to_an_unknown_person_make_one_person(database: Database, keys: Keys) -> None:
    first, second = await asyncio.gather(_grant(database, keys), _grant(database, keys, valid_from=dt.date(2024, 2, 1)))
    assert (first.person_id, first.permit_number) == (second.person_id, second.permit_number)
    async with database.transaction(REGION) as tx:
        assert await tx.fetchval(PERSONS, TODAY) == 1


async def test_a_number_brought_from_an_older_system_is_kept_and_never_given_again(
    database: Database, keys: Keys
) -> None:
    taken = await _grant(database, keys, person=1)
    async with database.transaction(REGION) as tx:
        await tx.execute("UPDATE counter SET value = 0 WHERE region = $1 AND kind = 'permit'", REGION)
    brought = await _grant(database, keys, person=2, permit_number="OLD-1")
    fresh = await _grant(database, keys, person=3)
    assert brought.permit_number == "OLD-1"
    assert len({taken.permit_number, brought.permit_number, fresh.permit_number}) == 3
    with pytest.raises(Conflict):
        await _grant(database, keys, person=4, permit_number="OLD-1")


async def test_numbers_follow_each_other_by_kind_and_year(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        numbers = [await store.next_number(tx, REGION, "case", 2024) for _ in range(3)]
        other = await store.next_number(tx, REGION, "case", 2025)
        block = await store.next_numbers(tx, REGION, "case", 2024, 5)
    assert (numbers, other, list(block)) == ([1, 2, 3], 1, [4, 5, 6, 7, 8])


async def test_one_city_does_not_see_the_permits_of_another(database: Database, keys: Keys) -> None:
    granted = await _grant(database, keys)
    async with database.transaction("320100") as tx:
        assert await store.permits_of(tx, REGION, [granted.person_id]) == []


async def _statements_of(database: Database, keys: Keys, *grants: Grant) -> int:
    """How many statements it takes to write grants, begin, savepoints and commit left out."""
    asked: list[str] = []
    async with database.transaction(REGION) as tx:
        with tx.query_logger(lambda record: asked.append(record.query)):
            await service.grant_many(tx, LAW, keys, grants)
            await asyncio.sleep(0)
    ours = [query for query in asked if "typeinfo" not in query]  # by which the driver learns types of parameters
    return len([query for query in ours if query.startswith(("SELECT", "INSERT", "WITH"))])


async def test_a_grant_takes_five_statements_for_a_new_person_and_three_for_a_known_one(
    database: Database, keys: Keys
) -> None:
    await _grant(database, keys)  # after this the connection knows the types
    assert await _statements_of(database, keys, a_grant(2)) == 5
    assert await _statements_of(database, keys, a_grant(2)) == 3


async def test_a_history_of_600_permits_takes_no_more_statements_than_one(database: Database, keys: Keys) -> None:
    await _grant(database, keys)
    grants = [a_grant(2 + n % 500, recorded=at(TODAY)) for n in range(600)]
    assert await _statements_of(database, keys, *grants) == 5
    async with database.transaction(REGION) as tx:
        assert await tx.fetchval("SELECT count(DISTINCT person_id) FROM permit WHERE region = $1", REGION) == 501
