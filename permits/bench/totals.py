"""The sums of a synthetic ledger, added up by DuckDB and copied: what `permits ledger rebuild` makes, sooner.

A test holds the two against each other; nothing but measurements uses it.
"""

from collections.abc import Iterator

import duckdb

from permits.register.figures import CELLS, FIGURES, Figure
from permits.register.rebuilding import SOURCES

COLUMNS = ("region", "by", "cell", "known", "effective", "a", "b", "delta", "persons")
_PERIODS = {
    "*": "DATE '0001-01-01'",
    "l": "make_date(year({0}) - year({0}) % 5, 1, 1)",
    "y": "make_date(year({0}), 1, 1)",
    "m": "make_date(year({0}), month({0}), 1)",
    "t": "make_date(year({0}), month({0}), least(day({0}) - (day({0}) - 1) % 10, 21))",
    "d": "{0}",
}
_ROWS = f"""
    CREATE TEMP TABLE entries AS
    SELECT recorded_on AS known, effective, {_PERIODS["t"].format("recorded_on")} AS known_t,
        {_PERIODS["t"].format("effective")} AS effective_t, * EXCLUDE (recorded_on, effective)
    FROM ledger
"""  # noqa: S608 -- our own words


def added_up(peer: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """For each figure a query that gives its sums, to be read before the next one is asked for."""
    peer.execute(_ROWS)
    for figure in FIGURES:
        _sum_up(peer, figure)
        yield "SELECT '321200', * FROM sums ORDER BY cell, known, effective, a, b"
    peer.execute("DROP TABLE sums; DROP TABLE entries")


def _sum_up(peer: duckdb.DuckDBPyConnection, figure: Figure) -> None:
    peer.execute(
        "CREATE OR REPLACE TEMP TABLE sums (code VARCHAR, cell VARCHAR, known DATE, effective DATE, a VARCHAR,"
        " b VARCHAR, delta INTEGER, persons INTEGER)"
    )
    for cell, source in SOURCES.items():
        if CELLS[cell] > figure.level:
            continue
        kept = source and CELLS[source] <= figure.level
        known, effective = (_period(grain, name, bool(kept)) for grain, name in zip(cell, _DAYS, strict=True))
        a, b = ("a", "b") if kept else (*figure.columns, "''")[:2]
        rows = f"FROM sums WHERE cell = '{source}'" if kept else "FROM entries"
        peer.execute(
            f"INSERT INTO sums SELECT '{figure.code}', '{cell}', {known}, {effective}, {a}, {b}, sum(delta), sum(delta)"
            f" {rows} GROUP BY ALL"
        )


_DAYS = ("known", "effective")


def _period(grain: str, name: str, kept: bool) -> str:
    return f"{name}_t" if grain == "t" and not kept else _PERIODS[grain].format(name)
