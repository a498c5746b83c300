"""A day of an agency's circuit as a strip: green where closed, red where open, yellow where one call tried. Pure."""

import datetime as dt
from collections.abc import Sequence

import msgspec

from permits.clock import CITY
from permits.i18n import Text
from permits.routing import why
from permits.routing.breakers import Change
from permits.web.agencies import words

DAY = dt.timedelta(days=1)
WIDTH, GAP, LEAST = 1000.0, 1.5, 2.0
"""Of the drawing; a moment is drawn wide enough to be seen."""
FILLS = {"closed": "ffine", "open": "flate", "half-open": "fsoon"}
NOT_KNOWN = Text("没有记录", "Not recorded")
ALWAYS = Text("一直闭合", "closed all the time")
MOST_SAID = 4
"""So many stretches are told one by one."""


class Stretch(msgspec.Struct, frozen=True):
    """A time in which the circuit stood like this."""

    state: str
    begin: dt.datetime
    """Office time."""
    end: dt.datetime
    failure: Text | None
    x: str = "0"
    width: str = "0"

    @property
    def fill(self) -> str:
        """How it is filled."""
        return FILLS.get(self.state, "f0")

    @property
    def name(self) -> Text:
        """The state in words."""
        return words.BREAKERS[self.state][1] if self.state in words.BREAKERS else NOT_KNOWN

    @property
    def lasted(self) -> Text:
        """How long."""
        return words.age((self.end - self.begin).total_seconds())


class Strip(msgspec.Struct, frozen=True):
    """The last day of a circuit."""

    stretches: tuple[Stretch, ...]
    says: Text
    """The whole in a sentence."""


def strip(found: Sequence[Change], now: dt.datetime, offset: dt.timedelta) -> Strip:
    """The day before `now`, office time, by an agency's changes, the earliest first; `offset`: office less machine."""
    start = now - DAY
    told = [(max((one.at + offset).astimezone(CITY), start), one) for one in found]
    ends = [*(at for at, _ in told), now][1:]
    stretches = [_stretch(one, at, end) for (at, one), end in zip(told, ends, strict=True) if end > at]
    first = stretches[0].begin if stretches else now
    if first > start:
        stretches.insert(0, Stretch("", start, first, None))
    return Strip(tuple(_placed(one, start) for one in stretches), _says(stretches))


def _stretch(one: Change, begin: dt.datetime, end: dt.datetime) -> Stretch:
    return Stretch(one.state, begin, end, why.of_line(one.failure) if one.failure else None)


def _placed(one: Stretch, start: dt.datetime) -> Stretch:
    x, width = ((at - begin) / DAY * WIDTH for at, begin in ((one.begin, start), (one.end, one.begin)))
    return msgspec.structs.replace(one, x=f"{x:.1f}", width=f"{max(width - GAP, LEAST):.1f}")


def _says(stretches: Sequence[Stretch]) -> Text:
    known = [one for one in stretches if one.state]
    if not known:
        return NOT_KNOWN
    if len(known) == 1 and known[0].state == "closed":
        first = f"{known[0].begin:%H:%M}"
        return ALWAYS if len(stretches) == 1 else Text(f"{first} 起闭合", f"closed since {first}")
    if len(known) <= MOST_SAID:
        return _one_by_one(known)
    closed = [one for one in known if one.state == "open"]
    lasted = words.age(sum((one.end - one.begin).total_seconds() for one in closed))
    now = SHORT[known[-1].state]
    return Text(
        f"断开 {len(closed)} 次，共 {lasted.zh}；现在{now.zh}", f"open {len(closed)} times, {lasted.en}; now {now.en}"
    )


SHORT = {
    "closed": Text("闭合", "closed"),
    "open": Text("断开", "open"),
    "half-open": Text("半开", "half open"),
}


def _one_by_one(known: Sequence[Stretch]) -> Text:
    zh = [f"{SHORT[one.state].zh}到 {one.end:%H:%M}" for one in known[:-1]] + [f"现在{SHORT[known[-1].state].zh}"]
    en = [f"{SHORT[one.state].en} until {one.end:%H:%M}" for one in known[:-1]] + [f"now {SHORT[known[-1].state].en}"]
    return Text("，".join(zh), ", ".join(en))
