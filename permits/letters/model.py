"""The facts of each kind of letter. Facts only: wording stands in the templates, and nothing here reads a clock."""

import datetime as dt
import uuid

import msgspec

from permits.i18n import Text
from permits.rules.identifiers import licence_identifier


class Office(msgspec.Struct, frozen=True):
    """The authority that issues the letter; its name is a setting, since the function moves between bureaus."""

    name: Text
    """Name in full, as on its seal."""
    short: str
    """Short name that begins its document numbers, such as 泰科."""


class Person(msgspec.Struct, frozen=True):
    """The foreigner the letter is about."""

    latin_name: str
    """As in the passport: SURNAME, Given Names."""
    chinese_name: str
    """Name in Chinese characters; empty where there is none."""
    nationality: Text
    """Name of the state."""
    sex: str
    """M, F or X, as in the passport."""
    birth_date: dt.date
    """Date of birth."""
    passport_number: str
    """In full; letters print its last four characters only, the permit prints all."""


class Category(msgspec.Struct, frozen=True):
    """The category the person falls into."""

    code: str
    """A, B or C."""
    name: Text
    """Such as 外国高端人才, High-end talent."""


class Limit(msgspec.Struct, frozen=True):
    """One clock of a step."""

    due: dt.date
    """Last day."""
    working_days: int
    """Working days from the day after acceptance to `due`."""


class Item(msgspec.Struct, frozen=True):
    """One thing to be corrected."""

    subject: Text
    """The document or field, by its title."""
    asked_by: Text
    """Who wants it: the office, the police, the approval bureau."""
    wanted: str
    """What is wrong and what to do, as the officer wrote it."""


class Licence(msgspec.Struct, frozen=True):
    """The electronic licence that a permit is, in one version (GB/T 36903, 36904)."""

    identifier: str
    type_code: str
    holder: str
    """As in the passport."""
    version: str


def licence(identifier: str | None, holder: str) -> Licence | None:
    """A licence by its identifier; None where an older system issued none."""
    if not identifier:
        return None
    fields = licence_identifier(identifier).fields
    return Licence(identifier, fields["type"], holder, fields["version"])


class Remedies(msgspec.Struct, frozen=True):
    """What a person may do who disagrees (Administrative Licensing Law, Art. 38)."""

    reconsideration_days: int
    """Calendar days from receipt within which reconsideration is asked for."""
    reconsideration_body: Text
    """Who reconsiders."""
    litigation_months: int
    """Months from receipt within which a court is asked."""
    court: Text
    """Which court."""


