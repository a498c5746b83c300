"""Indexes for who looked at figures and for ratings: few rows among many others of their tables."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

LOOKS = (
    "statistics", "list-permits", "list-cases", "export-statistics", "export-permits", "export-report",
    "export-register", "export-cases",
)  # fmt: skip


def upgrade() -> None:
    """Two partial indexes; both tables only grow, and old versions keep writing them."""
    looks = ", ".join(f"'{name}'" for name in LOOKS)
    op.create_index(
        "ix_audit_figures", "audit", ["region", "id"], unique=False, postgresql_where=sa.text(f"action IN ({looks})")
    )
    op.create_index(
        "ix_event_rated", "event", ["region", "at"], unique=False, postgresql_where=sa.text("kind = 'bureau-rating'")
    )
