"""The law's files are whole, and whatever is wrong with them is named by file and key."""

from datetime import date
from typing import Any

import pytest

from permits.rules.audit import Row, Used, findings

FILE = "trial.toml"
TEXT = {"zh": "文字", "en": "words"}


def setting(**changed: Any) -> Row:
    content = {"key": "trial", "value": 1, "effective_from": date(2020, 1, 1), "source": "试验"} | changed
    return Row(FILE, "setting", {name: value for name, value in content.items() if value is not None})


def entry(table: str, **content: Any) -> Row:
    return Row(FILE, table, {"effective_from": date(2020, 1, 1), "source": "试验"} | content)


def wrong(*rows: Row, used: tuple[Used, ...] = ()) -> list[tuple[str, str, str]]:
    return [(one.file, one.key, one.en) for one in findings(rows, used)]


def test_an_entry_that_is_whole_is_not_named() -> None:
    assert wrong(setting()) == []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (setting(source=None), "source"),
        (setting(source="  "), "no source"),
        (setting(effective_from=None), "effective_from"),
        (setting(effective_from="some day"), "effective_from"),
        (setting(effective_until=date(2019, 12, 31)), "ends before it begins"),
        (setting(surplus=1), "surplus"),
        (setting(value={"zh": "只有中文"}), "value: one language is missing"),
        (setting(value={"zh": "有", "en": " "}), "value: one language is missing"),
        (setting(value=[{"zh": "有", "en": "is"}, {"en": "only"}]), "value.2: one language is missing"),
        (entry("sentence", key="trial", text={"zh": "", "en": "words"}), "text: one language is missing"),
        (entry("sentence", key="trial", text={"zh": "字"}), "en"),
        (entry("no-such-table", key="trial"), "no table"),
    ],
)
def test_what_is_wrong_with_one_entry_is_named_with_file_and_key(row: Row, says: str) -> None:
    found = wrong(row)
    assert [(file, key) for file, key, _ in found] == [(FILE, "trial")]
    assert says in found[0][2]


def test_a_row_that_is_no_entry_at_all_is_named() -> None:
    assert [key for _, key, _ in wrong(Row(FILE, "setting", 7))] == [""]


@pytest.mark.parametrize(
    ("until", "begins", "says"),
    [
        (date(2020, 12, 31), date(2021, 1, 1), None),
        (date(2020, 12, 31), date(2021, 1, 2), "nothing is in force from 2021-01-01 to 2021-01-01"),
        (date(2020, 12, 31), date(2020, 12, 31), "overlaps the entry before from 2020-12-31"),
        (None, date(2021, 1, 1), "overlaps the entry before from 2021-01-01"),
    ],
)
def test_gaps_and_overlaps_in_time_are_named(until: date | None, begins: date, says: str | None) -> None:
    found = wrong(setting(effective_until=until), setting(effective_from=begins))
    assert [text for _, _, text in found] == ([says] if says else [])


def test_the_order_in_the_file_does_not_matter() -> None:
    later, first = setting(effective_from=date(2021, 1, 1)), setting(effective_until=date(2020, 12, 31))
    assert wrong(later, first) == []


def test_regions_stand_side_by_side_and_one_region_written_in_two_ways_is_one() -> None:
    assert wrong(setting(), setting(region="32")) == []
    assert len(wrong(setting(region="320000"), setting(region="32"))) == 1


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("trial", None),
        ("tri.+", None),
        ("missing", "no entry of [[setting]] has this key"),
        ("ended", "every entry of [[setting]] with this key ends"),
    ],
)
def test_a_key_that_code_asks_for_has_an_entry_without_an_end(pattern: str, says: str | None) -> None:
    rows = setting(), setting(key="ended", effective_until=date(2024, 1, 1))
    found = wrong(*rows, used=(Used("rules/code.py", "setting", pattern),))
    assert found == ([("rules/code.py", pattern, says)] if says else [])


def procedure(key: str = "trial-item") -> Row:
    return entry("procedure", key=key, title=TEXT, who=TEXT, when=TEXT, result=TEXT, law=[TEXT])


def notice(version: int = 1, **changed: Any) -> Row:
    return entry("notice", key="trial-item", version=version, title=TEXT, section=[], **changed)


def test_a_name_without_an_entry_is_a_loose_end() -> None:
    line = entry("committable", key="line", procedure="trial-item", document="degree")
    found = [text for _, key, text in wrong(procedure(), line) if key == "line"]
    assert found == [
        "document: no degree in [[commitment]]",
        "document: no degree in [[document]]",
        "procedure: no trial-item in [[notice]]",
    ]
    assert wrong(procedure(), notice()) == []


def test_a_version_never_stands_for_two_texts() -> None:
    ends = {"effective_until": date(2020, 12, 31)}
    again = {"effective_from": date(2021, 1, 1)}
    assert wrong(procedure(), notice(**ends), notice(2, **again)) == []
    assert [text for *_, text in wrong(procedure(), notice(**ends), notice(**again))] == [
        "version 1 stands for two texts"
    ]


@pytest.mark.parametrize(
    ("field", "test", "value", "says"),
    [
        ("age", "between", [18, 60], None),
        ("age", "between", [18, 18], None),
        ("age", "between", [60, 18], "the value does not fit the test"),
        ("age", "between", [18], "the value does not fit the test"),
        ("age", "between", 18, "the value does not fit the test"),
        ("task", "one-of", [], "the value does not fit the test"),
        ("task", "one-of", ["filming"], None),
        ("permit_until", "runs", 3, "the value does not fit the test"),
        ("passport_until", "runs-months", None, "the value does not fit the test"),
        ("shoe_size", "is", 42, "no fact is called shoe_size"),
    ],
)
def test_a_condition_asks_for_a_fact_that_there_is(field: str, test: str, value: Any, says: str | None) -> None:
    content = {"key": "one", "procedures": ["trial-item"], "field": field, "test": test, "text": TEXT}
    row = entry("condition", **content | ({} if value is None else {"value": value}))
    assert [text for *_, text in wrong(procedure(), row)] == ([says] if says else [])


def test_a_bar_asks_for_a_fact_of_the_credit_record() -> None:
    assert wrong(entry("commitment_bar", key="false_commitment", text=TEXT)) == []
    assert len(wrong(entry("commitment_bar", key="bad_manners", text=TEXT))) == 1
