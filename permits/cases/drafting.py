"""Drafts and corrections: begin, amend, discard, bring back; documents uploaded or committed to.

Each runs in the caller's transaction. A draft may lack fields, but none that is there may be wrong.
"""

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import insert, literal_column, select, update

from permits import clock, decoding
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import checks, known, lifecycle, sealing, store
from permits.cases.application import PARTS, Application
from permits.cases.model import Case, Event, Row
from permits.cases.store import ID, REGION, bind
from permits.cases.tables import cases, event
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, FieldError, Forbidden, NotFound
from permits.i18n import Text
from permits.office import Office
from permits.register.store import next_number
from permits.rules.identifiers import make_case_number

KEPT_DAYS = 7
"""A discarded draft can be brought back for so many days (interface.md)."""
NO_CASE = Text("找不到这件申请。请核对案号。", "There is no such case. Check its number.")

_new = insert(cases).values({c.name: bind(c.name, c) for c in cases.c}).returning(cases.c.region, cases.c.id)
_made = _new.cte("made")
_EVENT = {c.name: bind(f"event_{c.name}", c) for c in event.c if c.name not in ("region", "case_id")}
_begun = (
    insert(event)
    .from_select(["region", "case_id", *_EVENT], select(_made.c.region, _made.c.id, *_EVENT.values()))
    .returning(event.c.region)
)
BEGIN = statement(select(_made.c.id).add_cte(_begun.cte("begun")))
"""A new draft with the first entry of its timeline."""

_PARTS = (*PARTS, "held", "personal", "passport_index", "name_index")
AMEND = statement(
    update(cases)
    .where(cases.c.region == REGION, cases.c.id == ID)
    .values({n: bind(f"new_{n}", cases.c[n]) for n in _PARTS} | {"version": cases.c.version + 1})
    .returning(cases.c.version)
)
DISCARD = statement(
    update(cases)
    .where(cases.c.region == REGION, cases.c.id == ID, cases.c.state == literal_column("'draft'"))
    .values(deleted_at=bind("deleted_at", cases.c.deleted_at))
    .returning(cases.c.id)
)
RESTORE = statement(
    update(cases)
    .where(
        cases.c.region == REGION,
        cases.c.number == bind("number", cases.c.number),
        cases.c.filed_by == bind("filed_by", cases.c.filed_by),
        cases.c.deleted_at > bind("since", cases.c.deleted_at),
    )
    .values(deleted_at=None)
    .returning(cases.c.id)
)


async def begin(
    tx: asyncpg.Connection, office: Office, account: Account, application: Application, region: str
) -> Case:
    """A new draft with its number. Raises BadInput naming every wrong field, Forbidden for who is no employer."""
    if not account.has("employer", region):
        raise Forbidden(Text("只有用人单位的经办人可以申请。", "Only an employer's agent may apply."))
    at = clock.now()
    application, held, wrong = await known.read(tx, office, account, region, _filled(application, at.date()), at.date())
    checks.check_draft(application, office.law, at.date(), region, wrong)
    first = Event(new_id(), "drafted", at, by=account.name, by_id=account.id, role="employer")
    case = await started(tx, office, region, application, filed_by=account.id, first=first, held=held, state="draft")
    await AUDIT.run(tx, **audit_row(region, account.id, "draft", case_id=case.row.id, subject=case.row.number))
    return case


async def started(
    tx: asyncpg.Connection,
    office: Office,
    region: str,
    application: Application,
    *,
    filed_by: uuid.UUID,
    first: Event,
    **known: Any,
) -> Case:
    """A new case with its number and the first entry of its timeline; `known` are columns of its row."""
    case_id, year = new_id(), first.at.year
    columns = {
        "region": region,
        "id": case_id,
        "number": make_case_number(region, year, await next_number(tx, region, "case", year)),
        "version": 1,
        "procedure": application.procedure,
        "joint": application.joint,
        "filed_by": filed_by,
        "created_at": first.at,
        **sealing.apart(application, region, case_id, office.keys),
    }
    row = Row(**columns | known)
    await BEGIN.one(tx, **_row_parameters(row), **_event_parameters(first))
    return Case(row=row, application=application, timeline=(first,))


def _row_parameters(row: Row) -> dict[str, Any]:
    return {c.name: getattr(row, c.name) for c in cases.c}


def _event_parameters(happened: Event) -> dict[str, Any]:
    return {f"event_{name}": getattr(happened, name) for name in _EVENT}


def _filled(application: Application, today: dt.date) -> Application:
    """The application with what the passport's zone says, in the same bounds as what was typed. Raises BadInput."""
    full = msgspec.structs.replace(application, beneficiary=checks.filled(application.beneficiary, today))
    return decoding.convert(msgspec.to_builtins(full), Application)


