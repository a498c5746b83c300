"""The case as interface.md shows it, to parties and staff alike, each seeing what their role may."""

import datetime as dt
from typing import Any

import msgspec

from permits import clock as office_clock
from permits.accounts.model import Account
from permits.cases import assessment, lifecycle, timeline
from permits.cases.application import PARTS
from permits.cases.assessment import Assessment
from permits.cases.claims import holder
from permits.cases.guards import Asking
from permits.cases.lifecycle import is_party
from permits.cases.model import Case, Component, Document
from permits.cases.warned import CautionView, SilenceView, cautions_of, silence_of
from permits.rules import masking
from permits.rules.law import Law
from permits.rules.procedures import DocumentRule


class QuestionView(msgspec.Struct, frozen=True):
    """One statement of a commitment, to be affirmed."""

    key: str
    text: str


class CommitmentView(msgspec.Struct, frozen=True):
    """The commitment text offered in place of a document."""

    text_version: int
    title: str
    text: str
    questions: tuple[QuestionView, ...]


class DocumentView(msgspec.Struct, frozen=True):
    """A document of the case: what it is, where it stands, how it may be supplied."""

    kind: str
    title: str
    status: str
    ways: tuple[str, ...]
    due: dt.date | None
    commitment: CommitmentView | None
    why_not: str | None
    accepts: tuple[str, ...] = ()
    max_bytes: int = 0
    notes: tuple[str, ...] = ()
    received_at: dt.datetime | None = None
    pages: int | None = None
    size: int | None = None
    digest: str | None = None
    checked_by: str | None = None


class ClockView(msgspec.Struct, frozen=True):
    """A time limit."""

    step: str
    basis: str
    started: dt.date
    due: dt.date
    working_days: int
    provisional: bool
    state: str


class CorrectionView(msgspec.Struct, frozen=True, rename={"asker": "from"}, omit_defaults=True):
    """One item of the list of corrections."""

    id: str
    asker: str
    text: str
    answered: bool
    pointer: str | None = None
    document: str | None = None
    answer: str | None = None


class TimelineView(msgspec.Struct, frozen=True):
    """One entry of the timeline."""

    at: dt.datetime
    kind: str
    by: str
    text: str


class CaseView(msgspec.Struct, frozen=True):
    """A case as one person sees it."""

    number: str
    version: int
    procedure: str
    joint: bool
    state: str
    employer: dict[str, Any]
    beneficiary: dict[str, Any]
    employment: dict[str, Any]
    permit: dict[str, Any]
    category: str | None
    points: int | None
    circumstance: str | None
    documents: tuple[DocumentView, ...]
    clocks: tuple[ClockView, ...]
    components: dict[str, dict[str, Any]]
    waiting_on: str
    corrections: tuple[CorrectionView, ...]
    timeline: tuple[TimelineView, ...]
    actions: tuple[str, ...]
    submitted_at: dt.datetime | None
    claimed_by: str | None
    cautions: tuple[CautionView, ...] = ()
    silence: SilenceView | None = None


def view(
    case: Case,
    account: Account,
    law: Law,
    at: dt.datetime,
    lang: str,
    *,
    unmasked: bool = False,
    found: Assessment | None = None,
) -> CaseView:
    """The case for this person now; `unmasked` where the work needs personal data and the look is on the record.

    `found` is what the rules say of the case, where the caller has asked them already.
    """
    found = found or assessment.of_case(law, case, at.date())
    party = is_party(case, account)
    held = holder(case, at)
    supplied = {document.kind: document for document in case.documents}
    return CaseView(
        number=case.row.number,
        version=case.row.version,
        procedure=case.row.procedure,
        joint=case.row.joint,
        state=case.row.state,
        **_application(case, masked=not (party or unmasked)),
        category=case.row.category or found.category,
        points=case.row.points or (found.classification.points if found.classification else None),
        circumstance=found.circumstance,
        documents=tuple(_document(supplied.get(rule.kind), rule, lang) for rule in found.documents),
        clocks=tuple(ClockView(**{n: getattr(c, n) for n in ClockView.__struct_fields__}) for c in case.clocks),
        components=components(case),
        waiting_on=lifecycle.waiting_on(case),
        corrections=tuple(_correction(c) for c in case.corrections),
        timeline=tuple(_entry(case, e, lang, inside=not party) for e in case.timeline),
        actions=lifecycle.possible(case, Asking(account, at)),
        submitted_at=_local(case.row.submitted_at),
        claimed_by=case.row.claim.name if case.row.claim and held else None,
        cautions=tuple(cautions_of(case, law, found, at.date(), lang)),
        silence=silence_of(case, law, at.date(), lang),
    )


