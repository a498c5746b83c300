"""Notification plus commitment (告知承诺): the texts in force, what may be committed to, and the digest that binds one.

It never decides who is trusted (that is `credit`) and never keeps a commitment: it says what is shown and binds it.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

from permits.i18n import Text
from permits.rules.law import Dated, Law, table


class Question(msgspec.Struct, frozen=True):
    """One statement that the signer affirms by itself."""

    key: str
    text: Text


@table("commitment")
class CommitmentText(Dated, frozen=True, kw_only=True):
    """The commitment (承诺书) that stands in place of one document. Its key is the document's kind."""

    version: int
    """Number of this wording; a commitment is kept with the version it was signed in."""
    title: Text
    text: Text
    questions: tuple[Question, ...]
    """What the signer affirms one by one; all must be affirmed."""
    signer: Literal["employer", "both"]
    """Who signs: the employer, or for personal facts the foreigner as well."""

    @property
    def document(self) -> str:
        """The kind of document that the commitment replaces."""
        return self.key


@table("committable")
class Committable(Dated, frozen=True, kw_only=True):
    """One line of the published list of what may be committed to (国办发〔2020〕42号)."""

    procedure: str
    document: str
    categories: tuple[Literal["A", "B", "C"], ...] = ()
    """The categories it is open to; empty: all, whether known or not."""
    circumstances: tuple[str, ...] = ()
    """The circumstances of the application; empty: all."""
    unless_grounds: tuple[str, ...] = ()
    """Grounds of the category that rest on this very fact: who holds one proves it."""
    why_not: Text | None = None
    """What is said to whoever holds one of `unless_grounds`."""
    due_days: int | None = None
    """Calendar days after `due_from` by which what was committed to is handed in (容后补交); None: only verified."""
    due_from: Literal["entry", "grant"] | None = None
    """What the days are counted from."""


@table("commitment_bar")
class CommitmentBar(Dated, frozen=True, kw_only=True):
    """One reason for which nobody may commit. Its key is a field of `CreditRecord`."""

    text: Text
    """What the applicant is told."""


@table("credit_entry")
class CreditEntry(Dated, frozen=True, kw_only=True):
    """What a revocation enters into the employer's credit record. Its key is the ground of the revocation."""

    reason: Literal["false-commitment", "serious-bad-credit"]


class CreditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the credit record says of whoever wants to commit, while it is not repaired."""

    serious_bad_credit: bool = False
    """A serious bad-credit record."""
    false_commitment: bool = False
    """A false commitment made before."""


class Section(msgspec.Struct, frozen=True):
    """One part of a notice."""

    heading: Text
    body: Text


@table("notice")
class NoticeEntry(Dated, frozen=True, kw_only=True):
    """The wording of a notice in the files. Its key is the procedure."""

    version: int
    title: Text
    section: tuple[Section, ...]


class Notice(msgspec.Struct, frozen=True):
    """The notice (告知书): what the applicant must have read before committing to anything."""

    version: int
    title: Text
    sections: tuple[tuple[Text, Text], ...]
    """Heading and body of each part, in order."""
    source: str


NOT_AFFIRMED = Text(
    "请逐项确认承诺内容；不能确认的，请上传证明材料。", "Affirm each statement, or upload the document instead."
)
NO_SUCH_QUESTION = Text("承诺书中没有这一项。", "The commitment holds no such statement.")


def notice(law: Law, procedure: str, on: date, region: str) -> Notice:
    """The notice of a procedure in force on a day in a region. Raises `NoRule`."""
    entry = law.entry(NoticeEntry, procedure, on=on, region=region)
    sections = tuple((section.heading, section.body) for section in entry.section)
    return Notice(entry.version, entry.title, sections, entry.source)


def commitment(law: Law, document: str, on: date, region: str) -> CommitmentText:
    """The commitment text in place of a document, in force on a day in a region. Raises `NoRule`."""
    return law.entry(CommitmentText, document, on=on, region=region)


def committable(law: Law, procedure: str, on: date, region: str) -> tuple[Committable, ...]:
    """The published list of a procedure: what may be committed to on a day in a region, and by whom."""
    return tuple(line for line in law.entries(Committable, on=on, region=region) if line.procedure == procedure)


def barred(law: Law, record: CreditRecord, on: date, region: str) -> tuple[CommitmentBar, ...]:
    """Why whoever has this record may not commit to anything, each reason with its source; none where one may."""
    return tuple(bar for bar in law.entries(CommitmentBar, on=on, region=region) if getattr(record, bar.key))


def entered(law: Law, ground: str, on: date, region: str) -> Literal["false-commitment", "serious-bad-credit"] | None:
    """What a revocation on a ground enters into the credit record; None where it enters nothing."""
    found = (one.reason for one in law.entries(CreditEntry, on=on, region=region) if one.key == ground)
    return next(found, None)


def due(line: Committable, event: date) -> date | None:
    """By when what was committed to is handed in, counted from the line's event; None where it is only verified."""
    return None if line.due_days is None else event + timedelta(days=line.due_days)


def shown(text: CommitmentText, lang: str) -> str:
    """The whole commitment as it stands before the signer, in "zh" or "en": this is what is kept as evidence."""
    statements = (f"{n}. {question.text.of(lang)}" for n, question in enumerate(text.questions, 1))
    return "\n\n".join((text.title.of(lang), text.text.of(lang), "\n".join(statements)))


def wrong_answers(text: CommitmentText, answers: Mapping[str, bool]) -> tuple[tuple[str, Text], ...]:
    """Every answer that keeps a commitment from being made, as (JSON pointer, what to do); none if it may be signed."""
    wanted = {question.key for question in text.questions}
    missing = [(f"/answers/{q.key}", NOT_AFFIRMED) for q in text.questions if answers.get(q.key) is not True]
    return (*missing, *((f"/answers/{key}", NO_SUCH_QUESTION) for key in answers if key not in wanted))


def digest(
    text: CommitmentText,
    words: str,
    answers: Mapping[str, bool],
    signed_by: str,
    signed_at: str,
    signed_from: str = "",
) -> str:
    """The SHA-256, in hexadecimal, that binds a commitment.

    Its kind and version, the very words shown (see `shown`), what was answered, who signed, when (RFC 3339) and from
    where. It is made again from the kept parts to prove them.
    """
    parts = {
        "document": text.document,
        "version": text.version,
        "words": words,
        "answers": dict(answers),
        "signed_by": signed_by,
        "signed_at": signed_at,
        "signed_from": signed_from,
    }
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()
