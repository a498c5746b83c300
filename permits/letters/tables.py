"""Tables of the letters: each kept as the bytes that were issued, and the counters of their numbers."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, SmallInteger, String, Table, Uuid

from permits.db.metadata import instant, key, metadata, region, sealed

letter = Table(
    "letter",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid),
    Column("permit_id", Uuid, comment="of a decision that no case led to: the permit it is about"),
    Column("kind", String, nullable=False, comment="as in letters.kinds.TITLES"),
    Column("ordinal", SmallInteger, nullable=False, comment="first, second … letter of this kind in the case"),
    Column("number", String, nullable=False, comment="the document's number; of a permit, the permit's"),
    Column("digest", String, nullable=False, comment="SHA-256 of the PDF, hexadecimal"),
    sealed("pdf"),
    sealed("facts"),
    instant("issued_at"),
    Index("uq_letter_case_kind", "region", "case_id", "kind", "ordinal", unique=True),
    Index("uq_letter_permit_kind", "region", "permit_id", "kind", "ordinal", unique=True),
    CheckConstraint("(case_id IS NULL) <> (permit_id IS NULL)", name="subject"),
    Index("ix_letter_number", "region", "number"),
)
"""Append-only: a letter that was issued is never changed; a mistake gets a letter of its own."""

letter_counter = Table(
    "letter_counter",
    metadata,
    region(),
    Column("kind", String, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False, comment="the last number given"),
)
