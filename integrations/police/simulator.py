"""The police's side of a joint case, for demonstration, training and tests. It is no police system and knows none."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from integrations.agencies import AGENCIES
from integrations.contract import Body
from integrations.player import CaseNow, Plan, Player, Turn
from integrations.police.messages import CorrectionSupplied, PermitGranted, ReviewPackage, Stop

ENDED = frozenset({"granted", "refused", "stopped"})
DECISIONS = ("granted", "refused")


def on_message(case: CaseNow, kind: str, body: Body, delay: float) -> Turn:
    """Receives and asks for an appointment; grants once the work permit is granted and nothing is left to correct."""
    match body:
        case ReviewPackage():
            name = f"{body.person.surname} {body.person.given_names[:1]}".strip()
            plans = (Plan("received", delay), Plan("appointment", 2 * delay))
            return Turn(state="under-review", name=name, plans=plans, facts={"package": True})
        case Stop():
            return Turn(state=case.state if case.state in DECISIONS else "stopped", ends_plans=True)
        case _ if case.state in ENDED:
            return Turn(state=case.state)
        case PermitGranted():
            return _permit(case, body, delay)
        case CorrectionSupplied():
            return _corrected(case, delay)
    return Turn(state=case.state)


def _permit(case: CaseNow, body: PermitGranted, delay: float) -> Turn:
    """The grant waits for the package, and for a correction that is still wanted."""
    grants = "package" in case.facts and case.state != "correction-wanted"
    after = 2 * delay if "appointment" in case.sent else 3 * delay
    return Turn(
        state=case.state,
        facts={"residence_until": body.residence_until.isoformat()},
        plans=(Plan("granted", after),) if grants else (),
    )


def _corrected(case: CaseNow, delay: float) -> Turn:
    """Received again, and on from where the correction had stopped it."""
    following = ["received"]
    following += [] if "appointment" in case.sent else ["appointment"]
    following += ["granted"] if "residence_until" in case.facts else []
    plans = tuple(Plan(kind, delay * step) for step, kind in enumerate(following, 1))
    return Turn(state="under-review", plans=plans, ends_plans=True)


def complete(case: CaseNow, kind: str, now: datetime) -> dict[str, Any]:
    """What the police usually write in an answer of this kind."""
    match kind:
        case "received":
            return {"receipt_number": f"SIM-R{case.serial:08d}"}
        case "correction-wanted":
            return {"items": [{"document": "photo", "text": "照片不符合要求，请重新上传。（模拟）"}]}
        case "appointment":
            day = (now + timedelta(days=3)).date()
            at = datetime.combine(day, time(9, 30), now.tzinfo)
            return {"at": at.isoformat(), "place": "出入境接待大厅（模拟）", "bring": ["护照原件"]}
        case "granted":
            until = case.facts.get("residence_until") or (now + timedelta(days=365)).date().isoformat()
            return {"number": f"SIM{case.serial:08d}", "valid_until": until}
        case "refused":
            return {"reasons": "所附材料与核查情况不符。（模拟）", "article": "《出境入境管理法》第三十一条"}
    return {}


OFFERS: Mapping[str, tuple[str, ...]] = {
    "under-review": ("correction-wanted", "appointment", *DECISIONS),
    "received": ("correction-wanted", "appointment", *DECISIONS),
    "correction-wanted": DECISIONS,
    "appointment": ("correction-wanted", *DECISIONS),
}

PLAYER = Player(
    agency=AGENCIES["police"],
    on_message=on_message,
    complete=complete,
    states_after={kind: kind for kind in ("received", "correction-wanted", "appointment", "granted", "refused")},
    decisive=frozenset({"correction-wanted", "granted", "refused"}),
    offers=OFFERS,
    title=("公安出入境（模拟）", "Exit and entry police (simulated)"),
    disclaimer=(
        "这不是公安机关的系统，也不连接任何公安系统。只在演示和培训时，替对方收信、回信。",
        "Not a police system, and connected to none. It only plays the other side, for demonstration and training.",
    ),
)
