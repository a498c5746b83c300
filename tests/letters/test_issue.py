"""A letter is issued once, numbered without gaps, and comes back byte for byte."""

import contextlib
import hashlib

import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import NotFound
from permits.letters import service, store
from permits.letters.model import Grant, Issued
from permits.letters.render import render
from tests.letters import samples

REGION = "321200"


async def issued(database: Database, keys: Keys, case_id: object = None) -> Issued:
    def build(number: str) -> Grant:
        return samples.grant(number=number)

    async with database.transaction(REGION) as tx:
        return await service.issue_numbered(
            tx, keys, REGION, case_id or new_id(), build, office=samples.OFFICE, kind="grant", issued_at=clock.now()
        )


async def test_a_letter_comes_back_as_it_was_issued(database: Database, keys: Keys) -> None:
    case_id = new_id()
    letter = await issued(database, keys, case_id)
    async with database.transaction(REGION) as tx:
        pdf = await service.pdf_of(tx, keys, REGION, letter.id)
        assert await store.letters_of_case(tx, REGION, case_id) == [letter]
    assert pdf == render(samples.grant(number=letter.number))
    assert letter.digest == hashlib.sha256(pdf).hexdigest()


async def test_numbers_run_on_and_one_that_failed_is_given_again(database: Database, keys: Keys) -> None:
    first = await issued(database, keys)
    with contextlib.suppress(RuntimeError):
        async with database.transaction(REGION) as tx:
            await service.take_number(tx, REGION, samples.OFFICE, "grant", clock.today())
            raise RuntimeError
    second = await issued(database, keys)
    year = clock.today().year
    assert [first.number, second.number] == [f"泰科外准字〔{year}〕第{n:04d}号" for n in (1, 2)]


async def test_a_letter_asked_for_twice_is_issued_once(database: Database, keys: Keys) -> None:
    case_id = new_id()
    assert await issued(database, keys, case_id) == await issued(database, keys, case_id)


async def test_an_issued_letter_cannot_be_read_in_the_database(database: Database, keys: Keys) -> None:
    letter = await issued(database, keys)
    async with database.transaction(REGION) as tx:
        row = await tx.fetchrow("SELECT pdf, facts FROM letter WHERE region = $1 AND id = $2", REGION, letter.id)
    assert b"%PDF" not in row["pdf"]
    assert "莱娜".encode() not in row["facts"]


async def test_a_letter_of_another_city_is_not_found(database: Database, keys: Keys) -> None:
    letter = await issued(database, keys)
    async with database.transaction("320100") as tx:
        with pytest.raises(NotFound):
            await service.pdf_of(tx, keys, "320100", letter.id)
