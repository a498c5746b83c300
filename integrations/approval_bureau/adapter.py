"""Ours into the bureau's case records (GB/T 39046-2020) and back.

Pure: facts in, bodies out; it asks nobody and keeps nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import msgspec
from msgspec import Struct

from integrations.approval_bureau.messages import (
    Closed,
    HandedOut,
    Licence,
    Progress,
    ReadyForHandOut,
    Register,
    Registered,
    Special,
)
from integrations.clock import CITY
from integrations.contract import Body, News, StatusRequest, pick

STATUS_AFTER = {Registered: "registered", HandedOut: "handed-out"}

AGREES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"unknown", "new", "in-book"}),
    "registered": frozenset({"registered", "ready", "closed"}),
    "ready": frozenset({"ready", "closed"}),
    "handed-out": frozenset({"handed-out", "closed"}),
    "closed": frozenset({"closed"}),
    "stopped": frozenset({"unknown", "new", "in-book", "registered", "closed"}),
}
"""Which states of their book agree with what the case's component says; what ends without a result they close."""


class CaseFacts(Struct, frozen=True, kw_only=True):
    """What the bureau is told when a case is accepted."""

    item_code: str
    item_name: str
    employer_name: str
    employer_code: str
    unit: str
    unit_code: str
    clerk: str
    accepted_at: datetime
    acceptance_number: str
    promised: date  # the last day promised to the applicant
    region: str
    channel: int = 2  # 1 window, 2 web, 3 mobile, 4 post


class StepFacts(Struct, frozen=True, kw_only=True):
    """One step of the procedure; `passed` is None for steps that neither pass nor return the case."""

    step: str
    person: str
    unit: str
    started: datetime
    ended: datetime | None = None  # None: still waiting
    passed: bool | None = None
    opinion: str = ""


class LicenceFacts(Struct, frozen=True, kw_only=True):
    """A permit that came out of the case, ours or the police's."""

    name: str
    number: str
    issuer: str
    valid_from: date | None = None
    valid_until: date | None = None


def stamp(moment: datetime) -> str:
    """YYYYMMDDThhmmss in the city's time, as GB/T 39046 writes instants."""
    return moment.astimezone(CITY).strftime("%Y%m%dT%H%M%S")


def _day(day: date | None) -> str | None:
    return None if day is None else day.strftime("%Y%m%d")


def register(facts: CaseFacts) -> Register:
    """The acceptance record. Raises Malformed where a value is out of the record's bounds."""
    plain: dict[str, Any] = msgspec.structs.asdict(facts)
    return pick(
        Register,
        plain
        | {
            "applicant": facts.employer_name,
            "applicant_code": facts.employer_code,
            "accepted_at": stamp(facts.accepted_at),
            "promised_finish": stamp(datetime.combine(facts.promised, time(23, 59, 59), CITY)),
        },
    )


def progress(facts: StepFacts, special: Special | None = None) -> Progress:
    """The record of one step, with its special procedure where the clock stood still."""
    return Progress(
        step=facts.step,
        action="其他" if facts.passed is None else "通过" if facts.passed else "退回",
        person=facts.person,
        opinion=facts.opinion,
        started=stamp(facts.started),
        ended=None if facts.ended is None else stamp(facts.ended),
        unit=facts.unit,
        state=1 if facts.ended is None else 2,
        special=special,
    )


def special(*, extension: bool, reason: str, started: datetime, ended: datetime | None, result: str | None) -> Special:
    """A special procedure: an extension of the limit (type 1) or another (type 2)."""
    return Special(
        type=1 if extension else 2,
        reason=reason,
        started=stamp(started),
        ended=None if ended is None else stamp(ended),
        result=result,
    )


def _licence(facts: LicenceFacts) -> Licence:
    days = {"valid_from": _day(facts.valid_from), "valid_until": _day(facts.valid_until)}
    return pick(Licence, msgspec.structs.asdict(facts) | days)


def ready_for_hand_out(licences: Sequence[LicenceFacts], how: str = "window") -> ReadyForHandOut:
    """What is to be handed out, at the window or by post."""
    return pick(ReadyForHandOut, {"licences": tuple(map(_licence, licences)), "how": how})


def closed(
    *, person: str, at: datetime, outcome: str, licences: Sequence[LicenceFacts], region: str, mailed: bool
) -> Closed:
    """The finish; `outcome` is granted, refused, withdrawn or terminated. Raises Malformed for another word."""
    plain = {"person": person, "closed_at": stamp(at), "outcome": outcome, "region": region, "mailed": mailed}
    return pick(Closed, plain | {"licences": tuple(map(_licence, licences))})


def status_request(missing: Sequence[int] = ()) -> StatusRequest:
    """Where does your book stand? `missing`: sequences of theirs that we lack, please send them again."""
    return StatusRequest(missing=tuple(missing))


def news(body: Body) -> News:
    """What a message of the bureau means for the component `window`; a rating changes no status."""
    return News("window", STATUS_AFTER.get(type(body)), msgspec.to_builtins(body))
