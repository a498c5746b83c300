"""Messages as data, and how agencies do; what must hold of a case for a route; the pauses between tries. Pure."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

import msgspec

from integrations.transport import Signed
from permits.cases.model import ENDED, SETTLED, Case, Event
from permits.letters.facts import EVENT_OF
from permits.letters.model import Issued
from permits.rules import joint
from permits.rules.law import Law
from permits.rules.routing import Route

Direction = Literal["in", "out"]
Status = Literal["queued", "delivered", "applied", "waiting", "refused", "quarantined"]

PAUSES_S = (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800)
LONGEST_PAUSE_S = 3600
"""There is no last attempt: giving up is a person's act."""


def pause_after(attempts: int) -> dt.timedelta:
    """How long to wait at most after so many tries without an answer."""
    return dt.timedelta(seconds=PAUSES_S[attempts - 1] if attempts <= len(PAUSES_S) else LONGEST_PAUSE_S)


def pause_at_age(age: dt.timedelta) -> dt.timedelta:
    """How long to wait before a receipt that comes in a file is looked for again: a tenth of what was waited so far."""
    return min(max(age / 10, dt.timedelta(seconds=PAUSES_S[0])), dt.timedelta(seconds=LONGEST_PAUSE_S))


def moment_of(message_id: uuid.UUID) -> dt.datetime:
    """Machine time at which a message was written: its id, UUIDv7, begins with milliseconds."""
    return dt.datetime.fromtimestamp((message_id.int >> 80) / 1000, dt.UTC)


def spread(pause: dt.timedelta, message_id: uuid.UUID) -> dt.timedelta:
    """The pause, up to a fifth shorter, each message by another part: they do not all come back at once."""
    return pause * (1 - message_id.int % 997 / 997 / 5)


class Cause(NamedTuple):
    """What a message is about: the case, what happened to it, and the letter where one was issued."""

    case: Case
    event: Event
    """The entry of the timeline; for a letter, the one that called for it."""
    letter: Issued | None
    law: Law
    demo: bool
    told: frozenset[tuple[str, str]] = frozenset()
    """Agency and kind of every message made before."""
    route: Route | None = None
    """The route that is judged."""

    @property
    def name(self) -> str:
        """What the routes call it."""
        return f"letter-issued/{self.letter.kind}" if self.letter else self.event.kind


def entry_of(moment: str) -> str:
    """The kind of the timeline's entry behind what a route calls an event: of a letter, the one that called for it."""
    kind, _, letter = moment.partition("/")
    return EVENT_OF[letter] if letter else kind


def _told_later(cause: Cause) -> bool:
    """Whether a later event calls for the same message: one long under way must not go before the others' messages."""
    route, event = cause.route, cause.event
    kinds = {entry_of(moment) for moment in route.on} if route else set()
    return any(later.kind in kinds and later.id > event.id for later in cause.case.timeline)


def _asked(cause: Cause, agency: str) -> bool:
    return agency in cause.event.detail.get("askers", ())


def _package_on(cause: Cause, moment: str) -> bool:
    """Whether the city gives the police their package at this moment."""
    row = cause.case.row
    found = joint.joint_procedure(cause.law, row.rules_on or cause.event.at.date(), row.region)
    return found is not None and found.package_on == moment


WHEN: Mapping[str, Callable[[Cause], bool]] = {
    "joint": lambda cause: cause.case.row.joint,
    "accepted": lambda cause: cause.case.row.accepted_at is not None,
    "granted": lambda cause: cause.case.status("work_permit") == "granted",
    "ended": lambda cause: cause.case.row.state in ENDED and not _told_later(cause),
    "residence-settled": lambda cause: cause.case.status("residence_permit") in SETTLED,
    "police-undecided": lambda cause: cause.case.status("residence_permit") not in SETTLED,
    "package-on-submission": lambda cause: _package_on(cause, "submission"),
    "package-on-acceptance": lambda cause: _package_on(cause, "acceptance"),
    "police-told": lambda cause: ("police", "review-package") in cause.told,
    "police-asked": lambda cause: _asked(cause, "police"),
}
"""The words that a route may use in `when`."""


class Sending(msgspec.Struct, frozen=True):
    """A message that is to be sent, as it stands in the log."""

    id: uuid.UUID
    sequence: int
    kind: str
    body: bytes
    """The exact bytes of the envelope, sealed."""
    attempts: int
    next_at: dt.datetime
    """Machine time before which it is not tried."""
    doubt_since: dt.datetime | None = None
    """Machine time of a try that ended without an answer: nobody knows whether it arrived."""
    asked: uuid.UUID | None = None
    """The status-request about that."""


def context_of(region: str, message_id: uuid.UUID) -> bytes:
    """What a message's sealed bytes belong to."""
    return f"message:{region}:{message_id}".encode()


class Stream(NamedTuple):
    """The messages of one case to one agency, of which one at a time is under way."""

    region: str
    case_id: uuid.UUID
    agency: str


class Arrived(NamedTuple):
    """A message as it came in, its signature verified."""

    agency: str
    body: bytes
    signature: dict[str, str]
    signed: Signed | None
    """None where a person tries it again: its signature is in the evidence of when it came."""
    skew_seconds: float
    """Our clock less theirs."""


class Item(msgspec.Struct, frozen=True):
    """One message of a case, as interface.md shows it."""

    direction: Direction
    agency: str
    id: uuid.UUID
    kind: str
    sequence: int
    status: Status
    attempts: int
    at: dt.datetime
    """Office time: written (out) or received (in)."""
    problem: str | None = None


class AgencyHealth(msgspec.Struct, frozen=True):
    """How an agency does, as the last messages showed."""

    name: str
    breaker: str
    skew_ms: int | None
    """Their clock less ours."""
    heard_at: dt.datetime | None
    failed_at: dt.datetime | None
    failure: str | None
    breaker_since: dt.datetime | None = None
    """Machine time since when the circuit has stood like this."""


class Health(msgspec.Struct, frozen=True):
    """What is waiting, for how long, in seconds of machine time; None where nothing waits."""

    outbox_age_s: float | None
    job_age_s: float | None
    message_age_s: float | None
    """The oldest message that an agency has not taken."""
    waiting_age_s: float | None
    """The oldest message of an agency whose predecessor has not come."""
    quarantined: int
    """Messages that an agency refused for good: a person must look."""
    relay_age_s: float | None
    """Since the relay's last run; None where it never ran."""
    agencies: tuple[AgencyHealth, ...]


def seconds_since(at: dt.datetime | None, now: dt.datetime) -> float | None:
    """How long ago, in seconds."""
    return None if at is None else (now - at).total_seconds()


def wrong_with(health: Health) -> dict[str, Any]:
    """What of it is worth an operator's look, by the field's name."""
    limits = {"outbox_age_s": 60, "job_age_s": 300, "message_age_s": 300, "waiting_age_s": 300, "relay_age_s": 10}
    found = {name: getattr(health, name) for name, limit in limits.items() if (getattr(health, name) or 0) > limit}
    if health.relay_age_s is None:
        found["relay_age_s"] = None
    if health.quarantined:
        found["quarantined"] = health.quarantined
    for agency in health.agencies:
        if agency.breaker != "closed" or abs(agency.skew_ms or 0) > MOST_SKEW_MS:
            found[agency.name] = agency.failure or f"{agency.breaker}, {agency.skew_ms} ms"
    return found


MOST_SKEW_MS = 60_000
"""A clock that is a minute off is told of; at five minutes its signatures are refused."""
