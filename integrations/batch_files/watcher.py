"""A simulated agency that takes batch files only: it watches its folder, answers batches, hands its own in.

It has the face of sender.Sender. Of the faults it knows `down` and those of the book (late, out of order): a folder has
no line that breaks. A full disk or a kill loses nothing: the book is written first, what has no receipt is read again.
"""

import asyncio
import sys
from contextlib import suppress
from pathlib import Path

from integrations.batch_files.exchange import METHOD, URL, headers_of, made_at, proof_of, row_of, signed_row
from integrations.batch_files.files import MESSAGE, PROOF, RECEIPT, publish, read, whole_files
from integrations.clock import machine_now
from integrations.contract import Malformed, decode
from integrations.desk import Clash, Desk
from integrations.entries import Entry
from integrations.keyring import Side
from integrations.receipts import sign_receipt, verify_receipt
from integrations.signing import SignatureRefused, sign, verify

LOOK_EVERY_SECONDS = 1.0


class Watcher:
    """One loop over a folder and a book; `wake()` after writing into the book."""

    def __init__(self, desk: Desk, folder: Path, keys: Side) -> None:
        self._desk, self._keys = desk, keys
        self._to, self._from = folder / "to-agency", folder / "from-agency"
        self._wake = asyncio.Event()
        self._ended: set[str] = set()
        self._handed: dict[str, str] = {}  # messages whose batch has no receipts yet, with the batch's name

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Until cancelled. What the folder does not take is tried again at the next look."""
        while True:
            self._wake.clear()
            self._desk.issue_due()
            try:
                self.look()
            except OSError as error:
                sys.stderr.write(f"exchange folder: {error.strerror}\n")
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_SECONDS):
                    await self._wake.wait()

    def look(self) -> None:
        """Everything that can be done now. Raises OSError."""
        self._take_in()
        self._read_receipts()
        self._hand_in()

    def _take_in(self) -> None:
        """Answer the office's batches that have no receipt file yet."""
        answered = {path.name for path in whole_files(self._to / "receipts")}
        for path in whole_files(self._to):
            rows = None if path.name in answered else read(path, MESSAGE)
            if rows is not None and not any(self._down(row) for row in rows):
                receipts = [self._receipt(row) for row in rows]
                publish(self._to / "receipts" / path.name, (*RECEIPT, *PROOF), receipts)

    def _down(self, row: dict[str, str]) -> bool:
        return self._desk.book.faults(row["case"]).strikes("down", row["case"], "in", row["sequence"])

    def _receipt(self, row: dict[str, str]) -> dict[str, str]:
        """Take a message in; what the receipt file says of it."""
        told = dict.fromkeys((*RECEIPT, *PROOF), "") | {"id": row["id"], "received_at": self._desk.now().isoformat()}
        headers, data = headers_of(row), row["envelope"].encode()
        try:
            verified = verify(METHOD, URL, headers, data, self._keys.trusted, now=made_at(headers))
            envelope = decode(data)
            if envelope.id != verified.nonce:
                raise SignatureRefused("the signature was made for another message")
            if envelope.kind in self._desk.player.agency.asked:
                receipt = self._desk.listed(envelope)
            else:
                receipt = self._desk.receive(envelope, data, headers, 0.0)
        except (SignatureRefused, Malformed, Clash) as wrong:
            types = {SignatureRefused: "signature-refused", Malformed: "malformed", Clash: "clash"}
            return told | {"status": "refused", "type": types[type(wrong)], "detail": str(wrong)}
        signed = sign_receipt(202, receipt, headers, self._keys.signing, nonce=envelope.id)
        return signed_row(told | {"status": "accepted"}, receipt, signed)

    def _read_receipts(self) -> None:
        """Note what the office says of our batches."""
        for path in whole_files(self._from):
            if path.name in self._ended or (rows := read(path, MESSAGE)) is None:
                continue
            self._handed |= {row["id"]: path.name for row in rows}
            receipts = read(self._from / "receipts" / path.name, RECEIPT, PROOF)
            if receipts is not None:
                sent = {row["id"]: row for row in rows}
                for receipt in receipts:
                    self._note(sent[receipt["id"]], receipt)
                self._handed = {id_: name for id_, name in self._handed.items() if name != path.name}
                self._ended.add(path.name)

    def _note(self, sent: dict[str, str], receipt: dict[str, str]) -> None:
        entry = self._desk.book.entry(receipt["id"])
        if entry is None or entry.status != "queued":
            return
        data, proof = receipt.get("receipt", "").encode(), proof_of(receipt)
        said = f"{receipt['status']} {receipt['type']} {receipt['detail']}".strip()
        if receipt["status"] == "accepted":
            try:
                headers, trusted, at = headers_of(sent), self._keys.trusted, made_at(proof)
                verify_receipt(202, proof, data, headers, trusted, nonce=entry.id, now=at)
            except SignatureRefused as refused:
                said = refused.reason
        status = "delivered" if said == "accepted" else "refused"
        with self._desk.book.writing():
            self._desk.book.ended(entry.id, status=status, result=said[:300], receipt=data, signature="")

    def _hand_in(self) -> None:
        """Put what may go now into one batch."""
        waiting = self._desk.book.sendable(machine_now().timestamp())
        fresh = [entry for entry in waiting if entry.id not in self._handed and not self._silent(entry)]
        if fresh:
            name = f"{self._desk.player.agency.name}-{machine_now():%Y%m%dT%H%M%S%f}-{fresh[0].id[-6:]}.csv"
            publish(self._from / name, MESSAGE, [self._row(entry) for entry in fresh])
            self._handed |= {entry.id: name for entry in fresh}

    def _silent(self, entry: Entry) -> bool:
        faults = self._desk.book.faults(entry.number)
        return faults.strikes("down", entry.number, "out", entry.sequence, entry.attempts)

    def _row(self, entry: Entry) -> dict[str, str]:
        headers, data = {"Content-Type": "application/json"}, entry.envelope
        return row_of(decode(data), data, sign(METHOD, URL, headers, data, self._keys.signing, nonce=entry.id))
