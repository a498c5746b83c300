"""What the register knows of a permit, and whether it is valid on a day. It never reads a clock or the database."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

EndKind = Literal["cancelled", "revoked", "withdrawn-by-authority"]
AmendKind = Literal["extended", "changed", "replaced"]
VersionKind = Literal[
    "granted",
    "extended",
    "changed",
    "replaced",
    "cancelled",
    "revoked",
    "withdrawn-by-authority",
    "expired",
    "corrected",
]
"""What a version of a permit says happened to it; `corrected` mends a registration error."""
Status = Literal["valid", "not-yet-valid", "expired", "cancelled", "revoked", "withdrawn-by-authority"]


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that grants a work permit, as the register takes it."""

    region: str
    case_id: uuid.UUID | None
    """The case it was decided in; None for what an older system granted."""
    case_number: str | None
    category: str
    """A, B or C."""
    nationality: str
    """ISO 3166 alpha-3, or XXA, XXB, XXC, RKS."""
    sex: str
    birth_date: dt.date
    passport_index: bytes
    """The blind index of the passport number, by which the person is found again."""
    surname: str
    given_names: str
    chinese_name: str
    industry: str
    """Letter of GB/T 4754."""
    district: str
    """GB/T 2260 code."""
    employer_code: str
    """Unified social credit code (GB 32100)."""
    employer_name: str
    position: str
    position_kind: str
    permit_kind: str
    """What was applied for: `issue-in-china`, `issue-abroad`, `short-term`."""
    valid_from: dt.date
    valid_until: dt.date
    """The last valid day."""
    recorded: dt.datetime
    """The office's instant of the decision."""
    permit_number: str | None = None
    """A number the person has from an older system; by default the next one of the region."""
    decider: str = ""
    """Who decided; empty where an older system does not say."""
    decider_id: uuid.UUID | None = None


class Granted(msgspec.Struct, frozen=True):
    """What granting made."""

    permit_id: uuid.UUID
    permit_number: str
    verification_code: str
    person_id: uuid.UUID
    licence: str | None
    """The identifier of its electronic licence (GB/T 36904)."""


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that ends a permit before its last day."""

    region: str
    permit_id: uuid.UUID
    effective: dt.date
    """The first day on which the permit is no longer valid; it may lie in the past."""
    kind: EndKind
    ground: str
    """Key of the ground in law."""
    reasons: str
    recorded: dt.datetime
    """The office's instant of the decision."""
    case_id: uuid.UUID | None = None
    case_number: str | None = None
    decider: str = ""
    decider_id: uuid.UUID | None = None


class Names(msgspec.Struct, frozen=True):
    """A holder's names as in the passport; sealed at rest."""

    surname: str
    given_names: str
    chinese_name: str = ""

    @property
    def latin(self) -> str:
        """Surname and given names; a person may have only one of them."""
        return f"{self.surname} {self.given_names}".strip()


class Amendment(msgspec.Struct, frozen=True, kw_only=True):
    """A decision that gives a permit another version: extended, changed or replaced."""

    region: str
    permit_id: uuid.UUID
    kind: AmendKind
    effective: dt.date
    """The first day of the new facts; of an extension the day after the old last one."""
    recorded: dt.datetime
    """The office's instant of the decision."""
    valid_until: dt.date | None = None
    """The new last day; None where it stays."""
    facts: dict[str, str] = {}
    """What is new of the facts that a permit bears, by column: `category`, `position`, `employer_name` and so on."""
    names: Names | None = None
    """The holder's names, where they changed."""
    passport_index: bytes | None = None
    """The blind index of a new passport."""
    ground: str | None = None
    """Key of the ground, where it is not simply what was asked for."""
    reasons: str | None = None
    case_id: uuid.UUID | None = None
    case_number: str | None = None
    decider: str = ""
    decider_id: uuid.UUID | None = None


class Correction(msgspec.Struct, frozen=True, kw_only=True):
    """A registration error and what is right; two people stand for it."""

    region: str
    permit_id: uuid.UUID
    facts: dict[str, Any]
    """What is right, by column: facts as in an amendment, `valid_from`, `valid_until`, names."""
    reasons: str
    recorded: dt.datetime
    proposer: str
    decider: str
    """Who confirmed; never the proposer."""
    decider_id: uuid.UUID | None = None


class Stretch(msgspec.Struct, frozen=True):
    """Days on which a permit was counted by other facts than now."""

    until: dt.date
    """The first day after them."""
    facts: dict[str, str]
    """The facts that permits are counted by."""


class Facts(msgspec.Struct, frozen=True):
    """All that a version of a permit says, names apart."""

    category: str
    nationality: str
    sex: str
    industry: str
    district: str
    employer_code: str
    employer_name: str
    position: str
    position_kind: str
    permit_kind: str
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None
    end_kind: EndKind | None
    stretches: tuple[Stretch, ...] = ()
    """By what it was counted before, as was known then."""


class Version(msgspec.Struct, frozen=True):
    """One version or ending of a permit, as it was recorded."""

    permit_id: uuid.UUID
    version: int
    kind: VersionKind
    effective: dt.date
    recorded: dt.datetime
    valid_until: dt.date
    case_id: uuid.UUID | None
    case_number: str | None
    ground: str | None
    reasons: str | None
    decider: str
    proposer: str
    """Of a correction: who proposed it."""
    licence: str | None
    """The identifier of the electronic licence that this version is (GB/T 36904); endings make none."""
    facts: Facts


class Permit(msgspec.Struct, frozen=True, kw_only=True):
    """A permit as it stands."""

    id: uuid.UUID
    person_id: uuid.UUID
    number: str
    version: int
    case_id: uuid.UUID | None
    case_number: str | None
    category: str
    nationality: str
    sex: str
    industry: str
    district: str
    employer_code: str
    employer_name: str
    position: str
    position_kind: str
    permit_kind: str
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None
    """The first day without it, where it was ended before its last day."""
    end_kind: EndKind | None
    verification_code: str
    granted_at: dt.datetime
    licence: str | None = None
    """The identifier of its electronic licence, in the latest version (GB/T 36904)."""
    stretches: tuple[Stretch, ...] = ()
    """By what it was counted before, the oldest first; empty where nothing that figures know ever changed."""


class NamedVersion(Version, frozen=True):
    """A version with the holder's names as they were."""

    names: Names


class RegisteredPermit(Permit, frozen=True, kw_only=True):
    """A permit with its whole history."""

    status: Status
    history: tuple[NamedVersion, ...]


class RegisterEntry(msgspec.Struct, frozen=True):
    """All that the register holds of a person: one number, all permits in the order of granting."""

    number: str
    names: Names
    permits: tuple[RegisteredPermit, ...]


class Verification(msgspec.Struct, frozen=True):
    """What the public learns of a permit."""

    status: Status
    name: str
    """Masked."""
    number: str
    category: str
    employer_name: str
    valid_from: dt.date
    valid_until: dt.date
    ended_on: dt.date | None
    licence: str | None
    """The identifier of its electronic licence (GB/T 36904)."""


def status(permit: Permit, on: dt.date) -> Status:
    """Whether a permit is valid on a day, or why not."""
    if permit.end_kind is not None and permit.ended_on is not None and permit.ended_on <= max(on, permit.valid_from):
        return permit.end_kind
    if on < permit.valid_from:
        return "not-yet-valid"
    return "expired" if on > permit.valid_until else "valid"


def counted_on(stretches: Iterable[Stretch], on: dt.date) -> dict[str, str]:
    """What a permit was counted by on a day where that is not what it is counted by now; else nothing."""
    return next((stretch.facts for stretch in stretches if on < stretch.until), {})