class LetterFacts(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every letter tells."""

    office: Office
    number: str
    """Number of the document (see `document_number`); of a permit, the permit's number."""
    issued_on: dt.date
    """Office date printed under the text; also the PDF's creation date, so that equal facts give equal bytes."""
    case_number: str
    unified_number: str = ""
    """The approval bureau's unified case number; empty while it is not known."""
    employer: str
    """The addressee: the employer is the applicant in law."""
    employer_en: str = ""
    person: Person
    procedure: Text
    """Title of the service item."""
    articles: tuple[Text, ...]
    """The articles the letter stands on, each named in full."""
    joint: bool = False
    """Whether the residence permit is applied for together."""
    demo: bool = False
    """Whether the letter is a demonstration: specimen seal, watermark and a line that says so."""
    verification_url: str = ""
    """Address behind the QR code; empty: no code."""
    verification_code: str = ""
    """The code a person types on the verification page."""


class Acceptance(LetterFacts, frozen=True, kw_only=True, tag="acceptance"):
    """受理通知书: the application is accepted (Art. 32) and the clocks run."""

    received_on: dt.date
    documents: tuple[Text, ...] = ()
    """Titles of the documents received."""
    committed: tuple[Text, ...] = ()
    """Titles of the documents that were committed to."""
    promised: Limit
    legal: Limit
    provisional: bool = False
    """Whether the dates rest on a calendar that is not official yet."""


class NotAcceptance(LetterFacts, frozen=True, kw_only=True, tag="not-acceptance"):
    """不予受理通知书: the application is not accepted (Art. 32), with reasons."""

    received_on: dt.date
    reasons: str
    remedies: Remedies


class Correction(LetterFacts, frozen=True, kw_only=True, tag="correction"):
    """一次性告知补正通知书: all corrections at once (Art. 32)."""

    received_on: dt.date
    items: tuple[Item, ...]


class Grant(LetterFacts, frozen=True, kw_only=True, tag="grant"):
    """准予行政许可决定书: the permit is granted (Art. 38)."""

    accepted_on: dt.date
    permit_number: str
    category: Category
    valid_from: dt.date
    valid_until: dt.date
    bound_by: Text | None = None
    """What limits the validity, such as 由劳动合同期限定; None where nothing but the category does."""
    decided: Text = Text("准予许可", "permit granted")
    """What granting the item means, such as 准予延期 of an extension."""
    committed: tuple[Text, ...] = ()
    verify_by: dt.date | None = None
    """By when the commitments are verified; None where no day is set."""
    licence: Licence | None = None
    certificate: str
    """Number of the decider's law-enforcement certificate."""
    remedies: Remedies


class Refusal(LetterFacts, frozen=True, kw_only=True, tag="refusal"):
    """不予行政许可决定书: the permit is refused, with reasons and remedies (Art. 38)."""

    accepted_on: dt.date
    findings: str = ""
    """What was found; empty where the reasons say it."""
    reasons: str
    certificate: str
    """Number of the decider's law-enforcement certificate."""
    remedies: Remedies


class Termination(LetterFacts, frozen=True, kw_only=True, tag="termination"):
    """终止办理通知书: the procedure ends without a decision on the permit."""

    accepted_on: dt.date
    ground: Text
    reasons: str
    remedies: Remedies


class Permit(LetterFacts, frozen=True, kw_only=True, tag="permit"):
    """外国人工作许可证: the electronic permit, one page, checked by its QR code."""

    category: Category
    position: str
    position_en: str = ""
    valid_from: dt.date
    valid_until: dt.date
    bound_by: Text | None = None
    """What limits the validity; None where nothing but the category does."""
    licence: Licence | None = None
    """None on what was issued before letters bore it."""


class _End(LetterFacts, frozen=True, kw_only=True):
    """What a letter about the end of a permit tells."""

    accepted_on: dt.date | None
    """None where the office opened the case itself."""
    permit_number: str
    ended_on: dt.date
    """The first day without the permit."""
    ground: Text
    reasons: str
    licence: Licence | None = None
    """The licence that ends, in its last version."""
    certificate: str
    """Number of the decider's law-enforcement certificate; empty where no case led to it."""
    remedies: Remedies


class Cancellation(_End, frozen=True, kw_only=True, tag="cancellation"):
    """注销证明: the permit is cancelled on application (Art. 70)."""


class DirectCancellation(_End, frozen=True, kw_only=True, tag="direct-cancellation"):
    """注销行政许可决定书: the office cancels a permit of its own, without a case (Art. 70)."""


class Revocation(_End, frozen=True, kw_only=True, tag="revocation"):
    """撤销行政许可决定书: the permit should not have been granted (Art. 69)."""


class Withdrawal(_End, frozen=True, kw_only=True, tag="withdrawal"):
    """撤回行政许可决定书: the law or the facts it rested on changed (Art. 8)."""


Letter = (
    Acceptance
    | NotAcceptance
    | Correction
    | Grant
    | Refusal
    | Termination
    | Permit
    | Cancellation
    | DirectCancellation
    | Revocation
    | Withdrawal
)
"""Any letter; `kind` tells which when it is kept as JSON."""


def kind_of(letter: Letter) -> str:
    """The letter's kind, as in `kinds.TITLES`."""
    return str(type(letter).__struct_config__.tag)


class Issued(msgspec.Struct, frozen=True):
    """A letter that was issued, without its bytes."""

    id: uuid.UUID
    case_id: uuid.UUID | None
    """None of a decision that no case led to."""
    kind: str
    ordinal: int
    """First, second … letter of this kind in the case."""
    number: str
    digest: str
    """SHA-256 of the PDF, hexadecimal."""
    issued_at: dt.datetime
    """Office time."""
    permit_id: uuid.UUID | None = None
    """The permit it is about, where no case led to it."""
