"""The record of every file that left the office: what, for which days, by whom, how many rows. It only grows."""

import datetime as dt
import uuid
from typing import Any, Literal

import asyncpg
import msgspec
from sqlalchemy import Integer, bindparam, insert, select

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.i18n import Text
from permits.statistics.tables import export

Kind = Literal["count", "permits", "report", "register", "cases"]
KINDS: dict[Kind, Text] = {
    "count": Text("统计数", "Figures"),
    "permits": Text("许可名单", "List of permits"),
    "report": Text("报告", "Report"),
    "register": Text("登记簿", "Register"),
    "cases": Text("办件记录", "Case records"),
}
NOBODY, OPERATOR = uuid.UUID(int=0), "命令行 command line"
ACTIONS: dict[Kind, str] = {"count": "export-statistics", "permits": "export-permits"}


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """A file that left."""

    id: uuid.UUID
    account_id: uuid.UUID
    name: str
    """Whoever fetched it, as named then."""
    kind: Kind
    format: str
    on: dt.date
    as_known_on: dt.date | None
    asked: dict[str, Any]
    """Dimensions, and by which the list was narrowed: kinds, never a value."""
    rows: int
    suppressed: bool
    """Whether small counts were left out."""
    at: dt.datetime


_ADD = statement(insert(export))
_LATEST = statement(
    select(*(export.c[name] for name in Export.__struct_fields__))
    .where(export.c.region == bindparam("region"))
    .order_by(export.c.at.desc(), export.c.id.desc())
    .limit(bindparam("most", type_=Integer))
)


async def log(
    tx: asyncpg.Connection,
    region: str,
    account: Account | None,
    kind: Kind,
    form: str,
    on: dt.date,
    as_known_on: dt.date | None,
    asked: dict[str, Any],
    rows: int,
    suppressed: bool = False,
) -> None:
    """Write down that a file leaves, with its entry in the audit, in the transaction that reads what is in it.

    Without an account it is the operator's, from the command line.
    """
    whose, name = (account.id, account.name) if account else (NOBODY, OPERATOR)
    made = Export(
        id=new_id(), account_id=whose, name=name, kind=kind, format=form, on=on, as_known_on=as_known_on,
        asked=asked, rows=rows, suppressed=suppressed, at=clock.now(),
    )  # fmt: skip
    await _ADD.run(tx, region=region, **msgspec.structs.asdict(made))
    known = str(as_known_on) if as_known_on else None
    detail = {"on": str(on), "as_known_on": known, **asked, "format": form, "shown": rows}
    action = ACTIONS.get(kind, f"export-{kind}")
    await AUDIT.run(
        tx, **audit_row(region, account.id if account else None, action, subject=str(made.id), detail=detail)
    )


async def latest(tx: asyncpg.Connection, region: str, most: int = 200) -> list[Export]:
    """The files that left last, the latest first."""
    return await _LATEST.structs(tx, Export, region=region, most=most)
