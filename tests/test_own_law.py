"""The office's own calendar: checked, kept, in force in every process within seconds, and open deadlines recomputed."""

import asyncio
import datetime as dt
from pathlib import Path

import asyncpg
import pytest

from permits import cli, clock
from permits.cli import rules
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import BadInput
from permits.office import Office
from permits.own_law import service, store
from permits.own_law.files import read
from permits.rules import law, working_days
from permits.rules.working_days import Calendar, DaysOff
from permits.settings import settings
from tests.conftest import REGION

GOOD = """
[[calendar]]
key = "2098"
effective_from = 2098-01-01
source = "国务院办公厅关于2098年部分节假日安排的通知"
holidays = [{ first = 2098-01-01, last = 2098-01-03, zh = "元旦", en = "New Year's Day" }]
working = [2098-01-04]
"""


def calendar(year: int, *working: dt.date) -> Calendar:
    """A calendar of a year with New Year's Day alone."""
    day = dt.date(year, 1, 1)
    off = (DaysOff(first=day, last=day, zh="元旦", en="New Year's Day"),)
    return Calendar(key=str(year), effective_from=day, source="通知", holidays=off, working=working)


async def take(database: Database, taken: Calendar) -> None:
    """Take a calendar in, as the operator does."""
    async with database.transaction(REGION) as tx:
        await service.take_calendar(tx, taken, None, REGION)


async def test_every_process_follows_what_one_of_them_loaded(database: Database, keys: Keys) -> None:
    offices = [Office(law.load(), keys), Office(law.load(), keys)]
    processes = [service.Followed(database, office) for office in offices]
    assert [await one.refresh() for one in processes] == [False, False]
    await take(database, calendar(2098))
    assert [await one.refresh() for one in processes] == [True, True]
    assert [await one.refresh() for one in processes] == [False, False]
    for office in offices:
        found = working_days.add(office.law, dt.date(2098, 1, 1), 1)
        assert (found.due, found.provisional) == (dt.date(2098, 1, 2), False)
    assert working_days.add(law.load(), dt.date(2098, 1, 1), 1).provisional


async def test_a_calendar_loaded_again_takes_the_place_of_the_first_which_is_kept(database: Database) -> None:
    await take(database, calendar(2098))
    await take(database, calendar(2098, dt.date(2098, 1, 4)))
    found = await service.current(database)
    assert working_days.is_working_day(found, dt.date(2098, 1, 4))
    async with database.transaction(None) as tx:
        assert len(await store.in_force(tx)) == 1
        assert await tx.fetchval("SELECT count(*) FROM law_entry") == 2


async def test_what_was_loaded_can_be_neither_changed_nor_deleted(database: Database) -> None:
    await take(database, calendar(2098))
    for sql in ("DELETE FROM law_entry", "UPDATE law_entry SET key = '2099'"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.transaction(REGION) as tx:
                await tx.execute(sql)


async def test_who_loaded_what_is_on_record(database: Database) -> None:
    await take(database, calendar(2098))
    async with database.transaction(REGION) as tx:
        row = await tx.fetchrow("SELECT action, detail FROM audit")
    assert (row["action"], row["detail"]) == ("load-law", {"kind": "calendar", "key": "2098"})


async def test_an_impossible_calendar_is_refused_with_every_reason(database: Database) -> None:
    with pytest.raises(BadInput) as refused:
        await take(database, calendar(2098, dt.date(2098, 1, 1), dt.date(2097, 6, 1)))
    assert len(refused.value.errors) == 2
    async with database.transaction(None) as tx:
        assert await store.newest(tx) is None


async def test_an_entry_of_a_later_version_leaves_the_law_as_it_was(database: Database, keys: Keys) -> None:
    office = Office(law.load(), keys)
    async with database.transaction(None) as tx:
        entry = store.Entry(id=service.new_id(), kind="unheard-of", key="x", content={}, loaded_at=clock.now(),
                            loaded_by=None, by="")  # fmt: skip
        await store.add(tx, entry)
    assert not await service.Followed(database, office).refresh()
    assert office.law is law.load()


def test_the_command_line_loads_a_file(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PERMITS_DATABASE_URL", database_url)
    settings.cache_clear()
    file = tmp_path / "notice.toml"
    file.write_text(GOOD, "utf-8")
    assert cli.main(["calendar", "load", str(file)]) == 0
    settings.cache_clear()
    assert "2098" in capsys.readouterr().out


@pytest.mark.parametrize(("text", "says"), [
    ("", "one [[calendar]]"), (GOOD + GOOD, "one [[calendar]]"), ("[[setting]]\nkey = 'x'\n", "one [[calendar]]"),
    ("not toml", "cannot be read"), (GOOD.replace("holidays", "off"), "cannot be read"),
    (GOOD.replace("2098-01-04", "2098-01-06"), "weekend"), ("#" * 100_001, "too large"),
])  # fmt: skip
def test_what_is_no_calendar_is_refused_with_the_reason(
    tmp_path: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "notice.toml"
    file.write_text(text, "utf-8")
    assert cli.main(["calendar", "load", str(file)]) == 1
    assert says in capsys.readouterr().err


def test_the_notices_own_words_are_taken_too(tmp_path: Path) -> None:
    file = tmp_path / "notice.txt"
    file.write_text("关于2026年部分节假日安排的通知\n一、元旦：1月1日（周五）放假1天。", "utf-8")
    with pytest.raises(BadInput) as refused:
        read(file)
    assert any("写的是周五，实际是周四" in error.text.zh for error in refused.value.errors)


def test_without_a_database_the_command_says_what_to_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PERMITS_DATABASE_URL", raising=False)
    settings.cache_clear()
    file = tmp_path / "notice.toml"
    file.write_text(GOOD, "utf-8")
    assert cli.main(["calendar", "load", str(file)]) == 1
    settings.cache_clear()
    assert "PERMITS_DATABASE_URL" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar", "load", str(tmp_path / "none.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().err


async def test_explaining_a_rule_takes_the_offices_own_entries_in(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await take(database, calendar(2098))
    monkeypatch.setenv("PERMITS_DATABASE_URL", database_url)
    assert await asyncio.to_thread(rules.explain_item, "extend", None, REGION, "en") == 0
    assert "With the office's own entries: calendar 2098" in capsys.readouterr().out
