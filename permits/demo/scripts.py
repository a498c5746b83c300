"""The cases of the demonstration as `cases.toml` tells them: whose they are, what happens when before the first start.

Pure: it gives each step its instant and plays nothing.
"""

import datetime as dt
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from permits.clock import CITY
from permits.rules import working_days
from permits.rules.law import Law

FILE = Path(__file__).parent / "cases.toml"
_STEP = re.compile(r"\s*(\d+)\s+(\d+):(\d\d) (\S+) (\S+)(?: (\{.*\}))?")


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A case: whose it is, and what happens to it."""

    state: str
    """Where it ends."""
    joint: bool
    agent: str
    """Which employer's account files it."""
    category: str
    nationality: str
    steps: str
    """One a line, as the head of the file explains."""


class Step(NamedTuple):
    """Somebody does something at an office instant."""

    at: dt.datetime
    who: str
    """The key of a member of the staff, `agent`, or the name of an agency."""
    action: str
    said: dict[str, Any]


class Timed(NamedTuple):
    """A script with its instants."""

    script: Script
    steps: tuple[Step, ...]

    @property
    def granted_on(self) -> dt.date | None:
        """The day of the decision to grant, if there is one."""
        decided = (step for step in self.steps if step.action == "decide" and step.said["outcome"] == "grant")
        return next((step.at.date() for step in decided), None)


def timed(law: Law, at: dt.datetime) -> list[Timed]:
    """Every case dated back from an office instant, by the time of its first step."""
    found = [Timed(script, tuple(_steps(script, law, at))) for script in _scripts()]
    return sorted(found, key=lambda one: one.steps[0].at)


def _scripts() -> list[Script]:
    return msgspec.convert(tomllib.loads(FILE.read_text("utf-8"))["case"], list[Script])


def _steps(script: Script, law: Law, at: dt.datetime) -> Iterator[Step]:
    for line in script.steps.strip().splitlines():
        found = _STEP.fullmatch(line)
        if found is None:
            raise ValueError(f"{FILE.name}: no step: {line}")
        days, hours, minutes, who, action, said = found.groups()
        when = _when(law, at, int(days), int(hours), int(minutes))
        yield Step(when, who, action, msgspec.json.decode(said) if said else {})


def _when(law: Law, at: dt.datetime, days: int, hours: int, minutes: int) -> dt.datetime:
    if days == 0:
        return at - dt.timedelta(hours=hours, minutes=minutes)
    return dt.datetime.combine(working_days.subtract(law, at.date(), days), dt.time(hours, minutes), CITY)
