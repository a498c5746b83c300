"""What staff and parties send with each action (interface.md), with its bounds."""

import datetime as dt
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from permits.cases.application import Code3, Line, Name, PositionKind

Reasons = Annotated[str, Meta(min_length=1, max_length=4000, pattern=r"\S")]
Kind = Annotated[str, Meta(min_length=1, max_length=60)]
Ground = Annotated[str, Meta(min_length=1, max_length=60)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nothing: the action says it all."""


class Claim(Body, frozen=True):
    """Take a case; `take_over` gives the reason for taking it from whoever holds it."""

    take_over: Reasons | None = None


class Accept(Body, frozen=True):
    """Accept a case; the kinds of documents that were checked one by one."""

    checked: Annotated[list[Kind], Meta(max_length=50)] | None = None


class WithGround(Body, frozen=True):
    """A ground of the catalogue and the reasons in words."""

    ground: Ground
    reasons: Reasons


class WithReasons(Body, frozen=True):
    """Reasons in words."""

    reasons: Reasons


class Item(Body, frozen=True):
    """One thing to be corrected: a field or a document, and what is wanted."""

    text: Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"\S")]
    pointer: Annotated[str, Meta(pattern=r"^/[a-z_]+(/[a-z_]+)?$", max_length=100)] | None = None
    document: Kind | None = None


class RequestCorrection(Body, frozen=True):
    """Everything that has to be corrected, at once (Art. 32)."""

    items: Annotated[list[Item], Meta(min_length=1, max_length=50)]


class ExtendLimit(Body, frozen=True):
    """So many more working days for the decision, with reasons (Art. 42)."""

    working_days: Annotated[int, Meta(ge=1, le=10)]
    reasons: Reasons


class Suspend(Body, frozen=True):
    """A special procedure during which the clocks stand still (Art. 45)."""

    procedure: Literal["expert-review", "inspection", "hearing"]
    expected_working_days: Annotated[int, Meta(ge=1, le=250)]
    reasons: Reasons


class Recommend(Body, frozen=True):
    """The reviewer's recommendation; what is left out is worked out by the rules."""

    outcome: Literal["grant", "refuse"]
    reasons: Reasons
    category: Literal["A", "B", "C"] | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None


class Clear(Body, frozen=True):
    """The legal reviewer's opinion on a refusal or a revocation."""

    opinion: Reasons
    cleared: bool


class Decide(Body, frozen=True):
    """The decision, as recommended."""

    outcome: Literal["grant", "refuse"]
    reasons: Annotated[str, Meta(max_length=4000)] = ""


class HandOut(Body, frozen=True):
    """To whom the result goes and how; `tracking` of the post."""

    to: Line
    how: Literal["window", "post"]
    tracking: Name | None = None


class Answer(Body, frozen=True):
    """The answer to one item of the corrections, by its id, its number in the list, or its field or document."""

    item: Annotated[str, Meta(max_length=100)] | int
    text: Annotated[str, Meta(max_length=1000)] = ""


class Correct(Body, frozen=True):
    """Answers to corrections; without any, all that is asked counts as answered."""

    answers: Annotated[list[Answer], Meta(max_length=50)] | None = None


class Commit(Body, frozen=True):
    """A signed commitment in place of a document."""

    document: Kind
    text_version: int
    answers: Annotated[dict[Kind, bool], Meta(max_length=50)]
    signed_by: Line


class EndPermit(Body, frozen=True):
    """From when a permit is no longer valid, on which ground, with the reasons in words."""

    effective: dt.date
    """The first day without it."""
    ground: Ground
    reasons: Reasons
    verification_code: Annotated[str, Meta(max_length=60)] | None = None
    """Which of the person's permits, where several are in force."""


class RightFacts(Body, frozen=True):
    """What the register should say of a permit; only what is stated is corrected."""

    category: Literal["A", "B", "C"] | None = None
    nationality: Code3 | None = None
    sex: Literal["F", "M", "X"] | None = None
    industry: Annotated[str, Meta(pattern=r"^[A-T]$")] | None = None
    district: Annotated[str, Meta(pattern=r"^\d{6}$")] | None = None
    employer_code: Annotated[str, Meta(pattern=r"^[0-9A-Z]{18}$")] | None = None
    employer_name: Line | None = None
    position: Line | None = None
    position_kind: PositionKind | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    surname: Annotated[str, Meta(max_length=100)] | None = None
    """Of the three names, empty takes out what was registered by mistake; surname or given names stay."""
    given_names: Annotated[str, Meta(max_length=100)] | None = None
    chinese_name: Annotated[str, Meta(max_length=100)] | None = None


class CorrectPermit(Body, frozen=True):
    """A registration error: what is right, and how it came about."""

    facts: RightFacts
    reasons: Reasons
    verification_code: Annotated[str, Meta(max_length=60)] | None = None
    """Which of the person's permits, where several are in force."""
