"""Use cases of a case: look, submit, act, and what other agencies report. One transaction each.

A use case reads the case, decides purely, and writes everything with one statement.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
import msgspec

from permits import clock
from permits.accounts.audit import look_row
from permits.accounts.model import Account
from permits.cases import (
    actions,
    bodies,
    deciding,
    granting,
    lifecycle,
    permit_checks,
    promised,
    store,
    submission,
    writing,
)
from permits.cases.doing import Doing, with_component
from permits.cases.drafting import NO_CASE, changed, refreshed
from permits.cases.guards import Asking
from permits.cases.lifecycle import STAFF
from permits.cases.model import Case, Component, Correction, Event, HandOut
from permits.cases.once import Answer, replayed
from permits.cases.view import CaseView, view
from permits.cases.writing import Remember
from permits.db.ids import new_id
from permits.errors import Conflict, NotFound
from permits.i18n import Text
from permits.office import Office


async def look(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, action: str = "look"
) -> Case:
    """A case, for its parties and staff; the look is on the record. Raises NotFound for anybody else.

    `action` is `reveal` where personal data is shown unmasked.
    """
    audit = look_row(region, account.id, action, subject=number)
    case = await store.look(tx, office.keys, number, audit)
    if case is None or not may_see(case, account):
        raise NotFound(NO_CASE)
    return case


def may_see(case: Case, account: Account) -> bool:
    """Whether a person may know of a case: its party always, staff of its city once it is submitted."""
    staff = account.has_any(frozenset(STAFF), case.row.region)
    return lifecycle.is_party(case, account) or (staff and case.row.state != "draft")


async def submit(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    *,
    key: str | None,
    request: bytes,
    lang: str,
    version: int | None = None,
) -> Answer:
    """Submit an application: one read, a pure decision, one write.

    The same key with the same request gets the first answer again. Raises BadInput naming everything that is missing
    or wrong, Conflict for a second open case of the same passport and procedure.
    """
    record = await store.BEFORE_SUBMIT.one(tx, region=region, number=number, account_id=account.id, key=key or "")
    if record is None:
        raise NotFound(NO_CASE)
    if record["earlier"]:
        return replayed(record["earlier"], request)
    case, at = store.opened(record, office.keys), clock.now()
    _may_submit(case, Asking(account, at), version)
    case = await refreshed(tx, office, account, case, at.date())
    after, found = submission.assessed(case, office.law, at)
    if record["rival"]:
        raise _second_case(record["rival"], account)
    late = permit_checks.late_since(case, office.law, at.date())
    happened = _event("submitted", account, at, role="employer", detail={"late": str(late)} if late else None)
    shown = view(writing.saved(case, after, happened), account, office.law, at, lang, found=found)
    answer = Answer(200, msgspec.json.encode(shown))
    remember = _remember(account, key, request, answer)
    audit = _audit(case, account, "submit")
    await writing.save(tx, case, after, happened, audit, machine_now=clock.machine_now(), remember=remember)
    return answer


def _may_submit(case: Case, asking: Asking, version: int | None) -> None:
    """Raises NotFound for whoever is no party, Conflict where the case is no draft or changed since it was seen."""
    if not lifecycle.is_party(case, asking.account):
        raise NotFound(NO_CASE)
    if version is not None and version != case.row.version:
        raise changed(case)
    lifecycle.allow("submit", case, asking)


def _second_case(rival: dict[str, Any], account: Account) -> Conflict:
    zh, en = "这本护照已经有一件同样事项在办", "This passport has an open case of the same procedure already"
    if rival["filed_by"] == str(account.id):
        number = rival["number"]
        return Conflict(Text(f"{zh}：{number}。", f"{en}: {number}."), type="open-case", extra={"number": number})
    return Conflict(Text(f"{zh}，请与窗口联系。", f"{en}; please ask the window."), type="open-case")


def _remember(account: Account, key: str | None, request: bytes, answer: Answer) -> Remember | None:
    if key is None:
        return None
    return Remember(account.id, key, request, answer.status, answer.body, clock.machine_now())


def _audit(case: Case, account: Account | None, action: str, detail: dict[str, Any] | None = None) -> dict[str, Any]:
    who = account.id if account else None
    return look_row(case.row.region, who, action, subject=case.row.number, detail=detail)


def _event(kind: str, account: Account, at: dt.datetime, *, role: str, detail: dict[str, Any] | None = None) -> Event:
    return Event(new_id(), kind, at, by=account.name, by_id=account.id, role=role, detail=detail or {})


async def act(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    action: str,
    body: bodies.Body,
    *,
    version: int | None = None,
) -> Case:
    """Take an action on a case; the case as it is then.

    Raises NotFound, Forbidden for a role that may not, Conflict naming what is possible, BadInput.
    """
    case = await store.lock(tx, office.keys, region, number)
    if case is None or not may_see(case, account):
        raise NotFound(NO_CASE)
    if version is not None and version != case.row.version:
        raise changed(case)
    asking = Asking(account, clock.now(), getattr(body, "outcome", None), bool(getattr(body, "take_over", None)))
    row = lifecycle.allow(action, case, asking)
    done = actions.ACTIONS[action][1](case, Doing(asking, office.law, row), body)
    after = await _granted(tx, office, done.case) if done.event == "granted" else done.case
    role = "employer" if row.roles == lifecycle.PARTY else next(r for r in row.roles if account.has(r, region))
    happened = _event(done.event, account, asking.at, role=role, detail=done.detail)
    audit = _audit(case, account, action, {"take_over": True} if asking.take_over else None)
    return await writing.save(tx, case, after, happened, audit, machine_now=clock.machine_now())


async def _granted(tx: asyncpg.Connection, office: Office, case: Case) -> Case:
    """What a grant writes into the register, and the days that run from it."""
    return await promised.started(tx, office.law, await granting.granted(tx, office, case))


class Report(msgspec.Struct, frozen=True):
    """What another agency says of its part of a case."""

    agency: str
    """police or approval-bureau."""
    kind: str
    """The component: residence_permit or window."""
    status: str | None
    """None where it stays what it is."""
    event: str
    """The kind of timeline entry."""
    facts: dict[str, Any] = {}
    detail: dict[str, Any] = {}
    corrections: tuple[Correction, ...] = ()
    handed_out: HandOut | None = None


FINAL = ("granted", "refused", "stopped")
"""What the police's part stays at."""
WINDOW = ("queued", "registered", "ready", "handed-out", "closed")
"""The statuses of the bureau's part, which never goes back: word of the number may come after the result is ready."""


