"""The office's side of a file exchange: messages wait in a spool, go out in batches, and are taken once a receipt says.

It has the face of transport.Client, so that whoever sends need not know; nothing is lost where the disk is full, since
the sender keeps each message until its receipt is there.
"""

import asyncio
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from integrations.batch_files.files import MESSAGE, PROOF, RECEIPT, publish, read, whole_files, write_whole
from integrations.clock import machine_now
from integrations.contract import Envelope, decode
from integrations.receipts import SignedReceipt
from integrations.signing import HEADERS, SigningKey, sign
from integrations.transport import Answer, NotReached, Refused, Signed

METHOD = "PUT"
URL = "https://batch-files.invalid/messages"  # what rows are signed for: a place that is nowhere
BATCH_ROWS = 500
BATCH_SECONDS = 2.0  # the oldest message in the spool waits so long for company
AWAITED = {"type": "receipt-awaited", "detail": "handed over in a batch; the receipt file is not there yet"}


class Row(Struct, frozen=True):
    """A message in a batch, as whoever reads it takes it in."""

    id: str
    headers: Mapping[str, str]
    body: bytes


class FileExchange:
    """Hands messages over in files, signed with one key. One per process."""

    def __init__(self, key: SigningKey, *, batch_seconds: float = BATCH_SECONDS) -> None:
        self._key = key
        self._batch_seconds = batch_seconds
        self._lock = asyncio.Lock()
        self._read: dict[Path, dict[str, dict[str, str]]] = {}

    def states(self) -> dict[str, str]:
        """Files have no circuit."""
        return {}

    async def post(self, url: str, data: bytes, key: SigningKey | None = None, nonce: str | None = None) -> Answer:
        """Hands a message over, or says what became of it. `url` is file:///the/agency's/folder.

        `nonce` is taken as Client.post takes it; here the envelope is read anyway.
        Raises Refused: 425 while its receipt is awaited, 422 where the agency refused it; NotReached: no disk.
        """
        async with self._lock:
            try:
                return await asyncio.to_thread(self._post, folder_of(url), data, key or self._key)
            except OSError as error:
                raise NotReached(f"the exchange folder: {error.strerror or type(error).__name__}") from error

    def _post(self, folder: Path, data: bytes, key: SigningKey) -> Answer:
        envelope = decode(data)
        receipt = self._row_of(folder / "to-agency" / "receipts", RECEIPT, envelope.id, PROOF)
        batched = self._row_of(folder / "to-agency", MESSAGE, envelope.id)
        if receipt is not None and batched is not None:
            return self._answer(envelope, data, batched, receipt, key)
        if batched is None:
            self._spool(folder, envelope, data, key)
        self._send_batch(folder)
        raise Refused(425, AWAITED)

    def _answer(
        self, envelope: Envelope, data: bytes, batched: dict[str, str], receipt: dict[str, str], key: SigningKey
    ) -> Answer:
        headers = headers_of(batched)
        signed = Signed(METHOD, URL, {name: headers[name] for name in HEADERS}, key.trusted)
        if receipt["status"] != "accepted":
            problem = {"type": receipt["type"], "detail": receipt["detail"]}
            raise Refused(422, problem, signed, msgspec.json.encode(receipt))
        if text := receipt.get("receipt"):
            return Answer(202, text.encode(), headers, signed, proof_of(receipt))
        facts = {"id": envelope.id, "case": envelope.case, "received_at": receipt["received_at"]}
        return Answer(202, msgspec.json.encode(facts), headers, signed)

    def _spool(self, folder: Path, envelope: Envelope, data: bytes, key: SigningKey) -> None:
        """Keeps a message for the next batch, signed now."""
        place = folder / "spool" / f"{envelope.id}.json"
        if place.exists():
            return
        signed = sign(METHOD, URL, {"Content-Type": "application/json"}, data, key, nonce=envelope.id)
        write_whole(place, msgspec.json.encode(row_of(envelope, data, signed)))

    def _send_batch(self, folder: Path) -> None:
        """Puts what is in the spool into a batch once it is many or old enough; into one only, even after a kill."""
        waiting = sorted((folder / "spool").glob("*.json"))[:BATCH_ROWS]
        if not waiting:
            return
        age = time.time() - min(path.stat().st_mtime for path in waiting)
        if len(waiting) < BATCH_ROWS and age < self._batch_seconds:
            return
        rows = [msgspec.json.decode(path.read_bytes(), type=dict[str, str]) for path in waiting]
        fresh = [row for row in rows if self._row_of(folder / "to-agency", MESSAGE, row["id"]) is None]
        if fresh:
            name = f"office-{machine_now():%Y%m%dT%H%M%S%f}-{fresh[0]['id'][-6:]}.csv"
            publish(folder / "to-agency" / name, MESSAGE, fresh)
        for path in waiting:
            path.unlink(missing_ok=True)

    def _row_of(
        self, folder: Path, columns: tuple[str, ...], id: str, further: tuple[str, ...] = ()
    ) -> dict[str, str] | None:
        """The row of a message in any whole file of a folder; each file is read once."""
        for path in whole_files(folder):
            if path not in self._read:
                rows = read(path, columns, further)
                if rows is None:
                    continue
                self._read[path] = {row["id"]: row for row in rows}
            if found := self._read[path].get(id):
                return found
        return None


