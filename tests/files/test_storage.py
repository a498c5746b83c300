"""Documents lie encrypted, bound to their city and id, and come back byte for byte."""

import uuid
from pathlib import Path

import pytest

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import Unavailable
from permits.files.storage import Storage, open_storage

REGION = "321200"


@pytest.fixture
def storage(tmp_path: Path, keys: Keys) -> Storage:
    return open_storage("", tmp_path, keys)


def objects(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


async def test_a_document_comes_back_as_it_was(storage: Storage) -> None:
    file_id = new_id()
    await storage.put(REGION, file_id, b"%PDF-1.7 words")
    assert await storage.get(REGION, file_id) == b"%PDF-1.7 words"


async def test_a_document_lies_encrypted_under_its_city_and_year(storage: Storage, tmp_path: Path) -> None:
    file_id = uuid.UUID("01943a5b-0000-7000-8000-000000000000")  # made in January 2025
    await storage.put(REGION, file_id, b"%PDF-1.7 words")
    (kept,) = objects(tmp_path)
    assert kept.relative_to(tmp_path / "files") == Path(REGION, "2025", str(file_id))
    assert b"words" not in kept.read_bytes()


async def test_a_document_of_another_id_or_a_changed_one_is_not_handed_out(storage: Storage, tmp_path: Path) -> None:
    first, second = new_id(), new_id()
    await storage.put(REGION, first, b"first")
    (kept,) = objects(tmp_path)
    kept.with_name(str(second)).write_bytes(kept.read_bytes())
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x00")
    for file_id in (first, second):
        with pytest.raises(Unavailable):
            await storage.get(REGION, file_id)


async def test_a_document_that_is_not_there_says_so(storage: Storage) -> None:
    with pytest.raises(Unavailable):
        await storage.get(REGION, new_id())


async def test_a_document_is_deleted_and_again_without_error(storage: Storage, tmp_path: Path) -> None:
    file_id = new_id()
    await storage.put(REGION, file_id, b"x")
    await storage.delete(REGION, file_id)
    await storage.delete(REGION, file_id)
    assert objects(tmp_path) == []


async def test_storage_by_url_keeps_documents_too(tmp_path: Path, keys: Keys) -> None:
    storage = open_storage(f"file://{tmp_path}", tmp_path, keys)
    file_id = new_id()
    await storage.put(REGION, file_id, b"x")
    assert await storage.get(REGION, file_id) == b"x"
