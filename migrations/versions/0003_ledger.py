"""Sums of the ledger: what is not summed yet, the sums, and how both stand. What the ledger holds waits to be summed.

Rows that an older version still writes after this miss the sums: `permits ledger rebuild` takes them in.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import distribute

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = (
    "category", "nationality", "sex", "age_band", "industry", "district", "position_kind", "permit_kind",
    "employer_code", "cause",
)  # fmt: skip


def _tail() -> None:
    op.create_table(
        "ledger_tail",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("recorded_on", sa.Date(), nullable=False, comment="the office's day"),
        sa.Column("delta", sa.SmallInteger(), nullable=False),
        sa.Column("persons", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in COLUMNS),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("pk_ledger_tail")),
        comment="The ledger's rows that ledger_total does not hold yet; written with them, taken away when summed.",
    )
    distribute("ledger_tail")


def _total() -> None:
    by = "by what: a letter a column, see permits/register/figures.py"
    cell = "grain of the recorded and the effective day: y, m, d, * any"
    op.create_table(
        "ledger_total",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False, comment=by),
        sa.Column("cell", sa.String(), nullable=False, comment=cell),
        sa.Column("known", sa.Date(), nullable=False, comment="first day of the year or month of recording"),
        sa.Column("effective", sa.Date(), nullable=False, comment="first day of the year or month of effect"),
        sa.Column("a", sa.String(), nullable=False, comment="the value"),
        sa.Column("b", sa.String(), nullable=False, comment="the second value of a pair, else empty"),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "by", "cell", "known", "effective", "a", "b", name=op.f("pk_ledger_total")),
        comment="Sums of the ledger's rows: permits and persons more or fewer, by value, by both periods.",
    )
    distribute("ledger_total")


def _state() -> None:
    op.create_table(
        "ledger_state",
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("summed_at", sa.DateTime(timezone=True)),
        sa.Column("checked_at", sa.DateTime(timezone=True)),
        sa.Column("checked_on", sa.Date(), comment="the office's day of the last recount"),
        sa.Column("figures", sa.Integer(), comment="how many figures the last recount compared"),
        sa.Column("differences", postgresql.JSONB()),
        sa.PrimaryKeyConstraint("region", name=op.f("pk_ledger_state")),
        comment="When the ledger was summed last, and what the last recount found; its row is the lock of both.",
    )
    distribute("ledger_state")


def upgrade() -> None:
    _tail()
    _total()
    _state()
    same = ["region", "id", "effective", "delta", "persons", *COLUMNS]
    ledger = sa.table("ledger", *map(sa.column, same))
    tail = sa.table("ledger_tail", *map(sa.column, [*same, "recorded_on"]))
    day = sa.cast(sa.func.timezone("Asia/Shanghai", sa.column("recorded")), sa.Date)
    op.execute(sa.insert(tail).from_select([*same, "recorded_on"], sa.select(*ledger.c, day).select_from(ledger)))
    op.create_index(op.f("ix_ledger_region_recorded_effective"), "ledger", ["region", "recorded", "effective"])
    op.create_index(op.f("ix_ledger_region_permit_id"), "ledger", ["region", "permit_id"])
    amended = sa.text("kind IN ('extended', 'changed', 'replaced')")
    op.create_index("ix_permit_history_amended", "permit_history", ["region", "effective"], postgresql_where=amended)
