"""The lifecycle as a table one can print: who may do what in which state, and where it leads (domain.md §5).

What is not in the table is refused; what speaks against a row that is, the guards say.
"""

from collections.abc import Iterator
from typing import NamedTuple

from permits.accounts.model import Account
from permits.cases.claims import holder
from permits.cases.guards import (
    Asking,
    Guard,
    as_recommended,
    certified,
    claimed_by_me,
    cleared,
    extension_asked,
    granted_where_the_law_has,
    handed_out_or_refused,
    no_extension,
    no_other_holds,
    no_permit,
    no_reopening,
    not_by_office,
    not_cleared,
    not_extended_by_law,
    not_handed_out,
    not_held_by_another,
    not_the_asker,
    not_the_recommender,
    parts_settled,
    reopening_asked,
    something_asked,
    wants_clearance,
)
from permits.cases.model import ENDED, OPEN, SETTLED, Case, State
from permits.errors import Conflict, Forbidden
from permits.i18n import Text


class Transition(NamedTuple):
    """One row of the table: in these states, these roles may do this, unless a guard says why not."""

    action: str
    roles: tuple[str, ...]
    states: tuple[State, ...]
    to: State | None = None
    """The state it leads to; None where it stays or the use case works it out."""
    guards: tuple[Guard, ...] = ()


CLERK, REVIEWER, PARTY = ("clerk",), ("reviewer",), ("party",)
ANSWERABLE: tuple[State, ...] = ("correction", "accepted", "review", "special-procedure", "recommended", "granted")

TABLE: tuple[Transition, ...] = (
    Transition("submit", PARTY, ("draft",), "submitted"),
    Transition("correct", PARTY, ANSWERABLE, None, (something_asked,)),
    Transition("withdraw", PARTY, OPEN, "withdrawn", (not_by_office, not_extended_by_law)),
    Transition("claim", CLERK, ("submitted", "correction"), None, (not_held_by_another,)),
    Transition("claim", REVIEWER, ("accepted",), "review", (not_held_by_another,)),
    Transition("claim", REVIEWER, ("review", "special-procedure"), None, (not_held_by_another,)),
    Transition("release", CLERK, ("submitted", "correction"), None, (claimed_by_me,)),
    Transition("release", REVIEWER, ("review", "special-procedure"), None, (claimed_by_me,)),
    Transition("accept", CLERK, ("submitted",), "accepted", (claimed_by_me,)),
    Transition(
        "not-accept",
        ("clerk", "reviewer"),
        ("submitted", "correction"),
        "not-accepted",
        (no_other_holds, not_extended_by_law),
    ),
    Transition("request-correction", CLERK, ("submitted",), "correction", (claimed_by_me,)),
    Transition("request-correction", REVIEWER, ("review",), "correction", (claimed_by_me,)),
    Transition(
        "terminate",
        ("clerk", "reviewer"),
        ("accepted", "review", "special-procedure"),
        "terminated",
        (no_other_holds, not_extended_by_law),
    ),
    Transition("extend-limit", REVIEWER, ("review",), None, (claimed_by_me, no_extension)),
    Transition("approve-extension", ("decider",), ("review", "recommended"), None, (extension_asked, not_the_asker)),
    Transition("suspend", REVIEWER, ("review",), "special-procedure", (claimed_by_me,)),
    Transition("resume", REVIEWER, ("special-procedure",), "review", (no_other_holds,)),
    Transition("recommend", REVIEWER, ("review",), "recommended", (claimed_by_me, granted_where_the_law_has)),
    Transition("clear", ("legal",), ("recommended",), None, (wants_clearance, not_cleared)),
    Transition("return", ("decider", "legal"), ("recommended",), "review"),
    Transition(
        "decide",
        ("decider",),
        ("recommended",),
        None,
        (not_the_recommender, certified, as_recommended, cleared, granted_where_the_law_has),
    ),
    Transition("hand-out", CLERK, ("granted", "refused"), None, (parts_settled, not_handed_out)),
    Transition("close", ("clerk", "reviewer"), ("granted", "refused"), "closed", (handed_out_or_refused,)),
    Transition("reopen", REVIEWER, ("closed",), None, (no_permit, no_reopening)),
    Transition("approve-reopening", ("decider",), ("closed",), "review", (reopening_asked, not_the_asker)),
)
ACTIONS = tuple(dict.fromkeys(row.action for row in TABLE))
STAFF = ("clerk", "reviewer", "decider", "legal", "inspector", "manager")


