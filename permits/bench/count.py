"""`permits bench count`: what a count of valid permits costs, from ten thousand permits to ten million.

Beside a plain scan of the same register and DuckDB over the same rows, in the same run; every answer is compared.
It measures on a server of its own and never touches a deployment.
"""

import asyncio
import datetime as dt
import os
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import asyncpg
import duckdb
import msgspec

from permits.bench import cpu, synthetic, writing
from permits.bench.ground import Unmeasurable
from permits.db import host, migrate
from permits.db.database import Database
from permits.db.embedded import Embedded, temporary
from permits.db.host import Unusable
from permits.statistics import service as statistics

T = TypeVar("T")
REGION = "321200"
ROUNDS, PEER_ROUNDS = 40, 5
FIRST_DAY, LAST_DAY = dt.date(2017, 1, 1), dt.date(2026, 11, 24)
VALID = "valid_from <= {on} AND valid_until >= {on} AND (ended_on IS NULL OR ended_on > {on})"
KNOWN = (
    "granted_on <= {known} AND valid_from <= {on} AND valid_until >= {on} "
    "AND (ended_on IS NULL OR ended_on > {on} OR ended_known > {known})"
)
"""Valid on a day by the permits themselves; as known on another day."""


class Question(msgspec.Struct, frozen=True):
    """One kind of question."""

    name: str
    by: tuple[str, ...]
    known: bool
    aim_ms: float | None
    """At ten million permits."""


QUESTIONS = (
    Question("category", ("category",), False, 3.5),
    Question("nationality", ("nationality",), False, 3.5),
    Question("district", ("district",), False, 3.5),
    Question("nationality, category", ("nationality", "category"), False, None),
    Question("as known, category", ("category",), True, 20),
    Question("as known, nationality", ("nationality",), True, 20),
)
Day = tuple[dt.date, dt.date | None]


class Measured(msgspec.Struct, frozen=True):
    """What one kind of question took, in milliseconds, middle of the rounds."""

    ours: float
    cpu: float
    """Of that the processors' part, ours and the database's, on the average."""
    scan: float
    duckdb: float
    wrong: int
    """Answers in which we and DuckDB differ."""