def folder_of(url: str) -> Path:
    """The folder that a file: address names. Raises ValueError for another address."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        raise ValueError("an exchange folder is named as file:///…")
    return Path(unquote(parts.path))


def row_of(envelope: Envelope, data: bytes, signed: Mapping[str, str]) -> dict[str, str]:
    """A message as a row of a batch."""
    named = {name: str(getattr(envelope, name)) for name in ("id", "schema", "case", "sequence", "kind")}
    proof = {name.lower().replace("-", "_"): signed[name] for name in HEADERS if name != "Content-Type"}
    return named | proof | {"envelope": data.decode()}


def headers_of(row: Mapping[str, str]) -> dict[str, str]:
    """The headers that were signed with a row."""
    proof = {name: row[name.lower().replace("-", "_")] for name in HEADERS if name != "Content-Type"}
    return {"Content-Type": "application/json", **proof}


def proof_of(row: Mapping[str, str]) -> dict[str, str]:
    """The headers that prove a receipt, out of its row."""
    named = {"Content-Digest": "content_digest", "Signature-Input": "signature_input", "Signature": "signature"}
    return {header: row[column] for header, column in named.items() if row.get(column)}


def signed_row(row: Mapping[str, str], receipt: bytes, signed: SignedReceipt | None) -> dict[str, str]:
    """A row of a receipt file with the receipt as it was given, and its signature where it has one."""
    proof = {name.lower().replace("-", "_"): value for name, value in (signed.headers if signed else {}).items()}
    return dict.fromkeys(PROOF, "") | dict(row) | {"receipt": receipt.decode()} | proof


def made_at(headers: Mapping[str, str]) -> datetime | None:
    """When a row was signed: files are slow, so that its age proves nothing, and its id is taken once only."""
    found = re.search(r";created=(\d{1,12})(;|$)", headers.get("Signature-Input", ""))
    return datetime.fromtimestamp(int(found[1]), UTC) if found else None


def arrived(folder: Path) -> Iterator[tuple[str, list[Row]]]:
    """The agency's batches that have no receipt file of ours yet: the name, and the messages."""
    incoming = folder / "from-agency"
    answered = {path.name for path in whole_files(incoming / "receipts")}
    for path in whole_files(incoming):
        if path.name not in answered and (rows := read(path, MESSAGE)) is not None:
            yield path.name, [Row(row["id"], headers_of(row), row["envelope"].encode()) for row in rows]


def answer(folder: Path, name: str, receipts: list[dict[str, str]]) -> None:
    """Writes our receipt file for a batch of the agency. Raises OSError; the batch is read again then."""
    rows = [dict.fromkeys(PROOF, "") | row for row in receipts]
    publish(folder / "from-agency" / "receipts" / name, (*RECEIPT, *PROOF), rows)
