"""The actions as pure functions: a case, who does it and what they say in; the case as it is afterwards out.

Nothing here reads or writes; `service.py` runs one of these inside a transaction.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from permits.cases import assessment, bodies, clocks
from permits.cases.lifecycle import Asking, Transition, desk_of
from permits.cases.model import Case, Claim, Component, Correction, HandOut, Signed
from permits.db.ids import new_id
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules.law import Law
from permits.rules.validity import NotPossible


class Doing(NamedTuple):
    """Who acts, when by the office's clock, under which law."""

    asking: Asking
    law: Law
    row: Transition

    @property
    def at(self) -> dt.datetime:
        """The office's instant."""
        return self.asking.at

    @property
    def today(self) -> dt.date:
        """The office's date."""
        return self.asking.at.date()


class Done(NamedTuple):
    """The case afterwards, what happened, and what the timeline says of it."""

    case: Case
    event: str
    detail: dict[str, Any] | None = None


Action = Callable[[Case, Doing, Any], Done]


def _row(case: Case, **changes: Any) -> Case:
    return replace(case, row=replace(case.row, **changes))


def _moved(case: Case, doing: Doing, **changes: Any) -> Case:
    return _row(case, state=doing.row.to or case.row.state, **changes)


def _signed(doing: Doing, **said: Any) -> Signed:
    return Signed(by=doing.asking.account.id, name=doing.asking.account.name, at=doing.at, **said)


def claim(case: Case, doing: Doing, _: bodies.Claim) -> Done:
    """Take the case to one's desk."""
    state = doing.row.to or case.row.state
    person = doing.asking.account
    mine = Claim(by=person.id, name=person.name, at=doing.at, desk=desk_of(state))
    return Done(_moved(case, doing, claim=mine), "claimed", {"desk": mine.desk})


