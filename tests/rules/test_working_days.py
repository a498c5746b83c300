"""Working days against the State Council's published calendars, and the provisional ones."""

from datetime import date, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import load
from permits.rules.working_days import Calendar, DaysOff
from tests.rules.published import cases, day, vectors

LAW = load()
DAYS = st.dates(date(2019, 1, 1), date(2029, 12, 31))
LIMITS = st.integers(1, 60)


@pytest.mark.parametrize("case", [*cases("working_days_add"), *vectors("working_days.json")["add"]], ids=str)
def test_a_limit_ends_where_the_published_calendar_says(case: Any) -> None:
    found = working_days.add(LAW, day(case["event"]), case["days"])
    assert (found.due, found.provisional) == (day(case["due"]), False)


@pytest.mark.parametrize("case", cases("is_working_day"), ids=str)
def test_a_day_counts_as_the_published_calendar_says(case: Any) -> None:
    assert working_days.is_working_day(LAW, day(case["date"])) is case["working"]
    assert (working_days.skipped(LAW, day(case["date"])) is None) is case["working"]


@pytest.mark.parametrize("text", vectors("working_days.json")["makeup_working_days"])
def test_a_make_up_day_on_a_weekend_counts(text: str) -> None:
    assert day(text).weekday() >= 5
    assert working_days.is_working_day(LAW, day(text))


@pytest.mark.parametrize("case", cases("working_days_in_span"), ids=str)
def test_working_days_of_a_span_include_both_ends(case: Any) -> None:
    assert working_days.between(LAW, day(case["from"]), day(case["to"])) == case["working_days"]


def test_a_span_that_runs_backwards_holds_no_day() -> None:
    assert working_days.between(LAW, date(2026, 3, 3), date(2026, 3, 2)) == 0


def test_the_police_decide_within_fifteen_working_days_of_receipt() -> None:
    case = cases("police_clock")[0]
    assert working_days.add(LAW, day(case["received"]), case["working_days"]).due == day(case["decide_by"])


def test_a_submission_on_a_holiday_counts_from_the_next_working_day() -> None:
    case = cases("published_promises_working_days")[0]
    found = working_days.add(LAW, day(case["example"]["submitted"]), case["pre_review_and_acceptance"])
    assert found.due == day(case["example"]["due"])


def test_the_days_that_do_not_count_are_listed_with_the_reason_in_both_languages() -> None:
    found = working_days.add(LAW, date(2026, 5, 4), 5)
    assert [(it.date, it.why) for it in found.skipped] == [
        (date(2026, 5, 5), Text("劳动节", "Labour Day")),
        (date(2026, 5, 10), Text("周末", "weekend")),
    ]


def test_no_days_end_on_the_day_itself_or_the_next_that_counts() -> None:
    assert working_days.add(LAW, date(2026, 11, 24), 0).due == date(2026, 11, 24)
    assert working_days.add(LAW, date(2026, 10, 1), 0).due == date(2026, 10, 8)


def test_a_limit_that_reaches_a_year_without_an_official_calendar_is_provisional() -> None:
    assert working_days.add(LAW, date(2099, 12, 30), 1).provisional
    found = working_days.add(LAW, date(2098, 12, 31), 1)
    assert found.provisional
    assert found.skipped[0].why.zh == "元旦"


def test_a_calendar_that_the_office_loads_takes_the_place_of_the_provisional_one() -> None:
    loaded = load([{"calendar": [{
        "key": "2098", "effective_from": "2098-01-01", "source": "国务院办公厅关于2098年部分节假日安排的通知",
        "holidays": [{"first": "2098-01-01", "last": "2098-01-03", "zh": "元旦", "en": "New Year's Day"}],
        "working": ["2098-01-04"],
    }]}])  # fmt: skip
    found = working_days.add(loaded, date(2098, 1, 1), 1)
    assert (found.due, found.provisional) == (date(2098, 1, 4), False)
    assert date(2098, 1, 4).weekday() >= 5
    assert not working_days.is_working_day(loaded, date(2098, 1, 5))
    assert working_days.add(LAW, date(2098, 1, 1), 1).provisional


@pytest.mark.parametrize("days", [-1, working_days.MOST_DAYS + 1])
def test_an_absurd_number_of_days_is_refused(days: int) -> None:
    with pytest.raises(ValueError, match="0 to 1000"):
        working_days.add(LAW, date(2026, 1, 5), days)
    with pytest.raises(ValueError, match="0 to 1000"):
        working_days.subtract(LAW, date(2026, 1, 5), days)


