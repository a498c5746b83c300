"""Issuing a letter: its number, its PDF, the row that keeps both. Once issued it is never made again or changed."""

import asyncio
import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Collection

import asyncpg
import msgspec

from permits.db.crypto import Keys
from permits.db.ids import new_id
from permits.errors import NotFound
from permits.i18n import Text
from permits.letters import store
from permits.letters.kinds import document_number
from permits.letters.model import Issued, Letter, Office, kind_of
from permits.letters.render import render

NO_LETTER = Text("没有这份文书。", "There is no such letter.")


async def take_number(tx: asyncpg.Connection, region: str, office: Office, kind: str, on: dt.date) -> str:
    """The next number for a letter of this kind; it is free again if the transaction fails."""
    return document_number(office, kind, on.year, await store.next_ordinal(tx, region, kind, on.year))


async def issue(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    case_id: uuid.UUID | None,
    letter: Letter,
    *,
    issued_at: dt.datetime,
    ordinal: int = 1,
    permit_id: uuid.UUID | None = None,
) -> Issued:
    """Make and keep a letter of a case, or of a permit that no case led to; a second call returns the first letter."""
    kind = kind_of(letter)
    if earlier := await store.letter_of_kind(tx, region, case_id, kind, ordinal, permit_id):
        return earlier
    pdf = await asyncio.to_thread(render, letter)
    digest = hashlib.sha256(pdf).hexdigest()
    issued = Issued(new_id(), case_id, kind, ordinal, letter.number, digest, issued_at, permit_id)
    context = _context(region, issued.id)
    sealed_facts = keys.seal(msgspec.json.encode(letter), context)
    await store.keep(tx, region, issued, keys.seal(pdf, context), sealed_facts)
    return issued


async def issue_numbered(
    tx: asyncpg.Connection,
    keys: Keys,
    region: str,
    case_id: uuid.UUID | None,
    build: Callable[[str], Letter],
    *,
    office: Office,
    kind: str,
    issued_at: dt.datetime,
    ordinal: int = 1,
    permit_id: uuid.UUID | None = None,
) -> Issued:
    """As `issue`, for a letter that gets its number here: `build` makes the letter from its number."""
    if earlier := await store.letter_of_kind(tx, region, case_id, kind, ordinal, permit_id):
        return earlier
    number = await take_number(tx, region, office, kind, issued_at.date())
    return await issue(
        tx, keys, region, case_id, build(number), issued_at=issued_at, ordinal=ordinal, permit_id=permit_id
    )


async def pdf_of(tx: asyncpg.Connection, keys: Keys, region: str, letter_id: uuid.UUID) -> bytes:
    """The letter's PDF, byte for byte as it was issued. Raises NotFound."""
    sealed = await store.sealed_pdf(tx, region, letter_id)
    if sealed is None:
        raise NotFound(NO_LETTER)
    return keys.open(sealed, _context(region, letter_id))


async def of_permit(
    tx: asyncpg.Connection, keys: Keys, region: str, permit_ids: Collection[uuid.UUID], letter_id: uuid.UUID
) -> tuple[Issued, bytes]:
    """A letter of one of some permits that no case led to, with its PDF. Raises NotFound."""
    found = await store.letter_by_id(tx, region, letter_id)
    if found is None or found.permit_id not in permit_ids:
        raise NotFound(NO_LETTER)
    return found, await pdf_of(tx, keys, region, letter_id)


def _context(region: str, letter_id: uuid.UUID) -> bytes:
    return b"letter:" + region.encode() + letter_id.bytes
