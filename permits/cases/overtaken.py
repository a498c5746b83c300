"""Whether the permit that a case is about ended while the case was under way: then it can no longer be granted.

It only tells; what is done about it, a person decides.
"""

import asyncpg

from permits.cases.model import OPEN, Case
from permits.i18n import Text
from permits.register import store as kept

ENDED = {
    "cancelled": Text("注销", "cancelled"),
    "revoked": Text("撤销", "revoked"),
    "withdrawn-by-authority": Text("撤回", "withdrawn"),
}


async def ended(tx: asyncpg.Connection, region: str, case: Case) -> Text | None:
    """That the permit has ended, where a case about it is open; None where it has not, or it is about none."""
    held = case.held
    if held is None or case.row.state not in OPEN:
        return None
    now = next((one for one in await kept.by_number(tx, region, held.number) if one.id == held.permit_id), None)
    if now is None or now.ended_on is None:
        return None
    how = ENDED[now.end_kind or "cancelled"]
    return Text(
        f"这份许可已自 {now.ended_on} 起{how.zh}，这件不能再准予。",
        f"The permit was {how.en} from {now.ended_on} on: this can no longer be granted.",
    )
