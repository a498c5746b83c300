"""What must hold before an item may be applied for."""

from datetime import date
from typing import Any

import pytest

from permits.rules.conditions import Situation, conditions, obstacles, of_item
from permits.rules.law import load
from permits.rules.procedures import circumstances
from permits.rules.short_term import needs_permit, short_tasks

TAIZHOU = "321200"
DAY = date(2026, 11, 24)
GOOD: dict[str, dict[str, Any]] = {
    "issue-in-china": {"circumstance": "change-of-employer", "same_occupation": True, "residence_until": DAY, "age": 40,
                       "passport_until": date(2027, 5, 24)},
    "issue-abroad": {"in_china": False, "age": 18, "passport_until": date(2028, 1, 1)},
    "short-term": {"in_china": False, "age": 60, "days_of_work": 90, "task": "filming",
                   "passport_until": date(2028, 1, 1)},
    "extend": {"same_employer": True, "same_position": True, "permit_until": DAY, "residence_until": DAY,
               "passport_until": date(2028, 1, 1)},
    "change": {"same_employer": True, "same_nationality": True, "same_occupation": True, "permit_until": DAY,
               "passport_until": date(2028, 1, 1)},
    "cancel": {"circumstance": "employment-ended", "signed_by": "employer"},
    "replace": {"holds_card": True, "permit_until": DAY},
}  # fmt: skip


def against(item: str, **changed: Any) -> set[str]:
    """The conditions that a case does not meet, good but for what is changed."""
    found = obstacles(load(), item, Situation(**GOOD[item] | changed), DAY, TAIZHOU)
    return {one.key for one in found}


@pytest.mark.parametrize("item", GOOD)
def test_a_good_case_meets_every_condition_and_each_is_judged(item: str) -> None:
    found = conditions(load(), item, Situation(**GOOD[item]), DAY, TAIZHOU)
    assert [one.key for one in found if one.holds is not True] == []
    assert found
    assert all(one.source and one.text.zh and one.text.en for one in found)


@pytest.mark.parametrize("item", GOOD)
def test_what_is_not_stated_is_unknown_and_no_obstacle(item: str) -> None:
    kept = {"circumstance": GOOD[item].get("circumstance")}
    found = conditions(load(), item, Situation(**kept), DAY, TAIZHOU)
    assert {one.holds for one in found if one.field != "circumstance"} <= {None}
    assert obstacles(load(), item, Situation(), DAY, TAIZHOU) == ()


@pytest.mark.parametrize(
    ("item", "changed", "key"),
    [
        ("issue-in-china", {"same_occupation": False}, "change-of-employer/occupation"),
        ("issue-in-china", {"residence_until": date(2026, 11, 23)}, "change-of-employer/residence"),
        ("issue-in-china", {"circumstance": "tourist"}, "listed-circumstance"),
        ("issue-in-china", {"circumstance": "category-a", "category": "B"}, "category-a"),
        ("issue-in-china", {"passport_until": date(2027, 5, 23)}, "passport-months"),
        ("issue-in-china", {"age": 17}, "adult"),
        ("issue-abroad", {"in_china": True}, "abroad"),
        ("short-term", {"days_of_work": 91}, "short-term/days"),
        ("short-term", {"days_of_work": 0}, "short-term/days"),
        ("short-term", {"age": 61}, "short-term/age"),
        ("short-term", {"age": 17}, "short-term/age"),
        ("short-term", {"task": "machine-repair"}, "short-term/task"),
        ("extend", {"same_employer": False}, "same-employer"),
        ("extend", {"same_position": False}, "same-position"),
        ("extend", {"permit_until": date(2026, 11, 23)}, "permit-valid"),
        ("extend", {"residence_until": date(2026, 11, 23)}, "residence-valid"),
        ("change", {"same_nationality": False}, "same-nationality"),
        ("change", {"same_employer": False}, "same-employer"),
        ("change", {"same_occupation": False}, "same-occupation"),
        ("cancel", {"signed_by": "foreigner"}, "cancel/by-employer"),
        ("cancel", {"circumstance": "employer-gone"}, "cancel/by-foreigner"),
        ("replace", {"holds_card": False}, "replace/card"),
        ("replace", {"permit_until": date(2026, 11, 23)}, "replace/valid"),
    ],
)
def test_each_condition_stops_whoever_does_not_meet_it(item: str, changed: dict[str, Any], key: str) -> None:
    assert against(item, **changed) == {key}


def test_where_the_employer_no_longer_exists_the_foreigner_cancels() -> None:
    assert against("cancel", circumstance="employer-gone", signed_by="foreigner") == set()


@pytest.mark.parametrize(
    ("on", "until", "met"),
    [
        (date(2026, 8, 31), date(2027, 2, 28), False),
        (date(2026, 8, 31), date(2027, 3, 1), True),
        (date(2026, 6, 15), date(2026, 12, 15), True),
        (date(2026, 6, 15), date(2026, 12, 14), False),
        (date(2026, 7, 1), date(2026, 12, 31), False),
        (date(2026, 7, 1), date(2027, 1, 1), True),
        (date(2026, 5, 31), date(2026, 11, 30), False),
        (date(2026, 5, 31), date(2026, 12, 1), True),
    ],
)
def test_six_months_are_counted_by_the_calendar_also_from_the_end_of_a_month(on: date, until: date, met: bool) -> None:
    found = conditions(load(), "issue-abroad", Situation(passport_until=until), on, TAIZHOU)
    assert {one.key: one.holds for one in found}["passport-months"] is met


def test_the_passports_months_are_those_that_submitting_asks_for() -> None:
    months = load().setting("passport.min_validity_months", on=DAY, region=TAIZHOU).value
    entry = next(one for one in of_item(load(), "extend", DAY, TAIZHOU) if one.key == "passport-months")
    assert entry.value == months


def test_the_listed_circumstances_are_those_of_the_form() -> None:
    listed = next(one for one in of_item(load(), "issue-in-china", DAY, TAIZHOU) if one.key == "listed-circumstance")
    assert set(listed.value) == {one.key for one in circumstances(load(), DAY, TAIZHOU)}


def test_six_short_tasks_need_a_permit_and_five_take_another_visa() -> None:
    tasks = short_tasks(load(), DAY, TAIZHOU)
    assert [task.visa for task in tasks] == ["Z"] * 6 + ["M"] * 4 + ["F"]
    listed = next(one for one in of_item(load(), "short-term", DAY, TAIZHOU) if one.key == "short-term/task")
    assert set(listed.value) == {task.key for task in tasks if task.visa == "Z"}
    assert needs_permit(load(), "filming", DAY, TAIZHOU)
    assert not needs_permit(load(), "volunteer", DAY, TAIZHOU)
