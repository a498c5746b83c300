"""The register on the command line: take over an old system's, hand out records for the nation and the case library.

It prints what was found and how far it is; what is done stands in `register.imports` and `statistics.national`.
"""

import asyncio
import os
import sys
import time
from datetime import date
from pathlib import Path

from permits import clock
from permits.db.crypto import Keys, load
from permits.db.database import Database
from permits.errors import BadInput, Unavailable
from permits.i18n import Text
from permits.office import Office
from permits.own_law import service as own_law
from permits.register.imports import load as imports
from permits.register.imports.sheet import Problem, Unreadable
from permits.settings import settings
from permits.statistics import national
from permits.statistics.sheets import Format

WIDTH = 30
EVERY_S = 0.2
"""Between two looks at the bar."""


class Bar:
    """A line on the terminal that says how far it is; silent where standard error is no terminal."""

    def __init__(self) -> None:
        self._shown, self._since = 0.0, time.monotonic()

    def __call__(self, doing: str, done: int, total: int) -> None:
        now = time.monotonic()
        if not sys.stderr.isatty() or (now - self._shown < EVERY_S and done != total):
            return
        self._shown = now
        filled = WIDTH * done // total if total else 0
        line = f"{doing:>10} [{'#' * filled}{'.' * (WIDTH - filled)}] {done:,}{f' / {total:,}' if total else ''}"
        sys.stderr.write(f"\r{line}{f'  {now - self._since:.0f} s':<12}" + ("\n" if done == total else ""))
        sys.stderr.flush()


def take_over(file: Path, region: str | None, sheet: str | None, write: bool) -> int:
    """Check a file of the old system; with `write` take all of it into the register, or nothing."""
    return asyncio.run(_take_over(file, region or settings().region, sheet, write))


async def _take_over(file: Path, region: str, sheet: str | None, write: bool) -> int:
    keys = _keys(region)
    try:
        given = imports.source(file, region, clock.today(), sheet)
        async with Database(settings().database_url) as database:
            law = await own_law.current(database)
            found = await imports.take_over(database, law, keys, given, write=write, hear=_say, tell=Bar())
    except Unreadable as wrong:
        for problem in wrong.problems:
            _say(problem)
        return 1
    return _summed_up(found, write)


def _keys(region: str) -> Keys:
    """The keys of personal data. Raises BadInput for a city that is not served here, Unavailable without keys."""
    if region not in settings().regions:
        served = "、".join(settings().regions)
        zh, en = f"这里不管理这个城市，可选：{served}。", f"This city is not served here; possible: {served}."
        raise BadInput(Text(zh, en))
    try:
        return load(settings().keys_path)
    except FileNotFoundError as error:
        zh = "这里没有密钥文件。请用 PERMITS_DATA 指明数据文件夹，用 PERMITS_DATABASE_URL 指明数据库。"
        en = "There are no keys here. Name the data folder by PERMITS_DATA and the database by PERMITS_DATABASE_URL."
        raise Unavailable(Text(zh, en)) from error


def _say(problem: Problem) -> None:
    """One problem, with tabs between row, column and both languages, on standard output."""
    sys.stdout.write(f"{problem}\n")


def _summed_up(found: imports.Result, write: bool) -> int:
    if found.before:
        before = f"{found.before.astimezone(clock.CITY):%Y-%m-%d %H:%M}"
        _tell(f"这份文件 {before} 已经收进登记簿，什么也没改。",
              f"This file was taken over on {before}; nothing was changed.")  # fmt: skip
        return 0
    if found.problems:
        _tell(f"{found.rows:,} 行里有 {found.problems:,} 处问题，什么也没写。",
              f"{found.problems:,} problems in {found.rows:,} rows; nothing was written.")  # fmt: skip
        return 1
    if found.written:
        _tell(f"{found.rows:,} 份许可已全部收进登记簿。", f"All {found.rows:,} permits are in the register.")
    else:
        _tell(f"{found.rows:,} 行都没有问题。加上 --write 才写进登记簿。",
              f"{found.rows:,} rows without a problem. Add --write to take them over.")  # fmt: skip
    return 0


def _tell(zh: str, en: str) -> None:
    sys.stderr.write(f"{zh} {en}\n")


def hand_out(kind: str, out: Path, on: date | None, since: date | None, region: str | None) -> int:
    """Write the register's permits of a day, or the cases accepted up to it, into a new file."""
    last = on or clock.today()
    return asyncio.run(_hand_out(kind, out, last, since or last.replace(month=1, day=1), region or settings().region))


async def _hand_out(kind: str, out: Path, on: date, since: date, region: str) -> int:
    partial = out.with_name(f".{out.name}.part")
    form: Format = "xlsx" if out.suffix.lower() == ".xlsx" else "csv"
    keys = _keys(region)
    if wrong := _why_not(kind, out):
        _tell(wrong.zh, wrong.en)
        return 1
    async with Database(settings().database_url) as database:
        office = Office(await own_law.current(database), keys)
        with os.fdopen(os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_RDWR, 0o600), "w+b") as file:
            async with database.transaction(region) as tx:
                await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                if kind == "cases":
                    rows = await national.write_cases(tx, office, region, since, on, file)
                else:
                    rows = await national.write_register(tx, office, region, on, file, form)
    os.replace(partial, out)
    _tell(f"已写出 {rows:,} 行。", f"{rows:,} rows written.")
    return 0


def _why_not(kind: str, out: Path) -> Text | None:
    """Why this file cannot be written."""
    possible = (".jsonl", ".json") if kind == "cases" else (".csv", ".xlsx")
    if out.suffix.lower() not in possible:
        either = " / ".join(possible)
        return Text(f"文件名应以 {either} 结尾。", f"The file's name is to end with {either}.")
    if out.exists():
        return Text("文件已存在。", "The file exists.")
    if not out.parent.is_dir():
        return Text("没有这个文件夹。", "There is no such folder.")
    return None