def main(permits: Sequence[int]) -> int:
    """Build, ask, print; 1 where an answer was wrong or this machine cannot measure."""
    try:
        if not cpu.is_countable():
            raise Unmeasurable("Only Linux tells what other processes spend.")
        with temporary() as server, tempfile.TemporaryDirectory(prefix="permits-bench-") as folder:
            found = asyncio.run(measured(server, Path(folder), permits))
        sys.stdout.write(table(found))
        with temporary(fast=False) as durable:
            sys.stdout.write(asyncio.run(writing.measured(durable)))
    except (Unusable, Unmeasurable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return int(any(one.wrong for kinds in found.values() for one in kinds.values()))


async def measured(server: Embedded, folder: Path, sizes: Sequence[int]) -> dict[int, dict[str, Measured]]:
    """What each kind of question took in a register of each size."""
    return {size: await _of_size(server, folder, size) for size in sizes}


async def _of_size(server: Embedded, folder: Path, size: int) -> dict[str, Measured]:
    name = f"bench_{size}"
    admin = await asyncpg.connect(server.url("permits_migrator", "postgres"))
    await admin.execute(f"CREATE DATABASE {name}")
    await asyncio.to_thread(migrate.upgrade, server.url("permits_migrator", name))
    owner = await asyncpg.connect(server.url("permits_migrator", name), command_timeout=None)
    with synthetic.drawn(folder, size) as peer:
        await synthetic.filled(peer, owner, size)
        async with Database(server.url("permits_app", name)) as database:
            found = {}
            for done, question in enumerate(QUESTIONS, 1):
                found[question.name] = await _asked(question, server, database, owner, peer)
                synthetic.bar(f"{size:,} permits asked", done, len(QUESTIONS))
            wrong = await writing.exact_while_summed(database, folder)
            found[QUESTIONS[0].name] = msgspec.structs.replace(
                found[QUESTIONS[0].name], wrong=found[QUESTIONS[0].name].wrong + wrong
            )
    await owner.close()
    await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await admin.close()
    return found


async def _asked(
    question: Question, server: Embedded, database: Database, owner: asyncpg.Connection, peer: duckdb.DuckDBPyConnection
) -> Measured:
    draw = random.Random(question.name)  # noqa: S311 -- questions, not secrets
    days = [_day(draw, question) for _ in range(ROUNDS)]
    async with database.transaction(REGION) as tx:
        for day in days[:8]:
            await _ours(tx, question, day)
        before = cpu.spent_ns([*host.working_in(server.cluster), os.getpid()])
        timed = [await _timed(_ours(tx, question, day)) for day in days]
        after = cpu.spent_ns([*host.working_in(server.cluster), os.getpid()])
    peers, scans, wrong = [], [], 0
    for day, (_, ours) in zip(days[:PEER_ROUNDS], timed, strict=False):
        query, given = _query(question, day)
        took, theirs = await _timed(asyncio.to_thread(_peer, peer, query, given))
        peers.append(took)
        wrong += ours != {tuple(row[:-1]): row[-1] for row in theirs}
        scans.append((await _timed(_scanned(owner, question, day)))[0])
    spent = cpu.between_ns(before, after) / len(days) / 1e6
    return Measured(median(took for took, _ in timed), spent, median(scans), median(peers), wrong)


def _day(draw: random.Random, question: Question) -> Day:
    days = (LAST_DAY - FIRST_DAY).days
    on = FIRST_DAY + dt.timedelta(days=draw.randrange(days))
    return on, (FIRST_DAY + dt.timedelta(days=draw.randrange(days)) if question.known else None)


async def _timed(found: Awaitable[T]) -> tuple[float, T]:
    began = time.perf_counter()
    answer = await found
    return 1000 * (time.perf_counter() - began), answer


async def _ours(tx: asyncpg.Connection, question: Question, day: Day) -> dict[tuple[str, ...], int]:
    count = await statistics.valid_on(tx, REGION, *day, question.by)
    return {tuple(group.values[name] for name in question.by): group.count for group in count.groups}


def _query(question: Question, day: Day) -> tuple[str, dict[str, dt.date]]:
    columns = ", ".join(question.by)
    where = (KNOWN if question.known else VALID).format(on="$on", known="$known")
    given = {"on": day[0]} | ({"known": day[1]} if day[1] else {})
    return f"SELECT {columns}, count(*) FROM people WHERE {where} GROUP BY {columns}", given  # noqa: S608


def _peer(peer: duckdb.DuckDBPyConnection, query: str, given: dict[str, dt.date]) -> list[tuple[Any, ...]]:
    return peer.execute(query, given).fetchall()


async def _scanned(owner: asyncpg.Connection, question: Question, day: Day) -> Any:
    """The same by one look at every permit; as known then by one look at every row of the ledger."""
    columns = ", ".join(question.by)
    if day[1] is None:
        where = VALID.format(on="$1")
        return await owner.fetch(f"SELECT {columns}, count(*) FROM permit WHERE {where} GROUP BY {columns}", day[0])  # noqa: S608
    midnight = dt.datetime.combine(day[1] + dt.timedelta(days=1), dt.time(), dt.timezone(dt.timedelta(hours=8)))
    query = f"SELECT {columns}, sum(delta) FROM ledger WHERE effective <= $1 AND recorded < $2 GROUP BY {columns}"  # noqa: S608
    async with owner.transaction():
        await owner.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        return await owner.fetch(query, day[0], midnight)


def table(found: dict[int, dict[str, Measured]]) -> str:
    """What was measured, a block for each size."""
    titles = f"{'':24}" + "".join(
        f"{title:>10}" for title in ("ours", "its CPU", "scan", "DuckDB", "× scan", "wrong", "aim")
    )
    lines = ["Milliseconds a question, middle of the rounds; wrong: answers that differ from a look at every permit."]
    for size, kinds in found.items():
        lines += ["", f"{size:,} permits", titles, *(_line(one, kinds[one.name]) for one in QUESTIONS)]
    first, last = min(found), max(found)
    if first != last:
        grown = max(found[last][one.name].cpu / found[first][one.name].cpu for one in QUESTIONS if len(one.by) == 1)
        lines += [
            "",
            f"From {first:,} to {last:,} permits a count by one dimension takes {grown:.1f} times the CPU (≤ 4).",
        ]
    return "\n".join(lines) + "\n"


def _line(question: Question, one: Measured) -> str:
    aim = f"≤ {question.aim_ms:g}" if question.aim_ms else "< DuckDB"
    times = (f"{one.ours:.2f}", f"{one.cpu:.2f}", f"{one.scan:.1f}", f"{one.duckdb:.1f}")
    parts = (*times, f"{one.scan / one.ours:.0f}", str(one.wrong), aim)
    return f"{question.name:24}" + "".join(f"{part:>10}" for part in parts)
