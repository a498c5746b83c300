"""Whether permits that run out soon are being extended: an application in work, or until when one may be made.

It only reads. That silence may extend a permit (Administrative Licensing Law Art. 50) is for the case to say.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, Literal

import asyncpg
import msgspec
from sqlalchemy import ARRAY, String, Uuid, any_, bindparam, cast, select

from permits.cases.filing import FILINGS
from permits.cases.model import OPEN
from permits.cases.tables import cases
from permits.db.statements import statement
from permits.rules.law import Law, NoRule
from permits.rules.windows import MissingDate, Occasion, window
from permits.statistics.model import ListedPermit

State = Literal["in-work", "open", "last-day", "missed"]
"""Applied for and undecided; not applied for, while one still may, on the last day for it, and after it."""
_EXTENDING = [code for code, filing in FILINGS.items() if filing.runs == "continues"]


class Extension(msgspec.Struct, frozen=True):
    """How a permit stands to its extension on a day."""

    state: State
    case_number: str | None
    closes: dt.date | None
    """The last day on which it may be applied for; None where no rule sets one."""


_permit = cast(cases.c.held["permit_id"].astext, Uuid)
_IN_WORK = statement(
    select(_permit.label("permit_id"), cases.c.number).where(
        cases.c.region == bindparam("region", type_=String),
        cases.c.state == any_(bindparam("states", type_=ARRAY(String))),
        cases.c.procedure == any_(bindparam("procedures", type_=ARRAY(String))),
        cases.c.held.is_not(None),
        _permit == any_(bindparam("permits", type_=ARRAY(Uuid))),
    )
)


async def extensions(
    tx: asyncpg.Connection, law: Law, region: str, on: dt.date, permits: Sequence[ListedPermit]
) -> dict[uuid.UUID, Extension]:
    """How each of these permits stands on a day, by what is known now."""
    asked: dict[str, Any] = {"states": list(OPEN), "procedures": _EXTENDING, "permits": [one.id for one in permits]}
    rows = await _IN_WORK.all(tx, region=region, **asked) if permits else []
    numbers = {row["permit_id"]: row["number"] for row in rows}
    closing = {day: _closes(law, region, on, day) for day in {one.valid_until for one in permits}}
    return {one.id: _of(numbers.get(one.id), closing[one.valid_until], on) for one in permits}


def _of(number: str | None, closes: dt.date | None, on: dt.date) -> Extension:
    if number:
        return Extension("in-work", number, closes)
    if closes is None or on < closes:
        return Extension("open", None, closes)
    return Extension("last-day" if on == closes else "missed", None, closes)


def _closes(law: Law, region: str, on: dt.date, valid_until: dt.date) -> dt.date | None:
    try:
        return window(law, "extend", Occasion(permit_expiry=valid_until), on, region).closes
    except (NoRule, MissingDate):
        return None
