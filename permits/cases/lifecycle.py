"""The lifecycle as a table one can print: who may do what in which state, and where it leads (domain.md §5).

What is not in the table is refused. Guards are pure functions over the case; each says why not, in both languages.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import NamedTuple

from permits.accounts.model import Account
from permits.cases.model import ENDED, OPEN, Case, State
from permits.errors import Conflict, Forbidden
from permits.i18n import Text

CLAIM_HOURS = 8
"""A claim runs out after a working day, so that nobody's absence hides a case."""


class Asking(NamedTuple):
    """Who asks for an action, when, and what they say the outcome is."""

    account: Account
    at: dt.datetime
    outcome: str | None = None
    take_over: bool = False


Guard = Callable[[Case, Asking], Text | None]


class Transition(NamedTuple):
    """One row of the table: in these states, these roles may do this, unless a guard says why not."""

    action: str
    roles: tuple[str, ...]
    states: tuple[State, ...]
    to: State | None = None
    """The state it leads to; None where it stays or the use case works it out."""
    guards: tuple[Guard, ...] = ()


def desk_of(state: State) -> str:
    """Whose desk a case in this state lies on: each desk has one claim."""
    return "window" if state in ("submitted", "correction", "granted", "refused") else "review"


def holder(case: Case, at: dt.datetime) -> str | None:
    """Who holds the case's claim, if anybody does and it has not run out."""
    claim = case.row.claim
    if claim is None or claim.desk != desk_of(case.row.state) or at - claim.at > dt.timedelta(hours=CLAIM_HOURS):
        return None
    return str(claim.by)


def _claimed_by_me(case: Case, asking: Asking) -> Text | None:
    held = holder(case, asking.at)
    if held == str(asking.account.id):
        return None
    if held is None:
        return Text("请先认领这件。", "Claim this case first.")
    claim = case.row.claim
    assert claim is not None
    since = f"{claim.at:%Y-%m-%d %H:%M}"
    return Text(f"{claim.name} 自 {since} 起认领了这件。", f"{claim.name} has held this case since {since}.")


def _not_held_by_another(case: Case, asking: Asking) -> Text | None:
    if holder(case, asking.at) is None:
        return None
    if asking.take_over and holder(case, asking.at) != str(asking.account.id):
        return None
    if holder(case, asking.at) == str(asking.account.id):
        return Text("您已经认领了这件。", "You already hold this case.")
    return _claimed_by_me(case, asking)


def _no_other_holds(case: Case, asking: Asking) -> Text | None:
    return None if holder(case, asking.at) is None else _claimed_by_me(case, asking)


def _not_the_recommender(case: Case, asking: Asking) -> Text | None:
    said = case.row.recommendation
    if said and said.by == asking.account.id:
        return Text(
            "审查意见是您提的，须由另一人决定（审查与决定分离）。",
            "You made the recommendation; another person must decide (four eyes).",
        )
    return None


def _certified(_: Case, asking: Asking) -> Text | None:
    if asking.account.certificate:
        return None
    return Text(
        "没有登记有效的行政执法证，不能作决定（持证上岗）。",
        "No valid law-enforcement certificate is on file for you, so you may not decide.",
    )


def _as_recommended(case: Case, asking: Asking) -> Text | None:
    said = case.row.recommendation
    if asking.outcome and said and said.outcome != asking.outcome:
        return Text(
            "决定须与审查意见一致；不同意的，请退回审查。",
            "The decision must follow the recommendation; if you disagree, return it to review.",
        )
    return None


def _refusal_cleared(case: Case, asking: Asking) -> Text | None:
    said = case.row.recommendation
    if said and said.outcome == "refuse" and case.row.clearance is None:
        return Text("不予许可须先经法制审核。", "A refusal needs the legal reviewer's clearance first.")
    return None


def _recommends_refusal(case: Case, _: Asking) -> Text | None:
    said = case.row.recommendation
    if said is None or said.outcome != "refuse":
        return Text("只有不予许可需要法制审核。", "Only a refusal needs legal clearance.")
    return None


def _not_cleared(case: Case, _: Asking) -> Text | None:
    return Text("已经法制审核。", "It has been cleared already.") if case.row.clearance else None


def _parts_settled(case: Case, _: Asking) -> Text | None:
    if case.row.state == "granted" and case.status("residence_permit") not in SETTLED:
        return Text("公安的居留许可还没有结果。", "The police have not answered on the residence permit yet.")
    return None


def _not_handed_out(case: Case, _: Asking) -> Text | None:
    return Text("已经发证。", "It has been handed out already.") if case.row.hand_out else None


def _handed_out_or_refused(case: Case, _: Asking) -> Text | None:
    if case.row.state == "refused" or case.row.hand_out:
        return None
    return Text("请先发证。", "Hand out the result first.")


