"""Records that leave for national reports and the case library: the register's permits, cases after GB/T 39046-2020.

Full names leave here, so only the operator's command line asks for it; each file is written down as an export. Case
records give no reasons (an opinion stands empty: it may speak of the person) and name no person but officers. A file
is written row by row.
"""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Sequence
from itertools import pairwise
from typing import Any, BinaryIO

import asyncpg
import msgspec
from sqlalchemy import Date, Integer, Uuid, bindparam, select

from permits import clock
from permits.cases import store as cases
from permits.cases.model import Case, Event
from permits.cases.tables import cases as table
from permits.clock import CITY
from permits.db.statements import statement
from permits.letters import basis
from permits.letters import store as letters
from permits.office import Office
from permits.register import service as register
from permits.register.imports.columns import COLUMNS
from permits.register.store import PERMIT_COLUMNS, PermitRow
from permits.register.tables import permit, person
from permits.routing.outgoing import SPECIALS, STEPS, licences
from permits.rules import item_codes, procedures
from permits.rules.law import NoRule
from permits.settings import settings
from permits.statistics import exports
from permits.statistics.model import DEFINITION
from permits.statistics.sheets import Format, Row, sheet

AT_ONCE = 500
LEFT_OUT = {"passport"}
"""The register holds passports as blind indexes only: nobody can write them out again."""
TITLES = {column.field: column.title for column in COLUMNS if column.field not in LEFT_OUT}
SHEETS = ("说明", "许可")
CHANNEL = 2
"""GB/T 39046: 1 window, 2 web, 3 mobile, 4 post."""
FIRST = {"accepted": ("受理", True), "not-accepted": ("受理", False)}
LAST = {"handed-out": ("送达", True), "terminated": ("终止", None), "withdrawn": ("撤回", None)}
ACTIONS = {True: "通过", False: "退回", None: "其他"}

_VALID = statement(
    select(*PERMIT_COLUMNS, person.c.birth)
    .join(person, (person.c.region == permit.c.region) & (person.c.id == permit.c.person_id))
    .where(
        permit.c.region == bindparam("region"),
        permit.c.valid_from <= bindparam("on", type_=Date),
        permit.c.valid_until >= bindparam("on", type_=Date),
        permit.c.ended_on.is_(None) | (permit.c.ended_on > bindparam("on", type_=Date)),
    )
    .order_by(permit.c.number, permit.c.valid_from)
)
_ACCEPTED = statement(
    select(table.c.id)
    .where(
        table.c.region == bindparam("region"),
        table.c.accepted_at.is_not(None),
        table.c.deleted_at.is_(None),
        table.c.id > bindparam("after", type_=Uuid),
    )
    .order_by(table.c.id)
    .limit(bindparam("most", type_=Integer))
)


async def write_register(
    tx: asyncpg.Connection, office: Office, region: str, on: dt.date, file: BinaryIO, form: Format
) -> int:
    """The permits valid on a day as they stand now, in the columns that `register import` reads; how many."""
    out = sheet(form, file, SHEETS)
    now = f"{clock.now():%Y-%m-%d %H:%M}"
    out.about([["口径", DEFINITION.zh], ["统计日", on], ["数据截至", now], ["人员标识", "许可编号，一人一号"]])
    out.head([title.zh for title in TITLES.values()])
    rows = 0
    async for row in tx.cursor(_VALID.sql, *_VALID.arguments({"region": region, "on": on})):
        out.rows([_permit(office, region, row)])
        rows += 1
    out.close()
    await exports.log(tx, region, None, "register", form, on, None, {}, rows)
    return rows


def _permit(office: Office, region: str, row: asyncpg.Record) -> Row:
    fields = {name: row[name] for name in PermitRow.__struct_fields__}
    names = register.names_of(office.keys, region, msgspec.convert(fields, PermitRow))
    values: dict[str, Any] = {
        **row,
        **msgspec.structs.asdict(names),
        "birth_date": register.birth_of(office.keys, region, row["person_id"], row["birth"]),
        "granted_on": row["granted_at"].astimezone(CITY).date(),
        "permit_number": row["number"],
    }
    return [values[field] for field in TITLES]


async def write_cases(
    tx: asyncpg.Connection, office: Office, region: str, since: dt.date, until: dt.date, file: BinaryIO
) -> int:
    """The cases accepted between two days, both included, one JSON object a line after one that says what they are."""
    head = {"standard": "GB/T 39046-2020", "region": region, "since": str(since), "until": str(until)}
    file.write(msgspec.json.encode(head | {"made": _stamp(clock.now())}) + b"\n")
    rows = 0
    async for case in _accepted(tx, office, region, since, until):
        papers = await letters.letters_of_case(tx, region, case.row.id)
        number = next((paper.number for paper in papers if paper.kind == "acceptance"), case.row.number)
        file.write(msgspec.json.encode(record(office, case, number)) + b"\n")
        rows += 1
    asked = {"since": str(since)}
    await exports.log(tx, region, None, "cases", "jsonl", until, None, asked, rows)
    return rows


