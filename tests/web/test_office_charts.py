"""Where the parts of a chart stand: every figure at its height, scales that are round, bars that add up."""

import datetime as dt
import re
from pathlib import Path

import pytest

from permits import web
from permits.statistics.model import Bridge, Change, MonthEnd, Point
from permits.web.office import charts, shares

DAY = dt.timedelta(days=1)
TO = dt.date(2024, 12, 31)


def month_ends(*totals: int) -> list[MonthEnd]:
    """Month ends up to December 2024."""
    firsts = [dt.date(2025 - (n + 11) // 12, 12 - (n - 1) % 12, 1) for n in range(len(totals), 0, -1)]
    ends = [(first + 31 * DAY).replace(day=1) - DAY for first in firsts]
    return [MonthEnd(on, total, total) for on, total in zip(ends, totals, strict=True)]


@pytest.mark.parametrize(
    ("least", "most", "lines"),
    [(329, 380, [320, 340, 360, 380]), (0, 380, [0, 100, 200, 300, 400]), (0, 0, [0, 1]), (7, 7, [7, 8]),
     (100, 380, [0, 100, 200, 300, 400]), (99_000, 101_000, [99_000, 99_500, 100_000, 100_500, 101_000])],
)  # fmt: skip
def test_a_scale_has_few_round_lines_around_all_that_is_drawn(least: int, most: int, lines: list[int]) -> None:
    assert charts.scale(least, most) == lines


def test_a_figure_twice_as_high_above_the_foot_stands_twice_as_high() -> None:
    series = charts.series(month_ends(320, 340, 360))
    heights = [float(pair.split(",")[1]) for pair in series.line.split()]
    assert series.starts_at == 320
    assert heights[0] == charts.BASE
    assert charts.BASE - heights[2] == pytest.approx(2 * (charts.BASE - heights[1]), abs=0.2)


def test_a_series_ends_with_the_day_asked_and_marks_the_year_before() -> None:
    series = charts.series(month_ends(*range(300, 325)))
    assert (series.first.value, series.last.value) == (300, 324)
    assert series.middle is not None
    assert series.middle.value == 312
    assert [line.label.zh for line in series.years] == ["2023", "2024"]


def test_what_was_known_then_is_dashed_from_before_a_gap_to_after_it_and_the_widest_are_explained() -> None:
    months = month_ends(*[300] * 25)
    for at, then in ((4, 309), (5, 312), (8, 301), (17, 290)):
        months[at] = MonthEnd(months[at].on, 300, then)
    series = charts.series(months)
    assert [len(dash.split()) for dash in series.dashes] == [4, 3, 3]
    assert [(note.then, note.now) for note in series.notes] == [(312, 300), (290, 300)]


def test_the_bars_of_a_bridge_begin_where_the_one_before_ends() -> None:
    changes = (Change("granted", 131), Change("expired", -62), Change("cancelled", -39), Change("revoked", -2))
    drawn = charts.waterfall(Bridge(Point(dt.date(2023, 12, 31), 352), Point(TO, 380), changes), 501)
    assert drawn.starts_at == 300
    for bar, following in zip(drawn.bars, drawn.bars[1:], strict=False):
        near = [following.y, following.y + following.height]
        assert min(abs(bar.link_y - edge) for edge in near) <= 2
    assert drawn.bars[-1].link_y == drawn.bars[-1].y
    assert all(bar.height >= 2 for bar in drawn.bars)


def test_an_empty_register_draws_a_flat_line_and_two_empty_bars() -> None:
    series = charts.series(month_ends(0, 0))
    drawn = charts.waterfall(Bridge(Point(TO - 366 * DAY, 0), Point(TO, 0), ()), 501)
    assert {pair.split(",")[1] for pair in series.line.split()} == {"220.0"}
    assert [bar.value for bar in drawn.bars] == [0, 0]
    assert len(charts.series(month_ends(5)).line.split()) == 1


def test_a_split_bar_fills_its_width_and_leaves_out_what_is_not_there() -> None:
    pieces = shares.split({"A": 46, "B": 334, "C": 0}, 395)
    assert [piece.key for piece in pieces] == ["A", "B"]
    assert pieces[-1].x + pieces[-1].width == pytest.approx(395)


def test_districts_stand_in_their_places_the_greatest_deepest() -> None:
    panes = {pane.code: pane for pane in shares.districts({"321202": 112, "321281": 22, "999999": 3})}
    assert (panes["321202"].heat, panes["321281"].heat, panes["321204"].heat) == (5, 1, 0)
    assert panes["321202"].x < panes["321204"].x
    assert panes["321281"].y < panes["321282"].y


STATIC = Path(web.__file__).parent / "static"
TEMPLATES = Path(web.__file__).parent / "office" / "templates"
LEAST_PX, REM, WORDS_PX = 10, 16, 12


@pytest.mark.parametrize(
    ("template", "drawing", "width"),
    [("flows", "flowbars(", 1248), ("board", "series(", 714), ("board", "waterfall(", 501)],
)
def test_the_words_of_a_wide_chart_stay_readable_on_a_phone(template: str, drawing: str, width: int) -> None:
    html = (TEMPLATES / f"{template}.html").read_text()
    place = re.findall(r'<div class="([^"]*)"[^<]*>{{ ' + re.escape(drawing), html)
    css = (STATIC / "shared.css").read_text()
    least = [int(n) for name in place[0].split() for n in re.findall(rf"\.{name} svg {{ min-width: (\d+)rem; }}", css)]
    assert f'viewBox="0 0 {width} ' in (TEMPLATES / "charts.html").read_text()
    assert WORDS_PX * REM * max(least) / width >= LEAST_PX
