"""What a figures page is asked: the day counted, the day of knowledge, filters. It reads addresses and makes them."""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar.datastructures.multi_dicts import MultiDict

from permits.accounts.model import Account
from permits.errors import BadInput, FieldError, Forbidden
from permits.i18n import Text
from permits.settings import settings
from permits.statistics.model import DIMENSIONS
from permits.statistics.service import FIRST, LAST
from permits.web.forms import Filled

LONGEST = 60
"""Characters of a value in an address; the rest is not looked at."""
GROUPS = 300
"""Groups of a breakdown on one page."""
STOPS = 24
"""So many months back reaches the slider."""
NO_DAY = Text("请写成 2024-12-31 这样的日期。", "Write a day like 2024-12-31.")
OUT_OF_REACH = Text(f"日期应在 {FIRST} 和 {LAST} 之间。", f"A day between {FIRST} and {LAST}.")
_DAY = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?", re.ASCII)

Query = MultiDict[Any]
Where = dict[str, str]
"""The values that narrow a list, by dimension."""


class Asked(msgspec.Struct, frozen=True):
    """The day that is counted, and by what was known when."""

    on: dt.date
    known: dt.date | None
    """The last day whose records count; None: all that is known now."""
    filled: Filled = Filled()
    """The form, with what is wrong beside a field; a wrong day counts as not given."""

    def url(self, path: str, **more: str) -> str:
        """An address about the same days."""
        days = {"on": str(self.on)} | ({"as_known_on": str(self.known)} if self.known else {})
        return f"{path}?{urlencode(days | more)}"


def read(query: Query, today: dt.date) -> Asked:
    """The days an address asks about; today, as known now, where it names none."""
    typed = {name: str(query.get(name, "")).strip()[:LONGEST] for name in ("on", "as_known_on")}
    found = {name: _day(text) for name, text in typed.items()}
    if slid := _slid(query, today):
        typed["on"], found["on"] = str(slid), slid
    errors = [FieldError(f"/{name}", day) for name, day in found.items() if isinstance(day, Text)]
    on, known = (day if isinstance(day, dt.date) else None for day in found.values())
    shown = {"on": typed["on"] or str(today), "as_known_on": typed["as_known_on"]}
    return Asked(on or today, known, Filled.of(shown, errors))


def stops(today: dt.date) -> list[dt.date]:
    """The days the slider stops at: the ends of the months before today, and today."""
    last = today.year * 12 + today.month - 1
    firsts = (dt.date(month // 12, month % 12 + 1, 1) for month in range(last - STOPS + 1, last + 1))
    return [*(first - dt.timedelta(days=1) for first in firsts), today]


def stop_of(on: dt.date, today: dt.date) -> int:
    """Where the slider stands for a day: the last stop on or before it, or the first."""
    return max(sum(day <= on for day in stops(today)) - 1, 0)


def _slid(query: Query, today: dt.date) -> dt.date | None:
    """The slider's day, where it was moved; the form tells where it stood."""
    at, was = (str(query.get(name, "")) for name in ("at", "was"))
    moved = at != was and at.isdecimal() and len(at) < 4 and int(at) <= STOPS
    return stops(today)[int(at)] if moved else None


class Both(msgspec.Struct, frozen=True):
    """Days by the names that an address gives them, and the form with what is wrong."""

    days: dict[str, dt.date]
    filled: Filled


def both(query: Query, usual: Mapping[str, dt.date]) -> Both:
    """The named days of an address; the usual one where it names none, or none that is one."""
    typed = {name: str(query.get(name, "")).strip()[:LONGEST] for name in usual}
    found = {name: _day(text) for name, text in typed.items()}
    errors = [FieldError(f"/{name}", day) for name, day in found.items() if isinstance(day, Text)]
    days = {name: day if isinstance(day, dt.date) else usual[name] for name, day in found.items()}
    shown = {name: typed[name] or str(usual[name]) for name in usual}
    return Both(days, Filled.of(shown, errors))


def _day(text: str) -> dt.date | Text | None:
    """A day as typed, None where nothing is, or what is wrong with it."""
    if not text:
        return None
    parts = _DAY.fullmatch(text)
    try:
        day = dt.date(*map(int, parts.groups())) if parts else None
    except ValueError:
        day = None
    if day is None:
        return NO_DAY
    return day if FIRST <= day <= LAST else OUT_OF_REACH


def day(query: Query, name: str) -> dt.date:
    """A day that an address must name. Raises BadInput."""
    found = _day(str(query.get(name, "")).strip()[:LONGEST])
    if isinstance(found, dt.date):
        return found
    raise BadInput(errors=[FieldError(f"/{name}", found or NO_DAY)])


def filters(query: Query) -> Where:
    """What an address narrows a list by; what is no dimension is left out."""
    return {name: str(query[name])[:LONGEST] for name in DIMENSIONS if query.get(name)}


def managed_region(account: Account) -> str:
    """The city whose figures a manager sees: the first served here in which they are one. Raises Forbidden."""
    for grant in account.roles:
        if grant.role == "manager" and grant.region in settings().regions:
            return grant.region
    raise Forbidden


def skipped(query: Query) -> int:
    """How many groups an address passes over; 0 for what is no number."""
    said = str(query.get("skip", ""))
    return int(said) if said.isdecimal() and len(said) < 8 else 0


def more_groups(url: str, skip: int, groups: int) -> str:
    """The address of the next groups; empty after the last."""
    return f"{url}&skip={skip + GROUPS}" if skip + GROUPS < groups else ""


def with_cursor(url: str, cursor: str | None) -> str:
    """The address of the next part of a list; empty after the last."""
    return f"{url}&{urlencode({'cursor': cursor})}" if cursor else ""