def release(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Put the case back into the queue."""
    return Done(_row(case, claim=None), "released")


def accept(case: Case, doing: Doing, body: bodies.Accept) -> Done:
    """Accept the application (Art. 32): the clocks of the decision start."""
    case = _moved(case, doing, claim=None, accepted_at=doing.at)
    case = clocks.start(clocks.end(case, doing.today), doing.law, doing.today, "decision")
    return Done(_checked(case, doing, body.checked or []), "accepted")


def _checked(case: Case, doing: Doing, kinds: list[str]) -> Case:
    def mark(document: Any) -> Any:
        seen = document.kind in kinds
        name = doing.asking.account.name
        return replace(document, checked_by=name, checked_at=doing.at) if seen else document

    return replace(case, documents=tuple(mark(d) for d in case.documents))


def not_accept(case: Case, doing: Doing, body: bodies.WithGround) -> Done:
    """Do not accept the application, with reasons (Art. 32)."""
    case = clocks.end(_ended(case, doing), doing.today)
    return Done(_stopped(case), "not-accepted", {"ground": body.ground, "reasons": body.reasons})


def terminate(case: Case, doing: Doing, body: bodies.WithGround) -> Done:
    """End the procedure by the authority, with reasons."""
    case = clocks.end(_ended(case, doing), doing.today)
    return Done(_stopped(case), "terminated", {"ground": body.ground, "reasons": body.reasons})


def withdraw(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Take the application back before the decision."""
    return Done(_stopped(clocks.end(_ended(case, doing), doing.today)), "withdrawn")


def _ended(case: Case, doing: Doing) -> Case:
    return _moved(case, doing, claim=None, closed_at=doing.at)


def _stopped(case: Case) -> Case:
    """The case with what has not come to a result stopped."""

    def stop(part: Component) -> Component:
        running = part.kind == "residence_permit" and part.status not in ("granted", "refused", "not-wanted")
        return replace(part, status="stopped") if running else part

    return replace(case, components=tuple(stop(part) for part in case.components))


def request_correction(case: Case, doing: Doing, body: bodies.RequestCorrection) -> Done:
    """Ask for corrections, once and completely (一次性告知, Art. 32)."""
    if errors := [
        FieldError(f"/items/{at}", Text("请写明是哪个字段或哪份材料。", "Name the field or the document."))
        for at, item in enumerate(body.items)
        if (item.pointer is None) == (item.document is None)
    ]:
        raise BadInput(errors=errors)
    asked = tuple(
        Correction(new_id(), "office", item.text, doing.at, pointer=item.pointer, document=item.document)
        for item in body.items
    )
    case = _moved(case, doing, return_state=case.row.state)
    case = replace(case, corrections=(*case.corrections, *asked))
    standing = (
        clocks.end(case, doing.today) if case.row.return_state == "submitted" else clocks.pause(case, doing.today)
    )
    return Done(standing, "correction-requested", {"items": [item.text for item in body.items]})


def correct(case: Case, doing: Doing, body: bodies.Correct) -> Done:
    """Answer the corrections; what came before goes on where it stood."""
    case = replace(case, corrections=_answered(case, doing, body.answers))
    askers = sorted({c.asker for c in case.corrections if c.answered_at == doing.at})
    if case.row.state == "correction" and not case.unanswered():
        back = case.row.return_state or "submitted"
        case = _row(case, state=back, return_state=None)
        if back == "submitted":
            case = clocks.start(case, doing.law, doing.today, "pre-review", "acceptance")
        else:
            case = clocks.resume(case, doing.law, doing.today)
    return Done(case, "corrected", {"askers": askers})


def _answered(case: Case, doing: Doing, answers: list[bodies.Answer] | None) -> tuple[Correction, ...]:
    given = {str(answer.item): answer.text for answer in answers or ()}
    open_ones = [str(c.id) for c in case.corrections if c.answered_at is None]
    numbers = {str(c.id): str(at) for at, c in enumerate(case.corrections)}
    known = {*open_ones, *(numbers[i] for i in open_ones)}
    if unknown := [at for at, answer in enumerate(answers or ()) if str(answer.item) not in known]:
        text = Text("没有这一项，或已经答复过。", "There is no such item, or it was answered already.")
        raise BadInput(errors=[FieldError(f"/answers/{at}/item", text) for at in unknown])

    def answer(item: Correction) -> Correction:
        said = given.get(str(item.id), given.get(numbers[str(item.id)]))
        if item.answered_at or (answers is not None and answers and said is None):
            return item
        return replace(item, answered_at=doing.at, answer=said or "")

    return tuple(answer(item) for item in case.corrections)


def extend_limit(case: Case, doing: Doing, body: bodies.ExtendLimit) -> Done:
    """Ask the head of the authority for a longer limit (Art. 42)."""
    asked = _signed(doing, reasons=body.reasons, working_days=body.working_days)
    return Done(_row(case, extension=asked), "extension-asked", {"working_days": body.working_days})


def approve_extension(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Approve the longer limit: the legal clock of the decision moves, and the applicant is told why."""
    asked = case.row.extension
    assert asked is not None
    days = asked.working_days or 0
    longer = clocks.lengthen(case, doing.law, days)
    return Done(longer, "limit-extended", {"working_days": days, "reasons": asked.reasons})


def suspend(case: Case, doing: Doing, body: bodies.Suspend) -> Done:
    """Begin expert review, inspection or hearing: the clocks stand still (Art. 45)."""
    detail = {"procedure": body.procedure, "working_days": body.expected_working_days, "reasons": body.reasons}
    return Done(clocks.pause(_moved(case, doing), doing.today), "suspended", detail)


def resume(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """End the special procedure: the clocks go on."""
    return Done(clocks.resume(_moved(case, doing), doing.law, doing.today), "resumed")


def recommend(case: Case, doing: Doing, body: bodies.Recommend) -> Done:
    """Recommend an outcome; category and validity are worked out by the rules where they are left out."""
    said = _granting(case, doing, body) if body.outcome == "grant" else {}
    opinion = _signed(doing, outcome=body.outcome, reasons=body.reasons, **said)
    case = _moved(case, doing, recommendation=opinion, clearance=None, claim=None)
    return Done(case, "recommended", {"outcome": body.outcome})


def _granting(case: Case, doing: Doing, body: bodies.Recommend) -> dict[str, Any]:
    category = body.category or case.row.category or "C"
    try:
        longest = assessment.longest(doing.law, case, category, body.valid_from or doing.today)
    except NotPossible as short:
        raise BadInput(errors=[FieldError("/valid_until", short.text)]) from short
    first, last = body.valid_from or longest.valid_from, body.valid_until or longest.valid_until
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
        back = _row(case, state="review", recommendation=None)
        return Done(back, "not-cleared", {"reasons": body.opinion})
    return Done(_row(case, clearance=_signed(doing, reasons=body.opinion, outcome="cleared")), "cleared")


def send_back(case: Case, doing: Doing, body: bodies.WithReasons) -> Done:
    """Return the case to the reviewer, with reasons."""
    case = _moved(case, doing, recommendation=None, clearance=None)
    return Done(case, "returned", {"reasons": body.reasons})


def decide(case: Case, doing: Doing, body: bodies.Decide) -> Done:
    """Decide as recommended; a grant still lacks its permit, which the register writes in the same transaction."""
    said = case.row.recommendation
    assert said is not None
    first = said.valid_from and max(said.valid_from, doing.today)
    decision = _signed(
        doing,
        outcome=body.outcome,
        reasons=body.reasons or said.reasons,
        category=said.category,
        valid_from=first,
        valid_until=said.valid_until,
    )
    state = "granted" if body.outcome == "grant" else "refused"
    case = _row(case, state=state, decision=decision, decided_at=doing.at, claim=None)
    case = clocks.start(clocks.end(case, doing.today), doing.law, doing.today, "delivery")
    if body.outcome == "grant":
        return Done(case, "granted", {"reasons": decision.reasons})
    refused = with_component(_stopped(case), Component("work_permit", "refused"))
    return Done(refused, "refused", {"reasons": decision.reasons})


def with_component(case: Case, part: Component) -> Case:
    """The case with this component in place of the one of its kind."""
    others = tuple(c for c in case.components if c.kind != part.kind)
    return replace(case, components=(*others, part))


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
    case = with_component(_row(case, hand_out=given), replace(window, status="handed-out"))
    return Done(closed_if_settled(clocks.end(case, today), given.at), "handed-out", {"how": given.how})


def closed_if_settled(case: Case, at: dt.datetime) -> Case:
    """The case closed, if its result went out and the bureau's number is there."""
    window = case.component("window")
    if not case.row.hand_out or case.row.state == "closed" or window is None or "unified_number" not in window.facts:
        return case
    return _row(case, state="closed", closed_at=at, claim=None)


def close(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Close by hand what is not handed out, such as a refusal whose letter went by post."""
    return Done(clocks.end(_ended(case, doing), doing.today), "closed")


def reopen(case: Case, doing: Doing, body: bodies.WithReasons) -> Done:
    """Ask to reopen a closed case after a mistake or a reconsideration."""
    return Done(_row(case, reopening=_signed(doing, reasons=body.reasons)), "reopening-asked")


def approve_reopening(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Reopen the case: it goes back to review with fresh clocks; what was decided stays on the timeline."""
    case = _moved(
        case, doing, reopening=None, recommendation=None, clearance=None, decision=None, hand_out=None, closed_at=None
    )
    return Done(clocks.start(case, doing.law, doing.today, "decision"), "reopened")


ACTIONS: dict[str, tuple[type[bodies.Body], Action]] = {
    "claim": (bodies.Claim, claim),
    "release": (bodies.Body, release),
    "accept": (bodies.Accept, accept),
    "not-accept": (bodies.WithGround, not_accept),
    "terminate": (bodies.WithGround, terminate),
    "request-correction": (bodies.RequestCorrection, request_correction),
    "extend-limit": (bodies.ExtendLimit, extend_limit),
    "approve-extension": (bodies.Body, approve_extension),
    "suspend": (bodies.Suspend, suspend),
    "resume": (bodies.Body, resume),
    "recommend": (bodies.Recommend, recommend),
    "clear": (bodies.Clear, clear),
    "return": (bodies.WithReasons, send_back),
    "decide": (bodies.Decide, decide),
    "hand-out": (bodies.HandOut, hand_out),
    "close": (bodies.Body, close),
    "reopen": (bodies.WithReasons, reopen),
    "approve-reopening": (bodies.Body, approve_reopening),
    "withdraw": (bodies.Body, withdraw),
    "correct": (bodies.Correct, correct),
}
"""Each action with what is sent for it; `submit` has a file of its own."""
