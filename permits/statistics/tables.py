"""What managers keep: views they named, files that left the office, reports as issued. None of it holds a person."""

from sqlalchemy import Boolean, Column, Date, Index, Integer, LargeBinary, SmallInteger, String, Table, Uuid

from permits.db.metadata import document, instant, key, metadata, region

saved_view = Table(
    "saved_view",
    metadata,
    region(),
    key(),
    Column("account_id", Uuid, nullable=False),
    Column("name", String, nullable=False, comment="as its owner named it"),
    Column("address", String, nullable=False, comment="path and query of a figures page"),
    instant("saved_at"),
    Index("uq_saved_view_name", "region", "account_id", "name", unique=True),
    comment="Figures a person looks at again, by name.",
)

export = Table(
    "export",
    metadata,
    region(),
    key(),
    Column("account_id", Uuid, nullable=False),
    Column("name", String, nullable=False, comment="whoever fetched it, as named then"),
    Column("kind", String, nullable=False, comment="count, permits, report, register, cases"),
    Column("format", String, nullable=False),
    Column("on", Date, nullable=False),
    Column("as_known_on", Date),
    document("asked"),
    Column("rows", Integer, nullable=False),
    Column("suppressed", Boolean, nullable=False, comment="small counts were left out"),
    instant("at"),
    Index("ix_export_at", "region", "at"),
    comment="Every file of figures or permits that left the office. Append only.",
)

report = Table(
    "report",
    metadata,
    region(),
    key(),
    Column("kind", String, nullable=False, comment="month, year"),
    Column("until", Date, nullable=False, comment="the last day reported on"),
    Column("edition", SmallInteger, nullable=False, comment="from 1; a later one corrects, none replaces"),
    document("facts"),
    Column("pdf", LargeBinary, nullable=False, comment="byte for byte as issued"),
    Column("digest", String, nullable=False, comment="SHA-256 of the PDF, hexadecimal"),
    instant("known_at"),
    Column("account_id", Uuid, nullable=False),
    Column("issued_by", String, nullable=False),
    Index("uq_report_edition", "region", "kind", "until", "edition", unique=True),
    comment="Reports as issued, with what was known then. Append only.",
)
