"""As known then in a big city: sums where single days meet whole years, and the office's day of recording in a column.

Adding the column locks the ledger and writes it anew, some seconds for each million of its rows.
The table `ledger_tail`, empty since 0013, goes.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SINGLE = {
    "c": "category", "n": "nationality", "s": "sex", "a": "age_band", "i": "industry", "d": "district",
    "p": "position_kind", "k": "permit_kind", "x": "cause",
}  # fmt: skip
RECORDED_ON = "(recorded AT TIME ZONE 'Asia/Shanghai')::date"
YEAR = "make_date(extract(year FROM {})::integer, 1, 1)"


def _sum(by: str, name: str, cell: str, known: str, effective: str) -> None:
    op.execute(
        f"""
        INSERT INTO ledger_total (region, by, cell, known, effective, a, b, delta, persons)
        SELECT region, '{by}', '{cell}', {known}, {effective}, {name}, '',
            sum(delta)::integer, sum(persons)::integer
        FROM ledger GROUP BY region, 4, 5, 6
        RETURNING region
        """  # noqa: S608 -- our own words
    )


def _column() -> None:
    day = sa.Computed(RECORDED_ON, persisted=True)
    comment = "the office's day, as a column because row-level security lets no index of an expression be used"
    op.add_column("ledger", sa.Column("recorded_on", sa.Date(), day, nullable=False, comment=comment))


def _indexes() -> None:
    op.drop_index(op.f("ix_ledger_region_effective_recorded"), "ledger")
    op.drop_index(op.f("ix_ledger_region_recorded_effective"), "ledger")
    op.create_index(
        op.f("ix_ledger_region_effective_recorded_on"),
        "ledger",
        ["region", "effective", "recorded_on"],
        postgresql_include=["delta", "persons", *SINGLE.values(), "employer_code"],
    )
    op.create_index(op.f("ix_ledger_region_recorded_on_effective"), "ledger", ["region", "recorded_on", "effective"])


def upgrade() -> None:
    _column()
    _indexes()
    for by, name in SINGLE.items():
        _sum(by, name, "yd", YEAR.format("recorded_on"), "effective")
        _sum(by, name, "dy", "recorded_on", YEAR.format("effective"))
    op.drop_table("ledger_tail")
