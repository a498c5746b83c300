"""A new calendar moves every open deadline and says so on the timeline; silence is told of before it means anything."""

import datetime as dt

import pytest

from permits import clock
from permits.cases import clocks, deadlines, timeline
from permits.cases.model import Case
from permits.cases.view import view
from permits.db.database import Database
from permits.office import Office
from permits.rules import law, working_days
from tests.cases.samples import REGION, Desk

LAW = law.load()


def at(day: dt.date, hour: int = 9) -> None:
    """Set the office's time."""
    moment = dt.datetime.combine(day, dt.time(hour), clock.CITY)
    clock.set_offset((moment - clock.machine_now()).total_seconds())


def with_holidays(*days: dt.date) -> law.Law:
    """The law with a calendar of the days' year that has these days off."""
    off = [{"first": day, "last": day, "zh": "假日", "en": "holiday"} for day in days]
    year = days[0].year
    row = {"key": str(year), "effective_from": dt.date(year, 1, 1), "source": "通知", "holidays": off}
    return law.load([{"calendar": [row]}])


async def case_in(database: Database, office: Office, state: str) -> Desk:
    """A case in this state, saved."""
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        await desk.until(state)
    return desk


async def looked_at(database: Database, desk: Desk) -> Case:
    """The case as it is."""
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        return await desk.look()


def kinds(case: Case) -> list[str]:
    """What stands on its timeline."""
    return [event.kind for event in case.timeline]


async def test_a_new_calendar_moves_open_deadlines_once_and_says_so(database: Database, office: Office) -> None:
    at(dt.date(2027, 3, 1))
    desk = await case_in(database, office, "accepted")
    before = await looked_at(database, desk)
    moved = [c for c in before.clocks if c.state == "running"]
    office.law = with_holidays(dt.date(2027, 3, 2), dt.date(2027, 3, 3))
    swept = await deadlines.sweep(database, office, REGION)
    assert (swept.looked, swept.moved, swept.failed) == (1, 1, 0)
    after = await looked_at(database, desk)
    for old in moved:
        new = next(c for c in after.clocks if (c.step, c.basis, c.round) == (old.step, old.basis, old.round))
        assert working_days.add(office.law, old.started, old.working_days).due == new.due > old.due
        assert not new.provisional
    said = timeline.sentence(after.timeline[-1])
    legal = next(c for c in moved if c.basis == "legal")
    assert "2027年节假日安排重算" in said.zh
    assert f"审查决定（法定） {legal.due}" in said.zh
    assert f"Review and decision (by law) {legal.due}" in said.en
    assert after.row.legal_due == min(c.due for c in after.clocks if c.basis == "legal" and c.state == "running")
    again = await deadlines.sweep(database, office, REGION)
    assert (again.looked, again.moved) == (1, 0)
    assert kinds(await looked_at(database, desk)).count("deadline-moved") == 1


async def test_a_date_that_stays_becomes_official_without_disturbing_anybody(
    database: Database, office: Office
) -> None:
    at(dt.date(2027, 3, 1))
    desk = await case_in(database, office, "accepted")
    before = await looked_at(database, desk)
    assert all(c.provisional for c in before.clocks if c.state == "running")
    async with database.transaction(REGION) as tx:
        assert (await deadlines.standing(tx, REGION)).provisional == 2
    office.law = with_holidays(dt.date(2027, 10, 1))
    await deadlines.sweep(database, office, REGION)
    after = await looked_at(database, desk)
    assert not any(c.provisional for c in after.clocks if c.state == "running")
    assert (after.row.version, kinds(after)) == (before.row.version, kinds(before))


