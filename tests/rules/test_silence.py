"""What the authority's silence means, and that people are told before."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from permits.rules.law import load
from permits.rules.silence import Silence, deemed_acceptance, deemed_extension

TAIZHOU = "321200"
DAY = date(2026, 11, 24)
EXPIRY, CLOSES = date(2026, 6, 30), date(2026, 5, 31)


def acceptance(received: date = date(2026, 11, 2)) -> Silence:
    return deemed_acceptance(load(), received, received, TAIZHOU)


def extension(applied: date = CLOSES) -> Silence | None:
    return deemed_extension(load(), applied, CLOSES, EXPIRY, DAY, TAIZHOU)


def test_silence_for_five_working_days_means_accepted_on_the_day_of_receipt() -> None:
    found = acceptance()
    assert found.last_day == date(2026, 11, 9)
    assert found.happens_on == date(2026, 11, 10)
    assert found.counts_from == date(2026, 11, 2)
    assert (found.source, found.article) == ("《中华人民共和国行政许可法》", "第三十二条第一款第四项")


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (date(2026, 11, 4), "quiet"),
        (date(2026, 11, 5), "raised"),
        (date(2026, 11, 9), "raised"),
        (date(2026, 11, 10), "happened"),
    ],
)
def test_it_is_raised_two_working_days_before(on: date, state: str) -> None:
    assert acceptance().state(on) == state


def test_a_holiday_moves_the_day_on_which_silence_accepts() -> None:
    assert acceptance(date(2026, 9, 30)).last_day == date(2026, 10, 13)


def test_an_extension_not_decided_before_the_permit_ends_is_granted() -> None:
    found = extension()
    assert found is not None
    assert (found.last_day, found.happens_on, found.counts_from) == (EXPIRY, date(2026, 7, 1), date(2026, 7, 1))
    assert found.raise_on == date(2026, 6, 15)
    assert found.article == "第五十条第二款"
    assert [found.state(day) for day in (date(2026, 6, 14), date(2026, 6, 30), date(2026, 7, 1))] == [
        "quiet", "raised", "happened",
    ]  # fmt: skip


def test_an_extension_applied_for_too_late_is_never_granted_by_silence() -> None:
    assert extension(date(2026, 6, 1)) is None


def test_a_region_where_silence_grants_nothing_says_so_in_an_entry() -> None:
    entry = {"key": "silence.extension_is_granted", "effective_from": date(2020, 1, 1), "region": TAIZHOU,
             "source": "试验", "value": False}  # fmt: skip
    assert deemed_extension(load([{"setting": [entry]}]), CLOSES, CLOSES, EXPIRY, DAY, TAIZHOU) is None


def test_a_year_without_a_calendar_leaves_it_provisional() -> None:
    assert acceptance(date(2040, 3, 1)).provisional
    assert not acceptance().provisional


@given(received=st.dates(date(2020, 1, 1), date(2027, 6, 1)))
def test_silence_is_always_raised_before_it_happens(received: date) -> None:
    found = acceptance(received)
    assert found.counts_from <= found.raise_on < found.last_day < found.happens_on
