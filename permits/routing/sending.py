"""Sends what stands in the log to the agencies: per case in order, many cases at a time, for ever until it is taken.

While a call is under way no transaction is open; the stream is leased, so that of all workers one sends. There is no
last attempt: pauses grow to an hour, and giving up is a person's act.
"""

import asyncio
import datetime as dt
from collections import deque
from collections.abc import Callable, Coroutine, Mapping
from time import monotonic
from typing import Any

import asyncpg
import msgspec
import structlog

from integrations.contract import Malformed
from integrations.signing import SigningKey
from integrations.transport import Away, Client, NotReached, Refused, Unknown
from permits import clock
from permits.db.database import Database
from permits.errors import Unavailable
from permits.office import Office
from permits.routing import asking, breakers, noting, streams
from permits.routing.model import Sending, Stream, context_of, moment_of, pause_after, pause_at_age, spread
from permits.routing.noting import Outcome, signed_receipt, skew_ms_of
from permits.routing.relay import FIRST_PAUSE_S, LONGEST_PAUSE_S
from permits.routing.streams import Due

AT_ONCE = 16
"""Calls to one agency at a time."""
AHEAD = 64
"""Streams that are read at once, to begin with when a call ends."""
LEASE = dt.timedelta(seconds=5)
"""How long a stream stays with a worker that was killed; kept longer while its call is under way."""
KEPT_EVERY_S = 2.0
NOTED_EVERY_S = 5.0
"""How often it is written that an agency does well."""
TRY_AGAIN = frozenset({401, 408, 409, 425, 429})
"""Refusals that may pass: a key or a clock is put right, an earlier message arrives. Others are for good."""

Key = Callable[[str], SigningKey]
"""The key to sign with towards an agency, as it holds now. ValueError where none does."""

log = structlog.get_logger(__name__)


AWAITED = 425
"""Too early: an agency of batch files has the message, its receipt file is not there yet."""
MAY_HAVE_ARRIVED = frozenset({500, 502, 504})
"""Faults of the agency that leave open whether it had taken the message."""


