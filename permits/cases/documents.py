"""Documents of a case: uploaded, or committed to where the published list allows it.

Each runs in the caller's transaction; the bytes of an upload were checked and stored before.
"""

import uuid
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import Account
from permits.cases import assessment, bodies
from permits.cases.drafting import own
from permits.cases.model import Case, Document
from permits.cases.store import bind
from permits.cases.tables import case_document, commitment
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import BadInput, Conflict, FieldError
from permits.files import service as files
from permits.files.model import Upload
from permits.i18n import Text
from permits.office import Office
from permits.rules import commitments
from permits.rules.commitments import CommitmentText
from permits.rules.procedures import DocumentRule

_put = upsert(case_document).values({c.name: bind(f"new_{c.name}", c) for c in case_document.c})
PUT_DOCUMENT = statement(
    _put.on_conflict_do_update(
        index_elements=[c.name for c in case_document.primary_key],
        set_={c.name: _put.excluded[c.name] for c in case_document.c if not c.primary_key},
    )
)
KEEP_COMMITMENT = statement(insert(commitment).values({c.name: bind(c.name, c) for c in commitment.c}))


def rule_for(office: Office, case: Case, kind: str, way: str) -> DocumentRule:
    """The rule of a document of this case that may be supplied this way now.

    Raises BadInput for a kind the case does not ask for or may not supply so, Conflict where the case is closed to it.
    """
    found = assessment.of_case(office.law, case, clock.today()).documents
    rule = next((r for r in found if r.kind == kind), None)
    field = "/document" if way == "commit" else "/kind"
    if rule is None or rule.on_register:
        raise BadInput(errors=[FieldError(field, Text("这件申请不需要这份材料。", "This case does not ask for it."))])
    if way not in rule.ways:
        why = rule.why_not or Text("这份材料不能承诺，请上传。", "This cannot be committed to; upload it.")
        raise BadInput(errors=[FieldError(field, why)])
    if case.row.state != "draft" and kind not in {c.document for c in case.unanswered()}:
        raise Conflict(
            Text("提交以后，只有要求补正的材料可以换。", "After submitting, only what a correction names can change."),
            type="locked",
        )
    return rule


async def put_document(tx: asyncpg.Connection, case: Case, document: Document, account: Account) -> Case:
    """The case with a document uploaded or committed to; one of the same kind is replaced."""
    values: dict[str, Any] = {f"new_{name}": getattr(document, name) for name in document.__struct_fields__}
    await PUT_DOCUMENT.run(tx, new_region=case.row.region, new_case_id=case.row.id, **values)
    entry = audit_row(
        case.row.region,
        account.id,
        f"document-{document.status}",
        case_id=case.row.id,
        subject=case.row.number,
        detail={"kind": document.kind},
    )
    await AUDIT.run(tx, **entry)
    others = tuple(d for d in case.documents if d.kind != document.kind)
    return msgspec.structs.replace(case, documents=(*others, document))


async def attach(
    tx: asyncpg.Connection, office: Office, account: Account, region: str, number: str, kind: str, upload: Upload
) -> Case:
    """Take an uploaded document into the case; one of the same kind is replaced, and kept."""
    case = await own(tx, office, account, region, number)
    rule_for(office, case, kind, "upload")
    at, checked = clock.now(), upload.checked
    await files.record(
        tx, office.keys, region, upload, case_id=case.row.id, kind=kind, uploaded_by=account.id, received_at=at
    )
    given = Document(
        kind,
        "uploaded",
        file_id=upload.id,
        received_at=at,
        media=checked.media,
        pages=checked.pages,
        size=upload.size,
        digest=checked.digest,
    )
    return await put_document(tx, case, given, account)


async def commit(
    tx: asyncpg.Connection,
    office: Office,
    account: Account,
    region: str,
    number: str,
    body: bodies.Commit,
    *,
    lang: str,
    address: str,
) -> Case:
    """Sign a commitment in place of a document: the words shown, the answers and the signer are kept and bound.

    Raises BadInput for answers that do not affirm all, Conflict where the text has a newer version.
    """
    case = await own(tx, office, account, region, number)
    text = _agreed(office, case, body)
    at, words, commitment_id = clock.now(), commitments.shown(text, lang), new_id()
    digest = commitments.digest(text, words, body.answers, body.signed_by, at.isoformat(), address)
    await KEEP_COMMITMENT.run(
        tx,
        region=region,
        id=commitment_id,
        case_id=case.row.id,
        document=body.document,
        text_version=text.version,
        shown={"words": words, "lang": lang, "from": address},
        answers=body.answers,
        signed_by=office.keys.seal(body.signed_by.encode(), _context(region, commitment_id)),
        account_id=account.id,
        signed_at=at,
        digest=digest,
    )
    signed = Document(body.document, "committed", commitment_id=commitment_id, received_at=at, digest=digest)
    return await put_document(tx, case, signed, account)


def _agreed(office: Office, case: Case, body: bodies.Commit) -> CommitmentText:
    """The text that is signed: the one that was read, with every answer in the affirmative."""
    text = rule_for(office, case, body.document, "commit").commitment
    assert text is not None
    if text.version != body.text_version:
        raise Conflict(
            Text("承诺书换了新版本，请看过新的再签。", "The text has a new version; read it and sign again."),
            type="text-version",
            extra={"text_version": text.version},
        )
    if wrong := commitments.wrong_answers(text, body.answers):
        raise BadInput(errors=[FieldError(pointer, said) for pointer, said in wrong])
    return text


def _context(region: str, commitment_id: uuid.UUID) -> bytes:
    return f"commitment:{region}:{commitment_id}".encode()
