"""Agencies: evidence in a chain, what was put aside, shared breakers, books compared, answers in their stead."""

import datetime as dt

import sqlalchemy as sa
from alembic import op

from migrations.shapes import distribute

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def _instant(name: str, *, nullable: bool = False, comment: str | None = None) -> sa.Column[dt.datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, comment=comment)


def _evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="place in the city's chain: 1, 2, 3 …"),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        _instant("at", comment="office time"),
        sa.Column("entry", sa.LargeBinary(), nullable=False, comment="JSON, the exact bytes that the chain holds"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the message's exact bytes, sealed"),
        sa.Column("reply", sa.LargeBinary(), nullable=True, comment="receipt or problem, exact bytes, sealed"),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="SHA-256(previous, seq: 8 bytes, SHA-256(entry))"),
        sa.PrimaryKeyConstraint("region", "seq", name=op.f("pk_evidence")),
        comment="Each message in and out as it was signed, each entry chained to the one before. Append only.",
    )
    op.create_index("ix_evidence_case", "evidence", ["region", "case_id", "seq"], unique=False)
    op.create_index("ix_evidence_message", "evidence", ["region", "message_id"], unique=False)
    distribute("evidence", append_only=True)


def _chain() -> None:
    op.create_table(
        "chain",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_chain")),
        comment="The last link of each city's evidence.",
    )
    distribute("chain")
    op.create_table(
        "chain_check",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="verified up to here"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("broken", sa.BigInteger(), nullable=True, comment="the first entry that does not hold"),
        sa.Column("problem", sa.String(), nullable=True),
        _instant("at", comment="machine time"),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_chain_check")),
    )
    distribute("chain_check")


def _quarantine() -> None:
    op.create_table(
        "quarantine",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="what the other side, or we, said against it"),
        _instant("since", comment="office time"),
        _instant("created_at", comment="machine time"),
        sa.Column("state", sa.String(), nullable=False, comment="open or settled"),
        _instant("settled_at", nullable=True, comment="office time"),
        sa.Column("settled_by", sa.Uuid(), nullable=True, comment="empty: it settled itself, taken at a later try"),
        sa.Column("settled_name", sa.String(), nullable=True),
        sa.Column("how", sa.String(), nullable=True, comment="resent, mended, by-hand or taken"),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("replaced_by", sa.Uuid(), nullable=True, comment="the message sent in its place"),
        sa.PrimaryKeyConstraint("region", "message_id", name=op.f("pk_quarantine")),
        comment="Messages that were refused for good, either way (dead letters), and what a person did about each.",
    )
    op.create_index("ix_quarantine_state", "quarantine", ["region", "state", "since"], unique=False)
    op.create_index("ix_quarantine_case", "quarantine", ["region", "case_id"], unique=False)
    distribute("quarantine")


def _columns() -> None:
    op.add_column("agency", _instant("breaker_since", nullable=True, comment="machine time of the breaker's state"))
    op.add_column("agency", sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="in a row"))
    op.add_column("agency", _instant("retry_at", nullable=True, comment="machine time of the next call while open"))
    op.add_column("message", _instant("doubt_since", nullable=True, comment="a try ended without an answer"))
    op.add_column("message", sa.Column("asked", sa.Uuid(), nullable=True, comment="the status-request about it"))


def _reconciliation() -> None:
    op.create_table(
        "reconciliation",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True, comment="empty: the nightly run"),
        _instant("started_at", comment="office time"),
        _instant("finished_at", nullable=True, comment="office time"),
        sa.Column("cases", sa.Integer(), server_default="0", nullable=False, comment="cases covered"),
        sa.Column("checks", sa.Integer(), server_default="0", nullable=False, comment="comparisons made"),
        sa.Column("differences", sa.Integer(), server_default="0", nullable=False, comment="found by this run"),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the run could not cover everything"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_reconciliation")),
        comment="Runs of the comparison of books (对账).",
    )
    op.create_index("ix_reconciliation_agency", "reconciliation", ["region", "agency", "id"], unique=False)
    distribute("reconciliation")
    op.create_table(
        "difference",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=False, comment="the run that found it first"),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("case_number", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("ours", sa.String(), nullable=True, comment="what we believe; never personal data"),
        sa.Column("theirs", sa.String(), nullable=True, comment="what they believe"),
        _instant("found_at", comment="office time"),
        sa.Column("seen_in", sa.Uuid(), nullable=False, comment="the last run that still found it"),
        sa.Column("state", sa.String(), nullable=False, comment="open or settled"),
        _instant("settled_at", nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True, comment="empty: gone at a later run"),
        sa.Column("settled_name", sa.String(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["region", "run_id"], ["reconciliation.region", "reconciliation.id"], name="fk_difference_run"
        ),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_difference")),
    )
    op.create_index(
        "uq_difference_open",
        "difference",
        ["region", "agency", "case_number", "field"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    distribute("difference")


def _stand_in() -> None:
    op.create_table(
        "stand_in",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False, comment="becomes the message's id"),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="the answer as JSON, sealed"),
        sa.Column("file_id", sa.Uuid(), nullable=True, comment="the scanned paper"),
        sa.Column("digest", sa.String(), nullable=True, comment="SHA-256 of the scan, hexadecimal"),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_name", sa.String(), nullable=False),
        _instant("proposed_at", comment="office time"),
        sa.Column("state", sa.String(), nullable=False, comment="proposed, confirmed or rejected"),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_name", sa.String(), nullable=True),
        _instant("decided_at", nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_stand_in_two_people")),
        sa.ForeignKeyConstraint(["region", "case_id"], ["cases.region", "cases.id"], name="fk_stand_in_case"),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_stand_in")),
        comment="Paper answers of an agency, entered by one person and confirmed by another.",
    )
    op.create_index("ix_stand_in_case", "stand_in", ["region", "case_id"], unique=False)
    distribute("stand_in")


def upgrade() -> None:
    _evidence()
    _chain()
    _quarantine()
    _columns()
    _reconciliation()
    _stand_in()
