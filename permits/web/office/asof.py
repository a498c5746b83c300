"""The line of days over the board: a slider that stops at month ends, and some of them under it, each a link."""

import datetime as dt

import msgspec

from permits.web.office.asked import STOPS, Asked, stops


class Tick(msgspec.Struct, frozen=True):
    """A date under the slider."""

    on: dt.date
    href: str
    here: bool


def ticks(asked: Asked, today: dt.date) -> list[Tick]:
    """The dates from left to right; their addresses keep the day of knowledge."""
    days = stops(today)[:: STOPS // 4]
    urls = [msgspec.structs.replace(asked, on=day).url("/office/") for day in days]
    return [Tick(day, url, day == asked.on) for day, url in zip(days, urls, strict=True)]
