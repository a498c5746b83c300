"""What cities promise, as published, beside what the law gives."""

from datetime import date

import pytest

from permits.rules import working_days
from permits.rules.law import load
from permits.rules.time_limits import limits, whole_limit
from tests.rules.published import cases, day

DAY = date(2026, 11, 24)
CITIES = {"Jiangmen": "440700", "Beijing": "110000", "Shanghai": "310000"}
SUZHOU_PARK = "320571"
PROMISES = cases("published_promises_working_days")


def promised(item: str, region: str, category: str | None = "B", joint: bool = False, on: date = DAY) -> dict[str, int]:
    found = limits(load(), item, joint, category, on, region)
    return {one.step: one.working_days for one in found if one.basis == "promised"}


@pytest.mark.parametrize("case", [c for c in PROMISES if "city" in c], ids=lambda case: case["city"])
def test_a_joint_case_is_decided_in_the_days_that_the_city_published(case: dict[str, object]) -> None:
    found = promised("issue-in-china", CITIES[str(case["city"])], joint=True)
    assert found["decision"] == case["days"]


@pytest.mark.parametrize(
    "case", [c for c in PROMISES if "pre_review_and_acceptance" in c], ids=lambda case: case["item"]
)
def test_90_days_or_less_are_accepted_in_5_and_decided_in_5_everywhere(case: dict[str, object]) -> None:
    found = promised("short-term", "440100", None)
    assert found == {"acceptance": case["pre_review_and_acceptance"], "decision": case["decision"]}
    ours = promised("short-term", "321200", None)
    assert ours["pre-review"] + ours["acceptance"] <= found["acceptance"]


def test_the_day_of_submission_does_not_count_even_on_a_holiday() -> None:
    example = next(case["example"] for case in PROMISES if "example" in case)
    days = promised("short-term", "440100", None)["acceptance"]
    assert working_days.add(load(), day(example["submitted"]), days).due == day(example["due"])


@pytest.mark.parametrize(
    ("item", "category", "expected"),
    [
        ("issue-in-china", "B", {"pre-review": 3, "acceptance": 2, "decision": 5}),
        ("issue-in-china", "A", {"pre-review": 1, "acceptance": 2, "decision": 5}),
        ("extend", "B", {"pre-review": 3, "acceptance": 2, "decision": 3}),
        ("cancel", "B", {"pre-review": 3, "acceptance": 2, "decision": 3}),
    ],
)
def test_beijing_promises_step_by_step(item: str, category: str, expected: dict[str, int]) -> None:
    assert promised(item, CITIES["Beijing"], category) == expected


@pytest.mark.parametrize(("category", "days"), [("A", 8), ("B", 13), ("C", 13)])
def test_shanghai_promises_the_whole_since_september_2020(category: str, days: int) -> None:
    found = whole_limit(load(), "issue-in-china", False, category, date(2020, 9, 1), CITIES["Shanghai"])
    assert found is not None
    assert found.working_days == days
    assert whole_limit(load(), "issue-in-china", False, category, date(2020, 8, 31), CITIES["Shanghai"]) is None
    assert whole_limit(load(), "issue-in-china", False, category, DAY, "321200") is None


@pytest.mark.parametrize(("category", "days"), [("A", 3), ("B", 5)])
def test_suzhous_park_promises_less_and_for_category_a_less_still(category: str, days: int) -> None:
    assert promised("issue-in-china", SUZHOU_PARK, category)["decision"] == days
    assert promised("issue-in-china", "320500", category) == {}, "the rest of the city is not the park"


@pytest.mark.parametrize(("on", "days"), [(date(2022, 8, 9), None), (date(2022, 8, 10), 7)])
def test_jiangmen_promises_since_10_august_2022(on: date, days: int | None) -> None:
    assert promised("issue-in-china", CITIES["Jiangmen"], joint=True, on=on).get("decision") == days


def test_a_promise_of_a_place_holds_nowhere_else() -> None:
    assert promised("issue-in-china", "440100", joint=True) == {}