def is_party(case: Case, account: Account) -> bool:
    """Whether a person is a party of the case: its agent; never the officer who opened one of the office's own."""
    mine = case.row.filed_by == account.id
    return mine and (not case.filing.by_office or account.has("employer", case.row.region))


def _plays(row: Transition, case: Case, account: Account) -> bool:
    if row.roles == PARTY:
        return is_party(case, account)
    return any(account.has(role, case.row.region) for role in row.roles)


def why_not(row: Transition, case: Case, asking: Asking) -> Text | None:
    """The first guard's reason against an action, or None."""
    return next((reason for guard in row.guards if (reason := guard(case, asking))), None)


def possible(case: Case, asking: Asking) -> tuple[str, ...]:
    """The actions this person may take on the case now, in the order of the table."""
    rows = (r for r in TABLE if case.row.state in r.states and _plays(r, case, asking.account))
    found = [row.action for row in rows if why_not(row, case, asking) is None]
    return tuple(dict.fromkeys(found))


def allow(action: str, case: Case, asking: Asking) -> Transition:
    """The row that allows an action. Raises Forbidden for a role that may not, Conflict naming what is possible."""
    mine = [row for row in TABLE if row.action == action and _plays(row, case, asking.account)]
    if not mine:
        raise Forbidden(Text("您的角色不能办理这一步。", "Your role may not take this step."))
    here = [row for row in mine if case.row.state in row.states]
    if not here:
        raise _conflict("state", _wrong_state(case), case, asking)
    reasons = [why_not(row, case, asking) for row in here]
    if None in reasons:
        return here[reasons.index(None)]
    assert reasons[0] is not None
    raise _conflict("not-now", reasons[0], case, asking)


def _wrong_state(case: Case) -> Text:
    return Text(
        f"这件现在是“{STATE_NAMES[case.row.state].zh}”，不能办理这一步。",
        f"The case is {STATE_NAMES[case.row.state].en} now, which does not allow this step.",
    )


def _conflict(slug: str, reason: Text, case: Case, asking: Asking) -> Conflict:
    actions = possible(case, asking._replace(outcome=None))
    claim = case.row.claim if holder(case, asking.at) else None
    extra: dict[str, object] = {"state": case.row.state, "actions": list(actions)}
    if claim:
        extra["holder"] = {"name": claim.name, "since": claim.at.isoformat()}
    able = "、".join(actions) or "无"
    text = Text(f"{reason.zh}现在可以：{able}。", f"{reason.en} Possible now: {', '.join(actions) or 'nothing'}.")
    return Conflict(text, type=slug, extra=extra)


def waiting_on(case: Case) -> str:
    """Whose turn it is: the first that applies of applicant, office, police, approval bureau, nobody."""
    state, residence = case.row.state, case.status("residence_permit")
    if state in ENDED:
        return "nobody"
    if state in ("draft", "correction") or case.unanswered():
        return "applicant"
    if state in (*OPEN, "refused") or (residence in SETTLED and not case.row.hand_out):
        return "office"
    if residence not in SETTLED:
        return "police"
    return "approval-bureau" if case.status("window") == "queued" else "nobody"


STATE_NAMES: dict[str, Text] = {
    "draft": Text("草稿", "a draft"),
    "submitted": Text("已提交", "submitted"),
    "correction": Text("补正", "in correction"),
    "not-accepted": Text("不予受理", "not accepted"),
    "accepted": Text("已受理", "accepted"),
    "review": Text("审查", "under review"),
    "special-procedure": Text("特别程序", "in a special procedure"),
    "recommended": Text("待决定", "recommended"),
    "granted": Text("准予许可", "granted"),
    "refused": Text("不予许可", "refused"),
    "closed": Text("已办结", "closed"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "terminated": Text("已终止", "terminated"),
}


def diagram() -> Iterator[str]:
    """The table as lines of a Mermaid state diagram, as CONTRIBUTING.md shows it."""
    yield "stateDiagram-v2"
    yield "    [*] --> draft"
    for row in TABLE:
        for state in row.states:
            target = row.to or {"decide": "granted", "hand-out": "closed"}.get(row.action)
            if target:
                yield f"    {state} --> {target}: {row.action} ({', '.join(row.roles)})"
            if row.action == "decide":
                yield f"    {state} --> refused: {row.action} ({', '.join(row.roles)})"
    for state in ENDED:
        yield f"    {state} --> [*]"
