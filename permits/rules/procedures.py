"""Service items (事项): what can be applied for, which documents a case asks for and in which ways.

It never looks at an uploaded file, never counts days and never knows who is trusted: the caller states the facts.
"""

import functools
from collections.abc import Iterable
from datetime import date
from typing import Literal

import msgspec

from permits.i18n import Text
from permits.rules.commitments import CommitmentText, Committable, commitment, committable
from permits.rules.handed_in import apostille
from permits.rules.law import Dated, Law, table

FileKind = Literal["pdf", "jpeg", "png"]
Way = Literal["commit", "upload"]
Category = Literal["A", "B", "C"]


@table("procedure")
class Procedure(Dated, frozen=True, kw_only=True):
    """One service item. Its key is the item's code."""

    title: Text
    who: Text
    """Who may apply, and for whom."""
    when: Text
    """Within what time one applies."""
    result: Text
    """What the applicant holds in the end."""
    law: tuple[Text, ...]
    """The legal basis, one document each."""
    joint: bool = False
    """Whether it may be filed together with a residence permit (一件事)."""
    steps: tuple[Text, ...] = ()
    """What the applicant applies for, one after the other; more than one where the item has several parts."""
    notes: tuple[Text, ...] = ()
    """What else is good to know."""
    by_office: bool = False
    """Whether the office opens it of its own; nobody applies for it."""

    @property
    def code(self) -> str:
        """The item's code, as in the interface: `issue-in-china`."""
        return self.key


@table("circumstance")
class Circumstance(Dated, frozen=True, kw_only=True):
    """One of the cases in which an item may be applied for. Its key is the word of the interface."""

    title: Text
    procedure: str = "issue-in-china"
    """The item that it belongs to."""
    inferred_from: tuple[str, ...] = ()
    """Visas and residence permits from which it is inferred, the first match in the order of the file."""
    categories: tuple[Category, ...] = ()
    """Categories it is open to; empty: all."""
    residence_valid: bool = False
    """Whether the residence permit must still run on the day of the application."""


@table("document")
class DocumentEntry(Dated, frozen=True, kw_only=True):
    """One document (申请材料) in the files. Its key is the document's kind."""

    title: Text
    procedures: tuple[str, ...]
    """The items that ask for it."""
    circumstances: tuple[str, ...] = ()
    """The circumstances that ask for it; empty: all."""
    categories: tuple[Category, ...] = ()
    """The categories that ask for it; empty: all."""
    grounds: tuple[str, ...] = ()
    """Asked for only where the category rests on one of these grounds; empty: always."""
    joint_only: bool = False
    """Whether only the residence permit asks for it."""
    supplied_by: Literal["applicant", "service", "register", "police", "credit-code"] = "applicant"
    """Who supplies it; what the applicant does not supply is never asked for."""
    accepts: tuple[FileKind, ...] = ("pdf", "jpeg", "png")
    notes: tuple[Text, ...] = ()
    """What the paper must show."""
    authenticated: bool = False
    """Whether a foreign paper needs an apostille or legalisation; see the sentences `authentication/…`."""
    kept: bool = False
    """Whether one that was handed in lately is not asked for again; see the setting `document.kept_years`."""
    police_from_days: int | None = None
    """In a joint case asked for, whatever is exempt, where the residence permit runs for so many days or more."""


@table("exemption")
class Exemption(Dated, frozen=True, kw_only=True):
    """Documents that a region does not ask for in one circumstance of an item."""

    procedure: str
    circumstance: str
    documents: tuple[str, ...]


@table("sentence")
class Sentence(Dated, frozen=True, kw_only=True):
    """A dated sentence of advice."""

    text: Text


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the list of documents of a case depends on."""

    procedure: str
    circumstance: str | None = None
    category: str | None = None
    """A, B or C as the rules work it out; None while the profile is not complete."""
    grounds: tuple[str, ...] = ()
    """Keys of the grounds that give this very category, none of a lower one."""
    joint: bool = False
    residence_days: int | None = None
    """Days the residence permit is to run; None while the dates are not known."""
    may_commit: bool = True
    """Whether the employer is trusted with commitments."""
    may_not_commit_why: Text | None = None
    """Where not: why, in words for the applicant."""
    on_register: frozenset[str] = frozenset()
    """Kinds of documents already held, and held within `document.kept_years`."""
    nationality: str | None = None
    """ISO 3166 alpha-3, taken for the state whose papers are handed in."""


class DocumentRule(msgspec.Struct, frozen=True, kw_only=True):
    """One document as this case asks for it."""

    kind: str
    title: Text
    ways: tuple[Way, ...]
    """How the applicant may supply it; empty where it is on the register."""
    accepts: tuple[FileKind, ...]
    max_bytes: int
    """The largest file taken, in bytes."""
    notes: tuple[Text, ...]
    """What the paper must show."""
    on_register: bool
    """Whether it is held or fetched by the office, so that the applicant need do nothing."""
    why_not: Text | None = None
    """Why a document that others may commit to may not be committed to here."""
    commitment: CommitmentText | None = None
    """The text to sign where committing is one of the ways."""


NOT_TRUSTED = Text(
    "该单位目前不适用告知承诺制，请上传证明材料。",
    "This employer may not use commitments at present: upload the document.",
)
CATEGORY_UNKNOWN = Text(
    "填完个人与聘用信息、确定类别后，方可知道能否承诺。",
    "Whether you may commit is known once the form is filled in and the category is clear.",
)
NOT_LISTED = Text(
    "按本市公布的告知承诺清单，这一类别或情形须提交该材料。",
    "By the city's published list, this category or circumstance hands in the document itself.",
)


def procedures(law: Law, on: date, region: str) -> tuple[Procedure, ...]:
    """The service items open on a day in a region, in the order of the files."""
    return tuple(one for one in law.entries(Procedure, on=on, region=region) if not one.by_office)


def procedure(law: Law, code: str, on: date, region: str) -> Procedure:
    """One service item as it stands on a day in a region. Raises `NoRule` for a code that is not offered then."""
    return law.entry(Procedure, code, on=on, region=region)


def circumstances(law: Law, on: date, region: str, code: str = "issue-in-china") -> tuple[Circumstance, ...]:
    """The circumstances in which an item may be applied for; none where it knows no such distinction."""
    return tuple(one for one in law.entries(Circumstance, on=on, region=region) if one.procedure == code)


def infer_circumstance(
    law: Law,
    *,
    visa_type: str | None,
    category: str | None,
    residence_permit_expiry: date | None,
    on: date,
    region: str,
) -> str | None:
    """The circumstance of an application in China that the person's papers show; None where it must be stated."""
    running = residence_permit_expiry is not None and on <= residence_permit_expiry
    for held in circumstances(law, on, region):
        open_to = not held.categories or category in held.categories
        if visa_type in held.inferred_from and open_to and (running or not held.residence_valid):
            return held.key
    return None


