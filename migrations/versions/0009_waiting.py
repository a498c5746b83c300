"""What is written to the ledger waits, packed, to be entered and summed: what was not summed yet goes there.

What an older version still writes after this is in the ledger and misses the sums: `permits ledger rebuild` takes it
in. Its table `ledger_tail` stays for it, empty, until a later migration.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import APP, distribute

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

PACKED = """
    permit_id, effective, delta, persons, cause, category, nationality, sex, age_band, industry, district,
    employer_code, position_kind, permit_kind
"""
UNSUMMED = "EXISTS (SELECT FROM ledger_tail t WHERE t.region = ledger.region AND t.id = ledger.id)"


def _table() -> None:
    op.create_table(
        "ledger_waiting",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_ledger_waiting")),
        comment="Written to the ledger, not entered and summed yet: a row a write, see permits/register/waiting.py.",
    )
    distribute("ledger_waiting", append_only=True)
    op.execute(f"GRANT DELETE ON ledger_waiting TO {APP}")


def _move() -> None:
    op.execute("LOCK TABLE ledger_tail IN SHARE ROW EXCLUSIVE MODE")
    op.execute(
        f"""
        INSERT INTO ledger_waiting (region, id, person_id, recorded, entries)
        SELECT region, gen_random_uuid(), person_id, recorded, jsonb_object_agg(id::text, jsonb_build_array({PACKED}))
        FROM ledger WHERE {UNSUMMED} GROUP BY region, person_id, recorded
        """  # noqa: S608 -- our own words
    )
    op.execute(f"DELETE FROM ledger WHERE {UNSUMMED}")  # noqa: S608 -- our own words
    op.execute("DELETE FROM ledger_tail")


def upgrade() -> None:
    _table()
    _move()
