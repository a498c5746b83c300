"""Employers' names at once: of each employer the permit granted last is found by the index alone."""

from alembic import op

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

NAME, OLD = "ix_permit_region_employer_code", "ix_permit_region_employer_code_old"


def upgrade() -> None:
    op.execute(f"ALTER INDEX {NAME} RENAME TO {OLD}")
    op.create_index(NAME, "permit", ["region", "employer_code", "granted_at"])
    op.drop_index(OLD, "permit")
