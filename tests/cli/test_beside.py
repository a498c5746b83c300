"""Commands beside a demonstration find its database; those that have their own are left alone."""

import os
from pathlib import Path

import pytest

from permits.cli import main
from permits.demo import beside

GIVEN = {"PERMITS_DATABASE_URL": "postgresql:///demo", "PERMITS_CLOCK_OFFSET_SECONDS": "86400.0", "HOME": "/nowhere"}


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An environment that names this data folder and no database, put back afterwards."""
    monkeypatch.setattr(os, "environ", {"PERMITS_DATA": str(tmp_path), "HOME": "/home"})


def test_a_command_joins_the_demonstration_that_runs_in_its_data_folder(tmp_path: Path) -> None:
    beside.leave(tmp_path, GIVEN)
    assert (tmp_path / beside.FILE).stat().st_mode & 0o777 == 0o600
    beside.join()
    assert os.environ["PERMITS_DATABASE_URL"] == "postgresql:///demo"
    assert (os.environ["PERMITS_CLOCK_OFFSET_SECONDS"], os.environ["HOME"]) == ("86400.0", "/home")


def test_a_named_database_is_never_left_for_another(tmp_path: Path) -> None:
    beside.leave(tmp_path, GIVEN)
    os.environ["PERMITS_DATABASE_URL"] = "postgresql:///mine"
    beside.join()
    assert os.environ["PERMITS_DATABASE_URL"] == "postgresql:///mine"


def test_nothing_is_joined_once_the_demonstration_has_ended(tmp_path: Path) -> None:
    beside.leave(tmp_path, GIVEN)
    beside.withdraw(tmp_path)
    beside.join()
    assert "PERMITS_DATABASE_URL" not in os.environ


def test_an_import_without_keys_or_into_a_foreign_city_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["register", "import", str(tmp_path / "old.csv"), "--region", "110000"]) == 1
    assert "321200" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("kind", "name"), [("permits", "out.pdf"), ("cases", "out.csv"), ("permits", "nowhere/out.csv")]
)
def test_an_export_names_what_is_wrong_with_its_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("permits.cli.register.load", lambda _: None)
    assert main(["register", "export", kind, "--out", str(tmp_path / name)]) == 1
    assert capsys.readouterr().err.strip()
    assert not list(tmp_path.rglob("*out*"))