async def _accepted(
    tx: asyncpg.Connection, office: Office, region: str, since: dt.date, until: dt.date
) -> AsyncIterator[Case]:
    after = uuid.UUID(int=0)
    while ids := [row["id"] for row in await _ACCEPTED.all(tx, region=region, after=after, most=AT_ONCE)]:
        for case in await cases.by_ids(tx, office.keys, region, ids):
            accepted = case.row.accepted_at
            if accepted and since <= accepted.astimezone(CITY).date() <= until:
                yield case
        after = ids[-1]


def record(office: Office, case: Case, acceptance_number: str) -> dict[str, Any]:
    """One case as the library takes it: acceptance, each step, special procedures, finish."""
    row, on = case.row, case.row.rules_on or clock.today()
    unit = basis.office(office.law, on=on, region=row.region, demo=settings().demo).name.zh
    item = item_codes.item_code(office.law, row.procedure, on, row.region) or row.procedure
    accepted = next(event for event in case.timeline if event.kind == "accepted")
    due = {one.basis: one.due for one in case.clocks if one.step == "decision"}
    promised = due.get("promised") or due.get("legal")
    window = next((one.facts.get("unified_number", "") for one in case.components if one.kind == "window"), "")
    return {
        "case_number": row.number,
        "unified_number": window,
        "acceptance": {
            "item_code": str(item),
            "item_name": procedures.procedure(office.law, row.procedure, on, row.region).title.zh,
            "applicant": case.employer.name or "",
            "applicant_code": case.employer.credit_code or "",
            "unit": unit,
            "unit_code": _unit_code(office, on, row.region),
            "clerk": accepted.by,
            "accepted_at": _stamp(accepted.at),
            "acceptance_number": acceptance_number,
            "promised_finish": f"{promised:%Y%m%d}T235959" if promised else "",
            "region": row.region,
            "channel": CHANNEL,
        },
        "steps": steps(case.timeline, unit),
        "special": specials(case.timeline),
        "finish": _finish(case, unit),
    }


def steps(timeline: Sequence[Event], unit: str) -> list[dict[str, Any]]:
    """Each step with who took it, from the event before it to its own; a case in hand ends with one that waits."""
    known = {**FIRST, **STEPS, **LAST}
    marks = [event for event in timeline if event.kind == "submitted" or event.kind in known]
    made = [_step(known[event.kind], event.by, before.at, event.at, unit) for before, event in pairwise(marks)]
    if marks and marks[-1].kind not in (*LAST, "not-accepted"):
        made.append(_step(("在办", None), "", marks[-1].at, None, unit))
    return made


def _step(
    named: tuple[str, bool | None], by: str, started: dt.datetime, ended: dt.datetime | None, unit: str
) -> dict[str, Any]:
    name, passed = named
    done = {"ended": _stamp(ended), "state": 2} if ended else {"ended": "", "state": 1}
    said = {"step": name, "action": ACTIONS[passed], "person": by, "opinion": ""}
    return said | {"started": _stamp(started), "unit": unit, **done}


def _unit_code(office: Office, on: dt.date, region: str) -> str:
    """The credit code of the authority; empty while the region has not stated it."""
    try:
        return str(office.law.setting("bureau.unit_code", on=on, region=region).value)
    except NoRule:
        return ""


def specials(timeline: Sequence[Event]) -> list[dict[str, Any]]:
    """Lengthened limits (1) and procedures during which the clocks stood still (2)."""
    made = []
    for event in timeline:
        if event.kind == "limit-extended":
            made.append(_special(1, "延长审批", event.at, event.at, "批准"))
        elif event.kind == "suspended":
            reason = SPECIALS.get(event.detail.get("procedure", ""), "特别程序")
            over = next((one.at for one in timeline if one.kind == "resumed" and one.id > event.id), None)
            made.append(_special(2, reason, event.at, over, "结束" if over else ""))
    return made


def _special(kind: int, reason: str, started: dt.datetime, ended: dt.datetime | None, result: str) -> dict[str, Any]:
    times = {"started": _stamp(started), "ended": _stamp(ended) if ended else ""}
    return {"type": kind, "reason": reason, **times, "result": result}


def _finish(case: Case, unit: str) -> dict[str, Any] | None:
    """How it ended; None while it has not. The work permit is free (Administrative Licensing Law Art. 58)."""
    decision, handed = case.row.decision, case.row.hand_out
    if decision is None:
        return None
    found = [
        {
            "name": one.name,
            "number": one.number,
            "issuer": one.issuer,
            "valid_from": _day(one.valid_from),
            "valid_until": _day(one.valid_until),
        }
        for one in licences(case, unit)
    ]
    return {
        "person": decision.name,
        "at": _stamp(decision.at),
        "outcome": decision.outcome,
        "licences": found,
        "region": case.row.region,
        "mailed": bool(handed and handed.how == "post"),
        "fee": 0,
    }


def _day(day: dt.date | None) -> str:
    return f"{day:%Y%m%d}" if day else ""


def _stamp(at: dt.datetime) -> str:
    """An instant as the standard writes it."""
    return f"{at.astimezone(CITY):%Y%m%dT%H%M%S}"
