"""What is not asked for again, and which papers need an apostille."""

from datetime import date

import pytest

from permits.rules.handed_in import ApostilleStates, HandedIn, apostille, still_held
from permits.rules.law import load
from permits.rules.nationality import NATIONALITIES

TAIZHOU, BEIJING = "321200", "110000"
DAY = date(2026, 11, 24)


def held(
    paper: HandedIn, occupation: str | None = "2-02", circumstance: str | None = None, region: str = TAIZHOU
) -> bool:
    return paper.kind in still_held(load(), [paper], occupation, circumstance, DAY, region)


@pytest.mark.parametrize(
    ("on", "again"),
    [(date(2023, 11, 24), False), (date(2023, 11, 23), True), (DAY, False), (date(2026, 11, 25), True)],
)
def test_what_was_handed_in_within_3_years_is_not_asked_for_again(on: date, again: bool) -> None:
    assert held(HandedIn("degree", on, "2-02")) is not again


def test_another_occupation_asks_for_it_again() -> None:
    assert not held(HandedIn("degree", DAY, "2-05"))


def test_after_a_change_of_employer_beijing_asks_for_nothing_again_however_old() -> None:
    old = HandedIn("degree", date(2019, 1, 1), "2-02")
    assert held(old, circumstance="change-of-employer", region=BEIJING)
    assert not held(old, circumstance="family", region=BEIJING)
    assert not held(old, circumstance="change-of-employer", region=TAIZHOU)


@pytest.mark.parametrize(
    ("state", "last_day_without", "first_day"),
    [
        ("DEU", date(2023, 11, 6), date(2023, 11, 7)),
        ("CAN", date(2024, 1, 10), date(2024, 1, 11)),
        ("RWA", date(2024, 6, 4), date(2024, 6, 5)),
    ],
)
def test_an_apostille_is_enough_from_the_day_it_is_in_force_between_both(
    state: str, last_day_without: date, first_day: date
) -> None:
    assert not apostille(load(), state, last_day_without, TAIZHOU)
    assert apostille(load(), state, first_day, TAIZHOU)


@pytest.mark.parametrize("state", ["IND", "VNM", "IRN", "XXA"])
def test_papers_of_other_states_are_legalised(state: str) -> None:
    assert not apostille(load(), state, DAY, TAIZHOU)


def test_the_states_are_nationalities_that_the_form_knows_each_once() -> None:
    states = [state for entry in load().every(ApostilleStates) for state in entry.states]
    assert set(states) <= {*NATIONALITIES}
    assert len(states) == len(set(states))
