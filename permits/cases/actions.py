"""The actions as pure functions: a case, who does it and what they say in; the case as it is afterwards out.

Nothing here reads or writes; `service.py` runs one of these inside a transaction. Those about corrections and the
decision have files of their own; the table of all of them ends this one.
"""

import datetime as dt
from typing import Any

from msgspec.structs import replace

from permits.cases import bodies, cautions, clocks, correcting, deciding
from permits.cases.claims import desk_of
from permits.cases.doing import Action, Doing, Done, ended, moved, put, signed, stopped
from permits.cases.model import Case, Claim


def claim(case: Case, doing: Doing, _: bodies.Claim) -> Done:
    """Take the case to one's desk."""
    state = doing.row.to or case.row.state
    person = doing.asking.account
    mine = Claim(by=person.id, name=person.name, at=doing.at, desk=desk_of(state))
    return Done(moved(case, doing, claim=mine), "claimed", {"desk": mine.desk})


def release(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Put the case back into the queue."""
    return Done(put(case, claim=None), "released")


def accept(case: Case, doing: Doing, body: bodies.Accept) -> Done:
    """Accept the application (Art. 32): the clocks of the decision start."""
    since = _accepted_as_of(case, doing)
    case = moved(case, doing, claim=None, accepted_at=doing.at)
    case = clocks.start(clocks.end(case, doing.today), doing.law, since, "decision")
    return Done(_checked(case, doing, body.checked or []), "accepted")


def _accepted_as_of(case: Case, doing: Doing) -> dt.date:
    """Today, or the day on which the papers came, where silence has accepted them as of then (Art. 32)."""
    silence = cautions.pending(case, doing.law)
    return silence.counts_from if silence and silence.state(doing.today) == "happened" else doing.today


def _checked(case: Case, doing: Doing, kinds: list[str]) -> Case:
    def mark(document: Any) -> Any:
        seen = document.kind in kinds
        name = doing.asking.account.name
        return replace(document, checked_by=name, checked_at=doing.at) if seen else document

    return replace(case, documents=tuple(mark(d) for d in case.documents))


def not_accept(case: Case, doing: Doing, body: bodies.WithGround) -> Done:
    """Do not accept the application, with reasons (Art. 32)."""
    case = clocks.end(ended(case, doing), doing.today)
    return Done(stopped(case), "not-accepted", {"ground": body.ground, "reasons": body.reasons})


def terminate(case: Case, doing: Doing, body: bodies.WithGround) -> Done:
    """End the procedure by the authority, with reasons."""
    case = clocks.end(ended(case, doing), doing.today)
    return Done(stopped(case), "terminated", {"ground": body.ground, "reasons": body.reasons})


def withdraw(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Take the application back before the decision."""
    return Done(stopped(clocks.end(ended(case, doing), doing.today)), "withdrawn")


def extend_limit(case: Case, doing: Doing, body: bodies.ExtendLimit) -> Done:
    """Ask the head of the authority for a longer limit (Art. 42)."""
    asked = signed(doing, reasons=body.reasons, working_days=body.working_days)
    return Done(put(case, extension=asked), "extension-asked", {"working_days": body.working_days})


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
    return Done(clocks.pause(moved(case, doing), doing.today), "suspended", detail)


def resume(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """End the special procedure: the clocks go on."""
    return Done(clocks.resume(moved(case, doing), doing.law, doing.today), "resumed")


def close(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Close by hand what is not handed out, such as a refusal whose letter went by post."""
    return Done(clocks.end(ended(case, doing), doing.today), "closed")


def reopen(case: Case, doing: Doing, body: bodies.WithReasons) -> Done:
    """Ask to reopen a closed case after a mistake or a reconsideration."""
    return Done(put(case, reopening=signed(doing, reasons=body.reasons)), "reopening-asked")


def approve_reopening(case: Case, doing: Doing, _: bodies.Body) -> Done:
    """Reopen the case: it goes back to review with fresh clocks; what was decided stays on the timeline."""
    case = moved(
        case, doing, reopening=None, recommendation=None, clearance=None, decision=None, hand_out=None, closed_at=None
    )
    return Done(clocks.start(case, doing.law, doing.today, "decision"), "reopened")


ACTIONS: dict[str, tuple[type[bodies.Body], Action]] = {
    "claim": (bodies.Claim, claim),
    "release": (bodies.Body, release),
    "accept": (bodies.Accept, accept),
    "not-accept": (bodies.WithGround, not_accept),
    "terminate": (bodies.WithGround, terminate),
    "request-correction": (bodies.RequestCorrection, correcting.request_correction),
    "extend-limit": (bodies.ExtendLimit, extend_limit),
    "approve-extension": (bodies.Body, approve_extension),
    "suspend": (bodies.Suspend, suspend),
    "resume": (bodies.Body, resume),
    "recommend": (bodies.Recommend, deciding.recommend),
    "clear": (bodies.Clear, deciding.clear),
    "return": (bodies.WithReasons, deciding.send_back),
    "decide": (bodies.Decide, deciding.decide),
    "hand-out": (bodies.HandOut, deciding.hand_out),
    "close": (bodies.Body, close),
    "reopen": (bodies.WithReasons, reopen),
    "approve-reopening": (bodies.Body, approve_reopening),
    "withdraw": (bodies.Body, withdraw),
    "correct": (bodies.Correct, correcting.correct),
}
"""Each action with what is sent for it; `submit` has a file of its own."""
