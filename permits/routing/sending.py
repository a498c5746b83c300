"""Sends what stands in the log to the agencies: per case in order, many cases at a time, for ever until it is taken.

While a call is under way no transaction is open; its stream is leased, so that of all workers one sends. What ended
meanwhile is noted together, and what may go next is claimed together. There is no last attempt: pauses grow to an hour,
and giving up is a person's act.
"""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping
from time import monotonic

import asyncpg
import msgspec
import structlog

from integrations.contract import Malformed
from integrations.signing import SigningKey
from integrations.transport import Away, Client, NotReached, Refused, Unknown
from permits import clock
from permits.db.database import Database
from permits.office import Office
from permits.routing import asking, breakers, noting, streams
from permits.routing.model import Sending, Stream, context_of, moment_of, pause_after, pause_at_age, spread
from permits.routing.noting import Ended, Outcome, signed_receipt, skew_ms_of
from permits.routing.relay import FIRST_PAUSE_S, LONGEST_PAUSE_S, rest
from permits.routing.streams import Held

AT_ONCE = 16
"""Calls to one agency at a time."""
AHEAD = 2 * AT_ONCE
"""Streams that are claimed beyond those, to begin with when a call ends."""
GATHERED_S = 0.02
"""How long what has ended is gathered, to be noted together."""
LEASE = dt.timedelta(seconds=5)
"""How long a stream stays with a worker that was killed; kept longer while its call is under way."""
NOTED_EVERY_S = 5.0
"""How often it is written that an agency does well."""
TRY_AGAIN = frozenset({401, 408, 409, 425, 429})
"""Refusals that may pass: a key or a clock is put right, an earlier message arrives. Others are for good."""
AWAITED = 425
"""Too early: an agency of batch files has the message, its receipt file is not there yet."""
MAY_HAVE_ARRIVED = frozenset({500, 502, 504})
"""Faults of the agency that leave open whether it had taken the message."""

Key = Callable[[str], SigningKey]
"""The key to sign with towards an agency, as it holds now. ValueError where none does."""

log = structlog.get_logger(__name__)


class Sender:
    """The sending of one process."""

    def __init__(
        self, database: Database, office: Office, client: Client, urls: Mapping[str, str], key: Key | None = None
    ) -> None:
        """`urls` gives each agency's address for messages, `key` the key to sign with now; else the client's own."""
        self.database, self.office, self._client, self._urls, self._key = database, office, client, urls, key

    async def run(self, regions: tuple[str, ...], stop: asyncio.Event) -> None:
        """Send until told to stop; then calls under way are broken off, and go again when somebody sends."""
        async with asyncio.TaskGroup() as lines:
            for region in regions:
                for name in self._urls:
                    lines.create_task(Line(self, region, name).run(stop))

    async def tried(self, of: Stream, sending: Sending) -> Outcome:
        """One call, however it ends."""
        tries = sending.attempts + 1
        try:
            body = self.office.keys.open(sending.body, context_of(of.region, sending.id))
        except ValueError as error:  # one that cannot be opened must not stop the others
            return Outcome("quarantined", sending.attempts, b"", str(error))
        pause = spread(pause_after(tries), sending.id)
        try:
            key = self._key(of.agency) if self._key else None
            answer = await self._client.post(self._urls[of.agency], body, key, str(sending.id))
            skew, receipt = skew_ms_of(answer, str(sending.id)), signed_receipt(of.agency, answer, str(sending.id))
        except Away as away:
            return Outcome("queued", sending.attempts, body, str(away), dt.timedelta(seconds=away.retry_after))
        except NotReached as unreached:
            return Outcome("queued", tries, body, str(unreached), pause)
        except Unknown as unknown:
            doubt = not isinstance(unknown, noting.NoReceipt)
            return Outcome("queued", tries, body, str(unknown), pause, signed=unknown.signed, doubt=doubt)
        except Refused as refused:
            if refused.status == AWAITED:  # handed over, and not refused: no further try
                pause = spread(pause_at_age(clock.machine_now() - moment_of(sending.id)), sending.id)
                tries = sending.attempts
            return _refused(tries, body, refused, pause)
        except (Malformed, ValueError) as error:  # no key that holds, or bytes that are none: a person must look
            return Outcome("queued", tries, body, str(error), pause, heard=True)
        given = Outcome("delivered", tries, body, signed=answer.signed, reply=answer.receipt, skew_ms=skew, heard=True)
        return msgspec.structs.replace(given, receipt=receipt)


