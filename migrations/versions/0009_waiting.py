"""What is written to the ledger waits, packed, to be entered and summed; sums of thirds of a month and of five years.

What was not summed yet goes to what waits; what was is summed by the new periods too. What an older version still
writes after this is in the ledger and misses the sums: `permits ledger rebuild` takes it in. Its table `ledger_tail`
stays for it, empty, until a later migration.
"""

import re
from itertools import combinations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.shapes import APP, distribute

revision = "0009"
down_revision = "0012"
branch_labels = None
depends_on = None

PACKED = """
    permit_id, effective, delta, persons, cause, category, nationality, sex, age_band, industry, district,
    employer_code, position_kind, permit_kind
"""
UNSUMMED = "EXISTS (SELECT FROM ledger_tail t WHERE t.region = ledger.region AND t.id = ledger.id)"
SINGLE = {
    "c": "category", "n": "nationality", "s": "sex", "a": "age_band", "i": "industry", "d": "district",
    "p": "position_kind", "k": "permit_kind", "x": "cause",
}  # fmt: skip
PAIRS = {a + b: (SINGLE[a], SINGLE[b]) for a, b in combinations((code for code in SINGLE if code != "x"), 2)}
RECORDED_ON = "(recorded AT TIME ZONE 'Asia/Shanghai')::date"
PERIODS = {
    "*": "DATE '0001-01-01'",
    "l": "make_date(year - year % 5, 1, 1)",
    "y": "make_date(year, 1, 1)",
    "m": "make_date(year, month, 1)",
    "t": "make_date(year, month, least(nth - (nth - 1) % 10, 21))",
}
DERIVED = (("tm", "tt"), ("ty", "tt"), ("mt", "tt"), ("yt", "tt"), ("*t", "tt"), ("*l", "*t"))


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


def _period(grain: str, day: str) -> str:
    found = PERIODS[grain]
    for name, part in (("year", "year"), ("month", "month"), ("nth", "day")):
        found = re.sub(rf"\b{name}\b", f"extract({part} FROM {day})::integer", found)
    return found


def _sum(by: str, cell: str, source: str, days: tuple[str, str], values: tuple[str, str]) -> None:
    known, effective = (_period(grain, day) for grain, day in zip(cell, days, strict=True))
    op.execute(
        f"""
        INSERT INTO ledger_total (region, by, cell, known, effective, a, b, delta, persons)
        SELECT region, '{by}', '{cell}', {known}, {effective}, {values[0]}, {values[1]},
            sum(delta)::integer, sum(persons)::integer
        FROM {source} GROUP BY 1, 4, 5, 6, 7
        """  # noqa: S608 -- our own words
    )


def _sums() -> None:
    ledger = (RECORDED_ON, "effective")
    _sum("e", "*l", "ledger", ledger, ("employer_code", "''"))
    for by, name in SINGLE.items():
        _sum(by, "tt", "ledger", ledger, (name, "''"))
    for by, pair in PAIRS.items():
        _sum(by, "*t", "ledger", ledger, pair)
    for by in (*SINGLE, *PAIRS):
        for cell, finer in DERIVED if by in SINGLE else DERIVED[-1:]:
            totals = f"ledger_total WHERE by = '{by}' AND cell = '{finer}'"
            _sum(by, cell, totals, ("known", "effective"), ("a", "b"))


def _index() -> None:
    """What counts read of a day of effect, side by side."""
    op.drop_index(op.f("ix_ledger_region_effective_recorded"), "ledger")
    op.create_index(
        op.f("ix_ledger_region_effective_recorded"),
        "ledger",
        ["region", "effective", "recorded"],
        postgresql_include=["delta", "persons", *SINGLE.values(), "employer_code"],
    )


def upgrade() -> None:
    _table()
    _move()
    _index()
    _sums()
