"""From recommendation to hand-out as pure functions: recommend, clear, return, decide, hand out.

A decision's permit is written by the register, in the same transaction as the case.
"""

import datetime as dt
from typing import Any

from msgspec.structs import replace

from permits.cases import assessment, bodies, clocks
from permits.cases.doing import Doing, Done, moved, put, signed, stopped, with_component
from permits.cases.model import Case, Component, HandOut
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules.validity import NotPossible


def recommend(case: Case, doing: Doing, body: bodies.Recommend) -> Done:
    """Recommend an outcome; category and validity are worked out by the rules where they are left out."""
    said = _granting(case, doing, body) if body.outcome == "grant" else {}
    opinion = signed(doing, outcome=body.outcome, reasons=body.reasons, **said)
    case = moved(case, doing, recommendation=opinion, clearance=None, claim=None)
    return Done(case, "recommended", {"outcome": body.outcome})


def _granting(case: Case, doing: Doing, body: bodies.Recommend) -> dict[str, Any]:
    category = body.category or case.row.category or "C"
    try:
        longest = assessment.longest(doing.law, case, category, body.valid_from or doing.today)
    except NotPossible as short:
        raise BadInput(errors=[FieldError("/valid_until", short.text)]) from short
    first, last = body.valid_from or longest.valid_from, body.valid_until or longest.valid_until
    if case.filing.runs != "new":
        first = longest.valid_from
    errors = []
    if first > last:
        errors.append(FieldError("/valid_until", Text("结束要晚于开始。", "The end must come after the start.")))
    if last > longest.valid_until:
        until, why = longest.valid_until, longest.bound_by
        text = Text(f"最长到 {until}：{why.zh}", f"At most until {until}: {why.en}")
        errors.append(FieldError("/valid_until", text))
    if errors:
        raise BadInput(errors=errors)
    return {"category": category, "valid_from": first, "valid_until": last}


def clear(case: Case, doing: Doing, body: bodies.Clear) -> Done:
    """Legal clearance of a refusal (法制审核); what is not cleared goes back to the reviewer."""
    if not body.cleared:
        back = put(case, state="review", recommendation=None)
        return Done(back, "not-cleared", {"reasons": body.opinion})
    return Done(put(case, clearance=signed(doing, reasons=body.opinion, outcome="cleared")), "cleared")


def send_back(case: Case, doing: Doing, body: bodies.WithReasons) -> Done:
    """Return the case to the reviewer, with reasons."""
    case = moved(case, doing, recommendation=None, clearance=None)
    return Done(case, "returned", {"reasons": body.reasons})


def decide(case: Case, doing: Doing, body: bodies.Decide) -> Done:
    """Decide as recommended; a grant still lacks its permit, which the register writes in the same transaction."""
    said = case.row.recommendation
    assert said is not None
    first = said.valid_from
    if first and case.filing.runs != "continues":  # an extension runs on from the old last day, however late it comes
        first = max(first, doing.today)
    decision = signed(
        doing,
        outcome=body.outcome,
        reasons=body.reasons or said.reasons,
        category=said.category,
        valid_from=first,
        valid_until=said.valid_until,
    )
    state = "granted" if body.outcome == "grant" else "refused"
    case = put(case, state=state, decision=decision, decided_at=doing.at, claim=None)
    case = clocks.start(clocks.end(case, doing.today), doing.law, doing.today, "delivery")
    if body.outcome == "grant":
        return Done(case, "granted", {"reasons": decision.reasons})
    refused = with_component(stopped(case), Component("work_permit", "refused"))
    return Done(refused, "refused", {"reasons": decision.reasons})


def hand_out(case: Case, doing: Doing, body: bodies.HandOut) -> Done:
    """Hand out the result; the case closes when nothing is awaited any more."""
    if body.how == "post" and not body.tracking:
        text = Text("邮寄请填运单号。", "Give the tracking number of the post.")
        raise BadInput(errors=[FieldError("/tracking", text)])
    given = HandOut(body.to, body.how, doing.at, doing.asking.account.name, body.tracking)
    return handed_out(case, given, doing.today)


def handed_out(case: Case, given: HandOut, today: dt.date) -> Done:
    """The case after its result went out, by our window or the bureau's."""
    window = case.component("window") or Component("window", "queued")
    case = with_component(put(case, hand_out=given), replace(window, status="handed-out"))
    return Done(closed_if_settled(clocks.end(case, today), given.at), "handed-out", {"how": given.how})


def closed_if_settled(case: Case, at: dt.datetime) -> Case:
    """The case closed, if its result went out and the bureau's number is there."""
    window = case.component("window")
    if not case.row.hand_out or case.row.state == "closed" or window is None:
        return case
    if "unified_number" not in window.facts and not case.filing.by_office:
        return case
    return put(case, state="closed", closed_at=at, claim=None)
