"""The life of a permit: versions with all they said, electronic licences, corrections, cases about a permit held."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import distribute

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

FACTS = (
    "category", "nationality", "sex", "industry", "district", "employer_code", "employer_name", "position",
    "position_kind", "permit_kind", "valid_from", "valid_until", "ended_on", "end_kind",
)  # fmt: skip


def _json(name: str, **how: object) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), **how)  # type: ignore[arg-type]


def _permit() -> None:
    comment = "identifier of the electronic licence in its latest version (GB/T 36904)"
    op.add_column("permit", sa.Column("licence", sa.String(), nullable=True, comment=comment))
    op.add_column("permit", _json("stretches", nullable=False, server_default="[]"))
    op.alter_column("permit", "stretches", server_default=None)
    comment = "the last day whose passing stands in the history"
    op.add_column("permit", sa.Column("expiry_noted", sa.Date(), nullable=True, comment=comment))
    op.create_index(
        "ix_permit_to_expire",
        "permit",
        ["region", "valid_until"],
        unique=False,
        postgresql_where=sa.text("ended_on IS NULL AND expiry_noted IS DISTINCT FROM valid_until"),
    )


def _history() -> None:
    """What a version said is known of those recorded so far: only endings came after a grant."""
    table = "permit_history"
    op.add_column(table, sa.Column("decider", sa.String(), nullable=False, server_default=""))
    op.add_column(table, sa.Column("decider_id", sa.Uuid(), nullable=True))
    comment = "of a correction: who proposed it"
    op.add_column(table, sa.Column("proposer", sa.String(), nullable=False, server_default="", comment=comment))
    comment = "identifier of the electronic licence that this version is (GB/T 36904)"
    op.add_column(table, sa.Column("licence", sa.String(), nullable=True, comment=comment))
    op.add_column(table, _json("facts", nullable=True))
    op.add_column(table, sa.Column("holder", sa.LargeBinary(), nullable=True))
    said = ", ".join(f"'{name}', p.{name}" for name in FACTS)
    granted = 'h.facts || \'{"ended_on": null, "end_kind": null}\''
    op.execute(
        f"UPDATE permit_history h SET facts = jsonb_build_object({said}), holder = p.holder FROM permit p "  # noqa: S608
        "WHERE p.region = h.region AND p.id = h.permit_id"
    )
    op.execute(f"UPDATE permit_history h SET facts = {granted} WHERE h.kind = 'granted'")  # noqa: S608
    for name in ("facts", "holder"):
        op.alter_column(table, name, nullable=False)
    for name in ("decider", "proposer"):
        op.alter_column(table, name, server_default=None)


def _corrections() -> None:
    op.create_table(
        "register_correction",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("permit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "permit_version", sa.Integer(), nullable=False, comment="the version that was seen when it was proposed"
        ),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("reasons", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposer", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled", sa.String(), nullable=True, comment="confirmed or dropped"),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settler", sa.String(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["region", "permit_id"],
            ["permit.region", "permit.id"],
            name=op.f("fk_register_correction_region_permit_id"),
        ),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_register_correction")),
        comment="Registration errors that somebody found, and whether another person confirmed what is right.",
    )
    op.create_index(
        "ix_register_correction_region_permit_id", "register_correction", ["region", "permit_id"], unique=False
    )
    distribute("register_correction")


def _cases() -> None:
    op.add_column("cases", _json("permit", nullable=False, server_default="{}"))
    op.alter_column("cases", "permit", server_default=None)
    op.add_column("cases", _json("held", nullable=True))


def upgrade() -> None:
    """Add what the life of a permit needs."""
    _permit()
    _history()
    _corrections()
    _cases()
