"""The words between the office and the police about one residence permit for work.

They never carry more than the police need.
"""

from datetime import date
from typing import Annotated, Literal

from msgspec import Meta

from integrations.contract import (
    Agency,
    Body,
    CorrectionItem,
    Instant,
    Line,
    Paragraph,
    Status,
    StatusRequest,
    Word,
)

Matter = Literal["issue", "extend", "change"]
Digest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Country = Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]


class Person(Body, frozen=True, kw_only=True):
    """The foreigner, as the passport says."""

    surname: Line = ""  # may be empty: some people have one name
    given_names: Line = ""
    chinese_name: Word | None = None
    sex: Literal["F", "M", "X"]
    birth_date: date
    nationality: Country
    passport_number: Word
    passport_expiry: date


class Stay(Body, frozen=True, kw_only=True):
    """On what the person is in China now."""

    visa_type: Word = "none"
    visa_expiry: date | None = None
    entry_date: date | None = None
    residence_permit_number: Word | None = None
    residence_permit_expiry: date | None = None


class Employer(Body, frozen=True, kw_only=True):
    """Who employs the person, and whom the police may call."""

    credit_code: Word
    name: Line
    district: Word | None = None
    contact_name: Line | None = None
    contact_phone: Word | None = None


class Work(Body, frozen=True, kw_only=True):
    """What the person will do, and how long the contract runs."""

    position: Line
    contract_start: date
    contract_end: date


class Document(Body, frozen=True, kw_only=True):
    """A document of the common set; the digest lets the police see that it is the same file."""

    kind: Word
    title: Line = ""
    sha256: Digest | None = None  # None: committed to, or on a register
    media_type: Word | None = None


class Letter(Body, frozen=True, kw_only=True):
    """A letter of the office that goes with a message: the decision granting the work permit (准予行政许可决定书)."""

    number: Word
    sha256: Digest


class ReviewPackage(Body, frozen=True, kw_only=True):
    """The application for parallel review (并联审批), sent at once after acceptance."""

    matter: Matter
    person: Person
    stay: Stay
    employer: Employer
    work: Work
    accepted_on: date
    promised: date | None = None  # by when the joint matter is to be decided
    documents: Annotated[tuple[Document, ...], Meta(max_length=60)] = ()


class PermitGranted(Body, frozen=True, kw_only=True):
    """The work permit is granted; the police may decide now."""

    permit_number: Word
    category: Literal["A", "B", "C"]
    valid_from: date
    valid_until: date  # last day of the work permit
    residence_until: date  # last day asked for: never beyond the passport
    decision: Letter | None = None


class Stop(Body, frozen=True, kw_only=True):
    """There will be no work permit: the police end the case."""

    reason: Literal["refused", "withdrawn", "terminated"]
    on: date


class CorrectionAnswer(Body, frozen=True, kw_only=True):
    """What the applicant says to one item of a correction."""

    item: Line
    text: Paragraph = ""


class CorrectionSupplied(Body, frozen=True, kw_only=True):
    """The applicant has put right what the police wanted; the data are those after the correction."""

    answers: Annotated[tuple[CorrectionAnswer, ...], Meta(max_length=50)] = ()
    person: Person | None = None
    stay: Stay | None = None
    work: Work | None = None
    documents: Annotated[tuple[Document, ...], Meta(max_length=60)] = ()


class Received(Body, frozen=True, kw_only=True):
    """The police have taken the package in for review (受理回执, Decree 637 Art. 18)."""

    receipt_number: Word | None = None


class CorrectionWanted(Body, frozen=True, kw_only=True):
    """The police want something put right: all of it at once."""

    items: Annotated[tuple[CorrectionItem, ...], Meta(min_length=1, max_length=50)]


class Appointment(Body, frozen=True, kw_only=True):
    """When and where the person is to come for fingerprints and photo: the one visit."""

    at: Instant | None = None
    place: Line = ""
    bring: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()


class Granted(Body, frozen=True, kw_only=True):
    """The residence permit is granted."""

    number: Annotated[str, Meta(min_length=1, max_length=50)]
    valid_until: date


class Refused(Body, frozen=True, kw_only=True):
    """The residence permit is refused. It is final (Exit and Entry Administration Law Art. 36): no remedy is named."""

    reasons: Annotated[str, Meta(min_length=1, max_length=4000)]
    article: Line = ""


POLICE = Agency(
    name="police",
    schema="police.residence-permit/1",
    to_agency={
        "review-package": ReviewPackage,
        "permit-granted": PermitGranted,
        "stop": Stop,
        "correction-supplied": CorrectionSupplied,
        "status-request": StatusRequest,
    },
    from_agency={
        "received": Received,
        "correction-wanted": CorrectionWanted,
        "appointment": Appointment,
        "granted": Granted,
        "refused": Refused,
        "status": Status,
    },
)