def every_document(law: Law, code: str, on: date, region: str) -> tuple[DocumentEntry, ...]:
    """All documents that an item may ask for, in any circumstance: the public list, before there is a case."""
    return tuple(entry for entry in law.entries(DocumentEntry, on=on, region=region) if code in entry.procedures)


def documents(law: Law, facts: Facts, on: date, region: str) -> tuple[DocumentRule, ...]:
    """The documents of a case, each with its ways, under the law of a day and a region (domain: 申请材料).

    Raises `NoRule` for a procedure that is not offered then, or a setting that is missing.
    """
    return _documents(law, facts, on, region)


@functools.lru_cache(maxsize=4096)  # one case is looked at again and again, and many are alike
def _documents(law: Law, facts: Facts, on: date, region: str) -> tuple[DocumentRule, ...]:
    procedure(law, facts.procedure, on, region)
    exempt = _exempt(law, facts, on, region)
    asked = (entry for entry in law.entries(DocumentEntry, on=on, region=region) if _asked(entry, facts, exempt))
    return tuple(_rule(law, entry, facts, on, region) for entry in asked)


def _exempt(law: Law, facts: Facts, on: date, region: str) -> frozenset[str]:
    return frozenset(
        document
        for exemption in law.entries(Exemption, on=on, region=region)
        if (exemption.procedure, exemption.circumstance) == (facts.procedure, facts.circumstance)
        for document in exemption.documents
    )


def _asked(entry: DocumentEntry, facts: Facts, exempt: frozenset[str]) -> bool:
    if facts.procedure not in entry.procedures or (entry.joint_only and not facts.joint):
        return False
    if entry.circumstances and facts.circumstance not in entry.circumstances:
        return False
    if entry.categories and facts.category not in entry.categories:
        return False
    if entry.grounds and not set(entry.grounds) & set(facts.grounds):
        return False
    return entry.key not in exempt or _police_want(entry, facts)


def _police_want(entry: DocumentEntry, facts: Facts) -> bool:
    if entry.police_from_days is None or not facts.joint:
        return False
    return facts.residence_days is None or facts.residence_days >= entry.police_from_days


def _rule(law: Law, entry: DocumentEntry, facts: Facts, on: date, region: str) -> DocumentRule:
    held = entry.supplied_by != "applicant" or (entry.kept and entry.key in facts.on_register)
    offered, why_not = (False, None) if held else _may_commit(law, entry.key, facts, on, region)
    ways: tuple[Way, ...] = ("commit", "upload") if offered else ("upload",)
    return DocumentRule(
        kind=entry.key,
        title=entry.title,
        ways=() if held else ways,
        accepts=entry.accepts,
        max_bytes=law.setting("document.max_bytes", on=on, region=region).value,
        notes=() if held else _notes(law, entry, facts, on, region),
        on_register=held,
        why_not=why_not,
        commitment=commitment(law, entry.key, on, region) if offered else None,
    )


def _may_commit(law: Law, kind: str, facts: Facts, on: date, region: str) -> tuple[bool, Text | None]:
    """Whether the case may commit to a document, and if not, why; no reason where nobody may commit to it."""
    lines = [line for line in committable(law, facts.procedure, on, region) if line.document == kind]
    if not lines:
        return False, None
    why_not = _why_not(lines, facts)
    return why_not is None, why_not


def _why_not(lines: Iterable[Committable], facts: Facts) -> Text | None:
    if not facts.may_commit:
        return facts.may_not_commit_why or NOT_TRUSTED
    fitting = [line for line in lines if _fits(line, facts)]
    if not fitting:
        return NOT_LISTED if facts.category else CATEGORY_UNKNOWN
    barred = (line for line in fitting if set(line.unless_grounds) & set(facts.grounds))
    return next((line.why_not or NOT_LISTED for line in barred), None)


def _fits(line: Committable, facts: Facts) -> bool:
    in_circumstance = not line.circumstances or facts.circumstance in line.circumstances
    return (not line.categories or facts.category in line.categories) and in_circumstance


def _notes(law: Law, entry: DocumentEntry, facts: Facts, on: date, region: str) -> tuple[Text, ...]:
    if not entry.authenticated:
        return entry.notes
    return (*entry.notes, _authentication(law, facts.nationality, on, region))


def _authentication(law: Law, state: str | None, on: date, region: str) -> Text:
    if state is None:
        key = "authentication"
    else:
        key = "authentication/apostille" if apostille(law, state, on, region) else "authentication/legalisation"
    return law.entry(Sentence, key, on=on, region=region).text
