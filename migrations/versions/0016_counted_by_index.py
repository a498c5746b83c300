"""Indexes: of cases by decision, of permits by last day with what a count of employers reads, altered ones apart."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    decided = sa.text("decided_at IS NOT NULL")
    op.create_index("ix_cases_decided", "cases", ["region", "decided_at"], postgresql_where=decided)
    op.create_index(
        "ix_permit_employing",
        "permit",
        ["region", "valid_until"],
        postgresql_include=["valid_from", "ended_on", "employer_code"],
        postgresql_where=sa.text("stretches = '[]'::jsonb"),
    )
    altered = sa.text("stretches <> '[]'::jsonb")
    op.create_index("ix_permit_altered", "permit", ["region", "valid_until"], postgresql_where=altered)
