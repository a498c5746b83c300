"""A paper answer of an agency, entered in its stead: one person enters it with the scan, another confirms it.

Only then has it the effect that the message would have had. It is no message: it takes no number of the agency's, and
what the agency sends later about the same thing is taken as it comes.
"""

import datetime as dt
import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import DateTime, Uuid, and_, bindparam, insert, literal_column, select, update

from integrations.agencies import AGENCIES
from integrations.contract import Malformed, read_body
from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import service as cases
from permits.cases import store as cases_store
from permits.cases.drafting import NO_CASE
from permits.cases.model import Case
from permits.cases.tables import cases as cases_table
from permits.clock import CITY
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, FieldError, Forbidden, NotFound
from permits.files import service as files
from permits.files.model import Upload
from permits.i18n import Text
from permits.office import Office
from permits.routing import evidence
from permits.routing.evidence import Exchanged, Proof, Told
from permits.routing.incoming import report
from permits.routing.tables import stand_in

MAY = ("clerk", "reviewer")
"""Who may enter an answer, and who may confirm it: another person."""
KINDS: dict[str, tuple[str, ...]] = {
    "police": ("received", "correction-wanted", "appointment", "granted", "refused"),
    "approval-bureau": ("registered", "handed-out"),
}
"""What may be answered on paper."""
LONGEST_REASONS = 1000
SCAN_BYTES = 10_485_760


class StandIn(msgspec.Struct, frozen=True):
    """A paper answer, without what it says."""

    id: uuid.UUID
    case_id: uuid.UUID
    agency: str
    kind: str
    file_id: uuid.UUID | None
    digest: str | None
    """SHA-256 of the scan."""
    reasons: str
    proposed_by: uuid.UUID
    proposed_name: str
    proposed_at: dt.datetime
    state: str
    """proposed, confirmed or rejected."""
    decided_name: str | None
    decided_at: dt.datetime | None
    why: str | None


_HERE: Any = bindparam("region")
_COLUMNS = tuple(stand_in.c[name] for name in StandIn.__struct_fields__)
_PROPOSED: Any = stand_in.c.state == literal_column("'proposed'")
_ADD = statement(insert(stand_in))
_OF_CASE = statement(
    select(*_COLUMNS)
    .where(stand_in.c.region == _HERE, stand_in.c.case_id == bindparam("case_id"))
    .order_by(stand_in.c.id)
)
_OPEN = statement(select(*_COLUMNS).where(stand_in.c.region == _HERE, _PROPOSED).order_by(stand_in.c.id).limit(100))
_ONE = statement(
    select(*_COLUMNS, stand_in.c.body)
    .where(stand_in.c.region == _HERE, stand_in.c.id == bindparam("stand_in_id"))
    .with_for_update()
)
_WITH_NUMBER = statement(
    select(*_COLUMNS, cases_table.c.number)
    .join(cases_table, and_(cases_table.c.region == stand_in.c.region, cases_table.c.id == stand_in.c.case_id))
    .where(stand_in.c.region == _HERE, stand_in.c.id == bindparam("stand_in_id"))
)
_DECIDE = statement(
    update(stand_in)
    .where(stand_in.c.region == _HERE, stand_in.c.id == bindparam("stand_in_id"), _PROPOSED)
    .values(
        state=bindparam("new_state"),
        decided_by=bindparam("by", type_=Uuid),
        decided_name=bindparam("name"),
        decided_at=bindparam("at", type_=DateTime(timezone=True)),
        why=bindparam("reasons"),
    )
    .returning(stand_in.c.id)
)


def may(account: Account, region: str) -> None:
    """Raises Forbidden where somebody may not answer in an agency's stead."""
    if not any(account.has(role, region) for role in MAY):
        raise Forbidden(Text("只有窗口或审查人员可以代录。", "Only clerks and reviewers may enter a paper answer."))