@given(event=DAYS, days=LIMITS)
def test_adding_then_counting_agrees(event: date, days: int) -> None:
    due = working_days.add(LAW, event, days).due
    assert working_days.between(LAW, event + timedelta(days=1), due) == days
    assert working_days.is_working_day(LAW, due)


@given(event=DAYS, days=LIMITS)
def test_the_days_skipped_and_the_days_counted_make_up_the_whole_limit(event: date, days: int) -> None:
    found = working_days.add(LAW, event, days)
    assert len(found.skipped) + days == (found.due - event).days
    assert all(working_days.skipped(LAW, it.date) == it.why for it in found.skipped)


@given(event=DAYS, days=LIMITS)
def test_subtracting_undoes_adding(event: date, days: int) -> None:
    due = working_days.add(LAW, event, days).due
    start = working_days.subtract(LAW, due, days)
    assert working_days.between(LAW, start + timedelta(days=1), due) == days
    assert working_days.is_working_day(LAW, start)


@given(event=DAYS, days=LIMITS)
def test_a_longer_limit_never_ends_earlier(event: date, days: int) -> None:
    assert working_days.add(LAW, event, days).due < working_days.add(LAW, event, days + 1).due


def calendar(**changes: Any) -> Calendar:
    """The calendar of 2027 as it might come, with some changes."""
    good = Calendar(
        key="2027", effective_from=date(2027, 1, 1), source="国务院办公厅关于2027年部分节假日安排的通知",
        holidays=(DaysOff(first=date(2027, 1, 1), last=date(2027, 1, 3), zh="元旦", en="New Year's Day"),),
        working=(date(2027, 1, 10),),
    )  # fmt: skip
    return msgspec.structs.replace(good, **changes)


def off(*spans: tuple[date, date]) -> tuple[DaysOff, ...]:
    """Holidays of these first and last days."""
    return tuple(DaysOff(first=first, last=last, zh="假", en="holiday") for first, last in spans)


@pytest.mark.parametrize("changes", [
    {}, {"working": ()}, {"holidays": off((date(2026, 12, 25), date(2027, 1, 1)))},
    {"holidays": off((date(2027, 12, 31), date(2027, 12, 31)))},
    {"holidays": off((date(2027, 3, 1), date(2027, 4, 29)))}, {"working": (date(2026, 12, 26),)},
])  # fmt: skip
def test_a_calendar_as_the_state_council_makes_them_has_no_problems(changes: dict[str, Any]) -> None:
    assert not [*working_days.problems(calendar(**changes))]


@pytest.mark.parametrize(("changes", "says"), [
    ({"key": "next"}, "key is the year"), ({"effective_from": date(2027, 1, 2)}, "key is the year"),
    ({"key": "2028"}, "key is the year"), ({"holidays": ()}, "1 to 60"),
    ({"holidays": off((date(2027, 1, 3), date(2027, 1, 1)))}, "1 to 60"),
    ({"holidays": off((date(2027, 1, 1), date(2027, 1, 3)), (date(2027, 5, 3), date(2027, 5, 1)))}, "1 to 60"),
    ({"holidays": off((date(2027, 3, 1), date(2027, 4, 30)))}, "1 to 60"),
    ({"holidays": off((date(2026, 12, 24), date(2027, 1, 1)))}, "lie in the year"),
    ({"holidays": off((date(2027, 12, 31), date(2028, 1, 1)))}, "lie in the year"),
    ({"working": (date(2028, 1, 8),)}, "lie in the year"), ({"working": (date(2027, 1, 11),)}, "weekend"),
    ({"working": (date(2027, 1, 3),)}, "weekend"),
])  # fmt: skip
def test_a_calendar_that_cannot_be_says_what_is_wrong_with_it(changes: dict[str, Any], says: str) -> None:
    (problem,) = working_days.problems(calendar(**changes))
    assert says in problem.en
    assert problem.zh


