"""Measures taking over an old register: a file of invented rows, checked, put aside, written, and the memory it took.

A tenth of the permits ended early. How fast a machine is no test judges.
"""

import asyncio
import csv
import datetime as dt
import resource
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import xlsxwriter

from permits.bench.ground import laid
from permits.bench.synthetic import bar
from permits.db.database import Database
from permits.register.imports import load
from permits.register.imports.columns import COLUMNS
from permits.register.imports.sheet import Problem
from permits.rules.identifiers import check_character

TODAY = dt.date(2026, 1, 1)
EMPLOYERS = 50
ENDED = 10
"""One in so many ended early."""


class Cost(msgspec.Struct, frozen=True):
    """What a run cost."""

    rows: int
    seconds: dict[str, float]
    """By what was being done, waiting included."""
    cpu: dict[str, float]
    """The same, of this process' processor only."""
    peak_mb: int
    """The largest this process ever was."""


def main(rows: int, form: str) -> int:
    """Measure and print."""
    cost = measure(rows, form)
    took = ", ".join(f"{doing} {s:.1f} s ({cost.cpu[doing]:.1f} s of CPU)" for doing, s in cost.seconds.items())
    sys.stdout.write(f"{cost.rows:,} rows of {form.upper()}: {took}; {cost.peak_mb} MB at the most\n")
    return 0


def measure(rows: int, form: str = "xlsx") -> Cost:
    """Take over a file of so many invented rows on a database of its own."""
    with laid() as ground, tempfile.TemporaryDirectory(prefix="permits-bench-") as folder:
        path = Path(folder) / f"old.{form}"
        WRITE[form](path, rows)
        marks: dict[str, tuple[float, float]] = {}
        begun = time.perf_counter(), time.process_time()

        def tell(doing: str, done: int, of: int) -> None:
            marks[doing] = time.perf_counter(), time.process_time()
            bar(f"{rows:,} rows: {doing}", done, of or rows)

        async def run() -> load.Result:
            given = load.source(path, ground.region, TODAY)
            office = ground.office
            async with Database(ground.url) as database:
                return await load.take_over(
                    database, office.law, office.keys, given, write=True, hear=_refuse, tell=tell
                )

        found = asyncio.run(run())
    befores = [begun, *marks.values()]
    spent = {
        doing: (now[0] - was[0], now[1] - was[1]) for (doing, now), was in zip(marks.items(), befores, strict=False)
    }
    wall, cpu = ({doing: pair[n] for doing, pair in spent.items()} for n in (0, 1))
    return Cost(found.rows, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _refuse(problem: Problem) -> None:
    raise AssertionError(str(problem))


def _write_csv(path: Path, rows: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([column.title.zh for column in COLUMNS])
        for n in range(rows):
            row = _row(n)
            writer.writerow([row.get(column.field) for column in COLUMNS])


def _write_xlsx(path: Path, rows: int) -> None:
    with xlsxwriter.Workbook(path, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        sheet = book.add_worksheet("许可")
        sheet.write_row(0, 0, [column.title.zh for column in COLUMNS])
        for n in range(rows):
            row = _row(n)
            sheet.write_row(n + 1, 0, [row.get(column.field) for column in COLUMNS])


WRITE = {"xlsx": _write_xlsx, "csv": _write_csv}


def _row(n: int) -> dict[str, object]:
    """A permit of an invented person."""
    body = f"91321202MA{n % EMPLOYERS:07d}"
    first = dt.date(2023, 1, 1) + dt.timedelta(days=n % 365)
    ended = {"ended_on": first + dt.timedelta(days=200), "end_kind": "cancelled"} if n % ENDED == 0 else {}
    return {
        "passport": f"X{n:08d}",
        "surname": "MUSTERFELD",
        "given_names": f"ALICE {n}",
        "sex": "FM"[n % 2],
        "birth_date": dt.date(1960, 1, 1) + dt.timedelta(days=n % 14_000),
        "nationality": ("KOR", "JPN", "DEU", "USA")[n % 4],
        "category": "ABBBC"[n % 5],
        "employer_code": body + check_character(body),
        "employer_name": f"示例第{n % EMPLOYERS}公司",
        "industry": "CIMP"[n % 4],
        "district": ("321202", "321203", "321281")[n % 3],
        "position": "工程师",
        "position_kind": "technical",
        "permit_kind": "issue-in-china",
        "valid_from": first,
        "valid_until": first + dt.timedelta(days=729),
        "granted_on": first - dt.timedelta(days=7),
    } | ended
