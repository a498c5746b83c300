"""What the board shows, asked in one transaction and put into words. It changes nothing."""

import datetime as dt
from typing import Any

import asyncpg
import msgspec

from permits import clock
from permits.i18n import Text
from permits.office import Office
from permits.routing import breakers, dead_letters, differences, ledgers, standing_in, verifying, watching, why
from permits.routing.ledgers import Run
from permits.routing.watching import Awaited, Standing, Undelivered
from permits.web.agencies import words
from permits.web.agencies.circuit import Strip, strip
from permits.web.agencies.traffic import Traffic, traffic
from permits.web.parts import Light
from permits.web.window.words import AGENCIES

NAMES = ("police", "approval-bureau")
SHOWN = 12
"""Lines of each list before "all"."""
MOST = 200
SOON = 2 / 3
"""From this share of a limit on it is yellow."""
OLD_S = 300
"""What has waited so long, in seconds, to be taken is yellow."""


class Panel(msgspec.Struct, frozen=True):
    """How it goes with one agency."""

    key: str
    name: Text
    says: Text
    arm: str
    """How the switch is drawn: ok, half or open."""
    light: Light
    state: Text
    detail: Text
    queued: int
    oldest: Text
    old: bool
    median: Text
    failed: int
    late: int
    """Answers owed beyond the agency's own limit."""
    traffic: Traffic
    circuit: Strip


class Waiting(msgspec.Struct, frozen=True):
    """One line of what has waited longest."""

    light: Light
    age: Text
    agency: Text
    what: Text
    case_number: str
    attempts: int | None
    """Tries of a message that was not taken; None for an answer that is owed."""
    next: Text
    """When it is tried again, or until when the answer is owed."""


class Books(msgspec.Struct, frozen=True):
    """The last comparison with one agency."""

    name: Text
    run: Run
    well: dt.datetime | None
    """When both books last said the same."""

    @property
    def unlisted(self) -> Text | None:
        """Why their own list of cases is not whole; None where it is, or is still being read."""
        return words.UNLISTED.get(self.run.list_problem or "")

    @property
    def silent(self) -> Text:
        """How much was not answered."""
        answered, _, rest = (self.run.problem or "").partition(" of ")
        return Text(f"{rest.split()[0] if rest else ''} 件里 {answered} 件没有答复", self.run.problem or "")


class Board(msgspec.Struct, frozen=True):
    """The whole board."""

    panels: tuple[Panel, ...]
    waiting: tuple[Waiting, ...]
    books: tuple[Books, ...]
    tasks: tuple[dict[str, Any], ...]
    put_aside: tuple[dict[str, Any], ...]
    stand_ins: tuple[standing_in.StandIn, ...]
    proved: tuple[Light, Text]
    """How far the chain of evidence holds, and when that was seen."""


async def board(tx: asyncpg.Connection, office: Office, region: str, *, everything: bool = False) -> Board:
    """The board as it is now; `everything` shows all that waits."""
    now, machine, offset = clock.now(), clock.machine_now(), clock.offset()
    most = MOST if everything else SHOWN
    queued = await watching.undelivered(tx, region, most)
    owed = await watching.awaited(tx, office.law, region, now, most, offset)
    lines = [_undelivered(one, machine) for one in queued] + [_owed(one, now, office) for one in owed]
    return Board(
        panels=await _panels(tx, office, region),
        waiting=tuple(sorted(lines, key=lambda line: ("late", "soon", "fine").index(line.light))[:most]),
        books=await _books(tx, region),
        tasks=tuple(shown(task) for task in await differences.tasks(tx, region, MOST)),
        put_aside=tuple(put_aside(letter) for letter in await dead_letters.page(tx, region)),
        stand_ins=tuple(await standing_in.waiting(tx, region)),
        proved=_proved(await verifying.verified(tx, region)),
    )


def _proved(known: verifying.Verification) -> tuple[Light, Text]:
    """The chain of evidence in words."""
    if known.broken is not None:
        return "late", Text(
            f"证据链第 {known.broken} 条不成立，请运行 permits doctor --evidence",
            f"Entry {known.broken} of the chain of evidence does not hold; run permits doctor --evidence",
        )
    if known.ended_at is None:
        return "open", Text("证据链还没有核验过", "The chain of evidence has not been verified yet")
    at = (known.ended_at + clock.offset()).astimezone(clock.CITY)
    return "done", Text(
        f"证据链 {known.ended_seq} 条全部成立，核验到底：{at:%Y-%m-%d %H:%M}",
        f"All {known.ended_seq} entries of the chain of evidence hold, verified to its end on {at:%Y-%m-%d %H:%M}",
    )