async def component_changed(
    tx: asyncpg.Connection, office: Office, region: str, case_id: uuid.UUID, report: Report
) -> Case:
    """Take an agency's report into the case: its part, its corrections, its entry on the timeline."""
    case = await store.lock_id(tx, office.keys, region, case_id)
    if case is None:
        raise NotFound(NO_CASE)
    at = clock.now()
    after = _reported(case, report, at)
    happened = Event(new_id(), report.event, at, role=report.agency, detail=report.detail)
    audit = _audit(case, None, "agency-report", {"agency": report.agency, "kind": report.event})
    return await writing.save(tx, case, after, happened, audit, machine_now=clock.machine_now())


def _reported(case: Case, report: Report, at: dt.datetime) -> Case:
    old = case.component(report.kind) or Component(report.kind, "queued")
    after = with_component(case, Component(report.kind, _standing(old, report), old.facts | report.facts))
    after = msgspec.structs.replace(after, corrections=(*after.corrections, *report.corrections))
    if report.handed_out and case.row.state in ("granted", "refused") and not case.row.hand_out:
        after = deciding.handed_out(after, report.handed_out, at.date()).case
    return deciding.closed_if_settled(after, at)


def _standing(old: Component, report: Report) -> str:
    """The part's status after a report, which may be late, or say nothing of it."""
    if report.status is None:
        return old.status
    if report.kind == "window":
        return max(old.status, report.status, key=WINDOW.index)
    return old.status if old.status in FINAL else report.status


async def components_sent(
    tx: asyncpg.Connection, region: str, sent: Iterable[tuple[uuid.UUID, str, str, Sequence[str]]]
) -> None:
    """Note quietly what an agency was sent of cases: case, component, and its status from now on.

    Only from the statuses that come last in each, and without an entry on the timeline.
    """
    names = ("id", "kind", "status", "before")
    await store.SENT.many(tx, [{"region": region} | dict(zip(names, one, strict=True)) for one in sent])


async def noted(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    case_id: uuid.UUID,
    kind: str,
    role: str,
    detail: dict[str, Any],
) -> Case:
    """Put what somebody did beside the case's own steps on its timeline and on the record; the case is locked then."""
    case = await store.lock_id(tx, office.keys, region, case_id)
    if case is None:
        raise NotFound(NO_CASE)
    happened = _event(kind, account, clock.now(), role=role, detail=detail)
    audit = _audit(case, account, kind, detail)
    return await writing.save(tx, case, case, happened, audit, machine_now=clock.machine_now())


def seen(case: Case, account: Account, office: Office, lang: str, *, unmasked: bool = False) -> CaseView:
    """The case as this person sees it now."""
    return view(case, account, office.law, clock.now(), lang, unmasked=unmasked)
