"""A synthetic register of any size, skewed like life: made by DuckDB, brought into PostgreSQL by COPY as its owner.

Nobody in it is anybody. Endings come late, birthdays cross age bands, a few countries, employers and trades have most.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import duckdb

from permits.bench import totals
from permits.register.figures import CODES, FIGURES
from permits.register.tables import COUNTED
from permits.rules.nationality import NATIONALITIES

TODAY = "DATE '2026-11-24'"
CHUNK = 500_000
"""Rows a file."""
_LOOSE = """
    TRUNCATE permit, ledger, ledger_total CASCADE;
    ALTER TABLE permit DROP CONSTRAINT fk_permit_region_person_id, DROP CONSTRAINT uq_permit_region_verification_code,
        DROP CONSTRAINT uq_permit_region_case_id, DROP CONSTRAINT pk_permit CASCADE;
    ALTER TABLE ledger DROP CONSTRAINT pk_ledger;
    DROP INDEX ix_permit_region_number, ix_permit_region_person_id, ix_permit_region_valid_until,
        ix_permit_region_employer_code, ix_permit_employing, ix_permit_altered,
        ix_ledger_region_effective_recorded_on, ix_ledger_region_permit_id,
        ix_ledger_region_recorded_on_effective;
    ALTER TABLE ledger_total DROP CONSTRAINT pk_ledger_total
"""
"""What would only slow the filling; what questions need is made again after it."""
_FIRM = """
    CREATE INDEX ON ledger (region, effective, recorded_on) INCLUDE ({counted});
    CREATE INDEX ON ledger (region, recorded_on, effective);
    CREATE INDEX ON ledger (region, permit_id);
    CREATE UNIQUE INDEX ON permit (region, id);
    ALTER TABLE ledger_total ADD PRIMARY KEY (region, by, cell, known, effective, a, b)
"""
_PEOPLE = """
    CREATE TABLE people AS
    WITH drawn AS (
        SELECT i, random() AS r1, random() AS r2, random() AS r3, random() AS r4, random() AS r5, random() AS r6,
            random() AS r7, random() AS r8, random() AS r9
        FROM range({count}) t(i)
    ), placed AS (
        SELECT *, CASE WHEN r1 < 0.12 THEN 'A' WHEN r1 < 0.87 THEN 'B' ELSE 'C' END AS category,
            DATE '2016-01-04' + CAST(3970 * r2 ** 0.8 AS INTEGER) AS valid_from,
            DATE '1955-01-01' + CAST(18250 * (r3 + r4) / 2 AS INTEGER) AS born
        FROM drawn
    ), timed AS (
        SELECT *, CAST(365 * CASE category WHEN 'A' THEN 1 + floor(5 * r5) WHEN 'B' THEN 1 + floor(2 * r5) ELSE 1 END
            AS INTEGER) AS days
        FROM placed
    )
    SELECT i, category, {countries}[1 + CAST(floor({most_countries} * r6 ** 3) AS INTEGER)] AS nationality,
        CASE WHEN r7 < 0.7 THEN 'M' ELSE 'F' END AS sex,
        substr('CPMIFGLKHENADBOQRSJ', 1 + CAST(floor(19 * r8 ** 2) AS INTEGER), 1) AS industry,
        (['321202', '321283', '321282', '321203', '321281', '321204'])[1 + CAST(floor(6 * r9 ** 1.5) AS INTEGER)]
            AS district,
        printf('9132%014d', CAST(floor({employers} * r8 * r9 ** 2) AS BIGINT)) AS employer_code,
        (['technical', 'managerial', 'teaching', 'skilled', 'other'])[1 + CAST(floor(5 * r4 ** 2) AS INTEGER)]
            AS position_kind,
        (['issue-in-china', 'issue-abroad', 'short-term'])[1 + CAST(floor(3 * r3 ** 2) AS INTEGER)] AS permit_kind,
        born - CAST(day(born) - least(day(born), 28) AS INTEGER) AS born,
        valid_from, CAST(valid_from + days - 1 AS DATE) AS valid_until,
        least(valid_from - CAST(2 + 18 * r9 AS INTEGER), {today}) AS granted_on,
        CASE WHEN r7 < 0.18 THEN valid_from + CAST(1 + (days - 2) * r6 AS INTEGER) END AS ended_on,
        CASE WHEN r8 < 0.9 THEN 'cancelled' WHEN r8 < 0.97 THEN 'revoked' ELSE 'withdrawn-by-authority' END AS end_kind,
        greatest(valid_from - 1, valid_from + CAST(1 + (days - 2) * r6 + 120 * r5 ** 4 - 9 AS INTEGER)) AS ended_known
    FROM timed;
    UPDATE people SET ended_on = NULL WHERE ended_known > {today} OR ended_known < granted_on;
    UPDATE people SET end_kind = NULL, ended_known = NULL WHERE ended_on IS NULL