class Sender:
    """The sending of one process."""

    def __init__(
        self, database: Database, office: Office, client: Client, urls: Mapping[str, str], key: Key | None = None
    ) -> None:
        """`urls` gives each agency's address for messages, `key` the key to sign with now; else the client's own."""
        self._database, self._office, self._client, self._urls, self._key = database, office, client, urls, key
        self._under_way: set[Stream] = set()
        self._ahead: dict[tuple[str, str], deque[Due]] = {}
        self._well: dict[tuple[str, str], float] = {}
        self._freed = asyncio.Event()

    async def run(self, regions: tuple[str, ...], stop: asyncio.Event) -> None:
        """Send until told to stop; then calls under way are broken off, and go again when somebody sends."""
        pause = FIRST_PAUSE_S
        ended = asyncio.create_task(self._wake_at_end(stop))
        async with asyncio.TaskGroup() as calls:
            running: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                self._freed.clear()
                found = [due for region in regions for name in self._urls for due in await self._due(region, name)]
                for due in found:
                    task = calls.create_task(self._send_all(due))
                    running.add(task)
                    task.add_done_callback(running.discard)
                pause = FIRST_PAUSE_S if found else min(pause * 1.3, LONGEST_PAUSE_S)
                await self._rest(pause)
            for task in running:
                task.cancel()
        ended.cancel()

    async def _wake_at_end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._freed.set()

    async def _rest(self, seconds: float) -> None:
        """Until a call has ended and another may begin, told to stop, or so long."""
        try:
            await asyncio.wait_for(self._freed.wait(), seconds)
        except TimeoutError:
            return

    async def _due(self, region: str, name: str) -> list[Due]:
        """Streams to begin with now, which count as under way from here on."""
        room = AT_ONCE - sum(of.agency == name for of in self._under_way)
        if room <= 0:
            return []
        ahead = self._ahead.setdefault((region, name), deque())
        if not ahead:
            ahead.extend(await self._look(region, name))
        found = [ahead.popleft() for _ in range(min(room, len(ahead)))]
        found = [due for due in found if due.of not in self._under_way]
        self._under_way.update(due.of for due in found)
        return found

    async def _look(self, region: str, name: str) -> list[Due]:
        """What may be sent now: nothing while the agency's circuit is open, one stream to try it with after a while."""
        now = clock.machine_now()
        async with self._database.transaction(region) as tx:
            circuit = await breakers.standing(tx, region, name)
            if circuit.breaker != "closed" and circuit.retry_at is not None and circuit.retry_at > now:
                return []
            found = [due for due in await streams.due(tx, region, name, now, AHEAD) if due.of not in self._under_way]
            if circuit.breaker == "closed" or not found:
                return found
            return found[:1] if await breakers.take_probe(tx, region, name, now) else []

    async def _send_all(self, due: Due) -> None:
        """Send what is due in a stream, one after the other; an error of one stream ends no other."""
        lease = Lease(self._database, due.of)
        try:
            sending = await lease.take(due)
            while sending is not None:
                sending = await self._send(lease, sending)
        except (asyncpg.PostgresError, Unavailable) as error:  # the lease ends soon, and the same bytes go again
            self._ahead.clear()
            log.warning("sending failed", agency=due.of.agency, error=type(error).__name__)
            if isinstance(error, Unavailable):
                raise
        finally:
            self._under_way.discard(due.of)
            self._freed.set()

    async def _send(self, lease: "Lease", head: Sending) -> Sending | None:
        """Send the lowest undelivered message, or ask about it first; the next one, where that may go now."""
        of = lease.of
        if head.doubt_since is None or head.kind == asking.QUESTION:
            outcome = await lease.kept_during(self._tried(of, head))
            following = await noting.note(self._database, self._office, lease, head, outcome)
        else:
            asked = await self._question(lease, head)
            if asked is None:
                return None
            outcome = await lease.kept_during(self._tried(of, asked))
            following = await noting.note_question(self._database, self._office, lease, head, asked, outcome)
        await self._note_agency(of, outcome)
        return following

    async def _note_agency(self, of: Stream, outcome: Outcome) -> None:
        """Write how the agency does: each failure, and that it is well when it was not lately, or every few seconds."""
        place, now = (of.region, of.agency), monotonic()
        if outcome.status == "delivered" and now - self._well.get(place, -NOTED_EVERY_S) < NOTED_EVERY_S:
            return
        await noting.note_agency(self._database, of, outcome)
        if outcome.status == "delivered":
            self._well[place] = now
            return
        self._well.pop(place, None)
        if not outcome.heard:  # its circuit is looked at before another call begins
            self._ahead.pop(place, None)

    async def _question(self, lease: "Lease", head: Sending) -> Sending | None:
        """What is to be sent about a message in doubt: the status request, or itself when no answer has come."""
        of, now = lease.of, clock.machine_now()
        asked = head.asked or await asking.about(self._database, self._office, of, head)
        async with self._database.transaction(of.region) as tx:
            row = await streams.out(tx, of.region, asked)
            if row is not None and row["status"] == "queued":
                return noting.sending_of(row)
            until = row["answered_at"] + asking.PATIENCE if row is not None and row["answered_at"] else now
            if until > now:
                await streams.lease_anew(tx, of, lease.until, now)
                await streams.hold(tx, of, until)
                return None
            await streams.doubt(tx, of.region, head.id, None, None)
        return head

    async def _tried(self, of: Stream, sending: Sending) -> Outcome:
        """One call, however it ends."""
        tries = sending.attempts + 1
        try:
            body = self._office.keys.open(sending.body, context_of(of.region, sending.id))
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


class Lease:
    """Our hold on a stream, which is known by the instant it ends."""

    def __init__(self, database: Database, of: Stream) -> None:
        self.of = of
        self._database = database
        self.until = clock.machine_now()

    def renewed(self, now: dt.datetime) -> dt.datetime:
        """The new end, from now on."""
        self.until = now + LEASE
        return self.until

    async def take(self, due: Due) -> Sending | None:
        """Lease the stream; its first message, or put everything off until that may be tried."""
        now = clock.machine_now()
        async with self._database.transaction(self.of.region) as tx:
            taken, first = await streams.take(tx, due, now, self.renewed(now))
        if not taken or (first is not None and first.next_at <= now):
            return first
        async with self._database.transaction(self.of.region) as tx:  # a row changed twice in one asks for its case
            await streams.lease_anew(tx, self.of, self.until, now)
            if first is not None:
                await streams.hold(tx, self.of, first.next_at)
        return None

    async def kept_during(self, call: Coroutine[Any, Any, Outcome]) -> Outcome:
        """What the call comes to, the lease kept while it is under way."""
        task = asyncio.ensure_future(call)
        try:
            while not (await asyncio.wait({task}, timeout=KEPT_EVERY_S))[0]:
                await self._keep()
        finally:
            task.cancel()
        return await task

    async def _keep(self) -> None:
        async with self._database.transaction(self.of.region) as tx:
            mine = self.until
            await streams.lease_anew(tx, self.of, mine, self.renewed(clock.machine_now()))