async def own(tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str) -> Case:
    """One's own case, locked for a change. Raises NotFound for a case that one may not know of."""
    case = await store.lock(tx, office.keys, region, number)
    if case is None or not lifecycle.is_party(case, account):
        raise NotFound(NO_CASE)
    return case


async def amend(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    patch: dict[str, Any],
    version: int,
) -> Case:
    """Change what the application says (JSON Merge Patch, RFC 7396): a draft freely, else only what a correction names.

    Raises Conflict where somebody changed it meanwhile, BadInput naming every wrong field.
    """
    case = await own(tx, office, account, region, number)
    if case.row.version != version:
        raise changed(case)
    before = msgspec.to_builtins(case.application)
    after = merge(before, patch)
    _refuse_locked(case, before, after)
    today = clock.today()
    said = _filled(checks.read(after, office.law, today, region), today)
    application, held, wrong = await known.read(tx, office, account, region, said, today)
    checks.check_draft(application, office.law, today, region, wrong)
    parts = sealing.apart(application, region, case.row.id, office.keys) | {"held": held}
    new = await AMEND.value(tx, region=region, id=case.row.id, **{f"new_{n}": parts[n] for n in _PARTS})
    detail = {"fields": sorted(_differences(before, after))}
    await AUDIT.run(tx, **audit_row(region, account.id, "amend", case_id=case.row.id, subject=number, detail=detail))
    row = msgspec.structs.replace(case.row, version=new, **parts)
    return msgspec.structs.replace(case, row=row, application=application)


async def refreshed(tx: asyncpg.Connection, office: Office, account: Account, case: Case, today: dt.date) -> Case:
    """The draft with the permit it names as the register has it now. Raises BadInput where it is not theirs."""
    if case.application.permit.number is None:
        return case
    application, held, wrong = await known.read(tx, office, account, case.row.region, case.application, today)
    if wrong:
        raise BadInput(errors=wrong)
    if (application, held) == (case.application, case.held):
        return case
    parts = sealing.apart(application, case.row.region, case.row.id, office.keys) | {"held": held}
    new = await AMEND.value(tx, region=case.row.region, id=case.row.id, **{f"new_{n}": parts[n] for n in _PARTS})
    row = msgspec.structs.replace(case.row, version=new, **parts)
    return msgspec.structs.replace(case, row=row, application=application)


def changed(case: Case) -> Conflict:
    """Somebody was quicker; the answer says which version holds now."""
    return Conflict(
        Text(
            "您打开以后，这件申请又改过。请先看现在的内容，再改一次；您填的还在页面上。",
            "The application was changed after you opened it. Look at it as it is now and change it again; "
            "what you typed is still on the page.",
        ),
        type="stale",
        extra={"version": case.row.version},
    )


def merge(target: Any, patch: Any) -> Any:
    """The target with the patch applied (RFC 7396): null removes."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merge(out.get(name), value)
    return out


def _differences(before: Any, after: Any, pointer: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in {*before, *after}:
            yield from _differences(before.get(name), after.get(name), f"{pointer}/{name}")
    elif before != after:
        yield pointer


def _refuse_locked(case: Case, before: Any, after: Any) -> None:
    differences = sorted(_differences(before, after))
    if case.row.state == "draft" or not differences:
        return
    asked = tuple(c.pointer for c in case.unanswered() if c.pointer)
    locked = [p for p in differences if not any(p == a or p.startswith(f"{a}/") for a in asked)]
    if locked:
        text = Text(
            "提交以后，只有要求补正的内容可以改。", "After submitting, only what a correction names can change."
        )
        raise Conflict(text, type="locked", errors=[FieldError(p, text) for p in locked])


async def discard(tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str) -> None:
    """Delete a draft; it can be brought back for seven days. Raises Conflict for what is no draft."""
    case = await own(tx, office, account, region, number)
    if not await DISCARD.value(tx, region=region, id=case.row.id, deleted_at=clock.now()):
        raise Conflict(
            Text("只有草稿可以删除；已提交的请撤回。", "Only a draft can be deleted; withdraw what was submitted.")
        )
    await AUDIT.run(tx, **audit_row(region, account.id, "discard", case_id=case.row.id, subject=number))


async def bring_back(tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str) -> Case:
    """Bring a discarded draft back. Raises NotFound after seven days."""
    since = clock.now() - dt.timedelta(days=KEPT_DAYS)
    found = await RESTORE.value(tx, region=region, number=number, filed_by=account.id, since=since)
    if found is None:
        raise NotFound(NO_CASE)
    await AUDIT.run(tx, **audit_row(region, account.id, "bring-back", case_id=found, subject=number))
    return await own(tx, office, account, region, number)
