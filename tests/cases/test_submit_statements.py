"""What a submission sends to the database: counted, because it is the hot path."""

import asyncio

from asyncpg.connection import LoggedQuery

from permits.cases.store import BEFORE_SUBMIT
from permits.cases.writing import CHANGE
from permits.db.database import Database
from permits.office import Office
from tests.cases.samples import REGION, Desk


async def test_a_submission_is_one_read_and_one_write_in_one_transaction(database: Database, office: Office) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.draft()
    sent: list[str] = []

    def note(query: LoggedQuery) -> None:
        sent.append(query.query.rstrip(";"))

    async with database.connection() as lent:
        connection = lent._con  # the one behind the pool's loan: the next user gets the same
        connection.add_query_logger(note)
    async with database.transaction(REGION) as desk.tx:
        assert desk.tx._con is connection
        assert desk.tx.is_in_transaction()
        await desk.submit("key", b"1")
        assert desk.tx.is_in_transaction()
    await asyncio.sleep(0)  # asyncpg calls its loggers from the loop
    assert not connection.is_in_transaction()
    assert sent == ["BEGIN", f"SET LOCAL app.region = '{REGION}'", BEFORE_SUBMIT.sql, CHANGE.sql, "COMMIT"]


async def test_what_did_not_change_is_not_sent(database: Database, office: Office) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.draft()
        given: dict[str, object] = {}

        def note(query: LoggedQuery) -> None:
            if query.query == CHANGE.sql:
                given.update(zip(CHANGE.names, query.args, strict=True))

        with tx.query_logger(note):
            await desk.submit()
        await asyncio.sleep(0)
        assert (given["documents"], given["corrections"]) == ([], [])
        assert given["clocks"]
        assert not {"new_employer", "new_personal", "new_passport_index"} & given.keys()
