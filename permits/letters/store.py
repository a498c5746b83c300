"""The questions asked about letters, one function each. Sealed bytes go in and come out as they are."""

import uuid
from collections.abc import Iterable

import asyncpg
from sqlalchemy import Uuid, any_, bindparam, insert, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.db.statements import statement
from permits.letters.model import Issued
from permits.letters.tables import letter, letter_counter

_ABOUT = (letter.c.id, letter.c.case_id, letter.c.kind, letter.c.ordinal, letter.c.number, letter.c.digest,
          letter.c.issued_at, letter.c.permit_id)  # fmt: skip
_HERE = letter.c.region == bindparam("region")

_KEEP = statement(insert(letter))
_OF_CASE = statement(
    select(*_ABOUT).where(_HERE, letter.c.case_id == bindparam("case_id")).order_by(letter.c.issued_at, letter.c.id)
)
_OF_CASES = statement(
    select(*_ABOUT)
    .where(_HERE, letter.c.case_id == any_(bindparam("case_ids", type_=ARRAY(Uuid))))
    .order_by(letter.c.issued_at, letter.c.id)
)
_OF_PERMITS = statement(
    select(*_ABOUT)
    .where(_HERE, letter.c.permit_id == any_(bindparam("permit_ids", type_=ARRAY(Uuid))))
    .order_by(letter.c.issued_at, letter.c.id)
)
_ABOUT_ONE = statement(select(*_ABOUT).where(_HERE, letter.c.id == bindparam("id")))
_SEALED_PDF = statement(select(letter.c.pdf).where(_HERE, letter.c.id == bindparam("id")))
_FOUND = statement(
    select(*_ABOUT).where(
        _HERE,
        (letter.c.case_id == bindparam("case_id", type_=Uuid))
        | (letter.c.permit_id == bindparam("permit_id", type_=Uuid)),
        letter.c.kind == bindparam("kind"),
        letter.c.ordinal == bindparam("ordinal"),
    )
)
_first = upsert(letter_counter).values(
    region=bindparam("region"), kind=bindparam("kind"), year=bindparam("year"), last=1
)
_NEXT = statement(
    _first.on_conflict_do_update(
        index_elements=["region", "kind", "year"], set_={"last": letter_counter.c.last + 1}
    ).returning(letter_counter.c.last)
)


async def next_ordinal(tx: asyncpg.Connection, region: str, kind: str, year: int) -> int:
    """The next number of a kind and year in a city, without gaps: it is given back if the transaction fails."""
    return int(await _NEXT.value(tx, region=region, kind=kind, year=year))


async def keep(tx: asyncpg.Connection, region: str, issued: Issued, pdf: bytes, facts: bytes) -> None:
    """Write a letter with its sealed bytes."""
    await _KEEP.run(
        tx, region=region, id=issued.id, case_id=issued.case_id, permit_id=issued.permit_id, kind=issued.kind,
        ordinal=issued.ordinal, number=issued.number, digest=issued.digest, pdf=pdf, facts=facts,
        issued_at=issued.issued_at,
    )  # fmt: skip


async def letters_of_case(tx: asyncpg.Connection, region: str, case_id: uuid.UUID) -> list[Issued]:
    """The letters of a case, oldest first, without their bytes."""
    return await _OF_CASE.structs(tx, Issued, region=region, case_id=case_id)


async def letters_of_cases(
    tx: asyncpg.Connection, region: str, case_ids: Iterable[uuid.UUID | None]
) -> dict[uuid.UUID, list[Issued]]:
    """The letters of several cases, by case, oldest first, without their bytes."""
    found: dict[uuid.UUID, list[Issued]] = {case_id: [] for case_id in case_ids if case_id is not None}
    for one in await _OF_CASES.structs(tx, Issued, region=region, case_ids=list(found)):
        if one.case_id is not None:
            found[one.case_id].append(one)
    return found


async def letters_of_permits(tx: asyncpg.Connection, region: str, permit_ids: Iterable[uuid.UUID]) -> list[Issued]:
    """The letters of some permits that no case led to, oldest first, without their bytes."""
    return await _OF_PERMITS.structs(tx, Issued, region=region, permit_ids=list(permit_ids))


async def letter_by_id(tx: asyncpg.Connection, region: str, letter_id: uuid.UUID) -> Issued | None:
    """One letter, without its bytes."""
    return next(iter(await _ABOUT_ONE.structs(tx, Issued, region=region, id=letter_id)), None)


async def letter_of_kind(
    tx: asyncpg.Connection, region: str, case_id: uuid.UUID | None, kind: str, ordinal: int,
    permit_id: uuid.UUID | None = None,
) -> Issued | None:  # fmt: skip
    """The first, second … letter of a kind in a case, or of a permit, if it was issued."""
    of = {"case_id": case_id, "permit_id": permit_id}
    found = await _FOUND.structs(tx, Issued, region=region, kind=kind, ordinal=ordinal, **of)
    return next(iter(found), None)


async def sealed_pdf(tx: asyncpg.Connection, region: str, letter_id: uuid.UUID) -> bytes | None:
    """The letter's PDF as it lies in the database, sealed."""
    found: bytes | None = await _SEALED_PDF.value(tx, region=region, id=letter_id)
    return found
