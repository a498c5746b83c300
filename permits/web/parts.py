"""What the shared components are given: clocks, days, queue rows. Shapes and their drawing only, no law and no SQL."""

import calendar
import datetime as dt
from collections.abc import Collection, Mapping
from typing import Literal

import msgspec

from permits.i18n import Text

Light = Literal["late", "soon", "fine", "pause", "done", "open", "half", "no", "hand", "gear"]
"""The ten symbols of the sprite; never shown without words."""

SEGMENT_GAP = 1.2
"""Space between two segments of a clock, in hundredths of its width."""


class Clock(msgspec.Struct, frozen=True):
    """One limit as it stands today, in working days."""

    basis: Literal["promised", "legal"]
    state: Literal["running", "paused", "met", "missed"]
    days: int
    """The whole limit."""
    used: int
    """Which working day today is, from 1; 0 before the first. For a met clock: how many it took."""
    due: dt.date | None
    """The last day; None where a pause leaves it open."""
    over: int = 0
    """How many working days too late, for a missed clock."""
    note: Text | None = None
    """A sentence under it: why it rests, what follows, which article."""
    name: Text | None = None
    """What it limits, where that is not plain: 预审承诺."""

    @property
    def left(self) -> int:
        """Working days after today."""
        return max(self.days - self.used, 0)

    @property
    def light(self) -> Light:
        """The light that goes with it: soon from the last working day but one."""
        if self.state != "running":
            return {"paused": "pause", "met": "done", "missed": "late"}[self.state]  # type: ignore[return-value]
        return "soon" if self.left <= 1 else "fine"

    @property
    def segments(self) -> list[tuple[str, str, str]]:
        """One (x, width, class) a working day, of a bar 100 wide."""
        step = 100 / self.days
        width = step - min(SEGMENT_GAP, 0.18 * step)
        return [(f"{step * i:.2f}", f"{width:.2f}", f"ow-seg__{self.part(i)}") for i in range(self.days)]

    def part(self, index: int) -> str:
        """What the segment of a working day says: on, now, off or pause."""
        if self.state in ("met", "missed"):
            return "on" if index < self.used or self.state == "missed" else "off"
        if index == self.used - 1:
            return "now"
        return "on" if index < self.used else "pause" if self.state == "paused" else "off"


class Day(msgspec.Struct, frozen=True):
    """One cell of the strip of days."""

    date: dt.date
    kind: str = ""
    """used, now, rest, promise, law, visit or nothing."""
    word: Text | None = None
    """What stands under the number; without it the weekday."""

    @property
    def month(self) -> Text:
        """The month, which stands over its first day."""
        return Text(f"{self.date.month} 月", calendar.month_name[self.date.month])


DAY_WORDS = {"now": Text("今天", "now"), "promise": Text("承诺", "due"), "law": Text("法定", "law"),
             "visit": Text("本人", "visit")}  # fmt: skip
WEEKDAYS = tuple(Text(zh, en) for zh, en in zip("一二三四五六日", calendar.day_abbr, strict=True))


def strip(
    first: dt.date,
    last: dt.date,
    *,
    used: Collection[dt.date] = (),
    rest: Collection[dt.date] = (),
    marks: Mapping[dt.date, str] | None = None,
    words: Mapping[dt.date, Text] | None = None,
) -> list[Day]:
    """The cells from the Monday of `first` to the Sunday of `last`.

    `rest` are the days that do not count, `marks` says now, promise, law or visit of a day and wins over used.
    """
    start, end = first - dt.timedelta(first.weekday()), last + dt.timedelta(6 - last.weekday())
    days = [start + dt.timedelta(n) for n in range((end - start).days + 1)]
    marks, words = marks or {}, words or {}
    return [Day(day, kind_of(day, used, rest, marks), word_of(day, marks, words)) for day in days]


def kind_of(day: dt.date, used: Collection[dt.date], rest: Collection[dt.date], marks: Mapping[dt.date, str]) -> str:
    """What one day is, the strongest first."""
    if day in marks:
        return marks[day]
    return "used" if day in used else "rest" if day in rest else ""


def word_of(day: dt.date, marks: Mapping[dt.date, str], words: Mapping[dt.date, Text]) -> Text:
    """What stands under a day: its own word, the mark's, or the weekday."""
    return words.get(day) or DAY_WORDS.get(marks.get(day, "")) or WEEKDAYS[day.weekday()]


class QueueRow(msgspec.Struct, frozen=True):
    """One line of a queue, ready to be shown."""

    number: str
    href: str
    light: Light
    left: Text
    """How long is left of the promise: 今天, 2 日, 超 1 日."""
    due: dt.date | None
    """The promised date; None while a clock rests."""
    procedure: Text
    joint: bool
    latin_name: str
    chinese_name: str
    nationality: Text
    employer: str
    category: str
    """A, B, C or empty while it is not known."""
    state: Text
    waiting_on: Text
    mine: bool
    """Whether it waits for the person looking."""
    legal_due: dt.date | None
    reason: Text | None = None
    """Why a clock rests, in place of the date."""
    here: bool = False
    """Whether it is the row one came back from."""
    silence: Text | None = None
    """What silence is about to mean, or means already; it stands in place of the state."""


class Source(msgspec.Struct, frozen=True):
    """One line of a check list: label, value, where the value comes from, and where it is changed."""

    label: Text | str
    value: Text | str
    source: Text | str = ""
    href: str = ""
    action: Text = Text("修改", "Change")
    code: bool = False
    """Whether the value is a number people read aloud."""


class Event(msgspec.Struct, frozen=True):
    """One line of what happened and what is to come."""

    what: Text | str
    time: Text | str = ""
    more: Text | str = ""
    when: Literal["past", "now", "next"] = "past"
