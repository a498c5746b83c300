"""Saved views, exports, reports, and files of the old system on their way in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import distribute

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _saved_view() -> None:
    op.create_table(
        "saved_view",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False, comment="as its owner named it"),
        sa.Column("address", sa.String(), nullable=False, comment="path and query of a figures page"),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_saved_view")),
        comment="Figures a person looks at again, by name.",
    )
    op.create_index("uq_saved_view_name", "saved_view", ["region", "account_id", "name"], unique=True)
    distribute("saved_view")


def _export() -> None:
    op.create_table(
        "export",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False, comment="whoever fetched it, as named then"),
        sa.Column("kind", sa.String(), nullable=False, comment="count, permits, report, register, cases"),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("as_known_on", sa.Date(), nullable=True),
        sa.Column("asked", postgresql.JSONB(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Boolean(), nullable=False, comment="small counts were left out"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_export")),
        comment="Every file of figures or permits that left the office. Append only.",
    )
    op.create_index("ix_export_at", "export", ["region", "at"])
    distribute("export", append_only=True)


def _report() -> None:
    op.create_table(
        "report",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="month, year"),
        sa.Column("until", sa.Date(), nullable=False, comment="the last day reported on"),
        sa.Column("edition", sa.SmallInteger(), nullable=False, comment="from 1; a later one corrects, none replaces"),
        sa.Column("facts", postgresql.JSONB(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False, comment="byte for byte as issued"),
        sa.Column("digest", sa.String(), nullable=False, comment="SHA-256 of the PDF, hexadecimal"),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_report")),
        comment="Reports as issued, with what was known then. Append only.",
    )
    op.create_index("uq_report_edition", "report", ["region", "kind", "until", "edition"], unique=True)
    distribute("report", append_only=True)


def _register_import() -> None:
    op.create_table(
        "register_import",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the file's bytes"),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "digest", name=op.f("pk_register_import")),
        comment="Files of the old system, by their bytes; done_at is set by the transaction that wrote their permits.",
    )
    distribute("register_import")
    op.create_table(
        "register_import_row",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False, comment="as the file numbers it"),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["region", "digest"],
            ["register_import.region", "register_import.digest"],
            name="fk_register_import_row_file",
        ),
        sa.PrimaryKeyConstraint("region", "digest", "row", name=op.f("pk_register_import_row")),
        comment="Checked rows on their way into the register; gone once they are in it.",
    )
    distribute("register_import_row")


def upgrade() -> None:
    _saved_view()
    _export()
    _report()
    _register_import()
