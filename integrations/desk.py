"""The desk of a simulated agency: takes in a message, applies what is in order, writes answers; each in a transaction.

It sends nothing: answers stand in the book, and the sender takes them from there.
"""

import zlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from integrations.book import Book
from integrations.clock import machine_now, office_now
from integrations.contract import (
    CaseList,
    CaseListRequest,
    Envelope,
    ListedCase,
    Malformed,
    StatusRequest,
    body_of,
    decode,
    encode,
    new_id,
    read_body,
    write,
)
from integrations.entries import Entry, Planned
from integrations.faults import HELD_SECONDS
from integrations.player import CaseNow, Plan, Player, Turn

SPOKEN = "schema"
"""The fact that remembers in which version of the schema the office wrote last: it is answered in the same."""
MOST_PARTS = 500
"""That a status lists, the latest."""


class Clash(Exception):
    """The message contradicts one that is in the book already."""


class Desk:
    """A player at its book, on the office's clock."""

    def __init__(self, player: Player, book: Book, offset_seconds: float) -> None:
        self.player = player
        self.book = book
        self._offset = offset_seconds

    def now(self) -> datetime:
        """Office time."""
        return office_now(self._offset)

    def receive(self, envelope: Envelope, data: bytes, signature: Mapping[str, str], skew_seconds: float) -> bytes:
        """Takes in a message that the office signed; the receipt. The same message again gets the same receipt.

        Raises Malformed where the body is not of the contract, Clash where another message has its id or its place.
        """
        body = body_of(envelope, self.player.agency, self.player.agency.to_agency)
        with self.book.writing():
            known = self.book.entry(envelope.id)
            if known is not None:
                return self._again(known, data)
            if self.book.at_sequence(envelope.case, "in", envelope.sequence):
                raise Clash(f"sequence {envelope.sequence} of case {envelope.case} is another message")
            receipt = self._write_in(envelope, data, signature, skew_seconds)
            if isinstance(body, StatusRequest):
                self._asked(envelope, body)
            self._apply_in_order(envelope.case)
        return receipt

    def listed(self, envelope: Envelope) -> bytes:
        """The answer to a question about all cases: a page of them as they came. Raises Malformed."""
        agency = self.player.agency
        asked = body_of(envelope, agency, agency.asked)
        assert isinstance(asked, CaseListRequest)
        after = asked.after or "0"
        if not (after.isascii() and after.isdigit() and len(after) < 16):
            raise Malformed("after is none of ours")
        found = self.book.page(int(after), asked.most)
        cases = tuple(ListedCase(case=case.number, state=case.state) for case in found)
        body = CaseList(cases=cases, following=str(found[-1].serial) if len(found) == asked.most else None)
        case, sequence = envelope.case, envelope.sequence
        told = write(agency, "case-list", body, case=case, sequence=sequence, sent_at=self.now(), id=new_id())
        return encode(told)

    def _asked(self, envelope: Envelope, body: StatusRequest) -> None:
        """A status request is answered whatever else is waiting, and what the office lacks goes again."""
        self.book.plan(envelope.case, "status", {"request": envelope.id}, self.now().timestamp())
        for sequence in body.missing:
            self.book.wanted_again(envelope.case, sequence)

    def _again(self, known: Entry, data: bytes) -> bytes:
        if known.envelope != data or known.direction != "in":
            raise Clash("another message has this id")
        self.book.came_again(known.id)
        return known.receipt

    def _write_in(self, envelope: Envelope, data: bytes, signature: Mapping[str, str], skew_seconds: float) -> bytes:
        at = self.now().isoformat()
        facts = {"id": envelope.id, "case": envelope.case, "sequence": envelope.sequence, "received_at": at}
        receipt = msgspec.json.encode(facts | {"skew_seconds": round(skew_seconds, 3)})
        self.book.open_case(envelope.case)
        self.book.add(
            Entry(
                id=envelope.id,
                number=envelope.case,
                direction="in",
                sequence=envelope.sequence,
                kind=envelope.kind,
                at=at,
                envelope=data,
                signature=msgspec.json.encode(signature).decode(),
                receipt=receipt,
                times_received=1,
                status="waiting",
            )
        )
        return receipt

    def _apply_in_order(self, number: str) -> None:
        """Applies what is next in order, and what had been waiting behind it."""
        while entry := self.book.applicable(number):
            self._apply(entry)
            self.book.applied(entry)

    def _apply(self, entry: Entry) -> None:
        if entry.kind == "status-request":
            return
        case, envelope = self._case(entry.number), decode(entry.envelope)
        body = body_of(envelope, self.player.agency, self.player.agency.to_agency)
        case = replace(case, facts=case.facts | {SPOKEN: envelope.schema})
        self._take_turn(case, self.player.on_message(case, entry.kind, body, delay_of(entry.number)))

    def _take_turn(self, case: CaseNow, turn: Turn) -> None:
        if turn.ends_plans:
            self.book.drop_plans(case.number)
        self.book.save_case(replace(case, state=turn.state, name=turn.name or case.name, facts=case.facts | turn.facts))
        for plan in turn.plans:
            self.book.plan(case.number, plan.kind, plan.body, self.now().timestamp() + plan.delay)

    def issue_due(self) -> int:
        """Writes the answers whose moment has come; how many."""
        due = self.book.due(self.now().timestamp())
        for planned in due:
            self._issue_planned(planned)
        return len(due)

    def _issue_planned(self, planned: Planned) -> None:
        """Plan out and message in, in one transaction; an earlier one of the same batch may have dropped the plan."""
        with self.book.writing():
            if self.book.drop_plan(planned.position):
                self._issue(planned.number, Plan(planned.kind, body=planned.body))

    def answer(self, number: str, kind: str, body: dict[str, Any]) -> Entry:
        """An answer by hand, now; what the body lacks is the usual. Raises KeyError (no such case), Malformed."""
        with self.book.writing():
            self.book.drop_plans(number, kind)
            return self._issue(number, Plan(kind, body=body))

    def _issue(self, number: str, plan: Plan) -> Entry:
        case, now = self._case(number), self.now()
        agency = replace(self.player.agency, schema=case.facts.get(SPOKEN, self.player.agency.schema))
        if plan.kind not in agency.from_agency:
            raise Malformed(f"the kind is none of {', '.join(agency.from_agency)}")
        plain = self._usual(case, plan.kind, now) | plan.body
        body = read_body(agency.from_agency[plan.kind], plain)
        id, sequence = new_id(), self.book.take_sequence(number)
        envelope = write(agency, plan.kind, body, case=number, sequence=sequence, sent_at=now, id=id)
        entry = entry_out(envelope)
        self.book.add(entry)
        self._hold_back(entry)
        self._moved(case, plan.kind)
        return entry

    def _hold_back(self, entry: Entry) -> None:
        """A message that a fault makes late, or lets others overtake."""
        faults, place = self.book.faults(entry.number), (entry.number, "out", entry.sequence)
        now = machine_now().timestamp()
        if faults.strikes("late_s", *place):
            self.book.hold(entry.id, now + faults.late_s, loose=False)
        elif faults.strikes("out_of_order", *place) and not self.book.holds_loose(entry.number):
            self.book.hold(entry.id, now + HELD_SECONDS, loose=True)

    def _moved(self, case: CaseNow, kind: str) -> None:
        """The case's state after an answer; a decision ends what was planned."""
        state = self.player.states_after.get(kind, case.state)
        self.book.save_case(replace(case, state=state))
        if kind in self.player.decisive:
            self.book.drop_plans(case.number)

    def _usual(self, case: CaseNow, kind: str, now: datetime) -> dict[str, Any]:
        if kind == "status":
            parts = [_part(entry) for entry in self.book.of_case(case.number)[-MOST_PARTS:]]
            return {"state": case.state, "applied": self.book.applied_kinds(case.number), "parts": parts}
        return self.player.complete(case, kind, now)

    def usual_text(self, case: CaseNow, kind: str) -> str:
        """What an answer of this kind usually says, as JSON to be typed over."""
        return msgspec.json.format(msgspec.json.encode(self._usual(case, kind, self.now())), indent=1).decode()

    def _case(self, number: str) -> CaseNow:
        case = self.book.case(number)
        if case is None:
            raise KeyError(number)
        return case


def _part(entry: Entry) -> dict[str, Any]:
    """A message as a status lists it."""
    way = "to-agency" if entry.direction == "in" else "from-agency"
    return {"way": way, "sequence": entry.sequence, "kind": entry.kind, "id": entry.id}


def entry_out(envelope: Envelope) -> Entry:
    """The row of a message to the office, queued."""
    return Entry(
        id=envelope.id,
        number=envelope.case,
        direction="out",
        sequence=envelope.sequence,
        kind=envelope.kind,
        at=envelope.sent_at.isoformat(),
        envelope=encode(envelope),
        status="queued",
    )


def delay_of(number: str) -> float:
    """How long the agency lets this case lie, 0.2 to 0.5 s: the same for each of its messages, so that order holds."""
    return 0.2 + zlib.crc32(number.encode()) % 301 / 1000
