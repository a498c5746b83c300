"""Ours into the police's words and back. Pure: facts in, bodies out; it asks nobody and keeps nothing."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct

from integrations.contract import Body, News, StatusRequest, pick
from integrations.police.messages import (
    Appointment,
    CorrectionAnswer,
    CorrectionSupplied,
    CorrectionWanted,
    Document,
    Employer,
    Granted,
    Letter,
    Matter,
    PermitGranted,
    Person,
    Received,
    Refused,
    ReviewPackage,
    Stay,
    Stop,
    Work,
)

MATTERS: Mapping[str, Matter] = {
    "issue-abroad": "issue",
    "issue-in-china": "issue",
    "extend": "extend",
    "change": "change",
}
STATUS_AFTER = {
    Received: "received",
    CorrectionWanted: "correction-wanted",
    Appointment: "appointment",
    Granted: "granted",
    Refused: "refused",
}

_UNDER_WAY = frozenset({"under-review", "received", "correction-wanted", "appointment"})
AGREES: Mapping[str, frozenset[str]] = {
    "queued": frozenset({"unknown", "new"}),
    "sent": _UNDER_WAY | {"new"},
    "received": frozenset({"received", "under-review"}),
    "correction-wanted": frozenset({"correction-wanted", "under-review", "received"}),
    "appointment": frozenset({"appointment", "under-review"}),
    "granted": frozenset({"granted"}),
    "refused": frozenset({"refused"}),
    "stopped": frozenset({"stopped", "unknown", "new"}),
}
"""Which states of their book agree with what the case's component says. After a correction they review anew."""


class CaseFacts(Struct, frozen=True, kw_only=True):
    """What the police are told of a case. The three mappings are the application's own, with its field names."""

    procedure: str
    employer: Mapping[str, Any]
    beneficiary: Mapping[str, Any]
    employment: Mapping[str, Any]
    accepted_on: date
    promised: date | None = None
    documents: tuple[Document, ...] = ()


class PermitFacts(Struct, frozen=True, kw_only=True):
    """The work permit that was granted, and how long the residence permit is asked for."""

    permit_number: str
    category: str
    valid_from: date
    valid_until: date
    passport_expiry: date | None = None
    decision: Letter | None = None  # number and SHA-256 of the decision's letter


def review_package(facts: CaseFacts) -> ReviewPackage:
    """The package for parallel review.

    Raises Malformed where a field that the police need is absent, KeyError for a procedure without a police matter.
    """
    return ReviewPackage(
        matter=MATTERS[facts.procedure],
        person=pick(Person, facts.beneficiary),
        stay=pick(Stay, facts.beneficiary),
        employer=pick(Employer, facts.employer),
        work=pick(Work, facts.employment),
        accepted_on=facts.accepted_on,
        promised=facts.promised,
        documents=facts.documents,
    )


def permit_granted(facts: PermitFacts) -> PermitGranted:
    """The grant. The residence permit is asked for to the work permit's last day, never beyond the passport."""
    until = min(facts.valid_until, facts.passport_expiry or facts.valid_until)
    return pick(PermitGranted, msgspec.structs.asdict(facts) | {"residence_until": until})


def stop(reason: str, on: date) -> Stop:
    """No work permit: `reason` is refused, withdrawn or terminated. Raises Malformed for another word."""
    return pick(Stop, {"reason": reason, "on": on})


def correction_supplied(facts: CaseFacts, answers: Mapping[str, str]) -> CorrectionSupplied:
    """The case after the applicant's correction; `answers` maps each item (pointer or document) to what was said."""
    return CorrectionSupplied(
        answers=tuple(CorrectionAnswer(item=item, text=text) for item, text in answers.items()),
        person=pick(Person, facts.beneficiary),
        stay=pick(Stay, facts.beneficiary),
        work=pick(Work, facts.employment),
        documents=facts.documents,
    )


def status_request(missing: Sequence[int] = ()) -> StatusRequest:
    """Where does your book stand? `missing`: sequences of theirs that we lack, please send them again."""
    return StatusRequest(missing=tuple(missing))


def news(body: Body) -> News:
    """What a message of the police means for the component `residence_permit`."""
    corrections = body.items if isinstance(body, CorrectionWanted) else ()
    facts = msgspec.to_builtins(body)
    facts.pop("items", None)
    return News("residence_permit", STATUS_AFTER.get(type(body)), facts, corrections)
