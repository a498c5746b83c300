"""Indexes: of an employer the permit granted last, which says its name; of a permit who looked at it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NAME, OLD = "ix_permit_region_employer_code", "ix_permit_region_employer_code_old"


def upgrade() -> None:
    """Older versions find employers by the new index too, and keep writing both tables."""
    op.execute(f"ALTER INDEX {NAME} RENAME TO {OLD}")
    op.create_index(NAME, "permit", ["region", "employer_code", "granted_at"])
    op.drop_index(OLD, "permit")
    op.create_index(
        "ix_audit_permit", "audit", ["region", "subject", "id"], postgresql_where=sa.text("action = 'permit'")
    )
    op.execute("COMMENT ON COLUMN letter.kind IS 'as in letters.kinds.TITLES'")
