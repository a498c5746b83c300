"""The picture of a permit's two times: what holds longer is longer, what was recorded late leans and says so."""

import datetime as dt
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from permits.i18n import Text
from permits.web.window.twotimes import LEFT, RIGHT, drawn

TODAY = dt.date(2024, 12, 31)


def _permit(first: dt.date, last: dt.date, ended: dt.date | None = None) -> Any:
    return SimpleNamespace(valid_from=first, valid_until=last, ended_on=ended, employer_name="示例")


def _line(effective: dt.date, recorded: dt.date) -> Any:
    late = max((recorded - effective).days, 0)
    return SimpleNamespace(effective=effective, recorded=recorded, late=late, what=Text("准予", "Granted"))


def test_a_permit_is_as_long_as_it_holds_and_ends_where_it_ended() -> None:
    first = dt.date(2022, 1, 1)
    permits = [_permit(first, first + dt.timedelta(730), first + dt.timedelta(365)), _permit(first, TODAY)]
    found = drawn(permits, [_line(first, first)], TODAY)
    assert found.bars[0].width * 3 < found.bars[1].width * 1.01
    assert [bar.over for bar in found.bars] == [True, False]
    assert found.bars[0].x == found.bars[1].x == found.dots[0].effect


def test_what_was_recorded_late_lies_to_the_right_of_its_effect() -> None:
    day = dt.date(2023, 3, 1)
    lines = [_line(day, day + dt.timedelta(42)), _line(day, day - dt.timedelta(9))]
    found = drawn([_permit(day, TODAY)], lines, TODAY)
    assert sorted((dot.late > 0, dot.x > dot.effect) for dot in found.dots) == [(False, False), (True, True)]


def test_everything_stands_inside_and_words_never_run_into_each_other() -> None:
    days = [dt.date(2020, 1, 1) + dt.timedelta(11 * n) for n in range(60)]
    found = drawn([_permit(days[0], days[-1])], [_line(day, day) for day in reversed(days)], TODAY)
    assert all(LEFT <= dot.x <= RIGHT for dot in found.dots)
    told = [dot.x for dot in found.dots if dot.what]
    assert all(b - a > 70 for a, b in pairwise(told))
