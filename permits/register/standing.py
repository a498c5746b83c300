"""How a city's ledger stands: what is not summed yet, when it was summed and recounted last, what the recount found."""

import datetime as dt
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Date, DateTime, Integer, String, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.sql.expression import bindparam

from permits.db.statements import statement
from permits.register.tables import ledger_state, ledger_waiting


class Standing(msgspec.Struct, frozen=True):
    """Times are machine time, days the office's; None where it never happened."""

    waiting: int
    """Writes that no sum holds yet."""
    summed_at: dt.datetime | None
    checked_at: dt.datetime | None
    checked_on: dt.date | None
    figures: int | None
    """How many figures the last recount compared."""
    differences: tuple[str, ...]
    """In words, at most some of them; empty where all agreed."""


_region: Any = bindparam("region", type_=String)
_WAITING = select(func.count()).where(ledger_waiting.c.region == _region).scalar_subquery()
_STATE = statement(select(_WAITING.label("waiting")))
_ROW = statement(select(ledger_state).where(ledger_state.c.region == _region))
_check = insert(ledger_state).values(
    region=_region,
    checked_at=bindparam("at", type_=DateTime(timezone=True)),
    checked_on=bindparam("on", type_=Date),
    figures=bindparam("figures", type_=Integer),
    differences=bindparam("differences", type_=JSONB),
)
_CHECKED = statement(
    _check.on_conflict_do_update(
        index_elements=["region"],
        set_={name: _check.excluded[name] for name in ("checked_at", "checked_on", "figures", "differences")},
    )
)


async def standing(tx: asyncpg.Connection, region: str) -> Standing:
    """How the ledger stands."""
    waiting = await _STATE.value(tx, region=region)
    row = await _ROW.one(tx, region=region)
    if row is None:
        return Standing(waiting, None, None, None, None, ())
    differences = tuple(row["differences"] or ())
    return Standing(waiting, row["summed_at"], row["checked_at"], row["checked_on"], row["figures"], differences)


async def checked(
    tx: asyncpg.Connection, region: str, at: dt.datetime, on: dt.date, figures: int, differences: list[str]
) -> None:
    """Note what a recount found."""
    await _CHECKED.run(tx, region=region, at=at, on=on, figures=figures, differences=differences)
