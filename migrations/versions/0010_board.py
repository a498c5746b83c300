"""Agencies watched over: reasons as keys, changes of a circuit, whole passes over the evidence, their lists."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import distribute

revision = "0010"
down_revision = "0007"
branch_labels = None
depends_on = None


def _column(table: str, name: str, kind: sa.types.TypeEngine[object], comment: str, **how: object) -> None:
    op.add_column(table, sa.Column(name, kind, comment=comment, **{"nullable": True} | how))  # type: ignore[arg-type]


def _reasons() -> None:
    _column("quarantine", "reason_key", sa.String(), "why, as a word of permits/routing/why.py; empty: see reason")
    _column("quarantine", "reason_detail", postgresql.JSONB(astext_type=sa.Text()), "what the sentence is filled with")


def _circuits() -> None:
    op.create_table(
        "breaker_log",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="machine time"),
        sa.Column("state", sa.String(), nullable=False, comment="closed, half-open or open, from then on"),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_breaker_log")),
        comment="Each change of an agency's circuit. Append only.",
    )
    op.create_index("ix_breaker_log_agency", "breaker_log", ["region", "agency", "at"], unique=False)
    distribute("breaker_log", append_only=True)


def _passes() -> None:
    instant = sa.DateTime(timezone=True)
    _column("chain_check", "began_at", instant, "machine time at which this pass began at the first entry")
    _column("chain_check", "ended_at", instant, "machine time at which all was last found to hold, to the end")
    _column("chain_check", "ended_seq", sa.BigInteger(), "the last entry then")


def _lists() -> None:
    table = "reconciliation"
    _column(table, "listed", sa.Integer(), "cases of theirs listed so far; empty: they have not listed any")
    _column(table, "list_page", sa.Integer(), "the page to ask for next", nullable=False, server_default="1")
    _column(table, "list_after", sa.String(), "where that page begins, in their words")
    _column(table, "list_ended", sa.Boolean(), "no further page is asked for", nullable=False, server_default="false")
    _column(table, "list_problem", sa.Text(), "why their list is not whole")


def upgrade() -> None:
    _reasons()
    _circuits()
    _passes()
    _lists()
