"""The line of days over the board: quarter ends of two years and today, each a link, and where the chosen day lies."""

import datetime as dt

import msgspec

from permits.web.office.asked import Asked

QUARTERS = 8
"""So many quarter ends before today."""
WIDTH = 420.0
EDGE = 8.0
"""Free at both ends, so that the dot stays within."""
_DAY = dt.timedelta(days=1)


class Tick(msgspec.Struct, frozen=True):
    """A quarter's end, or today."""

    on: dt.date
    x: float
    href: str
    named: bool
    """Whether its date stands below: every other one does."""
    here: bool


def ticks(asked: Asked, today: dt.date) -> list[Tick]:
    """The line's days from left to right; their addresses keep the day of knowledge."""
    days = [*_quarter_ends(today), today]
    urls = [msgspec.structs.replace(asked, on=day).url("/office/") for day in days]
    found = enumerate(zip(days, urls, strict=True))
    return [Tick(day, _x(day, days), url, n % 2 == 0, day == asked.on) for n, (day, url) in found]


def place(on: dt.date, today: dt.date) -> float | None:
    """Where a day lies on the line; None outside of it."""
    days = [*_quarter_ends(today), today]
    return _x(on, days) if days[0] <= on <= today else None


def _quarter_ends(today: dt.date) -> list[dt.date]:
    last = today.year * 4 + (today.month - 1) // 3
    firsts = (dt.date(quarter // 4, quarter % 4 * 3 + 1, 1) for quarter in range(last - QUARTERS + 1, last + 1))
    return [first - _DAY for first in firsts]


def _x(day: dt.date, days: list[dt.date]) -> float:
    whole = (days[-1] - days[0]).days
    return EDGE + (WIDTH - 2 * EDGE) * (day - days[0]).days / whole
