"""Reasons against an action: pure functions over a case and who asks; each says why not, in both languages.

Which action stands under which guard is the table's business, in `lifecycle.py`.
"""

import datetime as dt
from collections.abc import Callable
from typing import NamedTuple

from permits.accounts.model import Account
from permits.cases.claims import holder
from permits.cases.model import SETTLED, Case
from permits.i18n import Text


class Asking(NamedTuple):
    """Who asks for an action, when, and what they say the outcome is."""

    account: Account
    at: dt.datetime
    outcome: str | None = None
    take_over: bool = False


EXTENDED_BY_LAW = "extended-by-law"
"""The event that says so."""
Guard = Callable[[Case, Asking], Text | None]
"""The reason against an action, or None."""


def claimed_by_me(case: Case, asking: Asking) -> Text | None:
    """The person holds the claim."""
    held = holder(case, asking.at)
    if held == str(asking.account.id):
        return None
    if held is None:
        return Text("请先认领这件。", "Claim this case first.")
    claim = case.row.claim
    assert claim is not None
    since = f"{claim.at:%Y-%m-%d %H:%M}"
    return Text(f"{claim.name} 自 {since} 起认领了这件。", f"{claim.name} has held this case since {since}.")


def not_held_by_another(case: Case, asking: Asking) -> Text | None:
    """Nobody else holds the claim, unless it is taken over on purpose."""
    if holder(case, asking.at) is None:
        return None
    if asking.take_over and holder(case, asking.at) != str(asking.account.id):
        return None
    if holder(case, asking.at) == str(asking.account.id):
        return Text("您已经认领了这件。", "You already hold this case.")
    return claimed_by_me(case, asking)


def no_other_holds(case: Case, asking: Asking) -> Text | None:
    """Nobody holds the claim, or the person does."""
    return None if holder(case, asking.at) is None else claimed_by_me(case, asking)


def not_the_recommender(case: Case, asking: Asking) -> Text | None:
    """Whoever recommended does not decide (审查与决定分离)."""
    said = case.row.recommendation
    if said and said.by == asking.account.id:
        return Text(
            "审查意见是您提的，须由另一人决定（审查与决定分离）。",
            "You made the recommendation; another person must decide (four eyes).",
        )
    return None


def certified(_: Case, asking: Asking) -> Text | None:
    """The decider has a law-enforcement certificate (持证上岗)."""
    if asking.account.certificate:
        return None
    return Text(
        "没有登记有效的行政执法证，不能作决定（持证上岗）。",
        "No valid law-enforcement certificate is on file for you, so you may not decide.",
    )


def as_recommended(case: Case, asking: Asking) -> Text | None:
    """The decision says what the recommendation says."""
    said = case.row.recommendation
    if asking.outcome and said and said.outcome != asking.outcome:
        return Text(
            "决定须与审查意见一致；不同意的，请退回审查。",
            "The decision must follow the recommendation; if you disagree, return it to review.",
        )
    return None


def cleared(case: Case, _: Asking) -> Text | None:
    """What needs it has been cleared (法制审核)."""
    if needs_clearance(case) and case.row.clearance is None:
        return Text(
            "不予许可、撤销和撤回须先经法制审核。",
            "A refusal, a revocation and a withdrawal need the legal reviewer's clearance first.",
        )
    return None


def wants_clearance(case: Case, _: Asking) -> Text | None:
    """A refusal is recommended, or the end of a permit by the office."""
    if needs_clearance(case):
        return None
    return Text("只有不予许可、撤销和撤回需要法制审核。", "Only a refusal, a revocation or a withdrawal needs it.")


def needs_clearance(case: Case) -> bool:
    """Whether what is recommended is cleared before it is signed."""
    said = case.row.recommendation
    outcome = "grant" if case.filing.cleared else "refuse"
    return said is not None and said.outcome == outcome


def not_extended_by_law(case: Case, _: Asking) -> Text | None:
    """The law has not granted it already, by silence until the permit's last day (Art. 50)."""
    if case.last_event(EXTENDED_BY_LAW) is None:
        return None
    return Text(
        "许可届满前没有决定，依法视为准予延续（行政许可法第五十条）：只能准予；不该延续的另行撤销或注销。",
        "Not decided before the permit ended, it is held to be extended (Administrative Licensing Law Art. 50): grant "
        "it; what should not have been extended is revoked or cancelled.",
    )


def granted_where_the_law_has(case: Case, asking: Asking) -> Text | None:
    """What the law has extended already is not refused."""
    return not_extended_by_law(case, asking) if asking.outcome == "refuse" else None


def not_by_office(case: Case, _: Asking) -> Text | None:
    """An applicant filed the case, who may take it back."""
    if case.filing.by_office:
        return Text("这件由机关立案，不能撤回。", "The office opened this case; it cannot be taken back.")
    return None


def not_cleared(case: Case, _: Asking) -> Text | None:
    """It has not been cleared yet."""
    return Text("已经法制审核。", "It has been cleared already.") if case.row.clearance else None


def parts_settled(case: Case, _: Asking) -> Text | None:
    """The residence permit has come to a result, where the work permit was granted."""
    return unsettled(case)


def unsettled(case: Case) -> Text | None:
    """What a granted case still waits for before it is handed out."""
    if case.row.state == "granted" and case.status("residence_permit") not in SETTLED:
        return Text("公安的居留许可还没有结果。", "The police have not answered on the residence permit yet.")
    return None


def not_handed_out(case: Case, _: Asking) -> Text | None:
    """The result has not gone out yet."""
    return Text("已经发证。", "It has been handed out already.") if case.row.hand_out else None


def handed_out_or_refused(case: Case, _: Asking) -> Text | None:
    """The result went out, or it is a refusal."""
    if case.row.state == "refused" or case.row.hand_out:
        return None
    return Text("请先发证。", "Hand out the result first.")


def something_asked(case: Case, _: Asking) -> Text | None:
    """A correction waits for an answer."""
    return None if case.unanswered() else Text("没有待补正的内容。", "No correction is asked for.")


def extension_asked(case: Case, _: Asking) -> Text | None:
    """A longer limit has been asked for."""
    return None if case.row.extension else Text("没有延长期限的申请。", "No longer limit has been asked for.")


def no_extension(case: Case, _: Asking) -> Text | None:
    """No longer limit has been asked for yet: it is given once (Art. 42)."""
    if case.row.extension:
        return Text("已申请过延长，只能延长一次。", "A longer limit was asked for already; it is given once.")
    return None


def reopening_asked(case: Case, _: Asking) -> Text | None:
    """Reopening has been asked for."""
    return None if case.row.reopening else Text("没有重办的申请。", "Nobody has asked to reopen it.")


def no_permit(case: Case, _: Asking) -> Text | None:
    """No permit was granted: one is revoked or cancelled instead."""
    if case.status("work_permit") != "granted":
        return None
    return Text(
        "已经发了许可，须以撤销或注销处理，不能重办。",
        "A permit was granted; it is revoked or cancelled, not decided anew.",
    )


def no_reopening(case: Case, _: Asking) -> Text | None:
    """Reopening has not been asked for yet."""
    return Text("已申请重办，等决定人批准。", "Reopening waits for a decider.") if case.row.reopening else None


def not_the_asker(case: Case, asking: Asking) -> Text | None:
    """Whoever asked does not approve."""
    asked = case.row.reopening if case.row.state == "closed" else case.row.extension
    if asked and asked.by == asking.account.id:
        return Text("申请是您提的，须由另一人批准。", "You asked for it; another person must approve.")
    return None
