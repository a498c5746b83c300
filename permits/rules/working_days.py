"""Working days (工作日): which days count, when a limit of so many of them ends, how many lie between two days.

The day of the event does not count, and a last day that is a holiday moves to the next working day (Civil Code Art.
201-203; Administrative Licensing Law Art. 82). Nothing here knows what a limit is for, or what today is.
"""

import functools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

import chinese_calendar
import holidays
import msgspec
from msgspec.structs import replace

from permits.i18n import Text
from permits.rules.law import Dated, Law, NoRule, table

MOST_DAYS = 1_000
"""No limit is longer, in working days."""
MOST_OFF = 60
"""Days that a year's notice gives off, weekends within the holidays included: about 30 so far."""
WEEKEND = Text("周末", "weekend")

_DAY = timedelta(days=1)


class DaysOff(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One holiday of the State Council's yearly notice, weekends within it included."""

    first: date
    last: date
    zh: str
    en: str


@table("calendar")
class Calendar(Dated, frozen=True, kw_only=True):
    """The State Council's notice of a year's holidays, as the office loaded it.

    `key` is the year; it is in force from the year's first day.
    """

    holidays: tuple[DaysOff, ...]
    working: tuple[date, ...] = ()
    """Saturdays and Sundays that are worked (调休)."""


def problems(calendar: Calendar) -> Iterator[Text]:
    """What cannot be in a year's notice: another year's days, days that run backwards, working days that are none."""
    if not (calendar.key.isdecimal() and calendar.effective_from.isoformat() == f"{calendar.key}-01-01"):
        yield Text(
            "key 应为年份，effective_from 应为该年 1 月 1 日。", "The key is the year, effective_from its first day."
        )
        return
    year, off = int(calendar.key), [day for it in calendar.holidays for day in _days(it.first, it.last)]
    if not off or any(it.last < it.first for it in calendar.holidays) or len(off) > MOST_OFF:
        yield Text(
            f"假日应有 1 至 {MOST_OFF} 天，且起止顺序正确。", f"There are 1 to {MOST_OFF} holidays, from first to last."
        )
    if any(not date(year - 1, 12, 25) <= day <= date(year, 12, 31) for day in (*off, *calendar.working)):
        yield Text("日期应在该年内（元旦可含上年末几天）。", "The days lie in the year, or in the last days before it.")
    if any(day.weekday() < 5 or day in off for day in calendar.working):
        yield Text("调休上班日应为周末，且不是假日。", "A day that is worked is a weekend's, and no holiday.")


class Skipped(msgspec.Struct, frozen=True):
    """A day that does not count, and why."""

    date: date
    why: Text


class Due(msgspec.Struct, frozen=True):
    """When a limit ends."""

    due: date
    """The last day on which the limit is kept."""
    provisional: bool
    """Whether a day in it belongs to a year whose official calendar is not known yet: it may still move."""
    skipped: tuple[Skipped, ...]
    """The days within it that do not count, in order."""


class _Year(msgspec.Struct, frozen=True):
    off: Mapping[date, Text]
    official: bool
    working: tuple[int, ...]
    """Its working days in order, as ordinals."""
    rest_days: tuple[int, ...]
    """The others."""
    rests: tuple[Skipped, ...]
    """The same, each with its reason."""


def is_working_day(law: Law, day: date) -> bool:
    """Whether the day counts."""
    return day not in _year(law, day.year).off


def skipped(law: Law, day: date) -> Text | None:
    """Why the day does not count; None where it does."""
    return _year(law, day.year).off.get(day)


def add(law: Law, event: date, days: int) -> Due:
    """The last day of a limit of `days` working days that an event starts; of 0, its own day or the next that counts.

    ValueError: `days` below 0 or above `MOST_DAYS`.
    """
    return _add(law, event, days)


@functools.lru_cache(maxsize=4096)  # the limits of all cases of a day end together
def _add(law: Law, event: date, days: int) -> Due:
    _refuse_absurd(days)
    start, left = (event - _DAY, 1) if days == 0 else (event, days)
    passed: list[Skipped] = []
    at = start.toordinal()
    for year in range(start.year, date.max.year):
        one = _year(law, year)
        before, off = bisect_right(one.working, at), bisect_right(one.rest_days, at)
        if before + left <= len(one.working):
            last = one.working[before + left - 1]
            passed += one.rests[off : bisect_right(one.rest_days, last)]
            due = date.fromordinal(last)
            return Due(due, not is_official(law, event, due), tuple(passed))
        passed += one.rests[off:]
        left -= len(one.working) - before
    raise ValueError("no limit ends after the last day there is")


def rests(law: Law, from_: date, to: date) -> list[Skipped]:
    """The days between two days, both included, that do not count, in order."""
    found: list[Skipped] = []
    first, last = from_.toordinal(), to.toordinal()
    for year in range(from_.year, to.year + 1):
        one = _year(law, year)
        found += one.rests[bisect_left(one.rest_days, first) : bisect_right(one.rest_days, last)]
    return found


def subtract(law: Law, day: date, days: int) -> date:
    """The day `days` working days before `day`: the last on which to act that far ahead. ValueError as `add`."""
    _refuse_absurd(days)
    while days:
        day -= _DAY
        days -= is_working_day(law, day)
    return day


def between(law: Law, from_: date, to: date) -> int:
    """How many working days lie between two days, both included; 0 where `to` comes first."""
    first, last = from_.toordinal(), to.toordinal()
    years = (_year(law, year).working for year in range(from_.year, to.year + 1))
    return max(sum(bisect_right(working, last) - bisect_left(working, first) for working in years), 0)


def _refuse_absurd(days: int) -> None:
    if not 0 <= days <= MOST_DAYS:
        raise ValueError(f"a limit has 0 to {MOST_DAYS} working days")


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def is_official(law: Law, first: date, last: date) -> bool:
    """Whether the official calendars of all years between two days are known."""
    return all(_year(law, year).official for year in range(first.year, last.year + 1))


def basis(law: Law, year: int) -> Literal["loaded", "published", "expected"]:
    """What a year's calendar rests on: the office's own entry, the published ones we bring, or the holidays' dates."""
    if _calendar(law, year) is not None:
        return "loaded"
    return "published" if _year(law, year).official else "expected"


def days_off(law: Law, year: int) -> tuple[DaysOff, ...]:
    """A year's holidays in order, the weekends within them included where the calendar says so."""
    found: list[DaysOff] = []
    for day, why in sorted(_year(law, year).off.items()):
        if why is WEEKEND:
            continue
        if found and found[-1].zh == why.zh and day - found[-1].last == _DAY:
            found[-1] = replace(found[-1], last=day)
        else:
            found.append(DaysOff(first=day, last=day, zh=why.zh, en=why.en))
    return tuple(found)


def worked(law: Law, year: int) -> tuple[date, ...]:
    """A year's Saturdays and Sundays that are worked (调休)."""
    off = _year(law, year).off
    return tuple(day for day in _days(date(year, 1, 1), date(year, 12, 31)) if day.weekday() >= 5 and day not in off)


@functools.lru_cache(maxsize=256)
def _year(law: Law, year: int) -> _Year:
    """A year's days off: as the office loaded them, else as published, else as the holidays fall (provisional)."""
    days = list(_days(date(year, 1, 1), date(year, 12, 31)))
    off: Mapping[date, Text] = _loaded(law, year, days) or _published(days)
    official = bool(off)
    off = _reaching_back(law, year, off or _expected(year, days))
    resting = [day for day in days if day in off]
    return _Year(
        off,
        official,
        tuple(day.toordinal() for day in days if day not in off),
        tuple(day.toordinal() for day in resting),
        tuple(Skipped(day, off[day]) for day in resting),
    )


def _loaded(law: Law, year: int, days: list[date]) -> dict[date, Text]:
    calendar = _calendar(law, year)
    if calendar is None:
        return {}
    off = {day: WEEKEND for day in days if day.weekday() >= 5 and day not in calendar.working}
    return off | _holidays(calendar, year)


def _calendar(law: Law, year: int) -> Calendar | None:
    try:
        return law.entry(Calendar, str(year), on=date(year, 1, 1), region="*")
    except NoRule:
        return None


def _holidays(calendar: Calendar, year: int) -> dict[date, Text]:
    days = ((day, it) for it in calendar.holidays for day in _days(it.first, it.last))
    return {day: Text(it.zh, it.en) for day, it in days if day.year == year}


def _reaching_back(law: Law, year: int, off: Mapping[date, Text]) -> Mapping[date, Text]:
    """A year's days off as the next year's notice changes its last days (New Year's Day with the days before it)."""
    following = _calendar(law, year + 1)
    if following is None:
        return off
    return {day: why for day, why in off.items() if day not in following.working} | _holidays(following, year)


def _published(days: list[date]) -> dict[date, Text]:
    try:
        return {day: _holiday(day) for day in days if not chinese_calendar.is_workday(day)}
    except NotImplementedError:
        return {}


def _holiday(day: date) -> Text:
    _, name = chinese_calendar.get_holiday_detail(day)
    return Text(chinese_calendar.Holiday(name).chinese, name) if name else WEEKEND


def _expected(year: int, days: list[date]) -> dict[date, Text]:
    """Weekends and statutory holidays, with those a weekend swallows given back; no day is moved yet."""
    zh = holidays.country_holidays("CN", years=year, language="zh_CN")
    en = holidays.country_holidays("CN", years=year, language="en_US")
    off = {day: WEEKEND for day in days if day.weekday() >= 5}
    return off | {day: Text(zh[day], en[day]) for day in en if day.year == year}
