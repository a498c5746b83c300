"""Which agency is told what, and upon which event, as dated data: a city whose agencies work otherwise has other rows.

It never sends, and never looks at a case: the words of `when` are judged by whoever routes.
"""

from datetime import date

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
