"""The office's own calendar: checked, taken into the data folder, and in force from the next start."""

from datetime import date
from pathlib import Path

import pytest

from permits import cli, own_law
from permits.rules import working_days
from permits.rules.law import LawError
from permits.settings import settings

GOOD = """
[[calendar]]
key = "2098"
effective_from = 2098-01-01
source = "国务院办公厅关于2098年部分节假日安排的通知"
holidays = [{ first = 2098-01-01, last = 2098-01-03, zh = "元旦", en = "New Year's Day" }]
working = [2098-01-04]
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that the settings name."""
    monkeypatch.setenv("PERMITS_DATA", str(tmp_path / "data"))
    settings.cache_clear()
    yield tmp_path / "data"
    settings.cache_clear()


def load(tmp_path: Path, text: str) -> int:
    """Load a calendar of this text; the exit status."""
    file = tmp_path / "notice.toml"
    file.write_text(text, "utf-8")
    return cli.main(["calendar", "load", str(file)])


def test_a_calendar_that_was_loaded_is_in_force_from_the_next_start(
    tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert own_law.with_own_entries(data) is own_law.with_own_entries(data)
    assert working_days.add(own_law.with_own_entries(data), date(2098, 1, 1), 1).provisional
    assert load(tmp_path, GOOD) == 0
    assert "2098" in capsys.readouterr().out
    found = working_days.add(own_law.with_own_entries(data), date(2098, 1, 1), 1)
    assert (found.due, found.provisional) == (date(2098, 1, 4), False)


def test_a_calendar_loaded_again_takes_the_place_of_the_first(tmp_path: Path, data: Path) -> None:
    assert load(tmp_path, GOOD) == 0
    assert load(tmp_path, GOOD.replace("working = [2098-01-04]", "working = []")) == 0
    assert working_days.add(own_law.with_own_entries(data), date(2098, 1, 1), 1).due == date(2098, 1, 6)
    assert [path.name for path in (data / "law").iterdir()] == ["calendar-2098.toml"]


@pytest.mark.parametrize(("text", "says"), [
    ("", "one [[calendar]]"), (GOOD + GOOD, "one [[calendar]]"), ("[[setting]]\nkey = 'x'\n", "one [[calendar]]"),
    ("not toml", "cannot be read"), (GOOD.replace("holidays", "off"), "cannot be read"),
    (GOOD.replace("2098-01-04", "2098-01-06"), "weekend"), ("#" * 100_001, "too large"),
])  # fmt: skip
def test_what_is_no_calendar_is_refused_with_the_reason_and_nothing_is_written(
    tmp_path: Path, data: Path, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(tmp_path, text) == 1
    assert says in capsys.readouterr().err
    assert not data.exists()


def test_a_file_that_is_not_there_is_said(tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["calendar", "load", str(tmp_path / "none.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_broken_entry_in_the_folder_stops_the_start(data: Path) -> None:
    (data / "law").mkdir(parents=True)
    (data / "law" / "calendar-2098.toml").write_text("broken", "utf-8")
    with pytest.raises(LawError, match="calendar-2098"):
        own_law.with_own_entries(data)
