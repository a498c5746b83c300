"""What each message to an agency says, made of the case as it stands. Pure: facts in, bodies out."""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from integrations.approval_bureau import adapter as bureau
from integrations.contract import Body
from integrations.police import adapter as police
from integrations.police.messages import Document, Letter
from permits.cases.model import Case, Event
from permits.clock import CITY
from permits.letters import basis
from permits.letters.about import day_of
from permits.routing.model import Cause
from permits.rules import item_codes, procedures

WORK_PERMIT, RESIDENCE_PERMIT = "外国人来华工作许可", "外国人居留许可"
POLICE_NAME = "公安机关出入境管理机构"
STOP_REASONS = {"refused": "refused", "withdrawn": "withdrawn"}
"""Why there will be no permit, by the case's state; everything else has ended the procedure."""
STEPS: Mapping[str, tuple[str, bool | None]] = {
    "correction-requested": ("补正告知", None),
    "corrected": ("补正", None),
    "suspended": ("特别程序", None),
    "resumed": ("特别程序结束", None),
    "limit-extended": ("延长审批", True),
    "recommended": ("审查", True),
    "not-cleared": ("法制审核", False),
    "returned": ("退回审查", False),
    "granted": ("决定", True),
    "refused": ("决定", None),
}
"""How the bureau's records call each step, and whether it passed or returned the case."""
SPECIALS = {"expert-review": "专家评审", "inspection": "检验、检测、鉴定", "hearing": "听证"}
"""How they call a procedure during which the clocks stand still."""


def _day(cause: Cause) -> dt.date:
    return day_of(cause.event.at)


def _promised(case: Case) -> dt.date | None:
    """By when it is to be decided; None before the acceptance, from which that is reckoned."""
    due = {clock.basis: clock.due for clock in case.clocks if clock.step == "decision"}
    return due.get("promised") or due.get("legal")


def _setting(cause: Cause, key: str) -> str:
    return str(cause.law.setting(key, on=_day(cause), region=cause.case.row.region).value)


def _item_code(cause: Cause) -> str:
    """The item's code; its word of the interface while the city has not stated the code."""
    row = cause.case.row
    return str(item_codes.item_code(cause.law, row.procedure, _day(cause), row.region) or row.procedure)


def _unit(cause: Cause) -> str:
    return basis.office(cause.law, on=_day(cause), region=cause.case.row.region, demo=cause.demo).name.zh


def _for_police(cause: Cause) -> police.CaseFacts:
    case = cause.case
    parts = {name: msgspec.to_builtins(getattr(case, name)) for name in ("employer", "beneficiary", "employment")}
    accepted_at = case.row.accepted_at or cause.event.at
    return police.CaseFacts(
        procedure=case.row.procedure,
        accepted_on=day_of(accepted_at),
        promised=_promised(case),
        documents=tuple(Document(kind=d.kind, sha256=d.digest, media_type=d.media) for d in case.documents),
        **parts,
    )


def review_package(cause: Cause) -> Body:
    """The application for parallel review (并联审批)."""
    return police.review_package(_for_police(cause))


def permit_granted(cause: Cause) -> Body:
    """The granted work permit, with the letter that grants it."""
    facts, letter = _permit(cause.case), cause.letter
    return police.permit_granted(
        police.PermitFacts(
            permit_number=facts["permit_number"],
            category=facts["category"],
            valid_from=dt.date.fromisoformat(facts["valid_from"]),
            valid_until=dt.date.fromisoformat(facts["valid_until"]),
            passport_expiry=cause.case.beneficiary.passport_expiry,
            decision=Letter(number=letter.number, sha256=letter.digest) if letter else None,
        )
    )


def stop(cause: Cause) -> Body:
    """There will be no work permit."""
    return police.stop(STOP_REASONS.get(cause.case.row.state, "terminated"), _day(cause))


def correction_supplied(cause: Cause) -> Body:
    """What the applicant answered to what the police asked."""
    at = cause.event.at
    answered = [c for c in cause.case.corrections if c.asker == "police" and c.answered_at == at]
    answers = {c.pointer or c.document or "": c.answer or "" for c in answered}
    return police.correction_supplied(_for_police(cause), answers)