def _something_asked(case: Case, _: Asking) -> Text | None:
    return None if case.unanswered() else Text("没有待补正的内容。", "No correction is asked for.")


def _extension_asked(case: Case, _: Asking) -> Text | None:
    return None if case.row.extension else Text("没有延长期限的申请。", "No longer limit has been asked for.")


def _no_extension(case: Case, _: Asking) -> Text | None:
    if case.row.extension:
        return Text("已申请过延长，只能延长一次。", "A longer limit was asked for already; it is given once.")
    return None


def _reopening_asked(case: Case, _: Asking) -> Text | None:
    return None if case.row.reopening else Text("没有重办的申请。", "Nobody has asked to reopen it.")


def _no_permit(case: Case, _: Asking) -> Text | None:
    if case.status("work_permit") != "granted":
        return None
    return Text(
        "已经发了许可，须以撤销或注销处理，不能重办。",
        "A permit was granted; it is revoked or cancelled, not decided anew.",
    )


def _no_reopening(case: Case, _: Asking) -> Text | None:
    return Text("已申请重办，等决定人批准。", "Reopening waits for a decider.") if case.row.reopening else None


def _not_the_asker(case: Case, asking: Asking) -> Text | None:
    asked = case.row.reopening if case.row.state == "closed" else case.row.extension
    if asked and asked.by == asking.account.id:
        return Text("申请是您提的，须由另一人批准。", "You asked for it; another person must approve.")
    return None


CLERK, REVIEWER, PARTY = ("clerk",), ("reviewer",), ("party",)
ANSWERABLE: tuple[State, ...] = ("correction", "accepted", "review", "special-procedure", "recommended", "granted")

TABLE: tuple[Transition, ...] = (
    Transition("submit", PARTY, ("draft",), "submitted"),
    Transition("correct", PARTY, ANSWERABLE, None, (_something_asked,)),
    Transition("withdraw", PARTY, OPEN, "withdrawn"),
    Transition("claim", CLERK, ("submitted", "correction"), None, (_not_held_by_another,)),
    Transition("claim", REVIEWER, ("accepted",), "review", (_not_held_by_another,)),
    Transition("claim", REVIEWER, ("review", "special-procedure"), None, (_not_held_by_another,)),
    Transition("release", CLERK, ("submitted", "correction"), None, (_claimed_by_me,)),
    Transition("release", REVIEWER, ("review", "special-procedure"), None, (_claimed_by_me,)),
    Transition("accept", CLERK, ("submitted",), "accepted", (_claimed_by_me,)),
    Transition("not-accept", ("clerk", "reviewer"), ("submitted", "correction"), "not-accepted", (_no_other_holds,)),
    Transition("request-correction", CLERK, ("submitted",), "correction", (_claimed_by_me,)),
    Transition("request-correction", REVIEWER, ("review",), "correction", (_claimed_by_me,)),
    Transition(
        "terminate",
        ("clerk", "reviewer"),
        ("accepted", "review", "special-procedure"),
        "terminated",
        (_no_other_holds,),
    ),
    Transition("extend-limit", REVIEWER, ("review",), None, (_claimed_by_me, _no_extension)),
    Transition("approve-extension", ("decider",), ("review", "recommended"), None, (_extension_asked, _not_the_asker)),
    Transition("suspend", REVIEWER, ("review",), "special-procedure", (_claimed_by_me,)),
    Transition("resume", REVIEWER, ("special-procedure",), "review", (_no_other_holds,)),
    Transition("recommend", REVIEWER, ("review",), "recommended", (_claimed_by_me,)),
    Transition("clear", ("legal",), ("recommended",), None, (_recommends_refusal, _not_cleared)),
    Transition("return", ("decider", "legal"), ("recommended",), "review"),
    Transition(
        "decide",
        ("decider",),
        ("recommended",),
        None,
        (_not_the_recommender, _certified, _as_recommended, _refusal_cleared),
    ),
    Transition("hand-out", CLERK, ("granted", "refused"), None, (_parts_settled, _not_handed_out)),
    Transition("close", ("clerk", "reviewer"), ("granted", "refused"), "closed", (_handed_out_or_refused,)),
    Transition("reopen", REVIEWER, ("closed",), None, (_no_permit, _no_reopening)),
    Transition("approve-reopening", ("decider",), ("closed",), "review", (_reopening_asked, _not_the_asker)),
)
ACTIONS = tuple(dict.fromkeys(row.action for row in TABLE))
SETTLED = ("not-wanted", "granted", "refused", "stopped")
"""What the residence permit's part may end as."""
STAFF = ("clerk", "reviewer", "decider", "legal", "inspector", "manager")


def is_party(case: Case, account: Account) -> bool:
    """Whether a person is a party of the case: its agent."""
    return case.row.filed_by == account.id


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
    actions = possible(case, asking)
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
