"""Joint matters: what may be filed together, since when, with whom."""

from datetime import date

import pytest

from permits.rules import joint
from permits.rules.joint import joint_variants, parts
from permits.rules.law import load

TAIZHOU = "321200"


def offered(item: str, on: date = date(2026, 11, 24)) -> dict[str, str]:
    return {one.key: one.residence for one in joint_variants(load(), item, on, TAIZHOU)}


@pytest.mark.parametrize(
    ("item", "residence"), [("issue-in-china", "issue"), ("extend", "extend"), ("change", "change")]
)
def test_each_item_goes_with_the_matching_residence_permit(item: str, residence: str) -> None:
    assert set(offered(item).values()) == {residence}


@pytest.mark.parametrize("item", ["short-term", "cancel", "replace"])
def test_what_has_no_residence_permit_is_never_joint(item: str) -> None:
    assert offered(item) == {}


@pytest.mark.parametrize(("on", "there"), [(date(2024, 12, 31), False), (date(2025, 1, 1), True)])
def test_coming_to_work_is_one_matter_since_2025(on: date, there: bool) -> None:
    assert ("work-in-china" in offered("issue-in-china", on)) is there


def test_coming_to_work_holds_residence_social_insurance_and_title_review() -> None:
    law, on = load(), date(2026, 1, 1)
    variant = next(one for one in joint_variants(law, "issue-in-china", on, TAIZHOU) if one.key == "work-in-china")
    held = {part.key: part.within_days for part in parts(law, variant, on, TAIZHOU)}
    assert variant.title.zh == "外国人来华工作一件事"
    assert held == {"residence-permit": None, "social-insurance": 30, "title-review": None}
    assert variant.once


@pytest.mark.parametrize(("on", "there"), [(date(2024, 11, 30), False), (date(2024, 12, 1), True)])
def test_the_second_half_of_an_application_from_abroad_is_joint_since_it_is_one_procedure(
    on: date, there: bool
) -> None:
    assert bool(offered("issue-abroad", on)) is there


@pytest.mark.parametrize(("region", "on", "item", "category", "there"), [
    ("310000", date(2022, 12, 31), "extend", "A", True), ("310000", date(2022, 12, 31), "extend", "B", False),
    ("310000", date(2023, 1, 1), "extend", "B", True), ("310000", date(2023, 1, 1), "extend", "C", False),
    ("310000", date(2022, 12, 31), "extend", None, True), ("310000", date(2018, 12, 31), "extend", "A", False),
    ("110000", date(2024, 1, 1), "change", "A", False), ("110000", date(2023, 1, 31), "extend", "A", False),
    ("321200", date(2024, 1, 1), "change", "C", True), ("321200", date(2024, 1, 1), "cancel", None, False),
    ("330100", date(2024, 1, 1), "extend", None, False),
])  # fmt: skip
def test_a_joint_case_is_offered_by_city_day_item_and_category(
    region: str, on: date, item: str, category: str | None, there: bool
) -> None:
    assert joint.offered(load(), item, category, on, region) is there
