"""`permits calendar load FILE`: a year's official calendar out of a file, as a TOML entry or in the notice's own words.

It only reads and judges; what it finds whole goes to `service.take_calendar`.
"""

import asyncio
import re
import sys
import tomllib
from pathlib import Path

import msgspec

from permits import clock
from permits.db.database import Database
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.own_law import service
from permits.rules import holiday_notice, working_days
from permits.rules.working_days import Calendar
from permits.settings import settings

MOST_BYTES = 100_000
"""A year's calendar is some two thousand bytes."""
_YEAR = re.compile(r"关于\s*(\d{4})\s*年")


def load_calendar(file: Path) -> int:
    """Take a year's official calendar into the law. BadInput: something in it is wrong, and all of it is named."""
    calendar = read(file)
    if not settings().database_url:
        sys.stderr.write("Say which database: set PERMITS_DATABASE_URL. 请设置 PERMITS_DATABASE_URL。\n")
        return 1
    asyncio.run(_take(calendar))
    sys.stdout.write(
        f"Loaded the calendar of {calendar.key}: in force everywhere within seconds; open deadlines are recomputed.\n"
        f"{calendar.key} 年的日历已经载入，几秒内处处生效，在办期限随即重算。\n"
    )
    return 0


async def _take(calendar: Calendar) -> None:
    async with Database(settings().database_url, 1) as database, database.transaction(settings().region) as tx:
        await service.take_calendar(tx, calendar, None, settings().region)


def read(file: Path) -> Calendar:
    """The one calendar in a file. Raises BadInput naming everything that is wrong with it."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _wrong(Text("文件过大。", "The file is too large."))
        text = file.read_text("utf-8")
        calendar = _entry(text) if file.suffix == ".toml" else _notice(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _wrong(Text(f"读不了：{error}", f"It cannot be read: {error}")) from error
    if problems := [*working_days.problems(calendar)]:
        raise _wrong(*problems)
    return calendar


def _entry(text: str) -> Calendar:
    content = tomllib.loads(text)
    rows = content.get("calendar", []) if set(content) == {"calendar"} else []
    if len(rows) != 1:
        raise _wrong(Text("文件应只有一个 [[calendar]]。", "The file holds one [[calendar]] and nothing else."))
    return msgspec.convert(rows[0], Calendar)


def _notice(text: str) -> Calendar:
    title = _YEAR.search(text)
    found = holiday_notice.read(text, int(title.group(1)) if title else clock.today().year + 1)
    if found.calendar is None or found.problems:
        raise _wrong(*found.problems)
    return found.calendar


def _wrong(*texts: Text) -> BadInput:
    return BadInput(errors=[FieldError("/calendar", text) for text in texts])