def register(cause: Cause) -> Body:
    """The acceptance record."""
    case, letter = cause.case, cause.letter
    accepted_at = case.row.accepted_at or cause.event.at
    procedure = procedures.procedure(cause.law, case.row.procedure, _day(cause), case.row.region)
    return bureau.register(
        bureau.CaseFacts(
            item_code=_item_code(cause),
            item_name=procedure.title.zh,
            employer_name=case.employer.name or "",
            employer_code=case.employer.credit_code or "",
            unit=_unit(cause),
            unit_code=_setting(cause, "bureau.unit_code"),
            clerk=cause.event.by,
            accepted_at=accepted_at,
            acceptance_number=letter.number if letter else case.row.number,
            promised=_promised(case) or day_of(accepted_at),
            region=case.row.region,
        )
    )


def progress(cause: Cause) -> Body:
    """The record of the step that was taken; reasons stay with us, they may speak of the person."""
    event = cause.event
    step, passed = STEPS[event.kind]
    if event.kind == "recommended" and event.detail.get("outcome") == "refuse":
        passed = None
    facts = bureau.StepFacts(
        step=step,
        person=event.by or "系统",
        unit=_unit(cause),
        started=_before(cause.case, event).at,
        ended=event.at,
        passed=passed,
    )
    return bureau.progress(facts, _special(cause))


def _before(case: Case, event: Event) -> Event:
    earlier = [e for e in case.timeline if e.id < event.id]
    return earlier[-1] if earlier else event


def _special(cause: Cause) -> Any:
    event, began = cause.event, [e for e in cause.case.timeline if e.kind == "suspended" and e.id < cause.event.id]
    match event.kind:
        case "suspended":
            return bureau.special(
                extension=False, reason=SPECIALS[event.detail["procedure"]], started=event.at, ended=None, result=None
            )
        case "resumed" if began:
            return bureau.special(
                extension=False,
                reason=SPECIALS[began[-1].detail["procedure"]],
                started=began[-1].at,
                ended=event.at,
                result="",
            )
        case "limit-extended":
            reason = f"延长 {event.detail['working_days']} 个工作日"
            return bureau.special(extension=True, reason=reason, started=event.at, ended=event.at, result="批准")
    return None


def _permit(case: Case) -> dict[str, Any]:
    part = case.component("work_permit")
    return part.facts if part else {}


def licences(case: Case, unit: str) -> list[bureau.LicenceFacts]:
    """The permits that came out of a case, ours by this unit and the police's."""
    facts, residence, found = _permit(case), case.component("residence_permit"), []
    if "permit_number" in facts:
        days = {name: dt.date.fromisoformat(facts[name]) for name in ("valid_from", "valid_until")}
        number = facts["permit_number"]
        found.append(bureau.LicenceFacts(name=WORK_PERMIT, number=number, issuer=unit, **days))
    if residence and residence.status == "granted":
        until = dt.date.fromisoformat(residence.facts["valid_until"])
        number = residence.facts["number"]
        found.append(bureau.LicenceFacts(name=RESIDENCE_PERMIT, number=number, issuer=POLICE_NAME, valid_until=until))
    return found


def ready_for_hand_out(cause: Cause) -> Body:
    """All results are there."""
    return bureau.ready_for_hand_out(licences(cause.case, _unit(cause)))


def closed(cause: Cause) -> Body:
    """The finish, with what came out of the case."""
    case = cause.case
    decided = {"grant": "granted", "refuse": "refused"}.get((case.row.decision and case.row.decision.outcome) or "")
    handed = case.row.hand_out
    return bureau.closed(
        person=cause.event.by or (handed.by if handed else "") or "系统",
        at=(case.row.closed_at or cause.event.at).astimezone(CITY),
        outcome=decided or STOP_REASONS.get(case.row.state, "terminated"),
        licences=licences(cause.case, _unit(cause)),
        region=case.row.region,
        mailed=handed is not None and handed.how == "post",
    )


BODIES: Mapping[tuple[str, str], Callable[[Cause], Body]] = {
    ("police", "review-package"): review_package,
    ("police", "permit-granted"): permit_granted,
    ("police", "stop"): stop,
    ("police", "correction-supplied"): correction_supplied,
    ("approval-bureau", "register"): register,
    ("approval-bureau", "progress"): progress,
    ("approval-bureau", "ready-for-hand-out"): ready_for_hand_out,
    ("approval-bureau", "closed"): closed,
}
"""How each message that a route may name is written."""
MARKS = {
    ("police", "review-package"): ("residence_permit", "sent", ("queued",)),
    ("approval-bureau", "ready-for-hand-out"): ("window", "ready", ("queued", "registered")),
    ("approval-bureau", "closed"): ("window", "closed", ("queued", "registered", "ready")),
}
"""The component, its status that a message leaves when the agency has taken it, and the statuses that it follows."""
