"""The bare database: pgbench sending, as the application's role, the very statements that our data layer sent.

A real submission is recorded and written down as a pgbench script: what differs from case to case comes out of the
statement that reads the case, all else is passed on as it was. pgbench can count but not spell our numbers, so its
cases are numbered plainly.
"""

import asyncio
import datetime as dt
import shutil
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from asyncpg.connection import LoggedQuery
from sqlalchemy import update

from permits.bench import drafts
from permits.bench.ground import Ground, Unmeasurable
from permits.cases import service
from permits.cases.model import Case
from permits.cases.store import BEFORE_SUBMIT, ID, REGION, bind
from permits.cases.tables import cases
from permits.cases.writing import CHANGE
from permits.db.database import Database
from permits.db.statements import Statement, statement
from permits.processes import tail

FIRST = 10_000_000
"""The plain number before the first of pgbench's cases."""
SAMPLES = 1
"""So many cases are submitted to be recorded."""

_NUMBERED = statement(
    update(cases).where(cases.c.region == REGION, cases.c.id == ID).values(number=bind("new_number", cases.c.number))
)
_OF_THE_CASE = {
    "number": ":i",
    "key": ":i",
    "id": ":c_id",
    "event_id": ":c_id",
    "audit_id": ":c_id",
    "audit_subject": ":c_number",
    "remember_key": ":i",
}
"""The parameters that differ from case to case, and the pgbench variable that each is. Ids are unique in each table."""

_TURN = "\\if :left = 0\n\\shell echo ready\n\\setshell left head -n 1\n\\endif\n\\set left :left - 1\n\\set i :i + 1\n"
"""Before each case: when its turn is over, pgbench says so, and waits until it is told how many come next."""


class Recorded(msgspec.Struct, frozen=True):
    """What one submission sent in its transaction."""

    read: Sequence[Any]
    """The parameters of BEFORE_SUBMIT, in their order."""
    write: Sequence[Any]
    """The parameters of CHANGE."""


class Bare:
    """pgbench, one client."""

    name = "pgbench"

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log

    def pids(self) -> list[int]:
        """pgbench itself; its server is counted with the database."""
        return [self._process.pid]

    async def ready(self) -> None:
        """Wait until its turn is over. Unmeasurable where pgbench ended."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if line.strip() == b"ready":
                return
        raise Unmeasurable(f"pgbench ended:\n{tail(self._log)}")

    async def run(self, count: int) -> None:
        """Submit so many cases."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n".encode())
        await self.ready()

    async def end(self) -> None:
        """Let pgbench go."""
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()


async def started(ground: Ground, database: Database, count: int) -> Bare:
    """pgbench, connected and waiting, with so many cases to submit."""
    sample, *its = await drafts.made(ground, database, count + SAMPLES)
    recorded = await _recorded(ground, database, sample)
    await _renumber(database, its)
    script, constants = _script(ground.region, recorded)
    (ground.folder / "submit.sql").write_text(script)
    log = ground.folder / "pgbench.log"
    bare = Bare(await _spawned(ground, constants, log, count), log)
    await bare.ready()
    return bare


async def _recorded(ground: Ground, database: Database, case: Case) -> Recorded:
    sent: dict[str, Sequence[Any]] = {}

    def note(query: LoggedQuery) -> None:
        sent[query.query] = query.args

    async with database.transaction(ground.region) as tx:
        with tx.query_logger(note):
            await service.submit(
                tx,
                ground.office,
                ground.account,
                ground.region,
                case.row.number,
                key=str(uuid.uuid4()),
                request=bytes(32),
                lang="zh",
            )
        await asyncio.sleep(0)  # asyncpg calls its loggers from the loop
    return Recorded(sent[BEFORE_SUBMIT.sql], sent[CHANGE.sql])


async def _renumber(database: Database, its: Sequence[Case]) -> None:
    rows = [
        {"region": case.row.region, "id": case.row.id, "new_number": str(number)}
        for number, case in enumerate(its, FIRST + 1)
    ]
    async with database.transaction(its[0].row.region) as tx:
        await _NUMBERED.many(tx, rows)


def _script(region: str, recorded: Recorded) -> tuple[str, dict[str, str]]:
    """The script, and the values of the variables that stay as they are."""
    read, given = _written(BEFORE_SUBMIT, recorded.read, "r")
    write, more = _written(CHANGE, recorded.write, "w")
    lines = ["BEGIN;", f"SET LOCAL app.region = '{region}';", f"{read} \\gset c_", f"{write};", "COMMIT;"]
    return _TURN + "\n".join(lines) + "\n", given | more


def _written(what: Statement, arguments: Sequence[Any], prefix: str) -> tuple[str, dict[str, str]]:
    """A statement with pgbench's variables in the place of its parameters, and the constant ones of these."""
    sql, constants = what.sql, {}
    for at, name in reversed(list(enumerate(what.names, 1))):
        variable = _OF_THE_CASE.get(name)
        value = arguments[at - 1]
        if variable is None and value is None:
            variable = "NULL"
        if variable is None:
            variable, constants[f"{prefix}{at}"] = f":{prefix}{at}", _text(value)
        sql = sql.replace(f"${at}::", f"{variable}::")
    return sql, constants


def _text(value: Any) -> str:
    """A value as PostgreSQL reads it."""
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, (list, dict)):
        return msgspec.json.encode(value).decode()
    return value.isoformat() if isinstance(value, (dt.date, dt.datetime)) else str(value)


async def _spawned(ground: Ground, constants: dict[str, str], log: Path, count: int) -> asyncio.subprocess.Process:
    settings = [f"-D{name}={value}" for name, value in {"left": "0", "i": str(FIRST), **constants}.items()]
    command = [_program(ground), "-n", "-M", "prepared", "-c", "1", "-t", str(count + 1)]
    with log.open("wb") as out:
        return await asyncio.create_subprocess_exec(
            *command,
            *settings,
            *("-f", str(ground.folder / "submit.sql"), ground.url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=out,
        )


def _program(ground: Ground) -> str:
    ours = ground.server.programs / "bin" / "pgbench"
    found = str(ours) if ours.exists() else shutil.which("pgbench")
    if found is None:
        raise Unmeasurable("pgbench is missing: install it (Debian: postgresql-client, with contrib), then try again.")
    return found
