"""The command line offers only what is there, and refuses what it must."""

import datetime as dt

import pytest

from permits import cli
from permits.cli import commands


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.words)
def test_every_command_has_its_program(command: commands.Command) -> None:
    assert callable(cli.target(command.target))


@pytest.mark.parametrize("command", commands.COMMANDS, ids=lambda command: command.words)
def test_every_command_explains_itself(command: commands.Command, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*command.words.split(), "--help"])
    assert ended.value.code == 0
    assert command.help.split()[0] in capsys.readouterr().out


def test_the_true_service_refuses_another_time(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["serve", "--at", "2026-11-24T09:00:00+08:00"]) == 2
    monkeypatch.delenv("PERMITS_DEMO", raising=False)
    monkeypatch.setenv("PERMITS_CLOCK_OFFSET_SECONDS", "60")
    assert cli.main(["serve"]) == 2
    assert "demo --at" in capsys.readouterr().err


def test_an_instant_without_offset_is_the_citys() -> None:
    assert commands.instant("2026-11-24T09:00").isoformat() == "2026-11-24T09:00:00+08:00"
    assert commands.instant("2026-11-24T01:00:00Z") == dt.datetime(2026, 11, 24, 1, tzinfo=dt.UTC)


def test_what_is_not_an_instant_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["demo", "--at", "tomorrow"])
    assert ended.value.code == 2
    assert "tomorrow" in capsys.readouterr().err
