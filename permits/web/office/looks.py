"""The page of who looked at what: every look at figures, every list, everything that left, the latest first."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import get
from litestar.response import Response

from permits import clock
from permits.i18n import Text
from permits.statistics import looks
from permits.statistics.exports import OPERATOR
from permits.statistics.looks import ACTIONS, Look
from permits.statistics.model import DIMENSIONS
from permits.statistics.shares import SHARES
from permits.statistics.taken import PARTIES, STEPS
from permits.web import auth
from permits.web.office import asked as asking
from permits.web.office.asked import managed_region
from permits.web.pages import page
from permits.web.state import database_of

PAGE = 50
MOST_WORDS = 4
PARTS: Mapping[str, Text] = {
    "board": Text("总览", "the board"),
    "times": Text("用时", "time taken"),
    "expiring": Text("即将到期", "expiring soon"),
    "changes": Text("增减", "what changed"),
    "flows": Text("每月增减", "flows"),
    **DIMENSIONS,
    **PARTIES,
    **STEPS,
    **{name: share.name for name, share in SHARES.items()},
}
"""What the record names a part of the figures by."""


class Seen(msgspec.Struct, frozen=True):
    """One look in words."""

    at: dt.datetime
    name: str
    action: Text
    what: tuple[Text, ...]
    on: str
    known: str
    shown: int | None


def in_words(look: Look) -> Seen:
    """A look as people read it; what the record names otherwise is left out."""
    said: Any = look.detail.get("by") or ()
    what = tuple(PARTS[name] for name in said if isinstance(name, str) and name in PARTS)[:MOST_WORDS]
    return Seen(
        at=look.office_at,
        name=look.name or OPERATOR,
        action=ACTIONS[look.action],
        what=what,
        on=str(look.detail.get("on") or look.detail.get("to") or ""),
        known=str(look.detail.get("as_known_on") or ""),
        shown=look.detail.get("shown"),
    )


@get("/looks")
async def looked(request: auth.Asked) -> Response[str]:
    """Who looked at which figures and lists, a page at a time; `action` narrows it to one kind."""
    query, region = request.query_params, managed_region(auth.person(request))
    action, cursor = (str(query.get(name, ""))[: asking.LONGEST] for name in ("action", "cursor"))
    asked = asking.read(query, clock.today())
    async with database_of(request).transaction(region) as tx:
        found, after = await looks.latest(tx, region, PAGE, action, cursor)
    url = f"/office/looks?action={action}"
    return page(
        request, "office/looks.html", asked=asked, items=[in_words(one) for one in found], action=action,
        actions=ACTIONS, first=url if cursor else "", following=asking.with_cursor(url, after),
    )  # fmt: skip


HANDLERS: list[Any] = [looked]
