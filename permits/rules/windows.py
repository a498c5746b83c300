"""Within what time one applies (申请期限): when the window of an item opens, when it closes, what a late one meets.

Pure: the dates of a case and a day in, two dates out. It knows neither today nor whether anybody applied.
"""

from datetime import date, timedelta
from typing import Literal

import msgspec

from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Dated, Law, NoRule, table

Anchor = Literal["permit_expiry", "stay_expiry", "event", "entry", "cancelled"]
State = Literal["early", "open", "late", "refused"]

UNKNOWN_END: frozenset[Anchor] = frozenset({"entry"})
"""Dates that need not be known: whoever has not entered yet is in time."""


@table("window")
class WindowEntry(Dated, frozen=True, kw_only=True):
    """One window in the files, counted from one date of the case; both of its days count."""

    procedure: str
    anchor: Anchor
    """The date it is counted from: a field of `Occasion`."""
    circumstances: tuple[str, ...] = ()
    """The circumstances it holds for; empty: all that have no window of their own."""
    opens_days: int | None = None
    """Calendar days from that date to its first day, negative before it; None: open since ever."""
    closes_days: int | None = None
    """Calendar days from that date to its last day, negative before it."""
    closes_working_days: int | None = None
    """Working days after that date to its last day; that day itself does not count (Civil Code Art. 201)."""
    late: Literal["noted", "refused"] = "noted"
    """What a late application meets: it is taken and the lateness stands on the file, or it is not taken."""
    text: Text
    """The window in words."""


class Occasion(msgspec.Struct, frozen=True, kw_only=True):
    """The dates of a case from which windows are counted."""

    circumstance: str | None = None
    permit_expiry: date | None = None
    """Last day of the work permit held."""
    stay_expiry: date | None = None
    """Last day of the visa or residence permit held."""
    event: date | None = None
    """Day of the change, of the end of the employment, of the loss, or of the last contact."""
    entry: date | None = None
    """Day of entry, planned or past; None while there is none."""
    cancelled: date | None = None
    """Day on which the former permit was cancelled."""


class Window(msgspec.Struct, frozen=True):
    """A window with its days, both included."""

    opens: date | None
    """Its first day; None where it has always been open."""
    closes: date | None
    """Its last day; None where no day ends it."""
    late: Literal["noted", "refused"]
    text: Text
    provisional: bool
    """Whether the last day hangs on a calendar that is not official yet."""
    source: str
    article: str
    assumed: bool

    def state(self, on: date) -> State:
        """What an application made on a day meets: too early, in time, late but taken, or late and refused."""
        if self.opens is not None and on < self.opens:
            return "early"
        if self.closes is None or on <= self.closes:
            return "open"
        return "refused" if self.late == "refused" else "late"


class MissingDate(ValueError):
    """A date that the window is counted from is not known; `field` names it."""

    def __init__(self, field: str) -> None:
        super().__init__(f"the window is counted from {field}, which is not stated")
        self.field = field


def windows(law: Law, item: str, on: date, region: str) -> tuple[WindowEntry, ...]:
    """Every window of an item under the law of a day in a region, in the order of the files: what a guide prints."""
    return tuple(entry for entry in law.entries(WindowEntry, on=on, region=region) if entry.procedure == item)


def window(law: Law, item: str, facts: Occasion, on: date, region: str) -> Window:
    """The window of an item for a case, under the law of a day; of several that fit, the one that closes last.

    Raises `NoRule` where the item has none then, `MissingDate` where no date it is counted from is stated.
    """
    fitting = _fitting(windows(law, item, on, region), facts.circumstance)
    if not fitting:
        raise NoRule(f"window {item}", on, region)
    stated = [one for one in fitting if getattr(facts, one.anchor) is not None or one.anchor in UNKNOWN_END]
    if not stated:
        raise MissingDate(fitting[0].anchor)
    return max((_window(law, one, getattr(facts, one.anchor)) for one in stated), key=_end)


def _fitting(entries: tuple[WindowEntry, ...], circumstance: str | None) -> list[WindowEntry]:
    own = [one for one in entries if circumstance in one.circumstances]
    return own or [one for one in entries if not one.circumstances]


def _window(law: Law, entry: WindowEntry, day: date | None) -> Window:
    closes, provisional = _closes(law, entry, day)
    words = entry.late, entry.text, provisional
    return Window(_moved(day, entry.opens_days), closes, *words, entry.source, entry.article, entry.assumed)


def _closes(law: Law, entry: WindowEntry, day: date | None) -> tuple[date | None, bool]:
    if day is None or entry.closes_working_days is None:
        return _moved(day, entry.closes_days), False
    due = working_days.add(law, day, entry.closes_working_days)
    return due.due, due.provisional


def _moved(day: date | None, by: int | None) -> date | None:
    return None if day is None or by is None else day + timedelta(days=by)


def _end(found: Window) -> date:
    return found.closes or date.max
