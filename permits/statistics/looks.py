"""Who looked at which figures, lists and permits, and what left the office: read from the record. It only reads."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Integer, String, Uuid, bindparam, or_, select, text

from permits.accounts.tables import FIGURES_LOOKED_AT, account, audit
from permits.db.statements import statement
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.statistics.checks import one_of

ACTIONS: Mapping[str, Text] = {
    "statistics": Text("看统计", "Looked at figures"),
    "list-permits": Text("看许可名单", "Looked at a list of permits"),
    "list-cases": Text("看案件名单", "Looked at a list of cases"),
    "export-statistics": Text("导出统计数", "Took figures out"),
    "export-permits": Text("导出许可名单", "Took a list of permits out"),
    "export-report": Text("取报告", "Took a report out"),
    "export-register": Text("导出登记簿", "Took the register out"),
    "export-cases": Text("导出办件记录", "Took case records out"),
}
"""The looks at figures, as `FIGURES_LOOKED_AT` names them too."""
LAST = uuid.UUID(int=2**128 - 1)


class Look(msgspec.Struct, frozen=True):
    """One look."""

    id: uuid.UUID
    office_at: dt.datetime
    name: str | None
    """Whoever looked; None: the operator, from the command line."""
    action: str
    detail: dict[str, Any]
    """Days and kinds, never a value."""


_HERE = audit.c.region == bindparam("region", type_=String)
_KIND = bindparam("action", type_=String)
_FIGURES = text(f"audit.action IN ({FIGURES_LOOKED_AT})")  # as the index of them says it
_LOOKS = select(audit.c.id, audit.c.office_at, account.c.name, audit.c.action, audit.c.detail).join(
    account, account.c.id == audit.c.account_id, isouter=True
)
_LATEST = statement(
    _LOOKS.where(_HERE, _FIGURES, audit.c.id < bindparam("before", type_=Uuid))
    .where(or_(_KIND == "", audit.c.action == _KIND))
    .order_by(audit.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


_OF_PERMIT = statement(
    _LOOKS.where(_HERE, text("audit.action = 'permit'"), audit.c.subject == bindparam("number", type_=String))
    .order_by(audit.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def of_permit(tx: asyncpg.Connection, region: str, number: str, most: int) -> list[Look]:
    """Who looked last at all that the register holds under a permit number, the latest first."""
    return await _OF_PERMIT.structs(tx, Look, region=region, number=number, most=most)


async def latest(
    tx: asyncpg.Connection, region: str, most: int, action: str = "", cursor: str = ""
) -> tuple[list[Look], str]:
    """The latest looks first, of one action or all, a page at a time, and where the next begins ("" after the last).

    Raises BadInput for an action that is no look, or a cursor that is none of ours.
    """
    if action and action not in ACTIONS:
        raise BadInput(errors=[FieldError("/action", one_of(ACTIONS))])
    found = await _LATEST.structs(tx, Look, region=region, action=action, before=_before(cursor), most=most + 1)
    return found[:most], found[most - 1].id.hex if len(found) > most else ""


def _before(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(hex=cursor) if cursor else LAST
    except ValueError:
        again = Text("请从第一页重新翻起。", "Begin again from the first page.")
        raise BadInput(errors=[FieldError("/cursor", again)]) from None
