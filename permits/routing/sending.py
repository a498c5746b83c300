"""Sends what stands in the log to the agencies: per case in order, many cases at a time, for ever until it is taken.

While a call is under way no transaction is open; the stream is leased, so that of all workers one sends. A lost
receipt does no harm: the same bytes go again, and the agency knows them by their id.
"""

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
import structlog
from yarl import URL

from integrations.transport import Answer, Away, Client, Refused, Unknown
from permits import clock
from permits.cases import service as cases
from permits.db.database import Database
from permits.office import Office
from permits.routing import streams
from permits.routing.model import Sending, Stream, context_of, pause_after
from permits.routing.outgoing import MARKS
from permits.routing.relay import FIRST_PAUSE_S, LONGEST_PAUSE_S, rest

AT_ONCE = 16
"""Calls to one agency at a time."""
LEASE = dt.timedelta(seconds=5)
"""How long a stream stays with a worker that was killed; kept longer while its call is under way."""
KEPT_EVERY_S = 2.0
SIGNATURE_HEADERS = ("Content-Digest", "Signature-Input", "Signature")
TRY_AGAIN = frozenset({401, 408, 409, 425, 429})
"""Refusals that may pass: a key or a clock is put right, an earlier message arrives. Others are for good."""
LONGEST_PROBLEM = 300

log = structlog.get_logger(__name__)


class NoReceipt(Unknown):
    """The agency said yes and gave no receipt for this message."""


class Outcome(msgspec.Struct, frozen=True):
    """How a try ended."""

    status: str
    attempts: int
    problem: str | None = None
    pause: dt.timedelta | None = None
    """How long until the next try; None where there is none."""
    answer: Answer | None = None
    skew_ms: int | None = None


class Sender:
    """The sending of one process."""

    def __init__(self, database: Database, office: Office, client: Client, urls: Mapping[str, str]) -> None:
        """`urls` gives each agency's address for messages."""
        self._database, self._office, self._client, self._urls = database, office, client, urls
        self._under_way: set[Stream] = set()

    async def run(self, regions: tuple[str, ...], stop: asyncio.Event) -> None:
        """Send until told to stop; then calls under way are broken off, and go again when somebody sends."""
        pause = FIRST_PAUSE_S
        async with asyncio.TaskGroup() as calls:
            running: set[asyncio.Task[None]] = set()
            while not stop.is_set():
                found = [of for region in regions for name in self._urls for of in await self._due(region, name)]
                for of in found:
                    task = calls.create_task(self._send_all(of))
                    running.add(task)
                    task.add_done_callback(running.discard)
                pause = FIRST_PAUSE_S if found else min(pause * 1.3, LONGEST_PAUSE_S)
                await rest(stop, pause)
            for task in running:
                task.cancel()

    async def _due(self, region: str, name: str) -> list[Stream]:
        """Streams to begin with now, which count as under way from here on."""
        room = AT_ONCE - sum(of.agency == name for of in self._under_way)
        if room <= 0:
            return []
        async with self._database.transaction(region) as tx:
            ids = await streams.due(tx, region, name, clock.machine_now(), AT_ONCE)
        found = [of for case_id in ids if (of := Stream(region, case_id, name)) not in self._under_way][:room]
        self._under_way.update(found)
        return found

    async def _send_all(self, of: Stream) -> None:
        """Send what is due in a stream, one after the other; an error of one stream ends no other."""
        try:
            while await self._send_next(of):
                pass
        except asyncpg.PostgresError as error:  # the lease ends soon, and the same bytes go again
            log.warning("sending failed", agency=of.agency, error=type(error).__name__)
        finally:
            self._under_way.discard(of)

    async def _send_next(self, of: Stream) -> bool:
        """Send the lowest undelivered message; whether the agency took it, so that the next may go."""
        lease = _Lease(self._database, of)
        sending = await self._taken(lease)
        if sending is None:
            return False
        outcome = await lease.kept_during(self._tried(of, sending))
        await self._note(lease, sending, outcome)
        return outcome.pause is None

    async def _taken(self, lease: "_Lease") -> Sending | None:
        """Lease the stream and read its first message, or put everything off until that may be tried."""
        of, now = lease.of, clock.machine_now()
        async with self._database.transaction(of.region) as tx:
            first = await streams.head(tx, of)
            if first is None:
                return None
            if first.next_at > now:
                await streams.hold(tx, of, first.next_at)
                return None
            if not await streams.lease(tx, of, now, lease.renewed(now)):
                return None
            first = await streams.head(tx, of)  # while we waited for the lease another may have sent it
        if first is None:
            await lease.give_back()
        return first

    async def _tried(self, of: Stream, sending: Sending) -> Outcome:
        """One call, however it ends."""
        tries = sending.attempts + 1
        try:
            body = self._office.keys.open(sending.body, context_of(of.region, sending.id))
        except ValueError as error:  # one that cannot be opened must not stop the others
            return Outcome("quarantined", sending.attempts, str(error))
        try:
            answer = await self._client.post(self._urls[of.agency], body)
            skew = _skew_ms(answer, str(sending.id))
        except Away as away:
            return Outcome("queued", sending.attempts, str(away), dt.timedelta(seconds=away.retry_after))
        except Unknown as unknown:
            return Outcome("queued", tries, str(unknown), pause_after(tries))
        except Refused as refused:
            for_good = refused.final and refused.status not in TRY_AGAIN
            status, pause = ("quarantined", None) if for_good else ("queued", pause_after(tries))
            return Outcome(status, tries, str(refused), pause)
        return Outcome("delivered", tries, answer=answer, skew_ms=skew)

    async def _note(self, lease: "_Lease", sending: Sending, outcome: Outcome) -> None:
        of, now = lease.of, clock.machine_now()
        async with self._database.transaction(of.region) as tx:
            await streams.lease_anew(tx, of, lease.until, None)
            await streams.tried(tx, of.region, sending.id, **_written(outcome, now))
            if outcome.pause is not None:
                await streams.hold(tx, of, now + outcome.pause)
            if outcome.status == "delivered" and (mark := MARKS.get((of.agency, sending.kind))):
                await cases.component_sent(tx, of.region, of.case_id, *mark)
        async with self._database.transaction(of.region) as tx:
            await self._note_agency(tx, of, outcome, now)

    async def _note_agency(self, tx: Any, of: Stream, outcome: Outcome, now: dt.datetime) -> None:
        """How the agency does; when it answers again, what was put off for it goes now."""
        if outcome.answer is None:
            breaker = self._client.states().get(str(URL(self._urls[of.agency]).origin()), "closed")
            await streams.failed(tx, of.region, of.agency, breaker, _short(outcome.problem or ""), now)
            return
        again = await streams.was_failing(tx, of.region, of.agency)
        if again:
            await streams.hurry(tx, of.region, of.agency, now)
        await streams.heard(tx, of.region, of.agency, outcome.skew_ms, now)


