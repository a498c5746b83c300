"""`permits bench rules`: what a classification and a deadline cost, in microseconds of CPU, each on inputs never seen.

It needs no database. It judges nothing: the aims are printed beside what was measured.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from statistics import median
from typing import NamedTuple

from permits.rules import clocks, working_days
from permits.rules.classification import Profile, classify
from permits.rules.clocks import Clock, Pause
from permits.rules.law import Law, load

ON = date(2026, 11, 24)
REGION = "321200"
EVENTS = tuple(date(2025, 1, 1) + timedelta(days=n) for n in range(600))
"""Days whose official calendars are known, so that both calendars are read but neither is made."""


class Measured(NamedTuple):
    """One thing that was measured."""

    name: str
    aim_us: float
    """At most so many microseconds."""
    rounds: Sequence[float]
    """Microseconds each, by round."""


def main(rounds: int) -> int:
    """Measure and print; always 0, since a machine may be slow."""
    sys.stdout.write(table(measure(load(), rounds)))
    return 0


def measure(law: Law, rounds: int) -> tuple[Measured, ...]:
    """Both, in so many rounds of some hundred each; what is read once a day and region is read before."""
    classify(law, next(_profiles(0)), ON, REGION)
    working_days.add(law, EVENTS[0], len(EVENTS))
    return (
        Measured("classification", 50, [_classified(law, at) for at in range(rounds)]),
        Measured("deadline", 20, [_added(law, at) for at in range(rounds)]),
        Measured("deadline, paused", 20, [_paused(law, at) for at in range(rounds)]),
    )


def table(found: Sequence[Measured]) -> str:
    """What was measured, a line each."""
    head = f"Microseconds each, middle of {len(found[0].rounds)} rounds:\n\n"
    titles = f"{'':18}" + "".join(f"{title:>10}" for title in ("middle", "least", "most", "aim")) + "\n"
    return head + titles + "".join(map(_line, found))


def _line(one: Measured) -> str:
    parts = [f"{us:.1f}" for us in (median(one.rounds), min(one.rounds), max(one.rounds))]
    return f"{one.name:18}" + "".join(f"{part:>10}" for part in (*parts, f"< {one.aim_us:g}")) + "\n"


def _each(doing: Sequence[Callable[[], object]]) -> float:
    start = time.process_time_ns()
    for one in doing:
        one()
    return (time.process_time_ns() - start) / len(doing) / 1000


def _classified(law: Law, at: int) -> float:
    return _each([lambda profile=profile: classify(law, profile, ON, REGION) for profile in _profiles(at)])  # type: ignore[misc]


def _added(law: Law, at: int) -> float:
    """Limits of 20 working days and one more each round, so that no round finds what an earlier one kept."""
    return _each([lambda event=event: working_days.add(law, event, 20 + at) for event in EVENTS])  # type: ignore[misc]


def _paused(law: Law, at: int) -> float:
    stopped = [Clock(event, 10 + at % 5, "working", (_week(event),)) for event in EVENTS]
    return _each([lambda clock=clock: clocks.due(law, clock) for clock in stopped])  # type: ignore[misc]


def _week(event: date) -> Pause:
    return Pause(event + timedelta(days=2), event + timedelta(days=9))


def _profiles(at: int) -> Iterator[Profile]:
    for n in range(300):
        yield Profile(
            annual_salary_cny=60_000 + 1_733 * n + at,
            education=("bachelor", "master", "doctor", "none")[n % 4],
            experience_years=n % 30,
            months_per_year=12 - n % 5,
            chinese=("none", "hsk3", "hsk5")[n % 3],
            place="ordinary",
            age=20 + n % 45,
            other=("patent",) if n % 2 else (),
            grounds=("talent-programme",) if n % 7 == 0 else (),
        )
