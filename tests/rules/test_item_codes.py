"""The code of a service item: composed of its parts and taken apart again."""

from datetime import date

import pytest

from permits.rules.item_codes import ItemCode, item_code, parse
from permits.rules.law import load
from tests.rules.published import cases

DAY = date(2026, 11, 24)
PRINTED = cases("item_code")[0]


@pytest.mark.parametrize("case", cases("item_code"), ids=lambda case: case["item_code"])
def test_a_printed_code_is_its_three_parts(case: dict[str, str]) -> None:
    found = parse(case["item_code"])
    assert (found.credit_code, found.level, found.basic_code) == (
        case["credit_code"], case["level"], case["basic_code"],
    )  # fmt: skip
    assert str(found) == case["item_code"]


def test_the_lengths_of_the_basic_code_are_not_fixed() -> None:
    longer = PRINTED["credit_code"] + "3" + PRINTED["basic_code_printed_with_variant"]
    assert parse(longer) == ItemCode(PRINTED["credit_code"], "3", PRINTED["basic_code_printed_with_variant"])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("11371000494416240X3000106107005", "credit_code"),
        ("11371000494416240Y9000106107005", "level"),
        ("11371000494416240Y0000106107005", "level"),
        ("11371000494416240Y", "level"),
        ("11371000494416240Y3", "basic_code"),
        ("11371000494416240Y30001061O7005", "basic_code"),
        ("11371000494416240Y3０00106107005", "basic_code"),
        ("", "credit_code"),
    ],
)
def test_a_wrong_part_is_named(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        parse(text)


def test_a_city_composes_its_code_of_its_own_settings() -> None:
    body = PRINTED["credit_code"]
    entries = [
        {"key": "bureau.unit_code", "value": body, "region": "371000", "effective_from": DAY, "source": "试验"},
        {"key": "item.level", "value": "3", "region": "371000", "effective_from": DAY, "source": "试验"},
    ]
    found = item_code(load([{"setting": entries}]), "issue-in-china", DAY, "371000")
    assert str(found) == PRINTED["item_code"]


def test_a_code_of_which_a_part_is_unknown_is_none_at_all() -> None:
    assert item_code(load(), "issue-in-china", DAY, "371000") is None
    assert item_code(load(), "no-such-item", DAY, "321200") is None
    assert str(item_code(load(), "issue-in-china", DAY, "321200")).endswith("3000106107005")
