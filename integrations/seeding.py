"""Writes demonstration cases straight into an agency's book. It sends nothing and changes no case that is there."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, field

from integrations.agencies import AGENCIES
from integrations.book import Book
from integrations.contract import Agency, Malformed, encode, new_id, read_body, write
from integrations.entries import Entry
from integrations.player import CaseNow


class SeedMessage(Struct, frozen=True, kw_only=True):
    """A message of the past: delivered, and applied where it came from the office."""

    direction: str  # in: from the office; out: to it
    kind: str
    at: datetime  # office time
    body: Mapping[str, Any]
    id: str = field(default_factory=new_id)  # give it where the office's book holds the same message


class SeedAnswer(Struct, frozen=True, kw_only=True):
    """An answer that the agency has yet to give; date it ahead and the case stays as it is."""

    kind: str
    due: datetime  # office time
    body: Mapping[str, Any] = field(default_factory=dict)


class SeedCase(Struct, frozen=True, kw_only=True):
    """A case as the agency's book shall hold it."""

    case: str
    state: str  # the agency's own word, as in its simulator
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)  # what the simulator's rules remember: {"package": True}
    messages: tuple[SeedMessage, ...] = ()  # in order; sequences are counted per direction from 1
    next_answers: tuple[SeedAnswer, ...] = ()


def book_path(data: Path, agency: str) -> Path:
    """The book of an agency under the data folder."""
    return data / f"{agency}.sqlite3"


def seed(data: Path, agency: str, cases: Iterable[SeedCase]) -> int:
    """How many of the cases were new to the book. Raises Malformed for a body that the contract does not allow."""
    book = Book(book_path(data, agency))
    try:
        with book.writing():
            return sum(_seed_case(book, AGENCIES[agency], case) for case in cases)
    finally:
        book.close()


def _seed_case(book: Book, agency: Agency, seeded: SeedCase) -> bool:
    if book.case(seeded.case) is not None:
        return False
    book.open_case(seeded.case)
    last = {"in": 0, "out": 0}
    for message in seeded.messages:
        last[message.direction] += 1
        book.add(_entry(agency, seeded.case, message, last[message.direction]))
    book.set_next(seeded.case, next_in=last["in"] + 1, next_out=last["out"] + 1)
    book.save_case(CaseNow(number=seeded.case, serial=0, state=seeded.state, name=seeded.name, facts=seeded.facts))
    for answer in seeded.next_answers:
        if answer.kind not in agency.from_agency:
            raise Malformed(f"the kind is none of {', '.join(agency.from_agency)}")
        book.plan(seeded.case, answer.kind, dict(answer.body), answer.due.timestamp())
    return True


def _entry(agency: Agency, case: str, message: SeedMessage, sequence: int) -> Entry:
    incoming = message.direction == "in"
    kinds = agency.to_agency if incoming else agency.from_agency
    body = read_body(kinds[message.kind], message.body)
    envelope = write(agency, message.kind, body, case=case, sequence=sequence, sent_at=message.at, id=message.id)
    receipt = {"id": message.id, "case": case, "sequence": sequence, "received_at": message.at}
    return Entry(
        id=message.id,
        number=case,
        direction=message.direction,
        sequence=sequence,
        kind=message.kind,
        at=message.at.isoformat(),
        envelope=encode(envelope),
        receipt=msgspec.json.encode(receipt),
        times_received=1,
        applied=int(incoming),
        status="applied" if incoming else "delivered",
        result="" if incoming else "202",
    )
