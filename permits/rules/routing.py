"""Which agency is told what, and upon which event, as dated data: a city whose agencies work otherwise has other rows.

It never sends, and never looks at a case: the words of `when` are judged by whoever routes.
"""

from datetime import date

from permits.i18n import Text
from permits.rules.law import Dated, Law, table


@table("route")
class Route(Dated, frozen=True, kw_only=True):
    """One message that an event calls for."""

    on: tuple[str, ...]
    """The events that call for it: an entry of the timeline, or `letter-issued/` with the kind of letter."""
    agency: str
    message: str
    """The message's kind, as the agency's contract has it."""
    when: tuple[str, ...] = ()
    """What must hold of the case, all of it."""
    once: bool = False
    """Whether a case has one such message at most."""


def routes(law: Law, event: str, *, on: date, region: str) -> tuple[Route, ...]:
    """The messages that an event calls for, in the order of the file."""
    return tuple(route for route in law.entries(Route, on=on, region=region) if event in route.on)


@table("agency_limit")
class AgencyLimit(Dated, frozen=True, kw_only=True):
    """How long an agency may take over an answer, by its own rules."""

    agency: str
    after: tuple[str, ...]
    """The kinds of our messages that call for it."""
    awaits: tuple[str, ...]
    """The kinds of its messages of which any is the answer."""
    working_days: int
    """From the day on which it had our message."""
    title: Text
    """What is awaited, in a few words."""


def agency_limits(law: Law, *, on: date, region: str) -> tuple[AgencyLimit, ...]:
    """What the agencies owe an answer to, and within how long."""
    return law.entries(AgencyLimit, on=on, region=region)
