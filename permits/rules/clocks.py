"""Clocks: a limit with its own unit, started by an event, that may stand still; when it ends under a calendar.

The day of the event does not count, and a last day that is no working day moves to the next one (Civil Code Art.
201-203). A clock is a value: pausing makes another. It knows no case and no today.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal

import msgspec
from msgspec.structs import replace

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law
from permits.rules.working_days import MOST_DAYS, Due, Skipped

Unit = Literal["working", "calendar"]
STOOD = Text("时钟停止", "the clock stood still")

_DAY = timedelta(days=1)


class Pause(msgspec.Struct, frozen=True):
    """Days on which a clock stands still (Administrative Licensing Law Art. 45)."""

    first: date
    until: date | None = None
    """The day on which it runs again, which counts; None while it stands."""


class Clock(msgspec.Struct, frozen=True):
    """A limit of so many days from an event on."""

    event: date
    """The day that starts it; it does not count."""
    days: int
    """1 to `MOST_DAYS`."""
    unit: Unit = "working"
    pauses: tuple[Pause, ...] = ()
    """In order, none overlapping another."""

    @property
    def stands(self) -> bool:
        """Whether it stands still now."""
        return bool(self.pauses) and self.pauses[-1].until is None


class Moved(msgspec.Struct, frozen=True):
    """A clock's end before and after a change of the calendar."""

    before: Due
    after: Due


def pause(clock: Clock, on: date) -> Clock:
    """The clock standing still from this day on. ValueError: it stands already, or the day lies before its start."""
    if clock.stands:
        raise ValueError("the clock stands still already")
    if on < max([clock.event, *(each.until for each in clock.pauses if each.until)]):
        raise ValueError("a clock is paused after its event and after its last pause")
    return replace(clock, pauses=(*clock.pauses, Pause(on)))


def resume(clock: Clock, on: date) -> Clock:
    """The clock running again from this day on, which counts. ValueError: it runs, or the day lies before the pause."""
    if not clock.stands:
        raise ValueError("the clock is running")
    if on < clock.pauses[-1].first:
        raise ValueError("a clock runs again on the day of its pause or later")
    return replace(clock, pauses=(*clock.pauses[:-1], replace(clock.pauses[-1], until=on)))


def due(law: Law, clock: Clock) -> Due:
    """When the clock ends; of one that stands still, when it would have ended without its last pause.

    ValueError: its days are below 1 or above `MOST_DAYS`.
    """
    if not 1 <= clock.days <= MOST_DAYS:
        raise ValueError(f"a clock has 1 to {MOST_DAYS} days")
    if clock.unit == "working" and not clock.pauses:
        return working_days.add(law, clock.event, clock.days)
    return _counted(law, clock)


def _counted(law: Law, clock: Clock) -> Due:
    return _in_working_days(law, clock) if clock.unit == "working" else _in_calendar_days(law, clock)


def _in_working_days(law: Law, clock: Clock) -> Due:
    """From one pause to the next: what is left of the limit counts only between them."""
    passed: list[Skipped] = []
    at, left = clock.event, clock.days
    for first, until in _stands(clock):
        run = working_days.between(law, at + _DAY, first - _DAY)
        if run >= left:
            break
        left -= run
        passed += working_days.rests(law, at + _DAY, first - _DAY)
        passed += [Skipped(first + timedelta(days=n), STOOD) for n in range((until - first).days)]
        at = until - _DAY
    end = working_days.add(law, at, left)
    official = working_days.is_official(law, clock.event, end.due)
    return Due(end.due, not official, (*passed, *end.skipped))


def _in_calendar_days(law: Law, clock: Clock) -> Due:
    passed: list[Skipped] = []
    day, left = clock.event, clock.days
    for first, until in _stands(clock):
        run = (first - day).days - 1
        if run >= left:
            break
        left -= run
        passed += [Skipped(first + timedelta(days=n), STOOD) for n in range((until - first).days)]
        day = until - _DAY
    if left > (date.max - day).days:
        raise ValueError("no clock ends after the last day there is")
    moved = working_days.add(law, day + timedelta(days=left), 0)
    return replace(moved, skipped=(*passed, *moved.skipped))


def _stands(clock: Clock) -> Iterator[tuple[date, date]]:
    """The days after the event on which the clock stood: the first of them, and the day on which it ran again."""
    at = clock.event
    for pause in clock.pauses:
        first = max(pause.first, at + _DAY)
        if pause.until is not None and first < pause.until:
            yield first, pause.until
            at = pause.until - _DAY


def recomputed(clock: Clock, old_law: Law, new_law: Law) -> Moved | None:
    """How a change of the calendar moves the clock's end, or makes it official; None where nothing changes."""
    before, after = due(old_law, clock), due(new_law, clock)
    same = (before.due, before.provisional) == (after.due, after.provisional)
    return None if same else Moved(before, after)
