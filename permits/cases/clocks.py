"""The clocks of a case: started, paused, lengthened and ended; every step has a legal and a promised one.

Limits come from the law's dated entries and count working days (Administrative Licensing Law Art. 82).
"""

import datetime as dt
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from permits.cases.model import Case, Clock
from permits.rules import clocks as reckoner
from permits.rules import time_limits
from permits.rules.clocks import Pause
from permits.rules.law import Law

RUNNING = ("running", "paused")


def start(case: Case, law: Law, today: dt.date, *steps: str) -> Case:
    """The case with fresh clocks for these steps, one for each limit the law and the office's promise give."""
    limits = time_limits.limits(
        law, case.row.procedure, case.row.joint, case.row.category, case.row.rules_on or today, case.row.region
    )
    fresh = [_clock(case, law, today, limit) for limit in limits if limit.step in steps]
    return with_due(replace(case, clocks=(*case.clocks, *fresh)))


def _clock(case: Case, law: Law, today: dt.date, limit: time_limits.Limit) -> Clock:
    earlier = [c.round for c in case.clocks if (c.step, c.basis) == (limit.step, limit.basis)]
    fresh = Clock(
        step=limit.step,
        basis=limit.basis,
        round=max(earlier, default=0) + 1,
        started=today,
        due=today,
        working_days=limit.working_days,
        provisional=False,
        state="running",
    )
    return reckoned(law, fresh)


def reckoned(law: Law, clock: Clock) -> Clock:
    """The clock with its end as the calendar has it now; while it stands still, as if it ran on from there."""
    found = reckoner.due(law, reckoner.Clock(clock.started, clock.working_days, pauses=clock.pauses))
    return replace(clock, due=found.due, provisional=found.provisional)


def recomputed(case: Case, law: Law) -> Case:
    """The case with every open clock as the calendar has it now; the clocks that have ended stay."""
    return _change(case, lambda clock: reckoned(law, clock), lambda clock: clock.state in RUNNING)


def end(case: Case, today: dt.date, *steps: str) -> Case:
    """The case with these steps' clocks stopped for good: met, or missed where the due date has passed."""

    def stop(clock: Clock) -> Clock:
        return replace(clock, state="met" if today <= clock.due else "missed", ended_on=today, paused_on=None)

    return _change(case, stop, lambda c: c.state in RUNNING and (not steps or c.step in steps))


def pause(case: Case, today: dt.date) -> Case:
    """The case with its running clocks standing still (Art. 45: expert review, inspection, hearing)."""
    return _change(case, lambda c: replace(c, state="paused", paused_on=today), lambda c: c.state == "running")


def resume(case: Case, law: Law, today: dt.date) -> Case:
    """The case with its paused clocks running again: the days on which they stood do not count, today does."""

    def go_on(clock: Clock) -> Clock:
        assert clock.paused_on is not None
        stood = Pause(clock.paused_on, today)
        return reckoned(law, replace(clock, state="running", paused_on=None, pauses=(*clock.pauses, stood)))

    return _change(case, go_on, lambda c: c.state == "paused")


def lengthen(case: Case, law: Law, days: int) -> Case:
    """The case with its legal decision clock longer by so many working days (Art. 42)."""

    def longer(clock: Clock) -> Clock:
        return reckoned(law, replace(clock, working_days=clock.working_days + days))

    return _change(case, longer, lambda c: (c.step, c.basis) == ("decision", "legal") and c.state in RUNNING)


def with_due(case: Case) -> Case:
    """The case with the due dates that its queue is ordered by."""
    row = replace(case.row, due=_first(case.clocks, "promised"), legal_due=_first(case.clocks, "legal"))
    return replace(case, row=row)


def _first(clocks: Iterable[Clock], basis: str) -> dt.date | None:
    return min((c.due for c in clocks if c.basis == basis and c.state == "running"), default=None)


def _change(case: Case, how: Callable[[Clock], Clock], which: Callable[[Clock], bool]) -> Case:
    return with_due(replace(case, clocks=tuple(how(c) if which(c) else c for c in case.clocks)))
