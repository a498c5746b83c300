"""Persons in the recount: counted as known then too, whatever order a history was brought in."""

import datetime as dt
import uuid

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.statements import statement
from permits.register import service as register
from permits.register.ledger import Dimensions, Entry, Row
from permits.register.model import Ending, Grant, Granted
from permits.register.store import fields, insert_one
from permits.register.tables import ledger_waiting
from permits.register.waiting import written
from permits.rules import law
from permits.statistics import recounting, service
from permits.statistics.model import Difference
from tests.register.samples import REGION, a_grant, an_ending, at

LAW = law.load()
KNOWN, ON = dt.date(2024, 3, 31), dt.date(2024, 6, 30)
NO_ID = uuid.UUID(int=0)
_WAIT = statement(insert_one(ledger_waiting))


def _history() -> tuple[list[Grant], list[Ending | None]]:
    """One person's two permits, as a table of an old system has them: the end of the first was recorded last."""
    first = a_grant(1, case_id=None)
    second = a_grant(1, case_id=None, valid_from=dt.date(2024, 3, 1), valid_until=dt.date(2025, 2, 28))
    unknown = Granted(NO_ID, "", "", NO_ID, None)
    return [first, second], [an_ending(unknown, dt.date(2024, 5, 1), dt.date(2024, 7, 15)), None]


async def test_a_person_counts_once_as_known_then_however_a_history_was_brought_in(
    database: Database, keys: Keys
) -> None:
    async with database.transaction(REGION) as tx:
        await register.grant_many(tx, LAW, keys, *_history())
        found = await service.valid_on(tx, REGION, ON, KNOWN, ())
    async with database.transaction(REGION) as tx:
        recount = await recounting.recount(tx, LAW, keys, REGION, ON, KNOWN)
    assert (found.total, found.persons) == (recount.total, recount.persons) == (2, 1)
    assert recount.differences == ()


async def test_a_decision_older_than_another_leaves_persons_right_as_known_then(database: Database, keys: Keys) -> None:
    (first, second), _ = _history()
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, LAW, keys, [first, second])
        await register.end(tx, LAW, keys, an_ending(made[1], dt.date(2024, 4, 1), dt.date(2024, 8, 1)))
        await register.end(tx, LAW, keys, an_ending(made[0], dt.date(2024, 5, 1), dt.date(2024, 7, 15)))
    for known, persons in ((KNOWN, 1), (dt.date(2024, 7, 31), 1), (dt.date(2024, 8, 1), 0)):
        async with database.transaction(REGION) as tx:
            recount = await recounting.recount(tx, LAW, keys, REGION, ON, known)
        assert (recount.persons, recount.differences) == (persons, ())


async def test_persons_that_the_ledger_counts_otherwise_as_known_then_are_told(database: Database, keys: Keys) -> None:
    grant = a_grant(1)
    async with database.transaction(REGION) as tx:
        made = await register.grant(tx, LAW, keys, grant)
        for recorded, persons in ((KNOWN, 1), (dt.date(2024, 9, 1), -1)):
            entry = Entry(made.permit_id, ON, "other-permit", _dimensions(grant))
            waits = written(made.person_id, at(recorded), [Row(entry, 0, persons)])
            assert waits
            await _WAIT.run(tx, region=REGION, **fields(ledger_waiting, waits))
    found = []
    for known in (KNOWN, None):
        async with database.transaction(REGION) as tx:
            found.append((await recounting.recount(tx, LAW, keys, REGION, ON, known)).differences)
    assert found == [(Difference("persons", 1, 2),), ()]


def _dimensions(grant: Grant) -> Dimensions:
    names = (name for name in Dimensions.__struct_fields__ if name != "age_band")
    return Dimensions(*(getattr(grant, name) for name in names), "26-45")
