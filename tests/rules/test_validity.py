"""How long permits may run and what bound them; the police's fees."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import validity
from permits.rules.law import NoRule, load
from permits.rules.validity import NotPossible, Validity
from tests.rules.published import cases

LAW = load()
ON = date(2026, 11, 24)
CITY = "321200"
FAR = date(2040, 1, 1)


def longest(category: str = "B", start: date = ON, end: date = FAR, passport: date = FAR, **more: Any) -> Validity:
    """A work permit decided on `ON`."""
    return validity.longest(LAW, category, start, end, passport, ON, CITY, **more)


def residence(until: date = FAR, passport: date = FAR, **more: Any) -> Validity:
    """A residence permit issued on `ON`."""
    return validity.residence_longest(LAW, until, passport, ON, CITY, **more)


@pytest.mark.parametrize(("category", "until"), [("A", date(2031, 11, 23)), ("B", date(2028, 11, 23)),
                                                 ("C", date(2027, 11, 23))])
def test_a_category_has_its_most_years(category: str, until: date) -> None:
    found = longest(category)
    assert (found.valid_from, found.valid_until) == (ON, until)
    assert category in found.bound_by.en
    assert "36号" in found.source


def test_a_permit_ends_with_the_contract() -> None:
    found = longest(end=date(2027, 5, 1))
    assert found.valid_until == date(2027, 5, 1)
    assert found.bound_by.en == "it ends with the contract"


def test_a_permit_starts_with_the_contract_and_never_before_the_decision() -> None:
    assert longest(start=date(2027, 1, 1)).valid_from == date(2027, 1, 1)
    assert longest(start=date(2027, 1, 1)).valid_until == date(2028, 12, 31)
    assert longest(start=date(2026, 1, 1)).valid_from == ON


def test_no_more_is_given_than_was_asked_for() -> None:
    found = longest(requested_until=date(2027, 2, 1))
    assert (found.valid_until, found.bound_by.zh) == (date(2027, 2, 1), "按申请的期限")


def test_the_passport_bounds_a_work_permit_only_where_the_region_says_so() -> None:
    passport = date(2027, 6, 1)
    assert longest(passport=passport).valid_until == date(2028, 11, 23)
    strict = load([{"setting": [{"key": "validity.within_passport", "effective_from": "2017-04-01", "region": "44",
                                 "value": True, "source": "试"}]}])  # fmt: skip
    assert validity.longest(strict, "B", ON, FAR, passport, ON, "440100").valid_until == passport


def test_a_contract_that_is_over_gives_nothing_and_says_why() -> None:
    with pytest.raises(NotPossible) as caught:
        longest(end=ON - timedelta(days=1))
    assert "合同" in caught.value.text.zh
    assert longest(end=ON).days == 1


def test_a_permit_from_the_29th_of_february_ends_on_the_28th() -> None:
    start = date(2028, 2, 29)
    assert longest("C", start).valid_until == date(2029, 2, 28)


def test_no_rule_for_a_category_that_is_none() -> None:
    with pytest.raises(NoRule):
        longest("D")


def test_a_residence_permit_ends_with_the_work_permit_the_passport_or_after_five_years() -> None:
    assert residence(until=date(2028, 1, 1)).bound_by.en == "it ends with the work permit"
    assert residence(passport=date(2028, 1, 1)).bound_by.en == "it ends with the passport"
    assert residence().valid_until == date(2031, 11, 23)
    assert residence(requested_until=date(2027, 11, 23)).months == 12


@pytest.mark.parametrize("case", [case for case in cases("police_clock") if "residence_days" in case], ids=str)
def test_a_residence_permit_for_work_runs_ninety_days_at_least(case: dict[str, Any]) -> None:
    days = case["residence_days"]
    assert validity.residence_allowed(LAW, days, ON, CITY) is case["allowed"]
    until = ON + timedelta(days=days - 1)
    if case["allowed"]:
        assert residence(until=until).days == days
    else:
        with pytest.raises(NotPossible):
            residence(until=until)


@pytest.mark.parametrize("case", cases("residence_permit_fee_cny"), ids=str)
def test_the_police_charge_what_is_printed(case: dict[str, Any]) -> None:
    if case.get("action") == "change":
        assert validity.police_change_fee(LAW, ON) == case["fee"]
    else:
        assert validity.police_fee(LAW, case["validity_months"], ON) == case["fee"]


@pytest.mark.parametrize(("months", "fee"), [(0, 400), (11, 400), (12, 800), (35, 800), (36, 1000), (60, 1000)])
def test_the_fee_changes_at_one_and_three_years(months: int, fee: int) -> None:
    assert validity.police_fee(LAW, months, ON) == fee


@pytest.mark.parametrize("months", [-1, 61])
def test_there_is_no_fee_for_a_length_that_cannot_be(months: int) -> None:
    with pytest.raises(ValueError, match="no such time"):
        validity.police_fee(LAW, months, ON)


def test_there_is_no_fee_before_the_price_document() -> None:
    with pytest.raises(NoRule):
        validity.police_fee(LAW, 12, date(2004, 1, 1))


@pytest.mark.parametrize(("until", "months"), [(date(2027, 11, 22), 11), (date(2027, 11, 23), 12), (ON, 0)])
def test_whole_months_are_counted_to_the_last_day(until: date, months: int) -> None:
    assert longest(end=until).months == months


@given(st.sampled_from("ABC"), st.dates(date(2020, 1, 1), date(2035, 1, 1)), st.dates(ON, date(2045, 1, 1)))
def test_a_permit_never_outlives_its_contract_nor_starts_before_it(category: str, start: date, end: date) -> None:
    try:
        found = longest(category, start, end)
    except NotPossible:
        assert end < max(start, ON)
    else:
        assert max(start, ON) == found.valid_from <= found.valid_until <= end
