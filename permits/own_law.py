"""The office's own entries of the law: TOML files in the folder `law` of the data folder, read at start-up.

For now it takes the State Council's calendar of a year. It changes no running process, and no file of the law itself.
"""

import os
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law, LawError, load
from permits.rules.working_days import Calendar
from permits.settings import settings

FOLDER = "law"
MOST_BYTES = 100_000
"""A year's calendar is some two thousand bytes."""

Content = Mapping[str, Any]


def with_own_entries(data: Path) -> Law:
    """The law with the office's own entries, if there are any. LawError: one of them is wrong."""
    found = [_read(path) for path in sorted((data / FOLDER).glob("*.toml"))]
    return load(found)


def load_calendar(file: Path) -> int:
    """Take a year's official calendar into the data folder, in place of one loaded before. BadInput: it is wrong."""
    text, calendar = _checked(file)
    folder = settings().data / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / f"calendar-{calendar.key}.toml", text)
    sys.stdout.write(f"Loaded the calendar of {calendar.key}. Restart the web server and the worker to use it.\n")
    return 0


def _checked(file: Path) -> tuple[str, Calendar]:
    """The text of a file and the one calendar in it."""
    try:
        if file.stat().st_size > MOST_BYTES:
            raise _wrong(Text("文件过大。", "The file is too large."))
        text = file.read_text("utf-8")
        content = tomllib.loads(text)
        rows = content.get("calendar", []) if set(content) == {"calendar"} else []
        if len(rows) != 1:
            raise _wrong(Text("文件应只有一个 [[calendar]]。", "The file holds one [[calendar]] and nothing else."))
        calendar = msgspec.convert(rows[0], Calendar)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise _wrong(Text(f"读不了：{error}", f"It cannot be read: {error}")) from error
    problems = [*working_days.problems(calendar)]
    if problems:
        raise _wrong(*problems)
    return text, calendar


def _wrong(*texts: Text) -> BadInput:
    return BadInput(errors=[FieldError("/calendar", text) for text in texts])


def _write(path: Path, text: str) -> None:
    """The whole file or none of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".calendar-")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(temporary, 0o644)  # the worker may run as another user
    os.replace(temporary, path)


def _read(path: Path) -> Content:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LawError(f"{path.name}: {error}") from error
