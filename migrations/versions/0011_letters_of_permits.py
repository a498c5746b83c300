"""Letters of decisions that no case led to: the window cancels a permit of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A letter belongs to a case, or to a permit."""
    op.alter_column("letter", "case_id", nullable=True)
    comment = "of a decision that no case led to: the permit it is about"
    op.add_column("letter", sa.Column("permit_id", sa.Uuid(), nullable=True, comment=comment))
    op.create_check_constraint(op.f("ck_letter_subject"), "letter", "(case_id IS NULL) <> (permit_id IS NULL)")
    op.create_index("uq_letter_permit_kind", "letter", ["region", "permit_id", "kind", "ordinal"], unique=True)
