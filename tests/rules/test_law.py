"""The law is dated data: which entry holds on a day in a region, and which files are refused."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from permits.rules.law import SHAPES, LawError, NoRule, Setting, load

TAIZHOU = "321200"
DAY = date(2024, 6, 3)


def entry(value: object, **changed: object) -> dict[str, object]:
    return {"key": "trial", "value": value, "effective_from": date(2020, 1, 1), "source": "试验", **changed}


def settings(*entries: dict[str, object]) -> list[Mapping[str, Any]]:
    return [{"setting": list(entries)}]


def value(entries: list[Mapping[str, Any]], on: date = DAY, region: str = TAIZHOU) -> object:
    return load(entries).setting("trial", on=on, region=region).value


def test_every_file_of_the_law_has_the_shape_of_its_tables_and_no_two_entries_overlap() -> None:
    law = load()
    assert all(law.every(shape) for name, shape in SHAPES.items() if name in {"setting", "document", "notice", "limit"})


def test_every_entry_names_its_source() -> None:
    law = load()
    assert [e.key for shape in SHAPES.values() for e in law.every(shape) if not e.source.strip()] == []


def test_the_law_is_read_once() -> None:
    assert load() is load()


@pytest.mark.parametrize(("on", "holds"), [(date(2024, 11, 30), "card"), (date(2024, 12, 1), "electronic")])
def test_the_first_and_the_last_day_of_an_entry_count(on: date, holds: str) -> None:
    dated = settings(
        entry("card", effective_until=date(2024, 11, 30)), entry("electronic", effective_from=date(2024, 12, 1))
    )
    assert value(dated, on) == holds


@pytest.mark.parametrize(
    ("region", "holds"),
    [("321200", "city"), ("321202", "city"), ("320100", "province"), ("110000", "country")],
)
def test_the_nearest_region_holds(region: str, holds: str) -> None:
    entries = settings(entry("country"), entry("province", region="32"), entry("city", region="321200"))
    assert value(entries, region=region) == holds


def test_a_province_may_be_written_by_its_full_code() -> None:
    assert value(settings(entry("country"), entry("province", region="320000"))) == "province"


def test_an_unknown_key_is_told_with_its_day_and_region() -> None:
    with pytest.raises(NoRule) as refused:
        load().setting("no.such.key", on=DAY, region=TAIZHOU)
    assert (refused.value.key, refused.value.on, refused.value.region) == ("no.such.key", DAY, TAIZHOU)


@pytest.mark.parametrize(("on", "region"), [(date(2019, 12, 31), TAIZHOU), (DAY, "110000")])
def test_before_its_first_day_and_outside_its_region_there_is_no_rule(on: date, region: str) -> None:
    with pytest.raises(NoRule):
        value(settings(entry("city", region=TAIZHOU)), on, region)


def test_two_entries_of_one_region_on_one_day_are_refused() -> None:
    with pytest.raises(LawError, match="2021-01-01"):
        load(settings(entry(1), entry(2, effective_from=date(2021, 1, 1))))


def test_one_day_of_overlap_is_refused_even_when_a_region_is_written_in_two_ways() -> None:
    ends = entry(1, region="32", effective_until=date(2024, 6, 3))
    with pytest.raises(LawError, match="2024-06-03"):
        load(settings(ends, entry(2, region="320000", effective_from=date(2024, 6, 3))))


def test_entries_of_different_regions_may_stand_side_by_side() -> None:
    assert value(settings(entry(1), entry(2, region=TAIZHOU))) == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"effective_from": "yesterday"},
        {"unknown": 1},
        {"source": None},
        {"effective_until": 7},
    ],
)
def test_an_entry_of_the_wrong_shape_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(LawError, match="setting"):
        load(settings(entry(1, **wrong)))


def test_a_table_nobody_declared_is_refused() -> None:
    with pytest.raises(LawError, match="no-such-table"):
        load([{"no-such-table": []}])


def test_dates_of_the_offices_own_entries_may_be_text() -> None:
    assert value(settings(entry("from JSON", effective_from="2024-01-01"))) == "from JSON"


def test_all_dates_of_a_table_can_be_read() -> None:
    entries = settings(entry(1, effective_until=date(2020, 12, 31)), entry(2, effective_from=date(2021, 1, 1)))
    assert [e.value for e in load(entries).every(Setting) if e.key == "trial"] == [1, 2]
