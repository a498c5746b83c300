"""Working days against the State Council's published calendars, and the provisional ones."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import load
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
