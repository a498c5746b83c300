"""The clocks of a case as the desks see them today: two bars, their words, and how long is left in a queue.

It reads the calendar of working days and changes no clock.
"""

import datetime as dt
from collections.abc import Iterable

import msgspec

from permits.cases.model import Case, Clock
from permits.i18n import Text
from permits.rules import working_days
from permits.rules.law import Law
from permits.web import parts

STEPS = {
    "pre-review": Text("预审", "Pre-review"),
    "acceptance": Text("受理", "Acceptance"),
    "decision": Text("决定", "Decision"),
    "delivery": Text("送达", "Delivery"),
}
AGAIN = Text("补正后重新计", "starts anew when answered")
SILENCE = Text("到期未答复即视为受理", "Silence means accepted")
_DAY = dt.timedelta(days=1)


def left(law: Law, today: dt.date, due: dt.date) -> int:
    """Working days after today up to a due date; below 0 the working days it is late."""
    if due >= today:
        return working_days.between(law, today + _DAY, due)
    return -max(working_days.between(law, due + _DAY, today), 1)


def soon(law: Law, today: dt.date) -> dt.date:
    """Up to this day a due date is soon: today and the next working day."""
    return working_days.add(law, today, 1).due


def left_words(days: int) -> Text:
    """How long is left, in a queue's few characters."""
    if days == 0:
        return Text("今天", "Today")
    if days < 0:
        return Text(f"超 {-days} 日", f"{-days} d late")
    return Text(f"{days} 日", f"{days} d")


def current(case: Case, basis: str) -> Clock | None:
    """The clock that matters now: the running or paused one that ends first, else the one that ended last."""
    mine = [clock for clock in case.clocks if clock.basis == basis]
    going = [clock for clock in mine if clock.state in ("running", "paused")]
    if going:
        return min(going, key=lambda clock: clock.due)
    return max(mine, key=lambda clock: (clock.started, clock.round, clock.due), default=None)


def shown(law: Law, clock: Clock, today: dt.date) -> parts.Clock:
    """A clock as the bars draw it."""
    until = clock.paused_on if clock.state == "paused" else clock.ended_on or today
    used = working_days.between(law, clock.started + _DAY, until or today)
    late = clock.state == "missed" or (clock.state == "running" and today > clock.due)
    over = working_days.between(law, clock.due + _DAY, clock.ended_on or today) if late else 0
    return parts.Clock(
        basis=clock.basis,
        state="missed" if late else clock.state,
        days=max(clock.working_days, 1),
        used=min(used, clock.working_days),
        due=clock.due,
        over=over,
    )


def words(law: Law, clock: Clock, today: dt.date) -> Text:
    """A clock in one line: 预审承诺 今天 12-03."""
    step, due = STEPS[clock.step], f"{clock.due:%m-%d}"
    zh = f"{step.zh}承诺" if clock.basis == "promised" else "法定"
    en = f"{step.en} promised" if clock.basis == "promised" else "By law"
    if clock.state == "paused":
        return Text(f"{zh} 暂停", f"{en}: paused")
    if clock.state in ("met", "missed"):
        kept = Text("按时", "in time") if clock.state == "met" else Text("超期", "late")
        return Text(f"{zh} {kept.zh} {due}", f"{en} {kept.en}, {due}")
    days = left_words(left(law, today, clock.due))
    return Text(f"{zh} {days.zh} {due}", f"{en} {days.en}, {due}")


def _stopped(clock: Clock) -> Text:
    """An answer to a correction starts these clocks anew (Art. 32)."""
    step = STEPS[clock.step]
    if clock.basis == "promised":
        return Text(f"{step.zh}承诺 停", f"{step.en} promised: stopped")
    return Text("法定 停", "By law: stopped")


def bars(law: Law, case: Case, today: dt.date) -> Iterable[tuple[parts.Clock, Text, Text]]:
    """What we promise and what the law gives, each with its words and a note."""
    for basis in ("promised", "legal"):
        clock = current(case, basis)
        if clock is None:
            continue
        if case.row.state == "correction" and clock.state != "paused":
            yield msgspec.structs.replace(shown(law, clock, today), state="paused"), _stopped(clock), AGAIN
            continue
        silence = basis == "legal" and clock.step == "acceptance" and clock.state == "running"
        provisional = Text("暂定", "provisional") if clock.provisional else Text("", "")
        yield shown(law, clock, today), words(law, clock, today), SILENCE if silence else provisional
