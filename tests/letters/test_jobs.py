"""Each event of a case that calls for letters gets them, once, from the case's own facts."""

import asyncio
from pathlib import Path

import pytest

from permits.cases.outbox import Happening
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.letters import jobs, store
from permits.letters.facts import EVENT_OF
from permits.letters.model import Issued
from permits.office import Office
from permits.rules import law
from permits.settings import Settings
from tests.cases.samples import Desk
from tests.conftest import REGION


@pytest.fixture
def office(keys: Keys) -> Office:
    """The law and the keys."""
    return Office(law.load(), keys)


async def issued(database: Database, office: Office, desk: Desk, data: Path, times: int = 1) -> list[Issued]:
    """The letters of a case, after every event of it was worked off so often, and at once."""
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        case = await desk.look(desk.employer)
    settings = Settings(data=data, demo=True, public_url="http://127.0.0.1:8000/")
    for event in case.timeline:
        if event.kind in EVENT_OF.values():
            happened = Happening(REGION, event.id, case.row.id, event.kind)
            await asyncio.gather(*(jobs.on_event(database, office, settings, happened) for _ in range(times)))
    async with database.transaction(REGION) as tx:
        return await store.letters_of_case(tx, REGION, case.row.id)


async def test_a_grant_gets_its_permit_and_decision_once(database: Database, office: Office, tmp_path: Path) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        case = await desk.until("granted")
    found = await issued(database, office, desk, tmp_path, times=3)
    assert sorted(letter.kind for letter in found) == ["acceptance", "grant", "permit"]
    permit = next(letter for letter in found if letter.kind == "permit")
    assert permit.number == case.component("work_permit").facts["permit_number"]  # type: ignore[union-attr]


async def test_a_refusal_gets_its_decision(database: Database, office: Office, tmp_path: Path) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until("refused", outcome="refuse")
    assert "refusal" in {letter.kind for letter in await issued(database, office, desk, tmp_path)}


@pytest.mark.parametrize(
    ("state", "action", "kind"),
    [("submitted", "not-accept", "not-acceptance"), ("accepted", "terminate", "termination")],
)
async def test_a_case_that_ends_early_gets_its_notice(
    database: Database, office: Office, tmp_path: Path, state: str, action: str, kind: str
) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until(state)
        if state == "submitted":
            await desk.act(desk.clerk, "claim")
        await desk.act(desk.clerk, action, ground="other", reasons="材料不实")
    assert kind in {letter.kind for letter in await issued(database, office, desk, tmp_path)}


async def test_each_list_of_corrections_gets_its_own_notice(database: Database, office: Office, tmp_path: Path) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until("submitted")
        for item in ({"document": "contract"}, {"pointer": "/employment/annual_salary_cny"}):
            await desk.act(desk.clerk, "claim")
            await desk.act(desk.clerk, "request-correction", items=[item | {"text": "请更正"}])
            await desk.act(desk.employer, "correct")
            await desk.act(desk.clerk, "release")
    found = [letter for letter in await issued(database, office, desk, tmp_path) if letter.kind == "correction"]
    assert [letter.ordinal for letter in found] == [1, 2]
