"""A case as data: its row, what hangs on it, and what a use case changes in it."""

import datetime as dt
import uuid
from typing import Any, Literal

import msgspec

from permits.cases.application import Application, Beneficiary, Employer, Employment
from permits.cases.filing import FILINGS, Filing
from permits.credit.model import GOOD, Standing
from permits.rules.clocks import Pause

State = Literal[
    "draft",
    "submitted",
    "correction",
    "not-accepted",
    "accepted",
    "review",
    "special-procedure",
    "recommended",
    "granted",
    "refused",
    "closed",
    "withdrawn",
    "terminated",
]
OPEN: tuple[State, ...] = ("submitted", "correction", "accepted", "review", "special-procedure", "recommended")
"""Submitted and not ended: one such case per passport, nationality and procedure."""
ENDED: tuple[State, ...] = ("not-accepted", "closed", "withdrawn", "terminated")
SETTLED = ("not-wanted", "granted", "refused", "stopped")
"""What the residence permit's part may end as."""
WaitingOn = Literal["applicant", "office", "police", "approval-bureau", "nobody"]
Asker = Literal["office", "police", "approval-bureau"]


class Signed(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something one person of the office said of a case: a recommendation, a clearance, a decision, a request."""

    by: uuid.UUID
    name: str
    at: dt.datetime
    outcome: str | None = None
    reasons: str = ""
    category: str | None = None
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    working_days: int | None = None
    procedure: str | None = None


class Claim(msgspec.Struct, frozen=True):
    """Who works on the case now, since when, at which desk."""

    by: uuid.UUID
    name: str
    at: dt.datetime
    desk: str


class HandOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """To whom the result went and how."""

    to: str
    how: Literal["window", "post"]
    at: dt.datetime
    by: str
    tracking: str | None = None


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """A document that was uploaded or committed to."""

    kind: str
    status: Literal["uploaded", "committed"]
    file_id: uuid.UUID | None = None
    commitment_id: uuid.UUID | None = None
    received_at: dt.datetime | None = None
    due: dt.date | None = None
    checked_by: str | None = None
    checked_at: dt.datetime | None = None
    media: str | None = None
    pages: int | None = None
    size: int | None = None
    digest: str | None = None


class Clock(msgspec.Struct, frozen=True):
    """One time limit: a step, on one basis, in working days; `round` counts restarts."""

    step: Literal["pre-review", "acceptance", "decision", "delivery"]
    basis: Literal["legal", "promised"]
    round: int
    started: dt.date
    due: dt.date
    working_days: int
    provisional: bool
    state: Literal["running", "paused", "met", "missed"]
    paused_on: dt.date | None = None
    """Since when it stands still now."""
    ended_on: dt.date | None = None
    pauses: tuple[Pause, ...] = ()
    """When it stood still before, in order."""


class Component(msgspec.Struct, frozen=True):
    """One part of a joint case, with its status and facts as its agency reports them."""

    kind: str
    status: str
    facts: dict[str, Any] = {}


class Correction(msgspec.Struct, frozen=True, omit_defaults=True):
    """One item of the list of corrections (一次性告知): who asks, what for, whether it is answered."""

    id: uuid.UUID
    asker: Asker
    text: str
    asked_at: dt.datetime
    pointer: str | None = None
    document: str | None = None
    answered_at: dt.datetime | None = None
    answer: str | None = None


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry of the timeline; its sentence is made of `kind` and `detail` when it is read."""

    id: uuid.UUID
    kind: str
    at: dt.datetime
    by: str = ""
    by_id: uuid.UUID | None = None
    role: str = ""
    detail: dict[str, Any] = {}


class Held(msgspec.Struct, frozen=True, omit_defaults=True):
    """The permit that a case is about, as the register had it when the application last changed or was submitted."""

    permit_id: uuid.UUID
    number: str
    version: int
    status: str
    category: str
    valid_from: dt.date
    valid_until: dt.date
    employer_code: str
    nationality: str
    position: str
    documents: list[str] = []
    """Kinds of documents that were handed in lately enough not to be asked for again."""
    card: bool = False
    """Whether it is a plastic card still, of the time before electronic permits."""
    same_names: bool = False
    """Whether the application names the holder as the register does."""
    same_passport: bool = False
    """Whether the register knows the holder by the passport of the application."""


class Row(msgspec.Struct, frozen=True):
    """The case's own row, personal data still sealed."""

    region: str
    id: uuid.UUID
    number: str
    version: int
    procedure: str
    joint: bool
    state: State
    filed_by: uuid.UUID
    employer: dict[str, Any]
    beneficiary: dict[str, Any]
    employment: dict[str, Any]
    personal: bytes
    created_at: dt.datetime
    return_state: State | None = None
    passport_index: bytes | None = None
    name_index: list[bytes] = []
    category: str | None = None
    points: int | None = None
    rules_on: dt.date | None = None
    submitted_at: dt.datetime | None = None
    accepted_at: dt.datetime | None = None
    decided_at: dt.datetime | None = None
    closed_at: dt.datetime | None = None
    deleted_at: dt.datetime | None = None
    due: dt.date | None = None
    legal_due: dt.date | None = None
    claim: Claim | None = None
    recommendation: Signed | None = None
    clearance: Signed | None = None
    decision: Signed | None = None
    extension: Signed | None = None
    reopening: Signed | None = None
    hand_out: HandOut | None = None
    permit: dict[str, Any] = {}
    held: Held | None = None


class Case(msgspec.Struct, frozen=True):
    """A case whole: its row, the application opened, and all that hangs on it."""

    row: Row
    application: Application
    documents: tuple[Document, ...] = ()
    clocks: tuple[Clock, ...] = ()
    components: tuple[Component, ...] = ()
    corrections: tuple[Correction, ...] = ()
    timeline: tuple[Event, ...] = ()
    standing: Standing = GOOD
    """Whether the employer may commit, as its credit record stands now."""

    @property
    def employer(self) -> Employer:
        """The employer as filed."""
        return self.application.employer

    @property
    def beneficiary(self) -> Beneficiary:
        """The foreigner as filed."""
        return self.application.beneficiary

    @property
    def employment(self) -> Employment:
        """The work as filed."""
        return self.application.employment

    @property
    def held(self) -> Held | None:
        """The permit it is about, where it is about one."""
        return self.row.held

    @property
    def filing(self) -> Filing:
        """How its item is filed and what its grant writes."""
        return FILINGS[self.row.procedure]

    def last_event(self, kind: str) -> Event | None:
        """The latest entry of a kind on the timeline."""
        return next((event for event in reversed(self.timeline) if event.kind == kind), None)

    def component(self, kind: str) -> Component | None:
        """One of its components."""
        return next((c for c in self.components if c.kind == kind), None)

    def status(self, kind: str) -> str:
        """A component's status; `not-wanted` where there is none."""
        found = self.component(kind)
        return found.status if found else "not-wanted"

    def unanswered(self) -> tuple[Correction, ...]:
        """Corrections nobody has answered."""
        return tuple(c for c in self.corrections if c.answered_at is None)
