"""The city as it is laid at the first start, looked at as its people would."""

import asyncio
import datetime as dt
from collections import Counter
from typing import Any, get_args

import pytest

from permits import clock
from permits.accounts import service as accounts
from permits.cases.model import State
from permits.db.database import Database
from permits.statistics import behind, recounting
from tests.demo.laying import REGION, REPORTED, Laid, cases_seen, count, sizes


@pytest.mark.parametrize("first_start", ["2024-12-31T09:00", "2025-01-03T02:10"])
def test_with_the_cases_own_grants_380_permits_hold_on_the_day_of_the_report(lay: Any, first_start: str) -> None:
    asyncio.run(_is_as_reported(lay(first_start)))


async def test_380_permits_hold_on_the_day_of_the_report_two_years_later(city: Laid, database: Database) -> None:
    await _is_as_reported(city)


async def _is_as_reported(city: Laid) -> None:
    async with Database(city.settings.database_url) as database:
        for known in (None, REPORTED):
            found = await count(database, REPORTED, known)
            assert (found.total, found.persons) == (380, 380)
        by_category = (await count(database, REPORTED, None, "category")).groups
        assert {group.values["category"]: group.count for group in by_category} == {"A": 46, "B": 287, "C": 47}


async def test_every_state_of_a_case_occurs_joint_and_single(city: Laid, database: Database) -> None:
    found = {(case.state, case.joint) for case in await cases_seen(city, database)}
    assert found == {(state, joint) for state in get_args(State) for joint in (True, False)}


async def test_the_queues_have_what_every_desk_is_to_see(city: Laid, database: Database) -> None:
    cases, today = await cases_seen(city, database), city.at.date()
    open_ones = [case for case in cases if any(clock.state in ("running", "paused") for clock in case.clocks)]
    assert 18 <= len(open_ones) <= 26
    promised = [c.due for case in open_ones for c in case.clocks if (c.basis, c.state) == ("promised", "running")]
    assert sum(due < today for due in promised) >= 2, "some are late"
    assert sum(due == today for due in promised) >= 2, "some are due today"
    assert {case.waiting_on for case in cases} >= {"applicant", "office", "police", "nobody"}
    assert {c.asker for case in cases for c in case.corrections if not c.answered} == {"office", "police"}
    assert any(event.kind == "extension-asked" for case in cases for event in case.timeline)
    refused = [case for case in cases if case.components["work_permit"]["status"] == "refused"]
    assert {case.components["window"]["status"] for case in refused} == {"closed", "handed-out"}


async def test_every_case_is_one_that_the_office_could_have_had(city: Laid, database: Database) -> None:
    for case in await cases_seen(city, database):
        at = [entry.at for entry in case.timeline]
        assert at == sorted(at), case.number
        assert at[-1] <= city.at
        assert case.state == "draft" or all(document.status != "wanted" for document in case.documents)
    numbers = [case.number for case in await cases_seen(city, database)]
    assert len(set(numbers)) == len(numbers)


async def test_the_first_employers_agent_owns_cases_in_many_states(city: Laid, database: Database) -> None:
    cases = await cases_seen(city, database)
    mine = [case for case in cases if case.employer["contact_email"].startswith("employer1@")]
    assert city.accounts[0].email.startswith("employer1@")
    assert len({case.state for case in mine}) >= 8


async def test_todays_figure_is_plausible_and_recounts(city: Laid, database: Database) -> None:
    today = city.at.date()
    assert 390 <= (await count(database, today)).total <= 430
    async with database.transaction(REGION) as tx:
        assert 20 <= len(await behind.expiring(tx, city.office.keys, REGION, today, 90)) <= 90
        assert await tx.fetchval("SELECT max(recorded) FROM ledger_waiting") <= city.at
    for day in (today, REPORTED):
        async with database.transaction(REGION) as tx:
            found = await recounting.recount(tx, city.office.law, city.office.keys, REGION, day)
        assert found.differences == ()


async def test_the_books_of_the_simulators_hold_the_same_messages(city: Laid, database: Database) -> None:
    async with database.transaction(REGION) as tx:
        ours = await tx.fetch("SELECT id, kind, direction, status FROM message")
        assert await tx.fetchval("SELECT count(*) FROM outbox") == 0
    assert {(row["direction"], row["status"]) for row in ours} == {("out", "delivered"), ("in", "applied")}
    theirs = city.books("SELECT id, kind FROM messages")
    assert sorted(theirs) == sorted((str(row["id"]), row["kind"]) for row in ours)


async def test_nothing_moves_by_itself_for_years(city: Laid, database: Database) -> None:
    due = [one for (one,) in city.books("SELECT due FROM plans")]
    assert due
    assert min(due) > (city.at + dt.timedelta(days=3600)).timestamp()
    assert city.books("SELECT id FROM messages WHERE status IN ('queued', 'waiting')") == []


def test_a_start_sixty_days_later_changes_nothing_but_the_tokens(city: Laid) -> None:
    async def rows() -> dict[str, int]:
        async with Database(city.settings.database_url) as database:
            return await sizes(database)

    before, again = asyncio.run(rows()), city.start(days=60)
    assert asyncio.run(rows()) == before
    assert [(a.role, a.email, a.password) for a in again.accounts] == [
        (a.role, a.email, a.password) for a in city.accounts
    ]
    assert not {a.token for a in again.accounts} & {a.token for a in city.accounts}


async def test_two_people_of_each_role_sign_in_and_one_is_reviewer_and_decider(city: Laid, database: Database) -> None:
    roles = Counter(account.role for account in city.accounts)
    staff = ("clerk", "reviewer", "decider", "legal", "inspector", "manager", "admin", "integrator")
    assert roles == {**dict.fromkeys((*staff, "employer"), 2), "beneficiary": 1}
    reviewers, deciders = ({a.email for a in city.accounts if a.role == role} for role in ("reviewer", "decider"))
    assert len(reviewers & deciders) == 1
    assert len(deciders - reviewers) == 1
    for one in city.accounts:
        person = (await accounts.sign_in(database, one.email, one.password, "127.0.0.1")).session.account
        assert person.has(one.role, REGION)
        assert "虚构" in person.name
        assert person.certificate or one.role != "decider"


def test_an_empty_demonstration_has_people_and_nothing_else(lay: Any) -> None:
    empty = lay("2026-11-24T09:00", empty=True)

    async def rows() -> dict[str, int]:
        async with Database(empty.settings.database_url) as database:
            return await sizes(database)

    found = asyncio.run(rows())
    assert len(empty.accounts) == 19
    assert {name for name, size in found.items() if size} == {"account", "account_role", "token"}
    assert clock.today() == dt.date(2026, 11, 24)
