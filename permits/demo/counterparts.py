"""The agencies' side of the demonstration's cases: they take what we send and answer as their simulators would.

Answers are signed and go through the same door as those that come over HTTP. Afterwards the simulators' books are
seeded with the same messages, and whatever an agency has yet to answer is dated years ahead.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
import msgspec

from integrations.agencies import AGENCIES
from integrations.approval_bureau.simulator import PLAYER as APPROVAL_BUREAU
from integrations.contract import body_of, decode, encode, new_id, read_body, write
from integrations.player import CaseNow, Plan, Player
from integrations.police.simulator import PLAYER as POLICE
from integrations.seeding import SeedAnswer, SeedCase, SeedMessage, book_path, seed
from integrations.signing import load_private, sign
from permits import clock
from permits.cases import service as cases
from permits.cases.model import Case
from permits.db.database import Database
from permits.office import Office
from permits.routing import service as routing
from permits.routing import streams
from permits.routing.model import Sending, Stream, context_of
from permits.routing.outgoing import MARKS
from permits.settings import Settings

PLAYERS: Mapping[str, Player] = {"police": POLICE, "approval-bureau": APPROVAL_BUREAU}
AT_ONCE = {"registered": dt.timedelta(minutes=2), "received": dt.timedelta(minutes=3)}
"""Answers that come by themselves, and how soon."""
AHEAD = dt.timedelta(days=3650)
"""How far ahead the answers are dated that agencies have yet to give."""


class Side(NamedTuple):
    """A case as an agency's book shall hold it so far."""

    now: CaseNow
    messages: tuple[SeedMessage, ...] = ()
    plans: tuple[Plan, ...] = ()
    """What it has yet to answer."""


class Counterparts:
    """Both agencies, as they stand to every case so far."""

    def __init__(self, database: Database, office: Office, settings: Settings) -> None:
        self._database, self._office, self._settings = database, office, settings
        self._sides: dict[tuple[str, str], Side] = {}

    def _side(self, agency: str, number: str) -> Side:
        serial = 1 + sum(name == agency for name, _ in self._sides)
        fresh = Side(CaseNow(number=number, serial=serial, state="new"))
        return self._sides.setdefault((agency, number), fresh)

    async def take(self, tx: asyncpg.Connection, case: Case) -> list[tuple[str, str]]:
        """Take in what we have written for the agencies; which of them answer by themselves now, and what, in order."""
        for agency in PLAYERS:
            of = Stream(case.row.region, case.row.id, agency)
            while (sending := await streams.head(tx, of)) is not None:
                await self._deliver(tx, of, case.row.number, sending)
        mine = [(agency, side) for (agency, number), side in self._sides.items() if number == case.row.number]
        found = [(agency, plan.kind) for agency, side in mine for plan in side.plans if plan.kind in AT_ONCE]
        return sorted(found, key=lambda one: AT_ONCE[one[1]])

    async def _deliver(self, tx: asyncpg.Connection, of: Stream, number: str, sending: Sending) -> None:
        sealed_for, machine_now = context_of(of.region, sending.id), clock.machine_now()
        envelope = decode(self._office.keys.open(sending.body, sealed_for))
        facts = {"id": envelope.id, "case": number, "sequence": sending.sequence, "received_at": envelope.sent_at}
        outcome = {"attempts": 1, "receipt": msgspec.json.encode(facts), "answered_at": machine_now}
        await streams.tried(tx, of.region, {sending.id: outcome | {"status": "delivered"}})
        if mark := MARKS.get((of.agency, sending.kind)):
            await cases.components_sent(tx, of.region, [(of.case_id, *mark)])
        player, side = PLAYERS[of.agency], self._side(of.agency, number)
        body = body_of(envelope, player.agency, player.agency.to_agency)
        turn = player.on_message(side.now, sending.kind, body, 1.0)
        now = msgspec.structs.replace(
            side.now, state=turn.state, name=turn.name or side.now.name, facts=side.now.facts | turn.facts
        )
        message = SeedMessage(
            direction="in", kind=sending.kind, at=envelope.sent_at, body=envelope.body, id=envelope.id
        )
        plans = (*(() if turn.ends_plans else side.plans), *turn.plans)
        self._sides[of.agency, number] = Side(now, (*side.messages, message), plans)

    async def answer(self, agency: str, number: str, region: str, kind: str, said: Mapping[str, Any]) -> None:
        """An answer of an agency at the office's time, signed, taken in as any other."""
        player, side, at = PLAYERS[agency], self._side(agency, number), clock.now()
        plain = player.complete(side.now, kind, at) | dict(said)
        id_, sequence = new_id(), 1 + sum(message.direction == "out" for message in side.messages)
        body = read_body(player.agency.from_agency[kind], plain)
        envelope = write(AGENCIES[agency], kind, body, case=number, sequence=sequence, sent_at=at, id=id_)
        await self._post(agency, region, encode(envelope), id_)
        state = player.states_after.get(kind, side.now.state)
        now = msgspec.structs.replace(side.now, state=state, sent=side.now.sent | {kind})
        message = SeedMessage(direction="out", kind=kind, at=envelope.sent_at, body=envelope.body, id=id_)
        kept = () if kind in player.decisive else tuple(plan for plan in side.plans if plan.kind != kind)
        self._sides[agency, number] = Side(now, (*side.messages, message), kept)

    async def _post(self, agency: str, region: str, data: bytes, nonce: str) -> None:
        url = f"{self._settings.public_url.rstrip('/')}/api/v1/agencies/{agency}/messages"
        key = load_private(self._settings.agency_keys_path, agency)
        headers = sign("POST", url, {"Content-Type": "application/json"}, data, key, nonce=nonce)
        await routing.receive(self._database, self._office, region, agency, "POST", url, headers, data)

    def fill_books(self, folder: Path, at: dt.datetime) -> None:
        """Write the simulators' books anew; an earlier one holds cases that were never committed here."""
        for agency in PLAYERS:
            for ending in ("", "-wal", "-shm"):
                book = book_path(folder, agency)
                book.with_name(book.name + ending).unlink(missing_ok=True)
            sides = [side for (name, _), side in self._sides.items() if name == agency]
            seed(folder, agency, [_seeded(side, at + AHEAD) for side in sides])


def _seeded(side: Side, due: dt.datetime) -> SeedCase:
    return SeedCase(
        case=side.now.number,
        state=side.now.state,
        name=side.now.name,
        facts=side.now.facts,
        messages=side.messages,
        next_answers=tuple(SeedAnswer(kind=plan.kind, due=due, body=plan.body) for plan in side.plans),
    )
