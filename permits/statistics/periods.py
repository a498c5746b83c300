"""Months and years as ranges of days, and days as instants. Pure."""

import datetime as dt
from typing import Literal

from permits.clock import CITY

_DAY = dt.timedelta(days=1)
EVER = dt.datetime(9999, 1, 1, tzinfo=CITY)
"""Nothing is recorded after this."""

MONTHS = 240
"""So many periods at most in one series, the last ones."""


def periods(since: dt.date, to: dt.date, per: Literal["month", "year"]) -> list[tuple[dt.date, dt.date]]:
    """The first day of each month or year from the one of a day to that of another, and the first of the next."""
    step = 1 if per == "month" else 12
    first, last = (day.year * 12 + (day.month - 1) // step * step for day in (since, to))
    months = range(max(first, last - step * (MONTHS - 1)), last + 1, step)
    return [(first_of(month), first_of(month + step)) for month in months]


def ends_of_months(since: dt.date, to: dt.date) -> list[dt.date]:
    """The last day of each month within two days."""
    ends = (end - _DAY for _, end in periods(since, to, "month"))
    return [end for end in ends if since <= end <= to]


def first_of(month: int) -> dt.date:
    """The first day of a month, counted from the year 0."""
    return dt.date(month // 12, month % 12 + 1, 1)


def midnight_after(day: dt.date) -> dt.datetime:
    """When an office day ends."""
    return dt.datetime.combine(day + _DAY, dt.time(), CITY)


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The same; None of none."""
    return None if day is None else midnight_after(day)