class _Lease:
    """Our hold on a stream, which is known by the instant it ends."""

    def __init__(self, database: Database, of: Stream) -> None:
        self.of = of
        self._database = database
        self.until = clock.machine_now()

    def renewed(self, now: dt.datetime) -> dt.datetime:
        """The new end, from now on."""
        self.until = now + LEASE
        return self.until

    async def give_back(self) -> None:
        """Let the stream go, in a transaction of its own: a row changed twice in one would ask for its case's lock."""
        async with self._database.transaction(self.of.region) as tx:
            await streams.lease_anew(tx, self.of, self.until, None)

    async def kept_during(self, call: Any) -> Outcome:
        """What the call comes to, the lease kept while it is under way."""
        task = asyncio.ensure_future(call)
        try:
            while not (await asyncio.wait({task}, timeout=KEPT_EVERY_S))[0]:
                await self._keep()
        finally:
            task.cancel()
        outcome: Outcome = await task
        return outcome

    async def _keep(self) -> None:
        async with self._database.transaction(self.of.region) as tx:
            mine = self.until
            await streams.lease_anew(tx, self.of, mine, self.renewed(clock.machine_now()))


def _written(outcome: Outcome, now: dt.datetime) -> dict[str, Any]:
    """The columns that say how a try ended."""
    row: dict[str, Any] = {"status": outcome.status, "attempts": outcome.attempts, "answered_at": None}
    if outcome.problem is not None:
        row["problem"] = _short(outcome.problem)
    if outcome.pause is None:
        row["answered_at"] = now
    if (answer := outcome.answer) is not None:
        row["signature"] = {name: answer.headers[name] for name in SIGNATURE_HEADERS}
        row["receipt"] = answer.receipt
    return row


def _short(text: str) -> str:
    return text.replace("\0", "")[:LONGEST_PROBLEM]


def _skew_ms(answer: Answer, message_id: str) -> int | None:
    """The agency's clock less ours as its receipt tells it. Raises NoReceipt where it is none of this message."""
    try:
        receipt = msgspec.json.decode(answer.receipt, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoReceipt("the answer is no receipt") from error
    if receipt.get("id") != message_id:
        raise NoReceipt("the receipt is another message's")
    skew = receipt.get("skew_seconds")
    return round(skew * 1000) if isinstance(skew, int | float) else None
