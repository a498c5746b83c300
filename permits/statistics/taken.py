"""Time taken, as values: by step, by party, and the cases behind each figure. It never counts anything itself."""

import datetime as dt
import uuid

import msgspec

from permits.i18n import Text
from permits.statistics.periods import midnight_after

STEPS = {
    "pre-review": Text("预审", "Pre-review"),
    "acceptance": Text("受理", "Acceptance"),
    "decision": Text("审查决定", "Decision"),
    "delivery": Text("送达", "Delivery"),
}
PARTIES = {
    "whole": Text("从提交到决定", "Submitted to decided"),
    "office": Text("其中本局", "of which the office"),
    "applicant": Text("其中申请人补正", "of which applicants correcting"),
    "special": Text("其中特别程序", "of which special procedures"),
    "police": Text("公安，从收到到签发", "Police, received to decided"),
}
"""Whose time is counted; the police work beside the office, so their days are not part of the whole."""
BASES = ("promised", "legal")


class Step(msgspec.Struct, frozen=True):
    """How long one step took, for the clocks that ended within a year."""

    step: str
    basis: str
    """legal, promised: which limit it is measured against."""
    count: int
    met: int
    limit: int
    """Working days, as most of them had."""
    half: int
    """Half of them took no longer, in net working days."""
    most: int
    """Nine in ten took no longer, in net working days."""
    half_gross: int
    most_gross: int


class Party(msgspec.Struct, frozen=True):
    """How long one party took, over the cases decided within a year."""

    party: str
    count: int
    half: int
    most: int


class TimedCase(msgspec.Struct, frozen=True):
    """One clock of a case that ended."""

    case_id: uuid.UUID
    round: int
    number: str
    started: dt.date
    ended_on: dt.date
    due: dt.date
    working_days: int
    gross: int
    net: int
    state: str


class DecidedCase(msgspec.Struct, frozen=True):
    """A decided case with the working days of each party."""

    case_id: uuid.UUID
    number: str
    decided: dt.date
    whole: int
    office: int
    applicant: int
    special: int
    police: int | None


def year_before(day: dt.date) -> dt.date:
    """The same day a year earlier; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def year_of(on: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """The year up to a day as instants: where it begins, and the first one after it."""
    return midnight_after(year_before(on)), midnight_after(on)
