"""Within what time one applies, by item, day and region."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import working_days
from permits.rules.law import NoRule, load
from permits.rules.windows import MissingDate, Occasion, Window, window
from tests.rules.published import cases, day

TAIZHOU, BEIJING = "321200", "110000"
DAY = date(2026, 3, 2)
EXPIRY = date(2026, 6, 30)
REGIONS = {"90-30": TAIZHOU, "120-30": BEIJING}


def of(item: str, on: date = DAY, region: str = TAIZHOU, **facts: Any) -> Window:
    return window(load(), item, Occasion(**facts), on, region)


@pytest.mark.parametrize("case", cases("extension_window"), ids=lambda case: case["rule"])
def test_an_extension_is_applied_for_in_the_printed_window(case: dict[str, str]) -> None:
    found = of("extend", region=REGIONS[case["rule"]], permit_expiry=day(case["expires"]))
    assert (found.opens, found.closes) == (day(case["opens"]), day(case["closes"]))


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 3, 31), "early"),
        (date(2026, 4, 1), "open"),
        (date(2026, 5, 31), "open"),
        (date(2026, 6, 1), "refused"),
    ],
)
def test_the_first_and_the_last_day_of_the_window_count_and_a_later_extension_is_refused(on: date, state: str) -> None:
    assert of("extend", on, permit_expiry=EXPIRY).state(on) == state


@pytest.mark.parametrize(("on", "late"), [(date(2018, 2, 27), "noted"), (date(2018, 2, 28), "refused")])
def test_late_extensions_are_refused_from_28_february_2018(on: date, late: str) -> None:
    found = of("extend", on, permit_expiry=date(2018, 3, 5))
    assert found.state(on) == {"noted": "late", "refused": "refused"}[late]


def test_beijing_had_the_national_window_before_its_own() -> None:
    before = of("extend", date(2024, 11, 30), BEIJING, permit_expiry=EXPIRY)
    assert before.opens == EXPIRY - timedelta(days=90)


@pytest.mark.parametrize("item", ["change", "cancel"])
def test_a_change_and_a_cancellation_are_applied_for_within_10_working_days(item: str) -> None:
    found = of(item, event=date(2026, 9, 30))
    assert (found.opens, found.closes) == (date(2026, 9, 30), date(2026, 10, 20))
    assert found.state(date(2026, 10, 21)) == "late", "it is taken, and the lateness is on the file"


def test_a_window_over_a_year_without_a_calendar_is_provisional() -> None:
    assert of("change", event=date(2040, 3, 1)).provisional
    assert not of("change", event=date(2026, 3, 2)).provisional


@pytest.mark.parametrize("item", ["issue-abroad", "short-term"])
def test_from_abroad_one_applies_before_entry(item: str) -> None:
    assert of(item).closes is None
    assert of(item).state(DAY) == "open"
    entering = of(item, entry=date(2026, 5, 1))
    assert entering.state(date(2026, 4, 30)) == "open"
    assert entering.state(date(2026, 5, 1)) == "refused"


def test_in_china_one_applies_while_the_papers_are_valid() -> None:
    found = of("issue-in-china", stay_expiry=EXPIRY)
    assert (found.opens, found.closes) == (None, EXPIRY)


def test_in_beijing_a_change_of_employer_may_also_come_within_30_days_of_the_cancellation() -> None:
    facts = {"circumstance": "change-of-employer", "stay_expiry": date(2026, 3, 10), "cancelled": date(2026, 3, 1)}
    assert of("issue-in-china", region=BEIJING, **facts).closes == date(2026, 3, 31)
    assert of("issue-in-china", region=TAIZHOU, **facts).closes == date(2026, 3, 10)
    residence = {"circumstance": "change-of-employer", "stay_expiry": EXPIRY}
    assert of("issue-in-china", region=BEIJING, **residence).closes == EXPIRY


def test_in_beijing_who_vanished_is_cancelled_after_15_days_and_10_of_notice() -> None:
    facts = {"circumstance": "vanished", "event": date(2026, 3, 2)}
    assert of("cancel", region=BEIJING, **facts).opens == date(2026, 3, 28)
    assert of("cancel", region=TAIZHOU, **facts).opens == date(2026, 3, 2)


def test_a_card_is_reissued_while_it_is_valid_and_was_replaced_soon_after_its_loss() -> None:
    assert of("replace", permit_expiry=EXPIRY).closes == EXPIRY
    lost = of("replace", date(2024, 11, 30), event=date(2024, 11, 1))
    assert (lost.opens, lost.closes) == (date(2024, 11, 1), None)


@pytest.mark.parametrize(
    ("item", "field"), [("extend", "permit_expiry"), ("change", "event"), ("issue-in-china", "stay_expiry")]
)
def test_a_date_that_is_missing_is_named(item: str, field: str) -> None:
    with pytest.raises(MissingDate, match=field) as missing:
        of(item)
    assert missing.value.field == field


def test_an_item_without_a_window_is_no_rule() -> None:
    with pytest.raises(NoRule):
        of("no-such-item")


@given(event=st.dates(date(2020, 1, 1), date(2027, 12, 1)))
def test_the_last_day_of_a_change_is_always_a_working_day_and_never_before_the_change(event: date) -> None:
    closes = of("change", event=event).closes
    assert closes is not None
    assert closes > event
    assert working_days.is_working_day(load(), closes)


@given(expiry=st.dates(date(2025, 6, 1), date(2035, 1, 1)))
def test_beijings_window_holds_the_national_one(expiry: date) -> None:
    national, own = (of("extend", region=region, permit_expiry=expiry) for region in (TAIZHOU, BEIJING))
    assert own.opens is not None
    assert national.opens is not None
    assert own.opens < national.opens
    assert own.closes == national.closes