async def propose(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    agency: str,
    kind: str,
    said: dict[str, Any],
    reasons: str,
    scan: Upload | None,
) -> StandIn:
    """Enter an answer that came on paper, with its scan; nothing happens to the case before another confirms it.

    Raises Forbidden, NotFound, BadInput naming every field that is wrong or missing.
    """
    may(account, region)
    case = await cases_store.lock(tx, office.keys, region, number)
    if case is None or case.row.state == "draft":
        raise NotFound(NO_CASE)
    body = _checked(agency, kind, said, reasons, scan)
    assert scan is not None
    now, id_ = clock.now(), new_id()
    kept: dict[str, Any] = {
        "case_id": case.row.id,
        "kind": f"stand-in/{id_}",
        "uploaded_by": account.id,
        "received_at": now,
    }
    await files.record(tx, office.keys, region, scan, **kept)
    blank: dict[str, Any] = {column.name: None for column in stand_in.c}
    row = {"region": region, "id": id_, "case_id": case.row.id, "agency": agency, "kind": kind, "state": "proposed"}
    row |= {"body": office.keys.seal(msgspec.json.encode(body), _context(region, id_)), "reasons": reasons.strip()}
    row |= {"file_id": scan.id, "digest": scan.checked.digest, "proposed_by": account.id}
    await _ADD.run(tx, **blank | row | {"proposed_name": account.name, "proposed_at": now})
    await _audit(tx, account, case, "stand-in-proposed", agency, kind)
    return (await of_case(tx, region, case.row.id))[-1]


def _checked(agency: str, kind: str, said: dict[str, Any], reasons: str, scan: Upload | None) -> dict[str, Any]:
    """The answer's body as plain values. Raises BadInput naming all that is wrong."""
    errors = []
    if kind not in KINDS.get(agency, ()):
        errors.append(FieldError("/kind", Text("请选择对方答了什么。", "Choose what the agency answered.")))
    else:
        try:
            body = read_body(AGENCIES[agency].from_agency[kind], said)
        except Malformed as wrong:
            place = str(wrong).partition("`$")[2].partition("`")[0].replace(".", "/").split("[")[0]
            field = f"/{kind}{place}" if place else f"/{kind}"
            errors.append(FieldError(field, Text("这一项没有填对或没有填。", "This is missing or not right.")))
    if not 0 < len(reasons.strip()) <= LONGEST_REASONS:
        text = Text("请写明为什么代录。", "Say why the answer is entered here.")
        errors.append(FieldError("/reasons", text))
    if scan is None:
        errors.append(FieldError("/file", Text("请上传纸质答复的扫描件。", "Upload the scan of the paper answer.")))
    if errors:
        raise BadInput(errors=errors)
    plain: dict[str, Any] = msgspec.to_builtins(body)
    return plain


async def confirm(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, stand_in_id: uuid.UUID
) -> Case:
    """Confirm an answer that a colleague entered: it takes effect. Raises Forbidden, NotFound, Conflict."""
    row = await _decidable(tx, account, region, stand_in_id)
    case = await cases_store.lock_id(tx, office.keys, region, row["case_id"])
    assert case is not None
    plain = msgspec.json.decode(office.keys.open(row["body"], _context(region, stand_in_id)))
    body = read_body(AGENCIES[row["agency"]].from_agency[row["kind"]], plain)
    await _decide(tx, account, region, stand_in_id, "confirmed", None)
    await _audit(tx, account, case, "stand-in-confirmed", row["agency"], row["kind"])
    told = report(row["agency"], body, clock.now())
    assert told is not None
    detail = told.detail | {"on_paper": True}
    after = await cases.component_changed(
        tx, office, region, row["case_id"], msgspec.structs.replace(told, detail=detail)
    )
    await _prove(tx, office, region, row, case.row.number, msgspec.json.encode(plain))
    return after


async def _prove(
    tx: asyncpg.Connection, office: Office, region: str, row: asyncpg.Record, number: str, said: bytes
) -> None:
    """The evidence of a paper answer: what it says, and the digest of its scan in the place of a receipt."""
    of = (region, row["case_id"], row["agency"])
    told, proof = Told(number, row["kind"], 0, "paper"), Proof(None, "paper", (row["digest"] or "").encode())
    await evidence.record(tx, office.keys, Exchanged(of, "in", row["id"], said, told, proof))


