"""The clocks of a case: started, paused, lengthened and ended; every step has a legal and a promised one.

Limits come from the law's dated entries and count working days (Administrative Licensing Law Art. 82).
"""

import datetime as dt
from collections.abc import Callable, Iterable

from msgspec.structs import replace

from permits.cases.model import Case, Clock
from permits.rules import procedures, working_days
from permits.rules.law import Law

RUNNING = ("running", "paused")


def start(case: Case, law: Law, today: dt.date, *steps: str) -> Case:
    """The case with fresh clocks for these steps, one for each limit the law and the office's promise give."""
    limits = procedures.limits(
        law, case.row.procedure, case.row.joint, case.row.category, case.row.rules_on or today, case.row.region
    )
    fresh = [_clock(case, law, today, limit) for limit in limits if limit.step in steps]
    return with_due(replace(case, clocks=(*case.clocks, *fresh)))


def _clock(case: Case, law: Law, today: dt.date, limit: procedures.Limit) -> Clock:
    due = working_days.add(law, today, limit.working_days)
    earlier = [c.round for c in case.clocks if (c.step, c.basis) == (limit.step, limit.basis)]
    return Clock(
        step=limit.step,
        basis=limit.basis,
        round=max(earlier, default=0) + 1,
        started=today,
        due=due.due,
        working_days=limit.working_days,
        provisional=due.provisional,
        state="running",
    )


def end(case: Case, today: dt.date, *steps: str) -> Case:
    """The case with these steps' clocks stopped for good: met, or missed where the due date has passed."""

    def stop(clock: Clock) -> Clock:
        return replace(clock, state="met" if today <= clock.due else "missed", ended_on=today, paused_on=None)

    return _change(case, stop, lambda c: c.state in RUNNING and (not steps or c.step in steps))


def pause(case: Case, today: dt.date) -> Case:
    """The case with its running clocks standing still (Art. 45: expert review, inspection, hearing)."""
    return _change(case, lambda c: replace(c, state="paused", paused_on=today), lambda c: c.state == "running")


def resume(case: Case, law: Law, today: dt.date) -> Case:
    """The case with its paused clocks running again, each moved by the working days it stood still."""

    def go_on(clock: Clock) -> Clock:
        assert clock.paused_on is not None
        stood = working_days.between(law, clock.paused_on, today - dt.timedelta(days=1))
        due = working_days.add(law, clock.due, max(stood, 0))
        return replace(clock, state="running", paused_on=None, due=due.due, provisional=due.provisional)

    return _change(case, go_on, lambda c: c.state == "paused")


def lengthen(case: Case, law: Law, days: int) -> Case:
    """The case with its legal decision clock longer by so many working days (Art. 42)."""

    def longer(clock: Clock) -> Clock:
        due = working_days.add(law, clock.due, days)
        return replace(clock, due=due.due, provisional=due.provisional, working_days=clock.working_days + days)

    return _change(case, longer, lambda c: (c.step, c.basis) == ("decision", "legal") and c.state in RUNNING)


def with_due(case: Case) -> Case:
    """The case with the due dates that its queue is ordered by."""
    row = replace(case.row, due=_first(case.clocks, "promised"), legal_due=_first(case.clocks, "legal"))
    return replace(case, row=row)


def _first(clocks: Iterable[Clock], basis: str) -> dt.date | None:
    return min((c.due for c in clocks if c.basis == basis and c.state == "running"), default=None)


def _change(case: Case, how: Callable[[Clock], Clock], which: Callable[[Clock], bool]) -> Case:
    return with_due(replace(case, clocks=tuple(how(c) if which(c) else c for c in case.clocks)))
