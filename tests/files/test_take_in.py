"""A document is taken in, written down in its case, and replaced without losing the first."""

import uuid
from pathlib import Path

import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import BadInput, NotFound
from permits.files import service
from permits.files.model import Upload
from permits.files.storage import Storage, open_storage
from tests.files import uploads

REGION = "321200"


@pytest.fixture
def storage(tmp_path: Path, keys: Keys) -> Storage:
    return open_storage("", tmp_path, keys)


async def taken(storage: Storage, name: str = "莱娜的合同.pdf") -> Upload:
    return await service.take_in(storage, REGION, uploads.pdf(2), name, ("pdf",), 10_000_000)


async def written(database: Database, keys: Keys, upload: Upload, case_id: uuid.UUID) -> None:
    async with database.transaction(REGION) as tx:
        await service.record(
            tx, keys, REGION, upload, case_id=case_id, kind="contract", uploaded_by=new_id(), received_at=clock.now()
        )


async def test_a_document_is_written_down_with_its_name_sealed(
    database: Database, keys: Keys, storage: Storage
) -> None:
    case_id, upload = new_id(), await taken(storage)
    await written(database, keys, upload, case_id)
    async with database.transaction(REGION) as tx:
        line = await service.find(tx, keys, REGION, upload.id)
        raw = await tx.fetchval("SELECT name FROM file WHERE region = $1 AND id = $2", REGION, upload.id)
    assert (line.name, line.pages, line.media, line.status) == ("莱娜的合同.pdf", 2, "application/pdf", "current")
    assert "莱娜".encode() not in raw


async def test_a_second_document_of_a_kind_replaces_the_first_which_stays(
    database: Database, keys: Keys, storage: Storage
) -> None:
    case_id = new_id()
    for name in ("first.pdf", "second.pdf"):
        await written(database, keys, await taken(storage, name), case_id)
    async with database.transaction(REGION) as tx:
        lines = await service.of_case(tx, keys, REGION, case_id)
    assert [(line.name, line.status) for line in lines] == [("first.pdf", "replaced"), ("second.pdf", "current")]


async def test_a_page_of_a_stored_document_is_shown(database: Database, keys: Keys, storage: Storage) -> None:
    case_id, upload = new_id(), await taken(storage)
    await written(database, keys, upload, case_id)
    async with database.transaction(REGION) as tx:
        line = await service.find(tx, keys, REGION, upload.id)
    assert (await service.page_picture(storage, REGION, line, 2, 300)).startswith(b"\x89PNG")


async def test_a_refused_document_is_not_stored(storage: Storage, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        await service.take_in(storage, REGION, b"MZ", "contract.pdf", ("pdf",), 10_000_000)
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_a_document_of_another_city_is_not_found(database: Database, keys: Keys, storage: Storage) -> None:
    upload = await taken(storage)
    await written(database, keys, upload, new_id())
    async with database.transaction("320100") as tx:
        with pytest.raises(NotFound):
            await service.find(tx, keys, "320100", upload.id)