async def reject(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, stand_in_id: uuid.UUID, reasons: str
) -> None:
    """Send it back with a reason. Raises Forbidden, NotFound, Conflict, BadInput."""
    row = await _decidable(tx, account, region, stand_in_id)
    if not 0 < len(reasons.strip()) <= LONGEST_REASONS:
        raise BadInput(errors=[FieldError("/why", Text("请写明为什么不同意。", "Say why you do not agree."))])
    case = await cases_store.lock_id(tx, office.keys, region, row["case_id"])
    assert case is not None
    await _decide(tx, account, region, stand_in_id, "rejected", reasons.strip())
    await _audit(tx, account, case, "stand-in-rejected", row["agency"], row["kind"])


async def _decidable(tx: asyncpg.Connection, account: Account, region: str, stand_in_id: uuid.UUID) -> asyncpg.Record:
    """The answer, locked, which a colleague entered and nobody has settled."""
    may(account, region)
    row = await _ONE.one(tx, region=region, stand_in_id=stand_in_id)
    if row is None:
        raise NotFound(Text("没有这份代录。", "There is no such entry."))
    if row["state"] != "proposed":
        raise Conflict(Text("这份代录已经处理。", "This entry is settled already."))
    if row["proposed_by"] == account.id:
        raise Conflict(
            Text("代录要由另一个人确认。", "Another person must confirm what you entered."), type="same-person"
        )
    return row


async def _decide(
    tx: asyncpg.Connection, account: Account, region: str, stand_in_id: uuid.UUID, state: str, reasons: str | None
) -> None:
    given = {"new_state": state, "by": account.id, "name": account.name, "at": clock.now(), "reasons": reasons}
    await _DECIDE.run(tx, region=region, stand_in_id=stand_in_id, **given)


async def _audit(tx: asyncpg.Connection, account: Account, case: Case, action: str, agency: str, kind: str) -> None:
    subject, detail = case.row.number, {"agency": agency, "kind": kind}
    row = audit_row(case.row.region, account.id, action, case_id=case.row.id, subject=subject, detail=detail)
    await AUDIT.run(tx, **row)


async def of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> list[StandIn]:
    """Paper answers of a case, the earliest first."""
    return [_local(one) for one in await _OF_CASE.structs(tx, StandIn, region=region, case_id=case_id)]


async def one(tx: asyncpg.Connection, region: str, stand_in_id: uuid.UUID) -> tuple[StandIn, str] | None:
    """A paper answer and its case's number."""
    row = await _WITH_NUMBER.one(tx, region=region, stand_in_id=stand_in_id)
    if row is None:
        return None
    plain = dict(row)
    number = str(plain.pop("number"))
    return _local(msgspec.convert(plain, StandIn)), number


def _local(found: StandIn) -> StandIn:
    decided = found.decided_at and found.decided_at.astimezone(CITY)
    return msgspec.structs.replace(found, proposed_at=found.proposed_at.astimezone(CITY), decided_at=decided)


async def waiting(tx: asyncpg.Connection, region: str) -> list[StandIn]:
    """Paper answers that wait for a second person."""
    return [_local(one) for one in await _OPEN.structs(tx, StandIn, region=region)]


async def said(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, stand_in_id: uuid.UUID
) -> dict[str, Any]:
    """What a paper answer says, for whoever confirms it; the look is on the record. Raises Forbidden, NotFound."""
    may(account, region)
    row = await _ONE.one(tx, region=region, stand_in_id=stand_in_id)
    if row is None:
        raise NotFound(Text("没有这份代录。", "There is no such entry."))
    detail = {"agency": row["agency"], "kind": row["kind"]}
    await AUDIT.run(tx, **audit_row(region, account.id, "stand-in-look", case_id=row["case_id"], detail=detail))
    plain: dict[str, Any] = msgspec.json.decode(office.keys.open(row["body"], _context(region, stand_in_id)))
    return plain


def _context(region: str, id_: uuid.UUID) -> bytes:
    return f"stand-in:{region}:{id_}".encode()
