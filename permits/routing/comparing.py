"""One case in two books: what we believe and what the agency believes, message by message and state by state. Pure.

It says where they differ and how much was compared; it never says who is right.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from integrations.approval_bureau import adapter as bureau
from integrations.contract import Status
from integrations.police import adapter as police
from permits.routing.model import Item

AGREES: Mapping[str, Mapping[str, frozenset[str]]] = {"police": police.AGREES, "approval-bureau": bureau.AGREES}
COMPONENTS: Mapping[str, str] = {"police": "residence_permit", "approval-bureau": "window"}
"""The part of a case that each agency reports on."""
QUESTIONS = frozenset({"status-request", "status"})
"""They ask and tell, and change nothing."""


class Ours(NamedTuple):
    """What our book says of a case and an agency, as it stood when the agency's answer was taken in."""

    messages: Sequence[Item]
    component: str
    """Status of the agency's part."""
    moving: bool
    """Whether something but the question and its answer went to or fro since it was asked: states cannot agree then."""


class Difference(msgspec.Struct, frozen=True):
    """One thing of which the books say different things; never a value of the application."""

    field: str
    ours: str | None
    theirs: str | None


class Compared(NamedTuple):
    """The outcome for one case."""

    checks: int
    differences: tuple[Difference, ...]


def compare(agency: str, ours: Ours, status: Status, sequence: int) -> Compared:
    """Both books about a case; `sequence` is that of the status itself: nothing before it can still be on its way."""
    found = list(_checked(agency, ours, status, sequence))
    return Compared(len(found), tuple(one for one in found if one is not None))


def _checked(agency: str, ours: Ours, status: Status, sequence: int) -> Iterator[Difference | None]:
    """Each comparison, None where the books agree."""
    if status.parts is not None:
        yield from _sent(ours, status)
        yield from _received(ours, status, sequence)
    if not ours.moving:
        yield _state(agency, ours.component, status.state)


def _name(way: str, kind: str, sequence: int) -> str:
    return f"{way}/{sequence}/{kind}"


def _sent(ours: Ours, status: Status) -> Iterator[Difference | None]:
    """What went to them: taken there, and had its effect; and nothing there that we never wrote."""
    theirs = {part.id: part for part in status.parts or () if part.way == "to-agency"}
    mine = {str(item.id): item for item in ours.messages if item.direction == "out"}
    for id_, item in mine.items():
        if item.kind in QUESTIONS or item.status == "refused":
            continue
        field, there = _name("out", item.kind, item.sequence), id_ in theirs
        if item.status == "delivered" and not there:
            yield Difference(field, "delivered", None)
        elif item.status == "quarantined" and there:
            yield Difference(field, "quarantined", "received")
        elif item.status == "delivered" and item.kind not in status.applied:
            yield Difference(field, "delivered", "received, not applied")
        else:
            yield None
    for id_, part in theirs.items():
        if id_ not in mine:
            yield Difference(_name("out", part.kind, part.sequence), None, "received")


def _received(ours: Ours, status: Status, sequence: int) -> Iterator[Difference | None]:
    """What they wrote before the status: taken in here; and nothing here that they never wrote."""
    mine = {str(item.id): item for item in ours.messages if item.direction == "in" and item.status != "refused"}
    written = {part.id: part for part in status.parts or () if part.way == "from-agency"}
    for id_, part in written.items():
        if part.sequence < sequence and part.kind not in QUESTIONS:
            absent = Difference(_name("in", part.kind, part.sequence), None, "sent")
            yield None if id_ in mine else absent
    for id_, item in mine.items():
        if item.kind not in QUESTIONS and item.sequence < sequence and id_ not in written:
            yield Difference(_name("in", item.kind, item.sequence), item.status, None)


def _state(agency: str, component: str, state: str) -> Difference | None:
    agreeing = AGREES[agency].get(component)
    if agreeing is None or state in agreeing:
        return None
    return Difference("state", component, state)
