"""Taking a document in: checked, put into storage, written down in its case.

Bytes go to storage before the row is written, so a row never points at nothing; what is left over by a failure
in between is an object without a row.
"""

import asyncio
import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from typing import Any

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import NotFound
from permits.files import store
from permits.files.check import check
from permits.files.model import FileKind, FileLine, Upload
from permits.files.preview import page_png
from permits.files.storage import Storage
from permits.i18n import Text


async def take_in(
    storage: Storage, region: str, data: bytes, filename: str, accepts: Collection[FileKind], max_bytes: int
) -> Upload:
    """Check a document and put it into storage, outside any transaction. Raises BadInput, TooLarge, Unavailable."""
    checked = await asyncio.to_thread(check, data, filename, accepts, max_bytes)
    upload = Upload(new_id(), len(data), checked)
    await storage.put(region, upload.id, data)
    return upload


async def record(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    upload: Upload,
    *,
    case_id: uuid.UUID,
    kind: str,
    uploaded_by: uuid.UUID,
    received_at: dt.datetime,
) -> None:
    """Write a document down in its case; an earlier one of the same kind stays, marked as replaced."""
    await store.replace_earlier(tx, region, case_id, kind)
    checked = upload.checked
    await store.add(
        tx, region=region, id=upload.id, case_id=case_id, kind=kind,
        name=keys.seal(checked.name.encode(), _context(region, upload.id)), media=checked.media, size=upload.size,
        pages=checked.pages, digest=checked.digest, received_at=received_at, uploaded_by=uploaded_by, status="current",
    )  # fmt: skip


async def find(tx: asyncpg.Connection, keys: Keys, region: str, file_id: uuid.UUID) -> FileLine:
    """A document without its bytes. Raises NotFound."""
    row = await store.file_by_id(tx, region, file_id)
    if row is None:
        raise NotFound(Text("没有这份材料。", "There is no such document."))
    return _line(keys, region, dict(row))


async def of_case(tx: asyncpg.Connection, keys: Keys, region: str, case_id: uuid.UUID) -> list[FileLine]:
    """The documents of a case, oldest first, replaced ones included."""
    return [_line(keys, region, dict(row)) for row in await store.files_of_case(tx, region, case_id)]


async def page_picture(storage: Storage, region: str, line: FileLine, page: int, width: int) -> bytes:
    """A page of a document (the first is 1) as PNG. Raises NotFound, Unavailable."""
    data = await storage.get(region, line.id)
    return await asyncio.to_thread(page_png, data, line.media, page, width)


def _line(keys: Keys, region: str, row: Mapping[str, Any]) -> FileLine:
    name = keys.open(row["name"], _context(region, row["id"])).decode()
    return msgspec.convert({**row, "name": name}, FileLine)


def _context(region: str, file_id: uuid.UUID) -> bytes:
    return b"file-name:" + region.encode() + file_id.bytes
