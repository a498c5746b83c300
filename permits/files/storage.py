"""Where documents lie: a folder or an S3 bucket, encrypted before they get there. It knows ids, never names."""

import uuid
from pathlib import Path

from obstore.exceptions import BaseError
from obstore.exceptions import NotFoundError as Missing
from obstore.store import LocalStore, ObjectStore, from_url

from permits.db.crypto import Keys
from permits.errors import Unavailable
from permits.i18n import Text

_AWAY = Text(
    "存放材料的地方暂时连不上。刚才的文件没有保存，请稍后再传；已经保存的都在。",
    "Document storage is away for a moment. This file was not saved; try again shortly. All that was saved is safe.",
)
_LOST = Text(
    "这份材料暂时取不出来，系统管理员已能看到。请稍后再试。",
    "This document cannot be fetched at the moment; the operators can see it. Try again later.",
)


class Storage:
    """Encrypted documents by region and id, under `region/year/id`."""

    def __init__(self, store: ObjectStore, keys: Keys) -> None:
        self._store, self._keys = store, keys

    async def put(self, region: str, file_id: uuid.UUID, data: bytes) -> None:
        """Keep a document. Raises Unavailable where storage is away: nothing was kept then."""
        sealed = self._keys.seal(data, _context(region, file_id))
        try:
            await self._store.put_async(_path(region, file_id), sealed)
        except (BaseError, OSError) as error:
            raise Unavailable(_AWAY) from error

    async def get(self, region: str, file_id: uuid.UUID) -> bytes:
        """The document again. Raises Unavailable where it is missing, or was changed since it was put."""
        try:
            found = await self._store.get_async(_path(region, file_id))
            sealed = bytes(await found.bytes_async())
            return self._keys.open(sealed, _context(region, file_id))
        except (BaseError, OSError, ValueError) as error:
            raise Unavailable(_LOST) from error

    async def delete(self, region: str, file_id: uuid.UUID) -> None:
        """Take a document away; one that is not there is no error."""
        try:
            await self._store.delete_async(_path(region, file_id))
        except (Missing, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable(_AWAY) from error


def open_storage(url: str, data: Path, keys: Keys) -> Storage:
    """The storage at a URL (such as s3://bucket/prefix, its keys from the environment), or in data/files if empty."""
    if url:
        return Storage(from_url(url), keys)
    return Storage(LocalStore(data.absolute() / "files", mkdir=True), keys)


def _path(region: str, file_id: uuid.UUID) -> str:
    """By the year the id was made in (UUIDv7 begins with its milliseconds), so that a year can be archived as one."""
    year = 1970 + (file_id.int >> 80) // 31_556_952_000
    return f"{region}/{year}/{file_id}"


def _context(region: str, file_id: uuid.UUID) -> bytes:
    return b"file:" + region.encode() + file_id.bytes
