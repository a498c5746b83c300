"""What every action is made of: who acts under which law, the case that comes out, and the changes they share.

Nothing here reads or writes; the actions stand in `actions.py`, `correcting.py` and `deciding.py`.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from msgspec.structs import replace

from permits.cases.guards import Asking
from permits.cases.lifecycle import Transition
from permits.cases.model import Case, Component, Signed
from permits.rules.law import Law


class Doing(NamedTuple):
    """Who acts, when by the office's clock, under which law."""

    asking: Asking
    law: Law
    row: Transition

    @property
    def at(self) -> dt.datetime:
        """The office's instant."""
        return self.asking.at

    @property
    def today(self) -> dt.date:
        """The office's date."""
        return self.asking.at.date()


class Done(NamedTuple):
    """The case afterwards, what happened, and what the timeline says of it."""

    case: Case
    event: str
    detail: dict[str, Any] | None = None


Action = Callable[[Case, Doing, Any], Done]


def put(case: Case, **changes: Any) -> Case:
    """The case with these columns of its row changed."""
    return replace(case, row=replace(case.row, **changes))


def moved(case: Case, doing: Doing, **changes: Any) -> Case:
    """The same, in the state that the row of the table leads to."""
    return put(case, state=doing.row.to or case.row.state, **changes)


def signed(doing: Doing, **said: Any) -> Signed:
    """What a person says of the case, with their name and the instant."""
    return Signed(by=doing.asking.account.id, name=doing.asking.account.name, at=doing.at, **said)


def ended(case: Case, doing: Doing) -> Case:
    """The case closed on one's desk."""
    return moved(case, doing, claim=None, closed_at=doing.at)


def stopped(case: Case) -> Case:
    """The case with what has not come to a result stopped."""

    def stop(part: Component) -> Component:
        running = part.kind == "residence_permit" and part.status not in ("granted", "refused", "not-wanted")
        return replace(part, status="stopped") if running else part

    return replace(case, components=tuple(stop(part) for part in case.components))


def with_component(case: Case, part: Component) -> Case:
    """The case with this component in place of the one of its kind."""
    others = tuple(c for c in case.components if c.kind != part.kind)
    return replace(case, components=(*others, part))
