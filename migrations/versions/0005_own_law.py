"""The office's own entries of the law, and the days on which a clock stood still.

Both are safe while the version before runs: it reads neither, and a clock it writes has stood on no day so far.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import reference

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "law_entry",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False, comment="a table of the law, such as calendar"),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("loaded_by", sa.Uuid(), nullable=True, comment="empty: the operator, on the command line"),
        sa.Column("by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_law_entry")),
        comment="Entries of the law that the office loaded; of one kind and key the newest is in force. Append only.",
    )
    reference("law_entry", append_only=True)
    op.add_column("clock", sa.Column("pauses", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.create_index(
        "ix_event_deadline_moved", "event", ["region", "at"], postgresql_where=sa.text("kind = 'deadline-moved'")
    )
