"""Takes over a register: everything is checked first, then all of it is written in one transaction, or nothing.

Rows are put aside sealed as they are checked, a thousand at a time, and all gone where one is wrong; so a run that was
interrupted while it wrote goes on without reading the file again. The register's own `grant_many` writes.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import asyncpg
import msgspec

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import Conflict
from permits.i18n import Text
from permits.register import service as register
from permits.register.imports import against, store
from permits.register.imports.columns import WANTED
from permits.register.imports.rows import Entry, Seen, read_head, read_row
from permits.register.imports.sheet import Problem, open_table
from permits.register.model import Ending, Grant
from permits.register.rebuilding import sum_many
from permits.rules.identifiers import permit_number
from permits.rules.law import Law

AT_ONCE = 1_000
"""Rows checked against the register, put aside, or written by one statement."""
GROUND = "old-system"
NO_ID = uuid.UUID(int=0)
PATIENCE_S = 10
"""So long a run that writes waits for another one to end."""
KEPT = dt.timedelta(days=7)
"""So long rows of a run that was given up wait for it to go on."""
Tell = Callable[[str, int, int], None]
"""Hears how far it is: what is being done, how many rows of how many (0: not known)."""


class Source(msgspec.Struct, frozen=True):
    """A file, and where it is taken over to."""

    path: Path
    digest: bytes
    region: str
    today: dt.date
    sheet: str | None = None


class Result(msgspec.Struct, frozen=True):
    """What came of a run."""

    rows: int
    problems: int
    written: bool
    before: dt.datetime | None = None
    """When the same file was taken over before; nothing was done then."""


def source(path: Path, region: str, today: dt.date, sheet: str | None = None) -> Source:
    """A file by its bytes. Raises Unreadable."""
    open_table(path, WANTED, sheet)
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return Source(path, digest.digest(), region, today, sheet)


async def take_over(
    database: Database, law: Law, keys: Keys, given: Source, *, write: bool, hear: Callable[[Problem], None], tell: Tell
) -> Result:
    """Check a whole file, every problem being heard; with `write` and none, write all of it.

    A file killed between writing and summing is written all the same: the worker sums it, only later. Raises
    Unreadable; Conflict where another run that writes does not end in time.
    """
    if not write:
        return await _taken_over(database, law, keys, given, False, hear, tell)
    async with database.transaction(given.region) as alone:
        await _wait_for_turn(alone, given.region)
        return await _taken_over(database, law, keys, given, True, hear, tell)


async def _wait_for_turn(tx: asyncpg.Connection, region: str) -> None:
    """One run at a time writes to a city's register, else two could take over the same permit. Raises Conflict."""
    await tx.execute(f"SET LOCAL lock_timeout = '{PATIENCE_S}s'")
    try:
        await store.lock_register(tx, int(region))
    except asyncpg.LockNotAvailableError as error:
        text = Text(
            "另一份文件正在收进登记簿。请等它结束，再运行一次。",
            "Another file is being taken over. Run this again once that has ended.",
        )
        raise Conflict(text, type="import-running") from error


async def _taken_over(
    database: Database,
    law: Law,
    keys: Keys,
    given: Source,
    write: bool,
    hear: Callable[[Problem], None],
    tell: Tell,
) -> Result:
    async with database.transaction(given.region) as tx:
        earlier = await store.file(tx, given.region, given.digest)
        ready, last = await store.staged(tx, given.region, given.digest)
    if earlier and earlier.done_at:
        return Result(earlier.rows, 0, False, earlier.done_at)
    if not (earlier and earlier.rows and ready == earlier.rows):
        rows, problems = await _checked(database, keys, given, hear, tell, Aside(last) if write else None)
        if problems or not write:
            return Result(rows, problems, False)
    elif not write:
        return Result(earlier.rows, 0, False)
    try:
        written = await _written(database, law, keys, given, tell)
    except Contradicted as wrong:
        for problem in wrong.problems:
            hear(problem)
        return Result(wrong.rows, len(wrong.problems), False)
    await sum_many(database, given.region, partial(tell, "sum"))
    return Result(written, 0, True)


class Contradicted(Exception):
    """The register changed since the rows were checked and now speaks against some: nothing was written."""

    def __init__(self, problems: list[Problem], rows: int) -> None:
        super().__init__()
        self.problems, self.rows = problems, rows


class Aside:
    """What is put aside while a file is checked: rows behind the last one of an earlier run, until one is wrong."""

    def __init__(self, last: int) -> None:
        self.last, self.wanted = last, True


async def _checked(
    database: Database, keys: Keys, given: Source, hear: Callable[[Problem], None], tell: Tell, aside: Aside | None
) -> tuple[int, int]:
    """How many rows there are, and how many problems were heard; good rows are put aside where that is wanted."""
    table, seen = open_table(given.path, WANTED, given.sheet), Seen()
    wrong = table.problems()
    rows = problems = 0
    if aside:
        await _begin(database, given)
    lines = table.rows()
    _, head = read_head(lines)
    names = {place.column.title.zh: place.name for place in head}
    for found in batched((read_row(number, cells, head, given.today) for number, cells in lines), AT_ONCE):
        part = [entry for entry in found if isinstance(entry, Entry)]
        for entry in found:
            wrong += [*seen.problems(entry)] if isinstance(entry, Entry) else entry
        wrong += await _against_register(database, keys, given.region, part)
        for problem in wrong:
            hear(msgspec.structs.replace(problem, column=names.get(problem.column, problem.column)))
        rows, problems, wrong = rows + len(found), problems + len(wrong), []
        if aside and not problems:
            await _put_aside(database, keys, given, [entry for entry in part if entry.row > aside.last])
        tell("check", rows, 0)
    if not rows:
        wrong.append(Problem(0, "", Text("文件里没有一行许可。", "There is no permit in the file.")))
    for problem in wrong:
        hear(problem)
    problems += len(wrong)
    if aside:
        await _finish(database, given, rows, kept=not problems)
    tell("check", rows, rows)
    return rows, problems


