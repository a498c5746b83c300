"""The register's history as a plan: whatever the day of the first start, the day of the report stays as it was."""

import datetime as dt
import itertools
from collections import Counter

import pytest

from permits.clock import CITY
from permits.demo.city import counted_elsewhere
from permits.demo.employers import firms
from permits.demo.history import REPORT, Recorded, history
from permits.demo.posts import REPORTED
from permits.demo.scripts import timed
from permits.rules import law
from permits.rules.credit_code import credit_code

STARTS = (
    "2024-12-03T10:00",
    "2024-12-31T09:00",
    "2025-01-29T03:00",
    "2025-07-06T23:30",
    "2026-11-24T09:00",
    "2027-06-01T09:00",
    "2030-02-28T12:00",
)


def _planned(start: str) -> tuple[dt.datetime, list[Recorded], Counter[str]]:
    at = dt.datetime.fromisoformat(start).replace(tzinfo=CITY)
    elsewhere = Counter(counted_elsewhere(timed(law.load(), at)))
    return at, history(law.load(), at, elsewhere), elsewhere


def _on(found: list[Recorded], day: dt.date) -> list[Recorded]:
    return [one for one in found if one.held.valid_from <= day < one.held.over]


@pytest.mark.parametrize("start", STARTS)
def test_380_persons_hold_a_permit_each_on_the_day_of_the_report(start: str) -> None:
    _, found, elsewhere = _planned(start)
    held = _on(found, REPORTED)
    assert Counter(one.held.category for one in held) + elsewhere == REPORT
    assert len({one.held.holder.passport_number for one in held}) == len(held)


@pytest.mark.parametrize("start", STARTS)
def test_nothing_is_recorded_after_the_first_start_or_late_for_the_report(start: str) -> None:
    at, found, _ = _planned(start)
    instants = [one.granted_at for one in found] + [one.ended_at for one in found if one.ended_at]
    assert max(instants) <= at
    for one in found:
        begins, ends = one.held.valid_from <= REPORTED, one.held.over <= REPORTED
        assert not begins or one.granted_at.date() <= REPORTED
        assert not (ends and one.ended_at) or one.ended_at.date() <= REPORTED


@pytest.mark.parametrize("start", STARTS)
def test_who_leaves_early_gets_no_other_permit_and_permits_of_one_person_never_overlap(start: str) -> None:
    _, found, _ = _planned(start)
    by_person: dict[str, list[Recorded]] = {}
    for one in found:
        by_person.setdefault(one.held.holder.passport_number, []).append(one)
    for permits in by_person.values():
        assert all(one.ended_at is None for one in permits[:-1])
        for earlier, later in itertools.pairwise(permits):
            assert earlier.held.over <= later.held.valid_from


def test_the_city_grew_and_some_endings_came_to_be_known_late() -> None:
    _, found, _ = _planned("2026-11-24T09:00")
    ends = [len(_on(found, dt.date(year, 12, 31))) for year in (2022, 2023, 2024)]
    assert ends == sorted(ends)
    assert 320 <= ends[0] <= 340
    late = [one for one in found if one.held.ended and one.ended_at and one.held.ended.late_days > 60]
    assert len(late) == 12
    assert {one.held.ended.kind for one in found if one.held.ended} == {
        *("cancelled", "revoked", "withdrawn-by-authority")
    }


def test_employers_are_sixty_of_all_districts_with_codes_that_hold() -> None:
    assert len(firms()) == 60
    assert len({firm.district for firm in firms()}) == 6
    assert all(credit_code(firm.credit_code).valid and "示例" in firm.name for firm in firms())
