"""How long permits may run and what bound them; the police's fees."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules import validity
from permits.rules.law import NoRule, load
from permits.rules.validity import NotPossible, Span, Validity
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


@pytest.mark.parametrize(
    ("category", "until"), [("A", date(2031, 11, 23)), ("B", date(2028, 11, 23)), ("C", date(2027, 11, 23))]
)
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


def permit(first: tuple[int, int, int], last: tuple[int, int, int]) -> Span:
    """An earlier residence permit."""
    return Span(date(*first), date(*last))


YEAR_1, YEAR_2 = permit((2024, 11, 24), (2025, 11, 23)), permit((2025, 11, 24), (2026, 11, 23))


@pytest.mark.parametrize(("first_by_salary", "region", "years"), [(True, "310000", 1), (False, "310000", 5),
                                                                  (True, CITY, 5)])  # fmt: skip
def test_a_first_permit_on_a_promised_salary_runs_a_year_in_shanghai(
    first_by_salary: bool, region: str, years: int
) -> None:
    found = validity.longest(LAW, "A", ON, FAR, FAR, ON, region, first_by_salary=first_by_salary)
    assert found.valid_until == date(ON.year + years, 11, 23)
    assert ("上海" in found.source) is (years == 1)
    assert (" 1 year at" in found.bound_by.en) is (years == 1)


def test_the_rule_of_the_first_permit_holds_for_no_other_category() -> None:
    found = validity.longest(LAW, "B", ON, FAR, FAR, ON, "310000", first_by_salary=True)
    assert found.valid_until == date(2028, 11, 23)


def test_short_work_lasts_ninety_days_and_no_longer_than_its_contract() -> None:
    found = validity.short_term_longest(LAW, ON, FAR, ON, CITY)
    assert (found.days, found.valid_from) == (90, ON)
    assert "90" in found.bound_by.en
    assert validity.short_term_longest(LAW, ON, date(2026, 12, 1), ON, CITY).valid_until == date(2026, 12, 1)
    assert validity.short_term_longest(LAW, ON, FAR, ON, CITY, date(2026, 12, 2)).valid_until == date(2026, 12, 2)


@pytest.mark.parametrize(("issued", "until"), [(date(2026, 1, 15), date(2026, 7, 15)),
                                               (date(2026, 8, 31), date(2027, 2, 28)),
                                               (date(2026, 12, 1), date(2027, 6, 1))])  # fmt: skip
def test_a_notice_is_good_for_six_months(issued: date, until: date) -> None:
    assert validity.notice_until(LAW, issued, ON, CITY) == until


@pytest.mark.parametrize(("months", "day"), [(0, date(2027, 1, 31)), (1, date(2027, 2, 28)), (11, date(2027, 12, 31)),
                                             (12, date(2028, 1, 31)), (13, date(2028, 2, 29))])  # fmt: skip
def test_months_end_on_the_same_day_or_the_months_last(months: int, day: date) -> None:
    assert validity.months_on(date(2027, 1, 31), months) == day


@pytest.mark.parametrize(("earlier", "is_open"), [
    ((), False), ((YEAR_2,), False), ((YEAR_1, YEAR_2), True),
    ((permit((2024, 11, 25), (2025, 11, 23)), YEAR_2), False),  # a day short of a year
    ((YEAR_1, permit((2025, 11, 25), (2026, 11, 24))), False),  # a day between them
    ((YEAR_1, permit((2025, 11, 20), (2026, 11, 23))), True),  # extended before it ended
    ((permit((2020, 1, 1), (2020, 6, 1)), YEAR_1, YEAR_2), True),
    ((YEAR_1, YEAR_2, permit((2026, 11, 24), (2027, 3, 1))), False),
])  # fmt: skip
def test_two_residence_permits_of_a_year_in_a_row_open_one_of_five(earlier: tuple[Span, ...], is_open: bool) -> None:
    assert validity.five_years_open(LAW, earlier, ON, CITY) is is_open
    work = date(2028, 11, 23)
    assert residence(work, earlier=earlier).valid_until == (date(2031, 11, 23) if is_open else work)


def test_five_years_were_not_open_before_the_measure() -> None:
    assert not validity.five_years_open(LAW, (YEAR_1, YEAR_2), date(2024, 3, 19), CITY)
    assert validity.five_years_open(LAW, (YEAR_1, YEAR_2), date(2024, 3, 20), CITY)


def test_a_residence_permit_of_five_years_still_ends_with_the_passport() -> None:
    found = residence(date(2028, 1, 1), date(2029, 1, 1), earlier=(YEAR_1, YEAR_2))
    assert (found.valid_until, found.bound_by.en) == (date(2029, 1, 1), "it ends with the passport")


@pytest.mark.parametrize(("entry", "by"), [(date(2026, 11, 2), date(2026, 12, 2)),
                                           (date(2026, 9, 1), date(2026, 10, 8))])  # fmt: skip
def test_a_residence_permit_is_applied_for_within_thirty_days_of_entry(entry: date, by: date) -> None:
    assert validity.residence_apply_by(LAW, entry, ON, CITY).due == by


def test_a_change_is_reported_within_ten_days_and_an_extension_asked_for_thirty_days_before_the_end() -> None:
    assert validity.residence_change_by(LAW, date(2026, 11, 2), ON, CITY).due == date(2026, 11, 12)
    assert validity.residence_extend_by(LAW, date(2026, 12, 31), ON, CITY) == date(2026, 12, 1)


def test_the_police_decide_within_fifteen_working_days_of_the_receipt() -> None:
    case = next(case for case in cases("police_clock") if "received" in case)
    found = validity.residence_decided_by(LAW, date.fromisoformat(case["received"]), ON, CITY)
    assert found.due == date.fromisoformat(case["decide_by"])


def test_a_stay_after_work_is_a_rule_of_beijing() -> None:
    assert validity.stay_after_work(LAW, date(2026, 11, 1), ON, "110000") == date(2026, 12, 1)
    assert validity.stay_after_work(LAW, date(2026, 11, 1), ON, CITY) is None


@pytest.mark.parametrize(("on", "kept"), [(date(2013, 7, 1), True), (date(2023, 8, 2), True),
                                          (date(2023, 8, 3), False), (ON, False)])  # fmt: skip
def test_the_police_kept_passports_until_august_2023(on: date, kept: bool) -> None:
    assert validity.passport_kept(LAW, on, CITY) is kept


@pytest.mark.parametrize(("months", "persons", "fee"), [(11, 1, 800), (12, 2, 2400), (36, 0, 1000), (60, 3, 4000)])
def test_each_person_who_accompanies_costs_as_much_again(months: int, persons: int, fee: int) -> None:
    assert validity.police_fee(LAW, months, ON, accompanying=persons) == fee


def test_taking_one_person_off_costs_two_hundred_yuan() -> None:
    assert validity.police_removal_fee(LAW, ON) == 200
    assert validity.police_fee(LAW, 1, ON, accompanying=20) == 8400


@pytest.mark.parametrize("persons", [-1, 21])
def test_no_such_number_of_persons_accompanies(persons: int) -> None:
    with pytest.raises(ValueError, match="number of persons"):
        validity.police_fee(LAW, 12, ON, accompanying=persons)


@pytest.mark.parametrize(("day", "years", "then"), [(date(2028, 2, 29), 1, date(2029, 3, 1)),
                                                    (date(2028, 2, 29), 4, date(2032, 2, 29)),
                                                    (date(2026, 5, 4), 2, date(2028, 5, 4))])  # fmt: skip
def test_an_anniversary_is_the_same_day_or_the_first_of_march(day: date, years: int, then: date) -> None:
    assert validity.anniversary(day, years) == then


def test_what_binds_a_permit_is_said_with_its_source_and_a_first_permit_is_the_exception() -> None:
    assert "第十六条" in residence(until=date(2028, 1, 1)).source
    assert residence(passport=date(2028, 1, 1)).source
    assert longest(end=date(2027, 5, 1)).source
    assert validity.longest(LAW, "A", ON, FAR, FAR, ON, "310000").valid_until == date(2031, 11, 23)
