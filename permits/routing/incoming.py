"""What an agency's message means for a case, as the report that `cases` takes. Pure; it decides nothing of the case."""

import datetime as dt
from typing import Any

from integrations.approval_bureau import adapter as bureau
from integrations.approval_bureau.messages import HandedOut, Rating, Registered
from integrations.contract import Body, News
from integrations.police import adapter as police
from integrations.police.messages import Appointment, CorrectionWanted, Granted, Received, Refused
from permits.cases.guards import unsettled
from permits.cases.model import Asker, Case, Correction, HandOut
from permits.cases.service import Report
from permits.clock import CITY
from permits.db.ids import new_id
from permits.routing.why import Reason

NEWS = {"police": police.news, "approval-bureau": bureau.news}
EVENTS = {
    Received: "police-received",
    CorrectionWanted: "police-correction-wanted",
    Appointment: "police-appointment",
    Granted: "police-granted",
    Refused: "police-refused",
    Registered: "bureau-registered",
    HandedOut: "bureau-handed-out",
    Rating: "bureau-rating",
}
ASKERS: dict[str, Asker] = {"police": "police", "approval-bureau": "approval-bureau"}


def report(agency: str, body: Body, at: dt.datetime) -> Report | None:
    """The report of a message; None for what says nothing of a case, such as an answer about a book."""
    event = EVENTS.get(type(body))
    news = NEWS[agency](body)
    if event is None:
        return None
    return Report(
        agency=agency,
        kind=news.component,
        status=news.status,
        event=event,
        facts=_facts(body, news),
        detail=_detail(body),
        corrections=_corrections(agency, news, at),
        handed_out=_hand_out(body, at) if isinstance(body, HandedOut) else None,
    )


_DECIDED_STATES = ("granted", "refused", "closed")


def contradiction(case: Case, agency: str, body: Body) -> Reason | None:
    """What speaks against taking a message into the case as it is; None where nothing does.

    What merely comes late, such as an appointment after a withdrawal, is no contradiction: both sides acted in turn.
    """
    if isinstance(body, HandedOut):
        if case.row.state not in _DECIDED_STATES:
            return Reason("not-decided")
        return Reason("not-settled") if unsettled(case) else None
    if agency != "police" or type(body) not in EVENTS:
        return None
    if not case.row.joint:
        return Reason("not-joint")
    status = case.status("residence_permit")
    match body:
        case Granted() if case.status("work_permit") != "granted":
            return Reason("not-granted")
        case Granted() if status == "refused":
            return Reason("decided-already")
        case Refused() if status == "granted":
            return Reason("decided-already")
    return None


def _facts(body: Body, news: News) -> dict[str, Any]:
    match body:
        case Appointment():
            return {"when": body.at and _local(body.at).isoformat(), "where": body.place, "bring": list(body.bring)}
        case HandedOut() | CorrectionWanted() | Rating():
            return {}
    return news.facts


def _detail(body: Body) -> dict[str, Any]:
    match body:
        case Appointment():
            return {"when": f"{_local(body.at):%Y-%m-%d %H:%M}" if body.at else "—", "where": body.place}
        case CorrectionWanted():
            return {"items": [item.text for item in body.items]}
        case Registered():
            return {"unified_number": body.unified_number}
        case Refused():
            return {"reasons": body.reasons}
        case Rating():  # who gave it and in which words stays in the message
            return {"grade": body.grade, "channel": body.channel}
    return {}


def _local(at: dt.datetime) -> dt.datetime:
    return at.astimezone(CITY)


def _corrections(agency: str, news: News, at: dt.datetime) -> tuple[Correction, ...]:
    return tuple(
        Correction(new_id(), ASKERS[agency], item.text, at, pointer=item.pointer, document=item.document)
        for item in news.corrections
    )


def _hand_out(body: HandedOut, at: dt.datetime) -> HandOut:
    return HandOut(body.to or "—", body.how, _local(body.at) if body.at else at, "行政审批局", body.tracking)