def test_new_years_notice_reaches_back_into_the_last_days_of_the_year_before() -> None:
    law = load([{"calendar": [msgspec.to_builtins(calendar(
        holidays=off((date(2026, 12, 31), date(2027, 1, 3))), working=(date(2026, 12, 26),)))]}])  # fmt: skip
    assert not working_days.is_working_day(law, date(2026, 12, 31))
    assert working_days.is_working_day(law, date(2026, 12, 26))
    assert working_days.is_working_day(LAW, date(2026, 12, 31))
    assert not working_days.is_working_day(LAW, date(2026, 12, 26))
    assert not working_days.add(law, date(2026, 12, 30), 1).provisional
    assert working_days.add(law, date(2026, 12, 30), 1).due == date(2027, 1, 4)


def test_a_limit_is_provisional_if_any_year_in_it_is() -> None:
    law = load([{"calendar": [msgspec.to_builtins(calendar(key="2099", effective_from=date(2099, 1, 1),
        holidays=off((date(2099, 1, 1), date(2099, 1, 3))), working=()))]}])  # fmt: skip
    assert working_days.add(law, date(2098, 12, 31), 2).provisional
    assert not working_days.add(law, date(2099, 1, 2), 2).provisional
    assert not working_days.is_official(law, date(2099, 12, 31), date(2100, 1, 1))


@pytest.mark.parametrize(("first", "last"), [
    (date(2025, 12, 30), date(2027, 2, 10)), (date(2026, 2, 14), date(2026, 2, 14)),
    (date(2026, 2, 15), date(2026, 2, 15)), (date(2026, 12, 31), date(2027, 1, 1)),
    (date(2026, 3, 2), date(2026, 3, 1)),
])  # fmt: skip
def test_every_day_between_two_is_either_a_working_day_or_a_rest_with_its_reason(first: date, last: date) -> None:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rests = {one.date: one.why for one in working_days.rests(LAW, first, last)}
    assert rests == {day: why for day in days if (why := working_days.skipped(LAW, day)) is not None}
    assert list(rests) == sorted(rests)
    assert working_days.between(LAW, first, last) == len(days) - len(rests)


def test_a_limit_that_ends_on_the_last_working_day_of_a_year_does_not_reach_into_the_next() -> None:
    last = working_days.subtract(LAW, date(2027, 1, 1), 1)
    assert working_days.add(LAW, last - timedelta(days=1), 1).due == last == date(2026, 12, 31)
    assert not working_days.add(LAW, date(2026, 12, 30), 1).provisional


def test_the_longest_limit_is_kept_and_ends() -> None:
    assert working_days.add(LAW, date(2024, 1, 2), working_days.MOST_DAYS).due > date(2027, 12, 1)
    assert working_days.subtract(LAW, date(2024, 1, 2), 0) == date(2024, 1, 2)


@pytest.mark.parametrize(("day", "days", "start"), [(date(2026, 2, 24), 1, date(2026, 2, 14)),
                                                    (date(2026, 2, 24), 2, date(2026, 2, 13)),
                                                    (date(2026, 11, 24), 3, date(2026, 11, 19))])  # fmt: skip
def test_subtracting_passes_over_holidays_and_counts_days_that_are_worked(day: date, days: int, start: date) -> None:
    assert working_days.subtract(LAW, day, days) == start


def test_a_statutory_holiday_is_expected_in_a_year_without_calendar() -> None:
    assert working_days.skipped(LAW, date(2098, 10, 1)) == Text("国庆节", "National Day")
    assert working_days.skipped(LAW, date(2098, 10, 11)) == working_days.WEEKEND
    assert working_days.skipped(LAW, date(2098, 10, 13)) is None


def test_a_years_calendar_says_what_it_rests_on() -> None:
    loaded = load([{"calendar": [msgspec.to_builtins(calendar())]}])
    year = int(calendar().key)
    assert [working_days.basis(LAW, one) for one in (2025, 2026, 2027)] == ["published", "published", "expected"]
    assert working_days.basis(loaded, year) == "loaded"


def test_a_years_holidays_and_worked_weekends_are_listed_as_the_notice_has_them() -> None:
    off = {(one.zh, one.first, one.last) for one in working_days.days_off(LAW, 2026)}
    assert ("春节", date(2026, 2, 15), date(2026, 2, 23)) in off
    assert ("国庆节", date(2026, 10, 1), date(2026, 10, 7)) in off
    assert len(off) == 7
    assert working_days.worked(LAW, 2026) == (
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20), date(2026, 10, 10),
    )  # fmt: skip
    assert [one.first for one in working_days.days_off(LAW, 2025)] == sorted(
        one.first for one in working_days.days_off(LAW, 2025)
    )
