"""Files that count only once they are whole: written beside, flushed to the disk, renamed; then a mark with the digest.

A full disk or a killed process leaves at most a file without a mark, which nobody reads and the next one replaces.
"""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from tempfile import NamedTemporaryFile

READY = ".ready"
MOST_BYTES = 64 * 1024 * 1024
MESSAGE = ("id", "schema", "case", "sequence", "kind", "content_digest", "signature_input", "signature", "envelope")
"""The columns of a batch: the first five for people; the envelope is the exact text that was signed."""
RECEIPT = ("id", "status", "received_at", "type", "detail")
"""The columns of a receipt file; the status is accepted or refused."""
PROOF = ("receipt", "content_digest", "signature_input", "signature")
"""Further columns of a receipt file whose accepted rows are signed: the exact text that was signed, and how."""


def write_whole(path: Path, data: bytes) -> None:
    """The file whole or not at all. Raises OSError where the disk is full or the folder is gone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as beside:
        try:
            beside.write(data)
            beside.flush()
            os.fsync(beside.fileno())
            os.replace(beside.name, path)
        except BaseException:
            Path(beside.name).unlink(missing_ok=True)
            raise
    _flush_folder(path.parent)


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def publish(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a CSV file (RFC 4180, UTF-8) and then its mark. Raises OSError; then the file does not count."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    data = text.getvalue().encode()
    write_whole(path, data)
    write_whole(path.with_name(path.name + READY), hashlib.sha256(data).hexdigest().encode())


def read(path: Path, columns: Sequence[str], further: Sequence[str] = ()) -> list[dict[str, str]] | None:
    """The rows of a file; None where it does not count: no mark yet, another digest, other columns, too large.

    `further` columns may stand behind the others, all of them or none.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            return None
        data = path.read_bytes()
        mark = path.with_name(path.name + READY).read_text("ascii").strip()
        if hashlib.sha256(data).hexdigest() != mark:
            return None
        reader = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
        rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error):
        return None
    known = (tuple(columns), (*columns, *further))
    if tuple(reader.fieldnames or ()) not in known or any(None in row or None in row.values() for row in rows):
        return None
    return rows


def whole_files(folder: Path) -> list[Path]:
    """The batches of a folder that have a mark, in the order of their names."""
    return sorted(path for path in folder.glob("*.csv") if path.with_name(path.name + READY).exists())
