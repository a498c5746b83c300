"""Pages of one step each: an action that wants a ground, reasons or a second look before it is taken."""

from typing import Any

import msgspec
from litestar.response import Response

from permits.cases.model import Signed
from permits.i18n import Text
from permits.rules.grounds import grounds
from permits.web.forms import Filled, Form
from permits.web.pages import page
from permits.web.window.acting import Show
from permits.web.window.casepage import surroundings
from permits.web.window.opened import Asked, Opened, open_case
from permits.web.window.words import ACTIONS

WITH_GROUND = ("ground", "reasons")


class Step(msgspec.Struct, frozen=True):
    """What the page of one action asks and says."""

    says: Text
    asks: tuple[str, ...] = ()
    tone: str = ""


STEPS = {
    "not-accept": Step(
        Text(
            "出具不予受理通知书，写明依据、理由和救济途径；案件到此结束，公安不再办理。",
            "A notice of non-acceptance is issued with ground, reasons and remedies; the case ends, the police stop.",
        ),
        WITH_GROUND,
        "stop",
    ),
    "terminate": Step(
        Text(
            "出具终止办理通知书，写明依据和理由；案件到此结束，公安不再办理。",
            "A notice of termination is issued with ground and reasons; the case ends, the police stop.",
        ),
        WITH_GROUND,
        "stop",
    ),
    "take-over": Step(
        Text("同事认领着这一件。接手以后由您办理。", "A colleague holds this case. After taking it over it is yours."),
        ("take_over",),
    ),
    "extend-limit": Step(
        Text(
            "由决定人批准后，法定时限延长，理由告知申请人；承诺时限不变。只能延长一次。",
            "Once a decider approves, the legal limit moves and the applicant is told why; our promise stays.",
        ),
        ("working_days", "reasons"),
    ),
    "approve-extension": Step(
        Text("批准以后法定时限顺延，理由告知申请人。", "The legal limit moves, and the applicant is told the reason.")
    ),
    "return": Step(
        Text(
            "退回审查人员，原来的建议和法制审核作废。",
            "It goes back to the reviewer; recommendation and clearance are void.",
        ),
        ("reasons",),
    ),
    "close": Step(Text("结果已经送达，案件到此结束。", "The result was delivered; the case ends here.")),
    "reopen": Step(
        Text(
            "因差错或复议结果重新办理；由决定人批准后回到审查，原来的经过都保留。",
            "After a mistake or a reconsideration; once a decider approves it is in review again, its history kept.",
        ),
        ("reasons",),
    ),
    "approve-reopening": Step(
        Text("批准以后回到审查，决定的时限重新计算。", "It goes back to review with fresh clocks for the decision.")
    ),
}
"""The actions that have a page of their own."""


async def step_page(
    request: Asked, number: str, area: str, action: str, *, f: Filled | None = None, status: int = 200
) -> Response[str]:
    """The page on which a step is prepared."""
    opened, step = await open_case(request, number, area), STEPS[action]
    law, region = opened.office.law, opened.case.row.region
    return page(
        request,
        "window/step.html",
        status=status,
        f=f or Filled(),
        title=ACTIONS[action],
        says=step.says,
        asks=step.asks,
        tone=step.tone,
        post_to="claim" if action == "take-over" else action,
        possible=action in opened.may or (action == "take-over" and _may_take(opened)),
        grounds=[(one.key, one.title, one.article) for one in grounds(law, action, opened.today, region)],
        facts=_facts(opened, action),
        **surroundings(opened),
    )


def _may_take(opened: Opened) -> bool:
    held = opened.case.row.claim
    return held is not None and held.by != opened.account.id


def _facts(opened: Opened, action: str) -> list[tuple[Text, Text]]:
    """What was asked for, where one approves what a colleague asked."""
    row = opened.case.row
    asked = {"approve-extension": row.extension, "approve-reopening": row.reopening}.get(action)
    if action == "take-over" and row.claim:
        return [(Text("现在的人", "Held by"), Text(row.claim.name, row.claim.name))]
    return _asked(asked) if asked else []


def _asked(asked: Signed) -> list[tuple[Text, Text]]:
    days = asked.working_days
    said: list[tuple[Text, Any]] = [
        (Text("谁申请", "Asked by"), asked.name),
        (Text("什么时候", "When"), f"{asked.at:%Y-%m-%d %H:%M}"),
        (Text("延长", "Longer by"), f"{days}" if days else None),
        (Text("理由", "Reasons"), asked.reasons),
    ]
    return [(name, Text(value, value)) for name, value in said if value]


def shows(area: str, action: str) -> Show:
    """The page of a step, as `acting.act` calls it."""

    async def show(
        request: Asked, number: str, *, f: Filled | None = None, sent: Form | None = None, status: int = 200
    ) -> Response[str]:
        return await step_page(request, number, area, action, f=f, status=status)

    return show
