"""What all agencies share: the envelope, its bounds, the correction item, the status question, and what an agency is.

An agency has one set of bodies that we work with, and may word some otherwise in further versions of its schema:
every version is read as the same bodies. It knows no agency by name and sends nothing.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Self, TypeVar

import msgspec
import uuid_utils
from msgspec import Meta, Struct, field

MAX_BYTES = 256 * 1024  # of an encoded envelope; a review package of a full case is about 6 KiB
MAX_DEPTH = 12  # of nested objects and lists; the deepest body of ours has 4

MessageId = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
CaseNumber = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[0-9A-Za-z-]+\Z")]
Instant = Annotated[datetime, Meta(tz=True)]
Sequence = Annotated[int, Meta(ge=1, le=1_000_000)]  # 1, 2, 3 … per case, agency and direction
Kind = Annotated[str, Meta(min_length=1, max_length=50, pattern=r"^[a-z-]+\Z")]
Word = Annotated[str, Meta(max_length=100)]
Line = Annotated[str, Meta(max_length=300)]
Paragraph = Annotated[str, Meta(max_length=4000)]

T = TypeVar("T", bound=Struct)


class Malformed(ValueError):
    """The bytes are no envelope, or break the agency's contract. The text names the place, never a value."""


class Body(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """The base of every body and of every part of one: unknown fields are refused, absent ones are left out."""


class Envelope(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message between the office and an agency, whichever way it goes."""

    id: MessageId  # UUIDv7 in text; the same id again is the same message
    schema: Annotated[str, Meta(max_length=100)]  # for example police.residence-permit/1
    case: CaseNumber  # the office's case number
    sequence: Sequence
    sent_at: Instant  # office time of the sender
    kind: Kind
    body: dict[str, Any]  # plain values; body_of() reads it as the Struct of its kind


class CorrectionItem(Body, frozen=True, kw_only=True):
    """One thing that an agency wants put right: a field of the application, or a document."""

    text: Annotated[str, Meta(min_length=1, max_length=2000)]
    pointer: Line | None = None  # JSON pointer into the application, such as /beneficiary/passport_expiry
    document: Word | None = None  # kind of the document

    def __post_init__(self) -> None:
        if (self.pointer is None) == (self.document is None):
            raise ValueError("either pointer or document")


class StatusRequest(Body, frozen=True, kw_only=True):
    """Asks where the agency's book stands on a case, for the comparison of books (对账); answered out of turn too."""

    missing: Annotated[tuple[Sequence, ...], Meta(max_length=100)] = ()  # of the agency: please send them again


class Part(Body, frozen=True, kw_only=True):
    """One message of a case as the agency's book has it."""

    way: Literal["to-agency", "from-agency"]
    sequence: Sequence
    kind: Kind
    id: MessageId


class Status(Body, frozen=True, kw_only=True):
    """Where the agency's book stands on a case."""

    state: Word  # the agency's own word; unknown where the book has no such case
    request: MessageId | None = None  # the request that this answers
    applied: tuple[Word, ...] = ()  # kinds that the agency has applied, in order
    parts: Annotated[tuple[Part, ...], Meta(max_length=500)] | None = None  # None: the agency lists none


class CaseListRequest(Body, frozen=True, kw_only=True):
    """Asks which cases of ours the agency's book holds; answered at once, in place of a receipt, by a case-list."""

    after: Word | None = None  # where the page begins: `following` of the page before
    most: Annotated[int, Meta(ge=1, le=500)] = 500


class ListedCase(Body, frozen=True, kw_only=True):
    """A case of the agency's book."""

    case: CaseNumber
    state: Word  # the agency's own word


class CaseList(Body, frozen=True, kw_only=True):
    """A page of the cases in the agency's book, in an order that stays."""

    cases: Annotated[tuple[ListedCase, ...], Meta(max_length=500)]
    following: Word | None = None  # where the next page begins; absent on the last


ASKED: Mapping[str, type[Body]] = {"case-list-request": CaseListRequest}
TOLD: Mapping[str, type[Body]] = {"case-list": CaseList}
ALL_CASES = "all-cases"
"""What an envelope about no single case names as its case."""


class Reworded(Body, frozen=True, kw_only=True):
    """A body as a further version of a schema words it. Nothing is lost either way."""

    def plain(self) -> Body:
        """The body that we work with. Raises Malformed where a value is out of its bounds."""
        raise NotImplementedError

    @classmethod
    def made_of(cls, body: Any) -> Self:
        """The body that we work with, in these words."""
        raise NotImplementedError


Wording = Mapping[type[Body], type[Reworded]]
"""What a version words otherwise, by the body that we work with."""


class Agency(Struct, frozen=True):
    """An agency as the office knows it: its name, the schema it is written to in, the body of each kind of message."""

    name: str
    schema: str
    to_agency: Mapping[str, type[Body]]
    from_agency: Mapping[str, type[Body]]
    rewordings: Mapping[str, Wording] = {}  # further schemas, all of them read
    asked: Mapping[str, type[Body]] = field(default_factory=lambda: ASKED)  # about no single case, answered at once
    told: Mapping[str, type[Body]] = field(default_factory=lambda: TOLD)  # the answers

    @property
    def family(self) -> str:
        """The schema without its version."""
        return self.schema.rpartition("/")[0]

    @property
    def schemas(self) -> tuple[str, ...]:
        """All schemas in which the agency may write."""
        return (f"{self.family}/1", *self.rewordings)

    def speaking(self, version: int) -> "Agency":
        """The agency, written to in a version of its schema. Raises ValueError for one that it has not."""
        schema = f"{self.family}/{version}"
        if schema not in self.schemas:
            raise ValueError(f"{self.name} has no schema {schema}")
        return msgspec.structs.replace(self, schema=schema)

    def wording(self, schema: str, body: type[Body]) -> type[Body]:
        """How a schema of the agency words a body."""
        return self.rewordings.get(schema, {}).get(body, body)


class News(Struct, frozen=True):
    """What an agency's message means for the case, in the words of the case's components."""

    component: str  # residence_permit or window
    status: str | None  # the component's new status; None: it stays as it is
    facts: dict[str, Any]  # plain values to keep with the component
    corrections: tuple[CorrectionItem, ...] = ()


_DECODER = msgspec.json.Decoder(Envelope)
_ENCODER = msgspec.json.Encoder()


def new_id() -> str:
    """A new message id: UUIDv7 in text."""
    return str(uuid_utils.uuid7())


def write(agency: Agency, kind: str, body: Body, *, case: str, sequence: int, sent_at: datetime, id: str) -> Envelope:
    """An envelope around a body, in the agency's words. Raises Malformed where a value is out of its bounds."""
    wording = agency.wording(agency.schema, type(body))
    if issubclass(wording, Reworded):
        body = wording.made_of(body)
    plain = {"id": id, "schema": agency.schema, "case": case, "sequence": sequence, "sent_at": sent_at, "kind": kind}
    try:
        return msgspec.convert(plain | {"body": msgspec.to_builtins(body)}, Envelope)
    except msgspec.ValidationError as error:
        raise Malformed(_place(error)) from None


def encode(envelope: Envelope) -> bytes:
    """The bytes to sign, send and keep. Raises Malformed above MAX_BYTES."""
    data = _ENCODER.encode(envelope)
    if len(data) > MAX_BYTES:
        raise Malformed(f"an envelope has at most {MAX_BYTES} bytes")
    return data


def decode(data: bytes) -> Envelope:
    """The envelope in these bytes. Raises Malformed: too long, too deep, no JSON, a field wrong or unknown, a NUL."""
    if len(data) > MAX_BYTES:
        raise Malformed(f"an envelope has at most {MAX_BYTES} bytes")
    try:
        envelope = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed(_place(error) if isinstance(error, msgspec.ValidationError) else "not JSON") from None
    _bounded(envelope.body, MAX_DEPTH)
    return envelope


def _place(error: msgspec.ValidationError) -> str:
    """What is wrong and where, without the value that msgspec quotes for a word outside a list."""
    return re.sub(r"^Invalid enum value .*( - at `[^`]*`)$", r"Not one of the allowed words\1", str(error))


def _bounded(value: Any, depth: int) -> None:
    """Refuses nesting deeper than `depth` and NUL characters, which no database of texts takes."""
    if depth == 0:
        raise Malformed(f"a body nests at most {MAX_DEPTH} deep")
    if isinstance(value, dict):
        for name, inner in value.items():
            _bounded(name, depth)
            _bounded(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _bounded(inner, depth - 1)
    elif isinstance(value, str) and "\0" in value:
        raise Malformed("a text holds a NUL character")


def body_of(envelope: Envelope, agency: Agency, kinds: Mapping[str, type[Body]]) -> Body:
    """The body that we work with, in whichever version it came; `kinds` is agency.to_agency or agency.from_agency.

    Raises Malformed where schema, kind or a field of the body is wrong.
    """
    if envelope.schema not in agency.schemas:
        raise Malformed(f"the schema is none of {', '.join(agency.schemas)}")
    if envelope.kind not in kinds:
        raise Malformed(f"the kind is none of {', '.join(kinds)}")
    body = read_body(agency.wording(envelope.schema, kinds[envelope.kind]), envelope.body)
    return body.plain() if isinstance(body, Reworded) else body


def read_body(kind: type[T], plain: Mapping[str, Any]) -> T:
    """Plain values as a body or a part of one. Raises Malformed with the place of the first wrong field."""
    try:
        return msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        raise Malformed(_place(error)) from None


def pick(part: type[T], source: Mapping[str, Any]) -> T:
    """A part of a body out of a larger mapping: only the fields that the agency needs travel, None stays out."""
    wanted = {name: source[name] for name in part.__struct_fields__ if source.get(name) is not None}
    return read_body(part, wanted)