def batched(entries: Iterator[Entry | list[Problem]], size: int) -> Iterator[list[Entry | list[Problem]]]:
    """So many at once."""
    while part := list(islice(entries, size)):
        yield part


async def _against_register(database: Database, keys: Keys, region: str, entries: list[Entry]) -> list[Problem]:
    """What the register knows that speaks against these rows."""
    if not entries:
        return []
    async with database.transaction(region) as tx:
        return await against.problems(tx, keys, region, entries)


async def _begin(database: Database, given: Source) -> None:
    async with database.transaction(given.region) as tx:
        await store.forget_abandoned(tx, given.region, clock.now() - KEPT)
        await store.begin(tx, given.region, given.digest, given.path.name[:200], clock.now())


async def _put_aside(database: Database, keys: Keys, given: Source, entries: list[Entry]) -> None:
    """Checked rows, sealed in the database."""
    sealed = [(one.row, keys.seal(msgspec.json.encode(one), _context(given, one.row))) for one in entries]
    async with database.transaction(given.region) as tx:
        await store.stage(tx, given.region, given.digest, sealed)


async def _finish(database: Database, given: Source, rows: int, *, kept: bool) -> None:
    """All rows are put aside; or none, where something is wrong."""
    async with database.transaction(given.region) as tx:
        if kept:
            await store.counted(tx, given.region, given.digest, rows)
        else:
            await store.forget(tx, given.region, given.digest)


def _context(given: Source, row: int) -> bytes:
    return b"import:" + given.region.encode() + given.digest + str(row).encode()


async def _written(database: Database, law: Law, keys: Keys, given: Source, tell: Tell) -> int:
    """Every row that was put aside written into the register, in one transaction; how many. Raises Contradicted."""
    region = given.region
    async with database.transaction(region) as tx:
        if await store.lock(tx, region, given.digest):
            return 0
        total, _ = await store.staged(tx, region, given.digest)
        highest = 0
        async for entries in _waiting(tx, keys, given):
            highest = max(highest, *(_serial(region, entry.permit_number) for entry in entries))
        if highest:  # before any number is given out, so that none is one of the file's
            await store.count_on_from(tx, region, highest)
        written = 0
        async for entries in _waiting(tx, keys, given):
            if problems := await against.problems(tx, keys, region, entries):
                raise Contradicted(problems, total)
            await _grant(tx, law, keys, region, entries)
            written += len(entries)
            tell("write", written, total)
        await store.done(tx, region, given.digest, clock.now())
        detail = {"rows": written, "digest": given.digest.hex()}
        await AUDIT.run(tx, **audit_row(region, None, "import-register", detail=detail))
    return written


async def _waiting(tx: asyncpg.Connection, keys: Keys, given: Source) -> AsyncIterator[list[Entry]]:
    """The rows that were put aside, opened, a thousand at a time."""
    after = 0
    while part := await store.waiting(tx, given.region, given.digest, after, AT_ONCE):
        opened = (keys.open(one.entry, _context(given, one.row)) for one in part)
        yield [msgspec.json.decode(plain, type=Entry) for plain in opened]
        after = part[-1].row


async def _grant(tx: asyncpg.Connection, law: Law, keys: Keys, region: str, entries: list[Entry]) -> None:
    for part in against.apart(entries):
        await against.link_passports(tx, keys, region, part)
        grants = [_grant_of(keys, region, entry) for entry in part]
        await register.grant_many(tx, law, keys, grants, [_ending_of(region, entry) for entry in part])


def _ending_of(region: str, entry: Entry) -> Ending | None:
    """The end that the old system knows of a permit, whose id is not given out yet."""
    if entry.ended_on is None or entry.end_kind is None:
        return None
    return Ending(
        region=region,
        permit_id=NO_ID,
        effective=entry.ended_on,
        kind=entry.end_kind,  # type: ignore[arg-type]  # a code of END_KINDS
        ground=GROUND,
        reasons="",
        recorded=against.noon(entry.ended_on),
    )


def _grant_of(keys: Keys, region: str, entry: Entry) -> Grant:
    same = set(Grant.__struct_fields__) & set(Entry.__struct_fields__)
    return Grant(
        **{name: getattr(entry, name) for name in same},
        region=region,
        case_id=None,
        passport_index=against.index_of(keys, entry),
        recorded=against.noon(entry.granted_on),
    )


def _serial(region: str, number: str | None) -> int:
    """The counter of a number that is of our own form and city; 0 for any other."""
    check = permit_number(number) if number else None
    ours = check is not None and check.valid and check.fields.get("region") == region
    return int(check.fields["serial"]) if check is not None and ours else 0
