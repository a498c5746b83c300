"""The other side of a file exchange, for tests and training: takes batches in, answers with receipts, hands batches in.

It is no agency's system.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from integrations.batch_files.exchange import METHOD, URL, headers_of, row_of, signed_row
from integrations.batch_files.files import MESSAGE, PROOF, RECEIPT, publish, read, whole_files
from integrations.clock import office_now
from integrations.contract import Envelope, decode
from integrations.receipts import sign_receipt
from integrations.signing import SigningKey, sign


class Counterpart:
    """An agency at its folder."""

    def __init__(self, folder: Path, key: SigningKey) -> None:
        self._folder, self._key = folder, key

    def take_in(self, refuse: Sequence[str] = ()) -> list[tuple[Envelope, dict[str, str]]]:
        """Messages of batches not answered yet, with their signed headers; each is receipted, some kinds refused."""
        folder, found = self._folder / "to-agency", []
        answered = {path.name for path in whole_files(folder / "receipts")}
        for path in whole_files(folder):
            rows = read(path, MESSAGE)
            if path.name in answered or rows is None:
                continue
            receipts = [self._receipt(row, row["kind"] in refuse) for row in rows]
            publish(folder / "receipts" / path.name, (*RECEIPT, *PROOF), receipts)
            found += [(decode(row["envelope"].encode()), headers_of(row)) for row in rows]
        return found

    def hand_in(self, name: str, messages: Sequence[bytes]) -> None:
        """A batch of signed messages for the office."""
        rows = []
        for data in messages:
            envelope = decode(data)
            headers = {"Content-Type": "application/json"}
            rows.append(row_of(envelope, data, sign(METHOD, URL, headers, data, self._key, nonce=envelope.id)))
        publish(self._folder / "from-agency" / name, MESSAGE, rows)

    def receipts(self, name: str) -> list[dict[str, str]] | None:
        """The office's receipts for a batch; None while there are none."""
        return read(self._folder / "from-agency" / "receipts" / name, RECEIPT, PROOF)

    def _receipt(self, row: dict[str, str], refused: bool) -> dict[str, str]:
        at = office_now(0).isoformat()
        told = dict.fromkeys((*RECEIPT, *PROOF), "") | {"id": row["id"], "received_at": at}
        if refused:
            return told | {"status": "refused", "type": "refused", "detail": "not taken"}
        receipt = msgspec.json.encode({"id": row["id"], "case": row["case"], "received_at": at})
        signed = sign_receipt(202, receipt, headers_of(row), self._key, nonce=row["id"])
        return signed_row(told | {"status": "accepted"}, receipt, signed)
