"""The areas of a question: every row counts exactly once, and whole periods are whole. No database."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from permits.register.figures import BEGIN, CELLS, END, FIGURES, Cover, cover, figure_of, late

DAYS = st.dates(dt.date(2019, 12, 20), dt.date(2024, 3, 5))
COLUMNS = st.sampled_from([figure.columns for figure in FIGURES])


def _times(cover: Cover, recorded: dt.date, effective: dt.date) -> int:
    """How often a row counts."""
    areas = (*cover.summed, *cover.whenever, *cover.since, *cover.by_effect, *cover.by_recording)
    return sum(
        area.sign
        for area in areas
        if area.known_from <= recorded < area.known_to and area.effective_from <= effective < area.effective_to
    )


@given(COLUMNS, DAYS, st.none() | DAYS, st.none() | DAYS, st.lists(st.tuples(DAYS, DAYS), min_size=20))
@settings(max_examples=300, deadline=None)
def test_a_row_counts_once_if_it_took_effect_and_was_known_by_then(
    columns: tuple[str, ...],
    on: dt.date,
    known: dt.date | None,
    since: dt.date | None,
    rows: list[tuple[dt.date, dt.date]],
) -> None:
    found = cover(figure_of(columns), on, known, since)
    for recorded, effective in (*rows, (known or on, on)):
        told = (known is None or recorded <= known) * ((effective <= on) - bool(since and effective <= since))
        assert _times(found, recorded, effective) == told


@given(DAYS, DAYS, DAYS, st.lists(st.tuples(DAYS, DAYS), min_size=20))
@settings(max_examples=200, deadline=None)
def test_what_is_late_took_effect_in_between_and_was_known_only_afterwards(
    on: dt.date, known: dt.date, since: dt.date, rows: list[tuple[dt.date, dt.date]]
) -> None:
    found = late(figure_of(("cause",)), on, known, since)
    for recorded, effective in rows:
        assert _times(found, recorded, effective) == (recorded > known) * ((effective <= on) - (effective <= since))


def _begins(day: dt.date, grain: str) -> bool:
    new_year = (day.month, day.day) == (1, 1)
    starts = {"m": day.day == 1, "t": day.day in (1, 11, 21), "y": new_year, "l": new_year and day.year % 5 == 0}
    return day in (BEGIN, END) or starts.get(grain, True)


@given(COLUMNS, DAYS, st.none() | DAYS)
@settings(max_examples=200, deadline=None)
def test_sums_are_asked_for_whole_periods_and_where_they_are_kept(
    columns: tuple[str, ...], on: dt.date, known: dt.date | None
) -> None:
    figure = figure_of(columns)
    found = cover(figure, on, known)
    for area in found.summed:
        assert CELLS[area.cell] <= figure.level
        assert all(_begins(day, area.cell[0]) for day in (area.known_from, area.known_to))
        assert all(_begins(day, area.cell[1]) for day in (area.effective_from, area.effective_to))
    assert all((area.known_from, area.known_to) == (BEGIN, END) for area in found.whenever)
    assert all((area.known_to, area.effective_from) == (END, BEGIN) for area in found.since)


@pytest.mark.parametrize("columns", [(), ("nationality",), ("sex", "district")])
@pytest.mark.parametrize("known", [None, 40, -40])
def test_of_days_no_more_than_five_are_read(columns: tuple[str, ...], known: int | None) -> None:
    for day in range(366):
        on = dt.date(2024, 1, 1) + dt.timedelta(days=day)
        found = cover(figure_of(columns), on, on + dt.timedelta(days=known) if known and not columns else None)
        days = [a for a in (*found.summed, *found.whenever) if a.cell == "*d"]
        assert all((a.effective_to - a.effective_from).days <= 5 for a in days)
        for single, which in ((found.by_effect, "effective"), (found.by_recording, "known")):
            assert len(single) <= 5
            assert all(getattr(a, f"{which}_to") - getattr(a, f"{which}_from") == dt.timedelta(days=1) for a in single)
