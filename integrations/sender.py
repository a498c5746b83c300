"""Sends a simulated agency's answers to the office: for ever, in order per case, several cases at a time.

A message is in the book before it is sent, so a killed process goes on where it was. It decides nothing.
"""

import asyncio
import hashlib
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from integrations.clock import machine_now
from integrations.contract import decode, encode
from integrations.desk import Desk
from integrations.entries import Entry
from integrations.keyring import Side
from integrations.receipts import verify_receipt
from integrations.signing import SignatureRefused
from integrations.transport import Answer, Client, Refused, Unknown

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
SIGNATURE_HEADERS = ("Content-Digest", "Signature-Input", "Signature")


def pause_after(attempts: int) -> float:
    """Seconds until the next try: doubling, at most five."""
    return float(min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(attempts, 10)))


class Sender:
    """One loop over the book; `wake()` after writing into it."""

    def __init__(self, desk: Desk, client: Client, stranger: Client, office_url: str, keys: Side) -> None:
        """`stranger` signs with a key that is not the agency's, for the fault of that name."""
        self._desk = desk
        self._client = client
        self._stranger, self._keys = stranger, keys
        self._url = f"{office_url.rstrip('/')}/api/v1/agencies/{desk.player.agency.name}/messages"
        self._wake = asyncio.Event()
        self._under_way: set[str] = set()  # case numbers

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled, calls under way too: the same message goes out again at the next start."""
        async with asyncio.TaskGroup() as calls:
            while True:
                self._wake.clear()
                self._desk.issue_due()
                self._start_sending(calls)
                await self._rest()

    def _start_sending(self, calls: asyncio.TaskGroup) -> None:
        for entry in self._desk.book.sendable(machine_now().timestamp()):
            if entry.number not in self._under_way:
                self._under_way.add(entry.number)
                calls.create_task(self._send(entry))

    async def _rest(self) -> None:
        """Until somebody wakes us or the next moment in the book has come."""
        book = self._desk.book
        moments = []
        if (due := book.next_due()) is not None:
            moments.append(due - self._desk.now().timestamp())
        if (again := book.next_try()) is not None and not self._under_way:
            moments.append(again - machine_now().timestamp())
        seconds = max(0.01, min([LONGEST_PAUSE_SECONDS, *moments]))
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for can swallow a cancellation that comes with the wake
                await self._wake.wait()

    async def _send(self, entry: Entry) -> None:
        try:
            await self._deliver(entry)
        finally:
            self._under_way.discard(entry.number)
            self.wake()

    async def _deliver(self, entry: Entry) -> None:
        book, faults = self._desk.book, self._desk.book.faults(entry.number)
        place = (entry.number, "out", entry.sequence, entry.attempts)
        if faults.strikes("down", *place):
            self._later(entry, "down")
            return
        if faults.strikes("wrong_signature", *place):
            await self._botch(entry, self._stranger, entry.envelope)
            return
        if faults.strikes("wrong_schema", *place):
            await self._botch(entry, self._client, _of_no_schema(entry.envelope))
            return
        try:
            answer = await self._client.post(self._url, entry.envelope, self._keys.signing)
            self._checked(entry, answer)
        except Refused as refused:
            self._refused(entry, refused)
        except (Unknown, SignatureRefused) as wrong:
            self._later(entry, str(wrong))
        else:
            signature = {name: answer.headers[name] for name in SIGNATURE_HEADERS}
            with book.writing():
                book.ended(
                    entry.id,
                    status="delivered",
                    result=str(answer.status),
                    receipt=answer.receipt,
                    signature=msgspec.json.encode(signature).decode(),
                )
            if faults.strikes("twice", *place):
                await self._repeat(entry)

    def _checked(self, entry: Entry, answer: Answer) -> None:
        """Raises SignatureRefused where the office signed its receipt, and wrongly."""
        asked, trusted = answer.signed.headers, self._keys.trusted
        verify_receipt(answer.status, answer.told, answer.receipt, asked, trusted, nonce=entry.id)

    async def _botch(self, entry: Entry, client: Client, data: bytes) -> None:
        """Sends what the office must refuse; the true message goes another time."""
        try:
            answer = await client.post(self._url, data, None if client is self._stranger else self._keys.signing)
        except (Refused, Unknown) as wrong:
            self._later(entry, str(wrong))
        else:
            self._later(entry, f"{answer.status}: taken, and should not have been")

    async def _repeat(self, entry: Entry) -> None:
        """Sends a message that was taken once more, as it was."""
        with suppress(Refused, Unknown):
            await self._client.post(self._url, entry.envelope, self._keys.signing)
            with self._desk.book.writing():
                self._desk.book.came_again(entry.id)

    def _refused(self, entry: Entry, refused: Refused) -> None:
        if not refused.final:
            self._later(entry, str(refused))
            return
        with self._desk.book.writing():
            self._desk.book.ended(entry.id, status="refused", result=str(refused)[:300], receipt=b"", signature="")

    def _later(self, entry: Entry, why: str) -> None:
        next_try = machine_now().timestamp() + pause_after(entry.attempts)
        with self._desk.book.writing():
            self._desk.book.try_later(entry.id, next_try, why[:300])


def _of_no_schema(data: bytes) -> bytes:
    """The message with a schema that nobody knows, under an id of its own that is the same at each try."""
    envelope = decode(data)
    tail = hashlib.sha256(data).hexdigest()[:12]
    return encode(replace(envelope, id=envelope.id[:24] + tail, schema="nobody.knows/9"))
