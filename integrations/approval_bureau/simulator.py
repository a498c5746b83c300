"""The approval bureau's side of a case, for demonstration, training and tests. It is no bureau's system."""

from datetime import datetime
from typing import Any

from integrations.agencies import AGENCIES
from integrations.approval_bureau.messages import Closed, ReadyForHandOut, Register
from integrations.contract import Body
from integrations.player import CaseNow, Plan, Player, Turn


def on_message(case: CaseNow, kind: str, body: Body, delay: float) -> Turn:
    """Registers at once; notes what is ready; closes. It hands out and rates only when somebody does so by hand."""
    match body:
        case Register():
            plans = () if "registered" in case.sent else (Plan("registered"),)
            return Turn(state="in-book", name=body.applicant, facts={"region": body.region}, plans=plans)
        case ReadyForHandOut():
            return Turn(state=case.state if case.state == "handed-out" else "ready")
        case Closed():
            return Turn(state="closed")
    return Turn(state=case.state)


def complete(case: CaseNow, kind: str, now: datetime) -> dict[str, Any]:
    """What the bureau usually writes in an answer of this kind."""
    match kind:
        case "registered":
            return {"unified_number": f"{case.facts.get('region', '000000')}{now:%y%m%d}{case.serial:07d}"}
        case "handed-out":
            return {"to": "经办人（模拟）", "how": "window", "at": now.isoformat()}
        case "rating":
            return {"grade": 1, "channel": 1}
    return {}


PLAYER = Player(
    agency=AGENCIES["approval-bureau"],
    on_message=on_message,
    complete=complete,
    states_after={"registered": "registered", "handed-out": "handed-out"},
    decisive=frozenset(),
    offers={"ready": ("handed-out",), "handed-out": ("rating",), "closed": ("rating",)},
    title=("行政审批局（模拟）", "Approval bureau (simulated)"),
    disclaimer=(
        "这不是行政审批局的系统，也不连接任何政务平台。只在演示和培训时，替对方收信、回信。",
        "Not the bureau's system, and connected to none. It only plays the other side, for demonstration and training.",
    ),
)
