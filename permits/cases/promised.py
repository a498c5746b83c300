"""What was committed to instead of proved, after the grant: by when it is handed in, by when verified, what was found.

A commitment found true is noted on its case; one found false leads to a revocation, a case of its own with legal
clearance, whose decision enters the credit record. Nothing is decided here.
"""

import datetime as dt

import asyncpg
import msgspec
from msgspec.structs import replace
from sqlalchemy import Date, and_, bindparam, cast, exists, func, literal_column, select, update

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import deadlines, store
from permits.cases.model import Case, Document, Event
from permits.cases.tables import case_document, cases, component, event
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.rules import commitments
from permits.rules.law import Law

INSPECTOR = "inspector"
VERIFIED = "commitment-verified"
MOST = 300
NO_COMMITMENT = Text("没有这项待核验的承诺。", "There is no such commitment to verify.")

_mine = and_(case_document.c.region == cases.c.region, case_document.c.case_id == cases.c.id)
_noted = exists().where(
    event.c.region == cases.c.region,
    event.c.case_id == cases.c.id,
    event.c.kind == literal_column(f"'{VERIFIED}'"),
    event.c.detail["kind"].astext == case_document.c.kind,
)
_part = and_(
    component.c.region == cases.c.region,
    component.c.case_id == cases.c.id,
    component.c.kind == literal_column("'work_permit'"),
)
_WAITING = statement(
    select(
        cases.c.number,
        cases.c.employer["name"].astext.label("employer"),
        case_document.c.kind,
        case_document.c.due,
        cases.c.decided_at,
        component.c.facts["permit_number"].astext.label("permit_number"),
    )
    .join(case_document, _mine)
    .join(component, _part)
    .where(
        cases.c.region == bindparam("region"),
        cases.c.state.in_([literal_column("'granted'"), literal_column("'closed'")]),
        case_document.c.status == literal_column("'committed'"),
        component.c.status == literal_column("'granted'"),
        ~_noted,
    )
    .order_by(func.coalesce(case_document.c.due, cast(cases.c.decided_at, Date)), cases.c.number, case_document.c.kind)
    .limit(literal_column(str(MOST)))
)
_SET_DUE = statement(
    update(case_document)
    .where(
        case_document.c.region == bindparam("region"),
        case_document.c.case_id == bindparam("of_case"),
        case_document.c.kind == bindparam("of_kind"),
    )
    .values(due=bindparam("day", type_=Date))
)


class Promise(msgspec.Struct, frozen=True):
    """One commitment of a granted case that nobody has verified yet."""

    number: str
    employer: str | None
    kind: str
    due: dt.date | None
    """By when the document itself is handed in; None where it is only verified."""
    decided_at: dt.datetime
    permit_number: str


def verify_by(law: Law, decided: dt.date, region: str) -> dt.date:
    """By when the commitments of a grant are verified (事后核查), by setting `commitment.verify_within_days`."""
    days: int = law.setting("commitment.verify_within_days", on=decided, region=region).value
    return decided + dt.timedelta(days=days)


def last_days(law: Law, one: Promise, region: str) -> tuple[dt.date, dt.date]:
    """By when a commitment is verified, and the first day of that and of its document, after which it is late."""
    last = verify_by(law, one.decided_at.astimezone(clock.CITY).date(), region)
    return last, min(last, one.due or last)


def due(law: Law, case: Case, document: Document) -> dt.date | None:
    """By when a document that was committed to is handed in, once the day it is counted from is known."""
    on, decided = case.row.rules_on, case.row.decided_at
    if on is None or document.status != "committed":
        return None
    events = {"grant": decided.astimezone(clock.CITY).date() if decided else None, "entry": case.beneficiary.entry_date}
    for line in commitments.committable(law, case.row.procedure, on, case.row.region):
        fits = line.document == document.kind and (not line.categories or case.row.category in line.categories)
        start = events.get(line.due_from or "")
        if fits and start is not None:
            return commitments.due(line, start)
    return None


async def started(tx: asyncpg.Connection, law: Law, case: Case) -> Case:
    """The granted case with the days that run from its grant, which are written now."""
    papers = tuple(replace(one, due=due(law, case, one) or one.due) for one in case.documents)
    for one, before in zip(papers, case.documents, strict=True):
        if one.due != before.due:
            await _SET_DUE.run(tx, region=case.row.region, of_case=case.row.id, of_kind=one.kind, day=one.due)
    return replace(case, documents=papers)


async def waiting(tx: asyncpg.Connection, region: str) -> list[Promise]:
    """The commitments that nobody has verified, what is due first first; at most some hundreds."""
    return await _WAITING.structs(tx, Promise, region=region)


async def found_true(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, kind: str
) -> None:
    """Note on the case that a commitment was verified and is true. Raises Forbidden, NotFound."""
    if not account.has(INSPECTOR, region):
        raise Forbidden(Text("由检查人员核验。", "An inspector verifies."))
    case = await store.lock(tx, office.keys, region, number)
    open_ones = {(one.number, one.kind) for one in await waiting(tx, region)}
    if case is None or (case.row.number, kind) not in open_ones:
        raise NotFound(NO_COMMITMENT)
    said = {"by": account.name, "by_id": account.id, "role": INSPECTOR, "detail": {"kind": kind}}
    happened = Event(new_id(), VERIFIED, clock.now(), **said)  # type: ignore[arg-type]
    await deadlines.NOTE.run(tx, region=region, case_id=case.row.id, **msgspec.structs.asdict(happened))
    entry = audit_row(region, account.id, VERIFIED, case_id=case.row.id, subject=number, detail={"kind": kind})
    await AUDIT.run(tx, **entry)
