"""Clocks in working and calendar days: when they end, standing still, and what a new calendar does to them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import working_days
from permits.rules.clocks import STOOD, Clock, Pause, Unit, due, pause, recomputed, resume
from permits.rules.law import load

LAW = load()
DAYS = st.dates(date(2019, 1, 1), date(2028, 12, 31))
UNITS: st.SearchStrategy[Unit] = st.sampled_from(("working", "calendar"))
CLOCKS = st.builds(Clock, DAYS, st.integers(1, 60), UNITS)
LOADED = load([{"calendar": [{
    "key": "2098", "effective_from": "2098-01-01", "source": "试",
    "holidays": [{"first": "2098-01-01", "last": "2098-01-03", "zh": "元旦", "en": "New Year's Day"}],
    "working": ["2098-01-04"],
}]}])  # fmt: skip


def test_a_clock_in_working_days_ends_as_working_days_are_added() -> None:
    clock = Clock(date(2026, 2, 13), 5)
    assert due(LAW, clock) == working_days.add(LAW, date(2026, 2, 13), 5)
    assert due(LAW, clock).due == date(2026, 2, 27)


@pytest.mark.parametrize(("event", "days", "ends"), [
    (date(2026, 11, 2), 30, date(2026, 12, 2)),  # the day of the event does not count
    (date(2026, 9, 1), 30, date(2026, 10, 8)),  # 1 October is a holiday: moved past all of it
    (date(2026, 11, 5), 30, date(2026, 12, 7)),  # a Saturday moves to Monday
    (date(2026, 4, 9), 30, date(2026, 5, 9)),  # a Saturday that is worked does not
    (date(2026, 11, 24), 1, date(2026, 11, 25)),
])  # fmt: skip
def test_a_limit_in_calendar_days_ends_on_its_last_day_or_the_next_working_day(
    event: date, days: int, ends: date
) -> None:
    found = due(LAW, Clock(event, days, "calendar"))
    assert (found.due, found.provisional) == (ends, False)
    assert [it.date for it in found.skipped] == [event + timedelta(days=n) for n in range(days, (ends - event).days)]


def test_a_clock_stands_still_from_the_day_of_its_pause_until_the_day_it_runs_again() -> None:
    clock = resume(pause(Clock(date(2026, 11, 2), 5), date(2026, 11, 4)), date(2026, 11, 10))
    found = due(LAW, clock)
    assert found.due == date(2026, 11, 13)  # 3 | 10, 11, 12, 13
    assert [it.date for it in found.skipped] == [date(2026, 11, n) for n in range(4, 10)]
    assert {it.why for it in found.skipped} == {STOOD}


def test_a_clock_in_calendar_days_stands_still_too() -> None:
    clock = resume(pause(Clock(date(2026, 11, 2), 5, "calendar"), date(2026, 11, 4)), date(2026, 11, 7))
    assert due(LAW, clock).due == date(2026, 11, 10)


def test_a_clock_that_stands_ends_as_if_it_had_not_been_stopped_until_it_runs_again() -> None:
    clock = pause(Clock(date(2026, 11, 2), 5), date(2026, 11, 4))
    assert clock.stands
    assert due(LAW, clock).due == date(2026, 11, 9)
    assert not resume(clock, date(2026, 11, 5)).stands


def test_a_pause_that_ends_on_its_first_day_changes_nothing() -> None:
    clock = Clock(date(2026, 11, 2), 5)
    again = resume(pause(clock, date(2026, 11, 4)), date(2026, 11, 4))
    assert due(LAW, again).due == due(LAW, clock).due
    assert pause(again, date(2026, 11, 4)).stands


def test_a_clock_is_stopped_only_while_it_runs_and_runs_again_only_after_it_stood() -> None:
    clock = Clock(date(2026, 11, 2), 5)
    stopped = pause(clock, date(2026, 11, 4))
    with pytest.raises(ValueError, match="already"):
        pause(stopped, date(2026, 11, 5))
    with pytest.raises(ValueError, match="is running"):
        resume(clock, date(2026, 11, 5))
    with pytest.raises(ValueError, match="or later"):
        resume(stopped, date(2026, 11, 3))
    with pytest.raises(ValueError, match="after its event"):
        pause(clock, date(2026, 11, 1))
    assert pause(clock, date(2026, 11, 2)).stands
    with pytest.raises(ValueError, match="last pause"):
        pause(resume(stopped, date(2026, 11, 10)), date(2026, 11, 9))


@pytest.mark.parametrize("days", [0, -1, working_days.MOST_DAYS + 1])
def test_a_clock_of_no_or_too_many_days_has_no_end(days: int) -> None:
    with pytest.raises(ValueError, match="1 to 1000"):
        due(LAW, Clock(date(2026, 1, 5), days))


def test_the_longest_clock_has_an_end() -> None:
    assert due(LAW, Clock(date(2026, 1, 5), working_days.MOST_DAYS, "calendar")).due == date(2028, 10, 5)
    assert due(LAW, Clock(date(2026, 1, 5), working_days.MOST_DAYS)).due > date(2029, 1, 1)


def test_a_clock_beyond_the_last_day_there_is_has_none() -> None:
    with pytest.raises(ValueError, match="last day"):
        due(LAW, Clock(date(9998, 12, 31), 2, "working", (Pause(date(9998, 12, 31), date(9999, 1, 2)),)))
    with pytest.raises(ValueError, match="last day"):
        due(LAW, Clock(date(9998, 12, 31), 2))


@given(CLOCKS, st.integers(0, 80), st.integers(0, 60))
def test_a_paused_clock_never_ends_earlier_and_never_later_than_by_the_days_it_stood(
    clock: Clock, after: int, stood: int
) -> None:
    on = clock.event + timedelta(days=after)
    stopped = resume(pause(clock, on), on + timedelta(days=stood))
    before, found = due(LAW, clock).due, due(LAW, stopped).due
    assert found >= before
    held = working_days.between(LAW, on, on + timedelta(days=stood - 1))
    if clock.unit == "working":
        assert found <= working_days.add(LAW, before, held).due
    if on > before:
        assert found == before


@given(CLOCKS, st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15)), max_size=3))
def test_the_days_that_count_are_the_limits_own_number(clock: Clock, stops: list[tuple[int, int]]) -> None:
    day = clock.event
    for wait, stand in stops:
        clock = resume(pause(clock, day + timedelta(days=wait)), day + timedelta(days=wait + stand))
        day += timedelta(days=wait + stand)
    found = due(LAW, clock)
    assert (found.due - clock.event).days - len(found.skipped) == clock.days
    assert working_days.is_working_day(LAW, found.due)


def test_a_new_calendar_moves_the_end_and_makes_it_official() -> None:
    moved = recomputed(Clock(date(2098, 1, 1), 1), LAW, LOADED)
    assert moved is not None
    assert (moved.before.due, moved.before.provisional) == (date(2098, 1, 2), True)
    assert (moved.after.due, moved.after.provisional) == (date(2098, 1, 4), False)


def test_an_end_that_only_becomes_official_is_told_too() -> None:
    moved = recomputed(Clock(date(2098, 6, 2), 1), LAW, LOADED)
    assert moved is not None
    assert moved.before.due == moved.after.due
    assert (moved.before.provisional, moved.after.provisional) == (True, False)


def test_a_new_calendar_reaches_the_last_day_of_a_limit_in_calendar_days_and_pauses() -> None:
    moved = recomputed(Clock(date(2097, 12, 3), 30, "calendar"), LAW, LOADED)
    assert moved is not None
    assert (moved.before.due, moved.after.due) == (date(2098, 1, 2), date(2098, 1, 4))
    stopped = Clock(date(2098, 1, 1), 1, "working", (Pause(date(2098, 1, 2), date(2098, 1, 3)),))
    again = recomputed(stopped, LAW, LOADED)
    assert again is not None
    assert again.after.due == date(2098, 1, 4)


@given(CLOCKS)
def test_a_calendar_of_another_year_changes_nothing(clock: Clock) -> None:
    assert recomputed(clock, LAW, LOADED) is None


def test_a_paused_clock_is_provisional_only_beyond_the_official_calendars() -> None:
    for event, provisional in ((date(2026, 11, 2), False), (date(2098, 11, 3), True)):
        clock = resume(pause(Clock(event, 5), event + timedelta(days=1)), event + timedelta(days=3))
        assert due(LAW, clock).provisional is provisional