class Line:
    """The sending to one agency in one city: its calls, and the one place where their streams are claimed and noted."""

    def __init__(self, sender: Sender, region: str, name: str) -> None:
        self._sender, self._region, self._name = sender, region, name
        self._held: dict[Stream, Held] = {}
        self._ahead: asyncio.Queue[Held] = asyncio.Queue()
        self._ended: list[Ended] = []
        self._something = asyncio.Event()
        self._well_at = -NOTED_EVERY_S

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the calls going until told to stop; what has ended by then is noted."""
        async with asyncio.TaskGroup() as tasks:
            calls = [tasks.create_task(self._call()) for _ in range(AT_ONCE)]
            calls.append(tasks.create_task(self._end_with(stop)))
            await self._keep_books(stop)
            for call in calls:
                call.cancel()
        self._put_back()
        await self._note()

    async def _end_with(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._something.set()

    async def _keep_books(self, stop: asyncio.Event) -> None:
        pause = FIRST_PAUSE_S
        while not stop.is_set():
            self._something.clear()
            busy = await self._turn()
            pause = FIRST_PAUSE_S if busy else min(pause * 1.3, LONGEST_PAUSE_S)
            if not self._ended:
                await rest(self._something, pause)
            if len(self._ended) < len(self._held) and not stop.is_set():
                await asyncio.sleep(GATHERED_S)

    async def _turn(self) -> bool:
        """Note what has ended, keep what is under way, claim what may go; whether there was anything."""
        try:
            noted = await self._note()
            await self._keep()
            return await self._claim() or noted
        except asyncpg.PostgresError as error:
            log.warning("sending failed", agency=self._name, error=type(error).__name__)
            return False

    # Calls

    async def _call(self) -> None:
        """One call after the other; an error of one stream ends no other."""
        while True:
            held = await self._ahead.get()
            try:
                ended = await self._sent(held)
            except asyncpg.PostgresError as error:  # the lease ends soon, and the same bytes go again
                log.warning("sending failed", agency=self._name, error=type(error).__name__)
                self._held.pop(held.of, None)
                continue
            self._ended.append(ended)
            self._something.set()
            if ended.outcome and not ended.outcome.heard:  # its circuit is looked at before another call begins
                self._put_back()

    async def _sent(self, held: Held) -> Ended:
        """Send the lowest undelivered message, or ask about it first."""
        head, tried = held.head, self._sender.tried
        if head.doubt_since is None or head.kind == asking.QUESTION:
            return Ended(held, head, await tried(held.of, head))
        asked, until = await asking.question(self._sender.database, self._sender.office, held.of, head)
        if asked is None:
            return Ended(held, until=until)
        outcome = await tried(held.of, asked)
        if asked.id == head.id:
            return Ended(held, head, outcome)
        return Ended(held, asked, outcome.of_question(), settled=outcome.status == "quarantined")

    def _put_back(self) -> None:
        """What was claimed and not begun is given back."""
        while not self._ahead.empty():
            self._ended.append(Ended(self._ahead.get_nowait()))

    # Books

    async def _note(self) -> bool:
        """Note what has ended; alone what cannot be noted together."""
        ended, self._ended = self._ended, []
        if not ended:
            return False
        try:
            await self._noted(ended)
        except (asyncpg.PostgresError, TimeoutError):
            for one in ended:
                await self._noted_alone(one)
        for one in ended:
            self._held.pop(one.held.of, None)
        await self._note_agency([one.outcome for one in ended if one.outcome])
        return True

    async def _noted(self, ended: list[Ended]) -> None:
        async with asyncio.timeout(LEASE.total_seconds()):
            await noting.note(self._sender.database, self._sender.office, self._region, ended)

    async def _noted_alone(self, ended: Ended) -> None:
        """Where that fails too, the lease ends soon, and the same bytes go again."""
        try:
            await self._noted([ended])
        except (asyncpg.PostgresError, TimeoutError) as error:
            log.warning("noting failed", agency=self._name, error=type(error).__name__)

    async def _note_agency(self, outcomes: list[Outcome]) -> None:
        """Write how the agency does: each failure, and that it is well when it was not lately, or every few seconds."""
        told = [outcome for outcome in outcomes if outcome.status != "delivered"]
        delivered = [outcome for outcome in outcomes if outcome.status == "delivered"]
        if delivered and (told or monotonic() - self._well_at >= NOTED_EVERY_S):
            told = [*told, delivered[-1]]
        if told:
            await noting.note_agency(self._sender.database, self._region, self._name, told)
            self._well_at = monotonic() if delivered else -NOTED_EVERY_S

    async def _keep(self) -> None:
        """Keep the leases of what is still under way or waits for its call."""
        now = clock.machine_now()
        old = [held for held in self._held.values() if held.until < now + LEASE / 2]
        if old:
            until = now + LEASE
            async with self._sender.database.transaction(self._region) as tx:
                await streams.lease_anew(tx, old, until)
            for held in old:
                held.until = until

    async def _claim(self) -> bool:
        """Claim what may be sent now; while the agency's circuit is open, after a while one stream to try it."""
        room = AT_ONCE + AHEAD - len(self._held)
        if room < AT_ONCE:
            return False
        now = clock.machine_now()
        async with self._sender.database.transaction(self._region) as tx:
            found = await streams.claim(tx, self._region, self._name, now, now + LEASE, room)
            if not found and not self._held and await breakers.take_probe(tx, self._region, self._name, now):
                found = await streams.claim_one(tx, self._region, self._name, now, now + LEASE)
                self._well_at = -NOTED_EVERY_S
        for held in found:
            self._held[held.of] = held
            self._ahead.put_nowait(held)
        return bool(found)


def _refused(tries: int, body: bytes, refused: Refused, pause: dt.timedelta) -> Outcome:
    for_good = refused.final and refused.status not in TRY_AGAIN
    return Outcome(
        "quarantined" if for_good else "queued",
        tries,
        body,
        str(refused),
        None if for_good else pause,
        signed=refused.signed,
        reply=refused.answer,
        heard=refused.status < 500,
        doubt=refused.status in MAY_HAVE_ARRIVED,
    )