"""
_BAND = """
    CASE WHEN born + INTERVAL 61 YEAR <= {day} THEN '61+' WHEN born + INTERVAL 56 YEAR <= {day} THEN '56-60'
        WHEN born + INTERVAL 46 YEAR <= {day} THEN '46-55' WHEN born + INTERVAL 26 YEAR <= {day} THEN '26-45'
        WHEN born + INTERVAL 18 YEAR <= {day} THEN '18-25' ELSE '0-17' END
"""
_LEDGER = """
    CREATE TABLE ledger AS
    WITH birthdays AS (
        SELECT people.*, CAST(born + INTERVAL (age) YEAR AS DATE) AS cut
        FROM people, (VALUES (18), (26), (46), (56), (61)) ages(age)
        WHERE CAST(born + INTERVAL (age) YEAR AS DATE) > valid_from
            AND CAST(born + INTERVAL (age) YEAR AS DATE) <= valid_until
    ), rows AS (
        SELECT *, valid_from AS effective, granted_on AS recorded_on, 1 AS delta, 'granted' AS cause, valid_from AS aged
        FROM people
        UNION ALL
        SELECT *, valid_until + 1, granted_on, -1, 'expired', valid_until FROM people
        UNION ALL
        SELECT * EXCLUDE (cut, sign), cut, granted_on, sign, 'birthday', CAST(cut - (sign < 0)::INTEGER AS DATE)
        FROM birthdays, (VALUES (1), (-1)) signs(sign)
        UNION ALL
        SELECT *, ended_on, ended_known, -1, end_kind, ended_on - 1 FROM people WHERE ended_on IS NOT NULL
        UNION ALL
        SELECT *, valid_until + 1, ended_known, 1, 'expired', valid_until FROM people WHERE ended_on IS NOT NULL
        UNION ALL
        SELECT * EXCLUDE (cut, sign), cut, ended_known, -sign, 'birthday', CAST(cut - (sign < 0)::INTEGER AS DATE)
        FROM birthdays, (VALUES (1), (-1)) signs(sign) WHERE ended_on IS NOT NULL AND cut >= ended_on
    )
    SELECT i, effective, recorded_on, delta, cause, {band} AS age_band, {plain} FROM rows ORDER BY recorded_on, i
"""
_PERMIT = """
    SELECT '321200', '00000000-0000-7000-8000-' || (100000000000 + i), '00000000-0000-7000-9000-' || (100000000000 + i),
        printf('321200%09d', i), 1, category, nationality, sex, industry, district, employer_code, '示例', '示例',
        position_kind, permit_kind, valid_from, valid_until, ended_on, end_kind, printf('3212-%016d', i),
        CAST(granted_on AS VARCHAR) || 'T02:00:00Z', '\\x00', '[]'
    FROM people WHERE i >= {first} AND i < {end}
"""
PERMIT_COLUMNS = (
    "region", "id", "person_id", "number", "version", "category", "nationality", "sex", "industry", "district",
    "employer_code", "employer_name", "position", "position_kind", "permit_kind", "valid_from", "valid_until",
    "ended_on", "end_kind", "verification_code", "granted_at", "holder",
    "stretches",
)  # fmt: skip
_PLAIN = tuple(name for name in CODES if name not in ("age_band", "cause"))
_ROWS = """
    SELECT '321200', '00000000-0000-7000-a000-' || (100000000000 + rowid),
        '00000000-0000-7000-8000-' || (100000000000 + i), '00000000-0000-7000-9000-' || (100000000000 + i),
        effective, CAST(recorded_on AS VARCHAR) || 'T02:00:00Z', delta, delta, cause, age_band, {plain}
    FROM ledger WHERE rowid >= {first} AND rowid < {end}