async def test_a_paused_clock_keeps_its_pause_through_a_new_calendar(database: Database, office: Office) -> None:
    at(dt.date(2027, 3, 1))
    desk = await case_in(database, office, "review")
    said = {"procedure": "expert-review", "expected_working_days": 5, "reasons": "专家评审"}
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        await desk.act(desk.reviewer, "suspend", **said)
    at(dt.date(2027, 3, 8))
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        case = await desk.act(desk.reviewer, "resume")
    (one,) = (c for c in case.clocks if (c.step, c.basis) == ("decision", "legal"))
    assert [(p.first, p.until) for p in one.pauses] == [(dt.date(2027, 3, 1), dt.date(2027, 3, 8))]
    plain = working_days.add(LAW, dt.date(2027, 3, 7), one.working_days)
    assert one.due == plain.due, "the clock was stopped before its first day and runs from the day it goes on"
    office.law = with_holidays(dt.date(2027, 3, 9))
    await deadlines.sweep(database, office, REGION)
    (moved,) = (c for c in (await looked_at(database, desk)).clocks if (c.step, c.basis) == ("decision", "legal"))
    assert moved.due == working_days.add(office.law, dt.date(2027, 3, 7), one.working_days).due > one.due


async def test_a_pause_on_the_day_a_clock_started_adds_no_day(desk: Desk) -> None:
    at(dt.date(2026, 6, 8))  # a Monday
    case = await desk.until("accepted")
    (before,) = (c for c in case.clocks if (c.step, c.basis, c.state) == ("decision", "legal", "running"))
    stopped = clocks.pause(case, dt.date(2026, 6, 8))
    (after,) = (
        c
        for c in clocks.resume(stopped, LAW, dt.date(2026, 6, 9)).clocks
        if c.step == "decision" and c.basis == "legal"
    )
    assert after.due == before.due


async def test_silence_is_told_of_before_it_means_acceptance_and_when_it_does(
    database: Database, office: Office
) -> None:
    at(dt.date(2026, 6, 1))  # a Monday: the fifth working day is the 8th
    desk = await case_in(database, office, "submitted")
    assert (await deadlines.sweep(database, office, REGION)).raised == 0
    at(dt.date(2026, 6, 4))
    assert (await deadlines.sweep(database, office, REGION)).raised == 1
    assert (await deadlines.sweep(database, office, REGION)).raised == 0
    near = (await looked_at(database, desk)).timeline[-1]
    assert timeline.sentence(near).zh.startswith("2026-06-08 前不答复，自收到申请材料之日（2026-06-01）起即为受理")
    at(dt.date(2026, 6, 9))
    assert (await deadlines.sweep(database, office, REGION)).raised == 1
    case = await looked_at(database, desk)
    assert kinds(case)[-2:] == ["silence-near", "silence-happened"]
    assert case.row.state == "submitted", "a machine accepts nothing"
    shown = view(case, desk.clerk, office.law, clock.now(), "en")
    assert shown.silence is not None
    assert (shown.silence.kind, shown.silence.state, str(shown.silence.happens_on)) == (
        "acceptance", "happened", "2026-06-09",
    )  # fmt: skip


async def test_whoever_answers_in_time_hears_nothing_of_silence(database: Database, office: Office) -> None:
    at(dt.date(2026, 6, 1))
    await case_in(database, office, "accepted")
    at(dt.date(2026, 6, 20))
    assert (await deadlines.sweep(database, office, REGION)).raised == 0


async def test_what_silence_accepted_is_decided_within_the_limit_from_the_day_it_came(
    database: Database, office: Office
) -> None:
    at(dt.date(2026, 6, 1))
    desk = await case_in(database, office, "submitted")
    at(dt.date(2026, 6, 10))
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        await desk.act(desk.clerk, "claim")
        case = await desk.act(desk.clerk, "accept")
    decision = [c for c in case.clocks if c.step == "decision"]
    assert {c.started for c in decision} == {dt.date(2026, 6, 1)}


async def test_a_case_that_cannot_be_read_keeps_no_other_from_its_dates(
    database: Database, office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(dt.date(2027, 3, 1))
    for seed in (1, 2):
        async with database.transaction(REGION) as tx:
            desk = Desk(office, tx, seed)
            await desk.until("accepted")
    async with database.transaction(REGION) as tx:
        first = await tx.fetchval("SELECT id FROM cases WHERE region = $1 ORDER BY id LIMIT 1", REGION)
        await tx.execute("UPDATE cases SET personal = '\\x00' WHERE region = $1 AND id = $2", REGION, first)
    office.law = with_holidays(dt.date(2027, 3, 2))
    swept = await deadlines.sweep(database, office, REGION)
    assert (swept.looked, swept.moved, swept.failed) == (2, 1, 1)