async def _panels(tx: asyncpg.Connection, office: Office, region: str) -> tuple[Panel, ...]:
    now, machine = clock.now(), clock.machine_now()
    day = dt.timedelta(days=1)
    standings = await watching.standings(tx, region)
    waits = await watching.waits(tx, region)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = await watching.day(tx, region, machine - (now - midnight), midnight)
    hours = await watching.hours(tx, region, machine - day, now - day)
    late = await watching.late(tx, office.law, region, now, clock.offset())
    changed = await breakers.changes(tx, region, machine - day)
    found = []
    for name in NAMES:
        waiting, done = waits.get(name), today.get(name)
        oldest = (machine - waiting.oldest).total_seconds() if waiting and waiting.oldest else None
        arm, light, state, detail = _circuit(standings.get(name), now)
        median = done.median_s if done else None
        found.append(
            Panel(
                key=name,
                name=AGENCIES[name],
                says=words.SAYS[name],
                arm=arm,
                light=light,
                state=state,
                detail=detail,
                queued=waiting.queued if waiting else 0,
                oldest=words.age(oldest),
                old=(oldest or 0) > OLD_S,
                median=Text("—", "—") if median is None else Text(f"{median:.1f} 秒", f"{median:.1f} s"),
                failed=done.failed if done else 0,
                late=late.get(name, 0),
                traffic=traffic([one for one in hours if one.agency == name], now),
                circuit=strip([one for one in changed if one.agency == name], now, clock.offset()),
            )
        )
    return tuple(found)


ARMS = {"closed": "ok", "half-open": "half", "open": "open"}


def _circuit(standing: Standing | None, now: dt.datetime) -> tuple[str, Light, Text, Text]:
    """How the switch is drawn, its light, its state in words, and since when."""
    if standing is None:
        return ("ok", *words.NEVER, Text("", ""))
    light, state = words.BREAKERS[standing.breaker]
    at = standing.breaker_since or standing.heard_at or standing.failed_at
    told = words.since((at + clock.offset()).astimezone(clock.CITY), now.date()) if at else Text("", "")
    if standing.breaker != "closed" and standing.retry_at:
        again = f"{(standing.retry_at + clock.offset()).astimezone(clock.CITY):%H:%M:%S}"
        told = Text(f"{told.zh}，{again} 再试", f"{told.en}, next try {again}")
        if standing.failure:
            because = why.of_line(standing.failure)
            told = Text(f"{because.zh}；{told.zh}", f"{because.en}; {told.en}")
    return ARMS[standing.breaker], light, state, told


def _undelivered(one: Undelivered, machine: dt.datetime) -> Waiting:
    seconds = (machine - one.created_at).total_seconds()
    again = f"{(one.next_at + clock.offset()).astimezone(clock.CITY):%H:%M:%S}"
    return Waiting(
        light="soon" if seconds > OLD_S else "fine",
        age=words.age(seconds),
        agency=AGENCIES[one.agency],
        what=_joined(Text("送到：", "To arrive: "), words.message(one.kind)),
        case_number=one.case_number,
        attempts=one.attempts,
        next=Text(f"{again} 再试", f"tried again {again}"),
    )


def _owed(one: Awaited, now: dt.datetime, office: Office) -> Waiting:
    seconds = (now - one.since).total_seconds()
    whole = (one.due - one.since.date()).days or 1
    passed = (now.date() - one.since.date()).days
    light: Light = "late" if one.late(now.date()) else "soon" if passed / whole >= SOON else "fine"
    return Waiting(
        light=light,
        age=words.age(seconds),
        agency=AGENCIES[one.agency],
        what=one.limit.title,
        case_number=one.case_number,
        attempts=None,
        next=Text(f"{one.due:%m-%d} 前", f"by {one.due:%m-%d}"),
    )


def _joined(one: Text, other: Text) -> Text:
    return Text(one.zh + other.zh, one.en + other.en)


async def _books(tx: asyncpg.Connection, region: str) -> tuple[Books, ...]:
    latest = {run.agency: run for run in await ledgers.latest(tx, region)}
    return tuple(
        [
            Books(AGENCIES[name], latest[name], await ledgers.last_well(tx, region, name))
            for name in NAMES
            if name in latest
        ]
    )


def shown(task: differences.Task) -> dict[str, Any]:
    """A difference in words."""
    return {
        "id": task.id,
        "agency": AGENCIES[task.agency],
        "case_number": task.case_number,
        "ours_too": task.case_id is not None,
        "what": words.field(task.field),
        "ours": words.believed(task.agency, task.field, task.ours),
        "theirs": words.believed(task.agency, task.field, task.theirs),
        "found_at": task.found_at.astimezone(clock.CITY),
        "state": task.state,
        "settled_at": task.settled_at and task.settled_at.astimezone(clock.CITY),
        "settled_name": task.settled_name,
        "why": task.why,
    }


def put_aside(letter: dead_letters.DeadLetter) -> dict[str, Any]:
    """A message put aside, in words, without what it says."""
    return {
        "id": letter.message_id,
        "since": letter.since.astimezone(clock.CITY),
        "agency": AGENCIES[letter.agency],
        "outward": letter.direction == "out",
        "kind": letter.kind,
        "what": words.message(letter.kind),
        "case_number": letter.case_number,
        "sequence": letter.sequence,
        "reason": letter.why_aside,
        "state": letter.state,
        "how": letter.how and words.SETTLED.get(letter.how),
        "settled_name": letter.settled_name,
        "settled_at": letter.settled_at and letter.settled_at.astimezone(clock.CITY),
        "why": letter.why,
    }
