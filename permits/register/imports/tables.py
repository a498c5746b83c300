"""What is kept of a file from the old system: that it was read, and its rows until all of them are in the register."""

from sqlalchemy import Column, ForeignKeyConstraint, Integer, LargeBinary, String, Table

from permits.db.metadata import instant, metadata, region, sealed

register_import = Table(
    "register_import",
    metadata,
    region(),
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of the file's bytes"),
    Column("name", String, nullable=False),
    Column("rows", Integer, nullable=False),
    instant("begun_at"),
    instant("done_at", nullable=True),
    comment="Files of the old system, by their bytes; done_at is set by the transaction that wrote their permits.",
)

register_import_row = Table(
    "register_import_row",
    metadata,
    region(),
    Column("digest", LargeBinary, primary_key=True),
    Column("row", Integer, primary_key=True, comment="as the file numbers it"),
    sealed("entry"),
    ForeignKeyConstraint(
        ["region", "digest"], ["register_import.region", "register_import.digest"], name="fk_register_import_row_file"
    ),
    comment="Checked rows on their way into the register; gone once they are in it.",
)
