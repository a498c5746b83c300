"""Rules that changed on a day, asked on both sides of it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from permits.rules.handed_in import apostille
from permits.rules.law import load
from permits.rules.procedures import procedure
from tests.rules.published import cases, day

TAIZHOU = "321200"


def k_is_ordinary(on: date) -> bool:
    return "K" in load().setting("visa.ordinary_letters", on=on, region=TAIZHOU).value


def a_card_is_issued(on: date) -> bool:
    return bool(load().setting("permit.plastic_card", on=on, region=TAIZHOU).value)


def an_apostille_is_enough(on: date) -> bool:
    return apostille(load(), "FRA", on, TAIZHOU)


QUESTIONS: dict[str, Callable[[date], bool]] = {
    "is K an ordinary visa letter": k_is_ordinary,
    "is a plastic work permit card issued to a new holder": a_card_is_issued,
    "is an apostille enough for a degree from a member state (in force for both sides)": an_apostille_is_enough,
}


@pytest.mark.parametrize("case", cases("dated_rules"), ids=lambda case: f"{case['question']} {case['on']}")
def test_the_rule_of_the_day_answers(case: dict[str, object]) -> None:
    assert QUESTIONS[str(case["question"])](day(str(case["on"]))) is case["answer"]


@pytest.mark.parametrize(
    ("question", "first_day"),
    [
        (k_is_ordinary, date(2025, 10, 1)),
        (a_card_is_issued, date(2024, 12, 1)),
        (an_apostille_is_enough, date(2023, 11, 7)),
    ],
)
def test_the_day_before_answered_otherwise(question: Callable[[date], bool], first_day: date) -> None:
    assert question(first_day) is not question(first_day - timedelta(days=1))


@pytest.mark.parametrize(("on", "steps"), [(date(2024, 11, 30), 2), (date(2024, 12, 1), 1)])
def test_notice_and_permit_from_abroad_were_two_steps_and_are_one(on: date, steps: int) -> None:
    assert len(procedure(load(), "issue-abroad", on, TAIZHOU).steps) == steps


@pytest.mark.parametrize(("on", "late"), [(date(2018, 2, 27), "首尾"), (date(2018, 2, 28), "不再受理")])
def test_the_extension_is_an_item_before_and_after_late_ones_were_refused(on: date, late: str) -> None:
    item = procedure(load(), "extend", on, TAIZHOU)
    assert ("不再受理" in item.when.zh) is (late == "不再受理")
