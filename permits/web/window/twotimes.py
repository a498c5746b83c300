"""The two times of a person's permits as a picture: above when each holds, below when each version was recorded. Pure.

A slanting line joins what takes effect to when it was recorded; what was recorded late stands out.
"""

import datetime as dt
from collections.abc import Sequence

import msgspec

from permits.i18n import Text
from permits.register.model import RegisteredPermit
from permits.web.permit_lines import Line

LEFT, RIGHT = 70.0, 1236.0
"""Between which the days stand; drawn 1248 wide."""
MOST = 40
"""Versions drawn, the latest; the table has all."""
ROOM = 74.0
"""Between the words of two dots."""
MARGIN = dt.timedelta(days=60)


class Bar(msgspec.Struct, frozen=True):
    """One permit, as long as it holds."""

    x: float
    width: float
    name: str
    over: bool
    """Whether it has ended or run out."""


class Dot(msgspec.Struct, frozen=True):
    """One version: where it takes effect, where it was recorded."""

    effect: float
    x: float
    late: int
    what: Text | None
    """Words under it; None where there is no room."""
    on: dt.date


class TwoTimes(msgspec.Struct, frozen=True):
    """The picture."""

    bars: tuple[Bar, ...]
    dots: tuple[Dot, ...]
    years: tuple[tuple[float, int], ...]
    today: float


def drawn(permits: Sequence[RegisteredPermit], lines: Sequence[Line], today: dt.date) -> TwoTimes:
    """The picture of all permits of a person; `lines` are their versions, the latest first."""
    shown = list(reversed(lines[:MOST]))
    days = [one.valid_from for one in permits] + [_end(one) for one in permits] + [today]
    days += [day for line in shown for day in (line.effective, line.recorded)]
    first, last = min(days) - MARGIN, max(days) + MARGIN

    def at(day: dt.date) -> float:
        return LEFT + (RIGHT - LEFT) * (day - first).days / max((last - first).days, 1)

    years = range(first.year + 1, last.year + 1)
    bars = tuple(_bar(n, one, at(one.valid_from), at(_end(one)), today) for n, one in enumerate(permits, 1))
    dots = [Dot(at(one.effective), at(one.recorded), one.late, one.what, one.recorded) for one in shown]
    marks = tuple((at(dt.date(year, 1, 1)), year) for year in years)
    return TwoTimes(bars, _with_room(dots), tuple(mark for mark in marks if mark[0] < RIGHT - ROOM / 2), at(today))


def _end(permit: RegisteredPermit) -> dt.date:
    return permit.ended_on or permit.valid_until


def _bar(nth: int, permit: RegisteredPermit, x: float, end: float, today: dt.date) -> Bar:
    width = max(end - x, 3.0)
    name = f"{nth}　{permit.employer_name}"
    fits = int(max(width - 20, 0) / 12)
    return Bar(x, width, name if len(name) <= fits else str(nth) if width > 16 else "", _end(permit) < today)


def _with_room(dots: Sequence[Dot]) -> tuple[Dot, ...]:
    """The dots from left to right; words that would run into those before are left to the table."""
    kept: list[Dot] = []
    last = -ROOM
    for dot in sorted(dots, key=lambda one: one.x):
        free = dot.x - last >= ROOM
        kept.append(dot if free else msgspec.structs.replace(dot, what=None))
        last = dot.x if free else last
    return tuple(kept)