"""
LEDGER_COLUMNS = (
    "region", "id", "permit_id", "person_id", "effective", "recorded", "delta", "persons", "cause", "age_band", *_PLAIN
)  # fmt: skip


def bar(title: str, done: int, of: int) -> None:
    """Show how far something long is, on standard error; the last step ends the line."""
    filled = 30 * done // of
    sys.stderr.write(f"\r{title:34} [{'#' * filled}{'.' * (30 - filled)}] {100 * done // of:3d} %")
    sys.stderr.write("\n" if done == of else "")
    sys.stderr.flush()


def drawn(folder: Path, count: int) -> duckdb.DuckDBPyConnection:
    """So many permits and their ledger in a DuckDB of its own."""
    peer = duckdb.connect(str(folder / f"{count}.duckdb"))
    peer.execute("SET memory_limit = '6GB'; SET preserve_insertion_order = true")
    peer.execute("SET threads = 1; SELECT setseed(0.42)")
    countries = list(NATIONALITIES)[:150]
    sizes = {"count": count, "employers": max(count // 5, 20), "most_countries": len(countries)}
    peer.execute(_PEOPLE.format(countries=countries, today=TODAY, **sizes))
    bar(f"{count:,} permits drawn", 1, 2)
    peer.execute("RESET threads")
    peer.execute(_LEDGER.format(band=_BAND.format(day="aged"), plain=", ".join(_PLAIN)))
    bar(f"{count:,} permits drawn", 2, 2)
    return peer


async def filled(peer: duckdb.DuckDBPyConnection, owner: asyncpg.Connection, count: int) -> None:
    """Bring the register into PostgreSQL, which is spared its log, and sum up its ledger; nothing else stays there."""
    await owner.execute("SET work_mem = '512MB'; SET maintenance_work_mem = '1GB'")
    async with owner.transaction():
        await owner.execute(_LOOSE)
        await copied(peer, owner, count, freeze=True)
        for done, query in enumerate(totals.added_up(peer), 1):
            await _copied(peer, owner, "ledger_total", totals.COLUMNS, query, freeze=True)
            bar(f"{count:,} permits summed up", done, len(FIGURES))
    firm = [*_FIRM.format(counted=", ".join(COUNTED)).split(";"), "VACUUM (ANALYZE)"]
    for done, text in enumerate(firm, 1):
        await owner.execute(text)
        bar(f"{count:,} permits made firm", done, len(firm))


async def copied(
    peer: duckdb.DuckDBPyConnection, owner: asyncpg.Connection, count: int, *, freeze: bool = False
) -> None:
    """Bring the register into PostgreSQL, nothing else; `freeze` where its tables were emptied in this transaction."""
    ((entries,),) = peer.execute("SELECT count(*) FROM ledger").fetchall()
    copies = [
        *_copies("permit", PERMIT_COLUMNS, _PERMIT, count),
        *_copies("ledger", LEDGER_COLUMNS, _ROWS, entries),
    ]
    for done, (table, columns, query) in enumerate(copies, 1):
        await _copied(peer, owner, table, columns, query, freeze=freeze)
        bar(f"{count:,} permits copied", done, len(copies))


def _copies(table: str, columns: tuple[str, ...], query: str, count: int) -> Iterator[tuple[str, tuple[str, ...], str]]:
    for first in range(0, count, CHUNK):
        yield table, columns, query.format(first=first, end=first + CHUNK, plain=", ".join(_PLAIN))


async def _copied(
    peer: duckdb.DuckDBPyConnection,
    owner: asyncpg.Connection,
    table: str,
    columns: tuple[str, ...],
    query: str,
    *,
    freeze: bool,
) -> None:
    with tempfile.NamedTemporaryFile(suffix=".csv") as file:
        peer.execute(f"COPY ({query}) TO '{file.name}' (HEADER false)")
        source = {"source": file.name, "format": "csv", "freeze": freeze}
        await owner.copy_to_table(table, columns=columns, timeout=3600, **source)
