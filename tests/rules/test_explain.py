"""What holds for an item and from where, as data."""

from datetime import date

import pytest

from permits.rules.explain import SECTIONS, Section, explain
from permits.rules.law import NoRule, load
from permits.rules.procedures import procedures

TAIZHOU, BEIJING, SHANGHAI = "321200", "110000", "310000"
DAY = date(2026, 11, 24)
ITEMS = [one.code for one in procedures(load(), DAY, TAIZHOU)]


def told(item: str, on: date = DAY, region: str = TAIZHOU) -> dict[str, Section]:
    return {section.title.en: section for section in explain(load(), item, on, region)}


def lines(section: Section) -> list[str]:
    return [line.text.en for line in section.lines]


@pytest.mark.parametrize("region", [TAIZHOU, BEIJING, SHANGHAI])
@pytest.mark.parametrize("item", ITEMS)
def test_every_line_stands_in_both_languages_and_names_its_entry(item: str, region: str) -> None:
    sections = explain(load(), item, DAY, region)
    assert all(line.text.zh and line.text.en for section in sections for line in section.lines)
    assert all(line.entry is not None and line.entry.in_force(DAY) for section in sections for line in section.lines)
    assert {"The item", "Conditions", "When to apply", "Documents", "Limits", "Legal basis"} <= set(told(item))


def test_every_section_is_told_of_some_item() -> None:
    assert {title for item in ITEMS for title in told(item)} == {title.en for title, _ in SECTIONS}


def test_what_holds_only_in_some_circumstances_says_so() -> None:
    proof = next(one for one in lines(told("issue-in-china")["Documents"]) if one.startswith("Proof of cancellation"))
    assert "(only: Change of employer in the same occupation, the work-type residence permit being valid)" in proof
    assert proof.endswith(", handed in")


def test_limits_name_step_basis_days_and_whom_they_hold_for() -> None:
    found = lines(told("issue-in-china")["Limits"])
    assert "Pre-review, promised, 1 working day, category A" in found
    assert "Review and decision, by law, 20 working days" in found
    assert "Review and decision, promised, 7 working days, joint" in found
    assert not any("single" in line for line in lines(told("short-term", region=BEIJING)["Limits"]))


def test_a_promise_for_everything_together_is_told() -> None:
    assert "In all, from application to decision, promised, 8 working days, single, category A" in lines(
        told("issue-in-china", region=SHANGHAI)["Limits"]
    )
    assert not any("In all" in line for line in lines(told("extend", region=SHANGHAI)["Limits"]))


def test_yesterdays_rules_are_told_of_yesterday() -> None:
    assert "Announcement of loss (only: The card was lost), handed in" in lines(
        told("replace", date(2024, 11, 30))["Documents"]
    )
    assert not any("loss" in line for line in lines(told("replace", date(2024, 12, 1))["Documents"]))


def test_short_tasks_are_told_with_their_visa() -> None:
    found = lines(told("short-term")["Short tasks"])
    assert found[0].endswith("Z visa")
    assert found[-1] == "Unpaid work of volunteers, F visa"


def test_an_item_that_is_not_offered_is_no_rule() -> None:
    with pytest.raises(NoRule):
        explain(load(), "no-such-item", DAY, TAIZHOU)
