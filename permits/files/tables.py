"""The table of uploaded documents; their bytes lie in storage."""

from sqlalchemy import Column, Index, Integer, SmallInteger, String, Table, Uuid

from permits.db.metadata import instant, key, metadata, region, sealed

file = Table(
    "file",
    metadata,
    region(),
    key(),
    Column("case_id", Uuid, nullable=False),
    Column("kind", String, nullable=False, comment="the document it is of"),
    sealed("name"),
    Column("media", String, nullable=False),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("pages", SmallInteger, nullable=False),
    Column("digest", String, nullable=False, comment="SHA-256, hexadecimal"),
    instant("received_at"),
    Column("uploaded_by", Uuid, nullable=False),
    Column("status", String, nullable=False, comment="current or replaced"),
    Index("ix_file_case", "region", "case_id", "kind"),
)
