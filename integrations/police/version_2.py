"""Version 2 of the police's words: names as ICAO Doc 9303 parts them, permit and appointment as parts of their own.

Each body here is read as, and made of, the one of version 1 with the same kind; nothing is lost either way.
"""

from datetime import date
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from integrations.contract import Body, Instant, Line, Reworded, Word, Wording, pick
from integrations.police.messages import (
    Appointment,
    CorrectionAnswer,
    CorrectionSupplied,
    Country,
    Document,
    Employer,
    Granted,
    Letter,
    Matter,
    PermitGranted,
    Person,
    ReviewPackage,
    Stay,
    Work,
)

SCHEMA = "police.residence-permit/2"


class Name(Body, frozen=True, kw_only=True):
    """A name: either identifier may be empty, some people have one name."""

    primary: Line = ""
    secondary: Line = ""
    chinese: Word | None = None


class NamedPerson(Body, frozen=True, kw_only=True):
    """The foreigner, as the passport says."""

    name: Name
    sex: Literal["F", "M", "X"]
    birth_date: date
    nationality: Country
    passport_number: Word
    passport_expiry: date


def _named(person: Person) -> NamedPerson:
    name = Name(primary=person.surname, secondary=person.given_names, chinese=person.chinese_name)
    return pick(NamedPerson, msgspec.structs.asdict(person) | {"name": name})


def _unnamed(person: NamedPerson) -> Person:
    names = {"surname": person.name.primary, "given_names": person.name.secondary, "chinese_name": person.name.chinese}
    return pick(Person, msgspec.structs.asdict(person) | names)


class ReviewPackage2(Reworded, frozen=True, kw_only=True):
    """The application for parallel review (并联审批), sent at once after acceptance."""

    matter: Matter
    person: NamedPerson
    stay: Stay
    employer: Employer
    work: Work
    accepted_on: date
    promised: date | None = None
    documents: Annotated[tuple[Document, ...], Meta(max_length=60)] = ()

    def plain(self) -> ReviewPackage:
        return pick(ReviewPackage, msgspec.structs.asdict(self) | {"person": _unnamed(self.person)})

    @classmethod
    def made_of(cls, body: ReviewPackage) -> Self:
        return pick(cls, msgspec.structs.asdict(body) | {"person": _named(body.person)})


class CorrectionSupplied2(Reworded, frozen=True, kw_only=True):
    """The applicant has put right what the police wanted; the data are those after the correction."""

    answers: Annotated[tuple[CorrectionAnswer, ...], Meta(max_length=50)] = ()
    person: NamedPerson | None = None
    stay: Stay | None = None
    work: Work | None = None
    documents: Annotated[tuple[Document, ...], Meta(max_length=60)] = ()

    def plain(self) -> CorrectionSupplied:
        person = self.person and _unnamed(self.person)
        return pick(CorrectionSupplied, msgspec.structs.asdict(self) | {"person": person})

    @classmethod
    def made_of(cls, body: CorrectionSupplied) -> Self:
        return pick(cls, msgspec.structs.asdict(body) | {"person": body.person and _named(body.person)})


class WorkPermit(Body, frozen=True, kw_only=True):
    """The work permit."""

    number: Word
    category: Literal["A", "B", "C"]
    valid_from: date
    valid_until: date


class PermitGranted2(Reworded, frozen=True, kw_only=True):
    """The work permit is granted; the police may decide now."""

    permit: WorkPermit
    residence_until: date  # last day asked for: never beyond the passport
    decision: Letter | None = None

    def plain(self) -> PermitGranted:
        permit = msgspec.structs.asdict(self.permit)
        return pick(PermitGranted, msgspec.structs.asdict(self) | permit | {"permit_number": self.permit.number})

    @classmethod
    def made_of(cls, body: PermitGranted) -> Self:
        plain = msgspec.structs.asdict(body)
        return pick(cls, plain | {"permit": pick(WorkPermit, plain | {"number": body.permit_number})})


class Slot(Body, frozen=True, kw_only=True):
    """When and where."""

    at: Instant | None = None
    place: Line = ""


class Appointment2(Reworded, frozen=True, kw_only=True):
    """When and where the person is to come for fingerprints and photo: the one visit."""

    slot: Slot = Slot()
    bring: Annotated[tuple[Line, ...], Meta(max_length=20)] = ()

    def plain(self) -> Appointment:
        return Appointment(at=self.slot.at, place=self.slot.place, bring=self.bring)

    @classmethod
    def made_of(cls, body: Appointment) -> Self:
        return cls(slot=Slot(at=body.at, place=body.place), bring=body.bring)


class ResidencePermit(Body, frozen=True, kw_only=True):
    """The residence permit."""

    number: Annotated[str, Meta(min_length=1, max_length=50)]
    valid_until: date


class Granted2(Reworded, frozen=True, kw_only=True):
    """The residence permit is granted."""

    permit: ResidencePermit

    def plain(self) -> Granted:
        return Granted(number=self.permit.number, valid_until=self.permit.valid_until)

    @classmethod
    def made_of(cls, body: Granted) -> Self:
        return cls(permit=ResidencePermit(number=body.number, valid_until=body.valid_until))


WORDING: Wording = {
    ReviewPackage: ReviewPackage2,
    CorrectionSupplied: CorrectionSupplied2,
    PermitGranted: PermitGranted2,
    Appointment: Appointment2,
    Granted: Granted2,
}
