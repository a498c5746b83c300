"""How a simulated agency behaves: pure rules over what its book holds. It never opens a book, never sends anything."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct, field

from integrations.contract import Agency, Body


class CaseNow(Struct, frozen=True, kw_only=True):
    """A case as the agency's book holds it."""

    number: str
    serial: int  # counts the cases of this book
    state: str
    name: str = ""  # whom the page shows
    facts: dict[str, Any] = field(default_factory=dict)  # plain values that the rules remember
    sent: frozenset[str] = frozenset()  # kinds sent to the office so far


class Plan(Struct, frozen=True):
    """An answer for later; what the body lacks is filled in when it is sent."""

    kind: str
    delay: float = 0.0  # seconds of office time from now
    body: dict[str, Any] = field(default_factory=dict)


class Turn(Struct, frozen=True, kw_only=True):
    """What a message does to a case."""

    state: str
    name: str = ""  # empty: as before
    facts: dict[str, Any] = field(default_factory=dict)  # added to those of the case
    plans: tuple[Plan, ...] = ()
    ends_plans: bool = False  # what was planned before is dropped


class Player(Struct, frozen=True, kw_only=True):
    """A simulated agency."""

    agency: Agency
    on_message: Callable[[CaseNow, str, Body, float], Turn]  # the case, kind and body; a delay of 0.2 to 0.5 s to use
    complete: Callable[[CaseNow, str, datetime], dict[str, Any]]  # an answer's usual body, at an office time
    states_after: Mapping[str, str]  # the case's state once an answer of this kind is sent
    decisive: frozenset[str]  # answers given by hand that end what was planned
    offers: Mapping[str, tuple[str, ...]]  # which answers the page offers in each state
    title: tuple[str, str]  # Chinese, English
    disclaimer: tuple[str, str]
