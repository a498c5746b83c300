"""Time taken, on cases that walked through the office: pauses left out, each figure the length of its list."""

import datetime as dt

import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput
from permits.office import Office
from permits.rules import law, working_days
from permits.statistics import times
from tests.cases.samples import REGION, Desk

LAW = law.load()
MONDAY = dt.date(2024, 3, 4)
PAUSED, GOES_ON, DECIDED = dt.date(2024, 3, 6), dt.date(2024, 3, 11), dt.date(2024, 3, 13)
ON = dt.date(2024, 3, 29)


def on_day(day: dt.date) -> None:
    """Move the office to ten in the morning of a day."""
    then = dt.datetime.combine(day, dt.time(10), clock.CITY)
    clock.set_offset((then - clock.machine_now()).total_seconds())


async def _slow(desk: Desk) -> None:
    """Submitted and accepted on Monday, a special procedure from Wednesday to the next Monday, decided on Wednesday."""
    on_day(MONDAY)
    await desk.until("review")
    on_day(PAUSED)
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "suspend", procedure="expert-review", expected_working_days=3, reasons="专家评审")
    on_day(GOES_ON)
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "resume")
    on_day(DECIDED)
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="审查意见")
    await desk.act(desk.decider, "decide", outcome="grant", reasons="决定")


@pytest.fixture
async def walked(database: Database, keys: Keys) -> None:
    """Three cases: one that paused, two decided on their first day; and one that only was submitted."""
    office = Office(LAW, keys)
    async with database.transaction(REGION) as tx:
        await _slow(Desk(office, tx, 1))
        for seed in (2, 3):
            on_day(DECIDED)
            await Desk(office, tx, seed).until("granted")
        await Desk(office, tx, 4).until("submitted")


@pytest.mark.usefixtures("walked")
async def test_net_time_leaves_out_the_days_a_clock_stood_still(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        found, _ = await times.timed(tx, LAW, REGION, ON, "decision", "legal", "", "", 50)
    slow = max(found, key=lambda one: one.gross)
    gross = working_days.between(LAW, MONDAY + dt.timedelta(days=1), DECIDED)
    stood = working_days.between(LAW, PAUSED, GOES_ON - dt.timedelta(days=1))
    assert (slow.gross, slow.net) == (gross, gross - stood) == (7, 4)
    assert [(one.gross, one.net) for one in found if one is not slow] == [(0, 0), (0, 0)]


@pytest.mark.usefixtures("walked")
async def test_half_and_nine_in_ten_are_those_of_the_list_behind_them(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        steps = await times.steps(tx, LAW, REGION, ON)
        assert {one.step for one in steps} == {"pre-review", "acceptance", "decision"}
        for step in steps:
            found, after = await times.timed(tx, LAW, REGION, ON, step.step, step.basis, "", "", 50)
            net = sorted(one.net for one in found)
            assert (step.count, after) == (len(found), "")
            assert (step.half, step.most) == (net[(len(net) - 1) // 2], net[-(-len(net) * 9 // 10) - 1])
            assert step.met == sum(one.state == "met" for one in found)


@pytest.mark.usefixtures("walked")
async def test_each_party_has_its_days_and_they_make_the_whole(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        found, _ = await times.decided(tx, LAW, REGION, ON, "whole", "", 50)
        parties = await times.parties(tx, LAW, REGION, ON)
    slow = max(found, key=lambda one: one.whole)
    assert (slow.whole, slow.office, slow.applicant, slow.special, slow.police) == (7, 4, 0, 3, None)
    assert all(one.whole == one.office + one.applicant + one.special for one in found)
    assert [(one.party, one.count, one.most) for one in parties if one.party in ("whole", "special")] == [
        ("whole", 3, 7),
        ("special", 3, 3),
    ]


@pytest.mark.usefixtures("walked")
async def test_pages_of_a_list_join_to_the_whole(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        numbers, cursor = [], ""
        while True:
            page, cursor = await times.timed(tx, LAW, REGION, ON, "decision", "promised", "", cursor, 1)
            numbers += [one.number for one in page]
            if not cursor:
                break
    assert len(set(numbers)) == len(numbers) == 3


@pytest.mark.usefixtures("walked")
async def test_the_list_of_the_police_is_as_long_as_their_figure(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        parties = await times.parties(tx, LAW, REGION, ON)
        found, _ = await times.decided(tx, LAW, REGION, ON, "police", "", 50)
        with pytest.raises(BadInput):
            await times.decided(tx, LAW, REGION, ON, "post", "", 50)
    assert [one.count for one in parties if one.party == "police"] == ([len(found)] if found else [])


async def test_an_unknown_step_is_refused(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        for step, basis, cursor in (("tea", "legal", ""), ("decision", "rumour", ""), ("decision", "legal", "zz")):
            with pytest.raises(BadInput):
                await times.timed(tx, LAW, REGION, ON, step, basis, "", cursor, 5)