def _local(at: dt.datetime | None) -> dt.datetime | None:
    return at.astimezone(office_clock.CITY) if at else None


def _application(case: Case, *, masked: bool) -> dict[str, dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = {name: msgspec.to_builtins(getattr(case.application, name)) for name in PARTS}
    if masked:
        _mask(parts["beneficiary"])
        _mask(parts["permit"])
    return parts


def _mask(holder: dict[str, Any]) -> None:
    for name in ("passport_number", "residence_permit_number", "former_passport_number"):
        if name in holder:
            holder[name] = masking.mask_passport(holder[name])
    holder.pop("mrz", None)


def components(case: Case) -> dict[str, dict[str, Any]]:
    """The parts of the case under the names of interface.md, whole from the first day on."""
    empty: dict[str, dict[str, Any]] = {
        "work_permit": dict.fromkeys(
            ("permit_number", "category", "valid_from", "valid_until", "verification_code"), None
        ),
        "residence_permit": {"number": None, "valid_until": None},
        "window": {"unified_number": None},
    }
    first = {"work_permit": "pending", "residence_permit": "not-wanted", "window": "queued"}
    held = {part.kind: part for part in case.components}
    return {kind: {"status": first[kind]} | facts | _component(held.get(kind)) for kind, facts in empty.items()}


def _component(part: Component | None) -> dict[str, Any]:
    return {"status": part.status, **part.facts} if part else {}


def _document(held: Document | None, rule: DocumentRule, lang: str) -> DocumentView:
    status = held.status if held else "on-register" if rule.on_register else "wanted"
    return DocumentView(
        kind=rule.kind,
        title=rule.title.of(lang),
        status=status,
        ways=rule.ways,
        due=held.due if held else None,
        commitment=_commitment(rule, lang),
        why_not=rule.why_not.of(lang) if rule.why_not else None,
        accepts=rule.accepts,
        max_bytes=rule.max_bytes,
        notes=tuple(note.of(lang) for note in rule.notes),
        received_at=_local(held.received_at) if held else None,
        pages=held.pages if held else None,
        size=held.size if held else None,
        digest=held.digest if held else None,
        checked_by=held.checked_by if held else None,
    )


def _commitment(rule: DocumentRule, lang: str) -> CommitmentView | None:
    text = rule.commitment
    if text is None:
        return None
    questions = tuple(QuestionView(q.key, q.text.of(lang)) for q in text.questions)
    return CommitmentView(text.version, text.title.of(lang), text.text.of(lang), questions)


def _correction(item: Any) -> CorrectionView:
    return CorrectionView(
        id=str(item.id),
        asker=item.asker,
        text=item.text,
        answered=item.answered_at is not None,
        pointer=item.pointer,
        document=item.document,
        answer=item.answer,
    )


_ROLES = {
    "employer": ("经办人", "agent"),
    "clerk": ("窗口", "window"),
    "reviewer": ("审查人员", "reviewer"),
    "decider": ("决定人员", "decider"),
    "legal": ("法制审核", "legal reviewer"),
    "inspector": ("检查人员", "inspector"),
    "police": ("公安出入境", "police"),
    "approval-bureau": ("行政审批局", "approval bureau"),
    "office": ("系统", "service"),
}


def _entry(case: Case, event: Any, lang: str, *, inside: bool) -> TimelineView:
    """An entry; officers' names are for colleagues, the public sees the desk."""
    role = _ROLES.get(event.role, (event.role, event.role))[0 if lang == "zh" else 1]
    named = event.by and (inside or event.role == "employer")
    by = f"{role} {event.by}".strip() if named else role
    at = _local(event.at)
    assert at is not None
    return TimelineView(at, event.kind, by, timeline.sentence(event, case.row.procedure).of(lang))
