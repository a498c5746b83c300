"""The handlers of the figures: the board, the lists behind every number, breakdowns.

Managers only; every look is recorded in the transaction that reads.
"""

from collections.abc import Sequence
from typing import Any

import asyncpg
import msgspec
from litestar import Router, get
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.errors import NotFound
from permits.i18n import Text
from permits.statistics import behind, store
from permits.statistics import service as statistics
from permits.statistics import views as kept_views
from permits.statistics.extensions import extensions
from permits.statistics.looks import latest
from permits.statistics.model import DEFINITION, DIMENSIONS, Rank
from permits.statistics.shares import SHARES
from permits.web import auth
from permits.web.office import asked as asking
from permits.web.office import asof, durations, files, flows, leaving, looks, reports, views, words
from permits.web.office.asked import Asked, managed_region, with_cursor
from permits.web.office.board import CATEGORIES, WITHIN, board
from permits.web.office.compare import compare
from permits.web.office.notes import note
from permits.web.office.reach import within
from permits.web.pages import page
from permits.web.state import database_of, office_of

SHOWN_REPORTS, SHOWN_LOOKS = 6, 7
"""On the board."""
PAGE = 50
"""Permits on one page of a list."""
WORDS: dict[str, Any] = {"short": words.short_district, "nationality": words.nationality, "kinds": words.KINDS}
"""What templates of lists call the codes by."""


class Line(msgspec.Struct, frozen=True):
    """One value of a breakdown."""

    name: Text
    count: int
    persons: int
    percent: float
    """Of all permits."""
    href: str


def _region(request: auth.Asked) -> str:
    return managed_region(auth.person(request))


@get("/")
async def figures(request: auth.Asked) -> Response[str]:
    """The figures of a day; `print=1` for paper, with every table open; 400 beside a day that is none."""
    asked, region = asking.read(request.query_params, clock.today()), _region(request)
    every = request.query_params.get("nationalities") == "all"
    database = database_of(request)
    async with database.transaction(region) as tx:
        asked = await within(tx, region, asked, clock.today())
    found = await board(database, office_of(request), region, asked, every_nationality=every)
    async with database.transaction(region) as tx:
        issued = await reports.compared(tx, region, SHOWN_REPORTS)
        kept = await kept_views.of_account(tx, region, auth.person(request).id)
        looked, _ = await latest(tx, region, SHOWN_LOOKS)
        await note(tx, request, "statistics", asked, by=["board"])
    return page(
        request,
        "office/board.html",
        status=400 if asked.filled.errors else 200,
        asked=asked,
        board=found,
        ticks=asof.ticks(asked, clock.today()),
        stop=asking.stop_of(asked.on, clock.today()),
        stops=asking.STOPS,
        reports=issued,
        views=kept,
        looked=[looks.in_words(one) for one in looked],
        shares=SHARES,
        categories=CATEGORIES,
        dimensions=DIMENSIONS,
        definition=DEFINITION,
        **WORDS,
        on_paper=request.query_params.get("print") == "1",
    )


@get("/permits")
async def permits(request: auth.Asked) -> Response[str]:
    """The permits behind a figure, a page at a time: as many as the figure says."""
    asked, region = asking.read(request.query_params, clock.today()), _region(request)
    where = asking.filters(request.query_params)
    office, cursor = office_of(request), request.query_params.get("cursor")
    async with database_of(request).transaction(region) as tx:
        total = await files.total_of(tx, region, asked, where)
        found = await behind.permits_valid_on(tx, office.keys, region, asked.on, asked.known, where, cursor, PAGE)
        names = await _names(tx, request, region, asked, where)
        await note(tx, request, "list-permits", asked, by=list(where), shown=len(found.items))
    url = asked.url("/office/permits", **where)
    return page(
        request,
        "office/permits.html",
        asked=asked,
        where=names,
        total=total,
        items=found.items,
        first=url if cursor else "",
        following=with_cursor(url, found.cursor),
        url=url,
        files=[asked.url(f"/office/permits.{form}", **where) for form in ("xlsx", "csv")],
        definition=DEFINITION,
        **WORDS,
    )


async def _names(
    tx: asyncpg.Connection, request: auth.Asked, region: str, asked: Asked, where: asking.Where
) -> list[tuple[Text, Text]]:
    """The filters of a list in words."""
    codes = [where["employer"]] if "employer" in where else []
    employers = await store.employer_names(tx, region, codes) if codes else {}
    law = office_of(request).law
    return [(DIMENSIONS[n], words.value(n, code, law, asked.on, region, employers)) for n, code in where.items()]


@get("/expiring")
async def expiring(request: auth.Asked) -> Response[str]:
    """The permits that run out within 30, 60 or 90 days, a page at a time."""
    asked, region = asking.read(request.query_params, clock.today()), _region(request)
    days = next((n for n in WITHIN if str(n) == request.query_params.get("days")), WITHIN[-1])
    keys, cursor = office_of(request).keys, request.query_params.get("cursor")
    async with database_of(request).transaction(region) as tx:
        found = await behind.permits_expiring(tx, keys, region, asked.on, days, cursor, PAGE)
        counts = await behind.expiring_soon(tx, region, asked.on, WITHIN)
        standing = await extensions(tx, office_of(request).law, region, asked.on, found.items)
        await note(tx, request, "list-permits", asked, by=["expiring"], days=days, shown=len(found.items))
    url = asked.url("/office/expiring", days=str(days))
    return page(
        request, "office/expiring.html", asked=asked, days=days, items=found.items, counts=counts,
        extensions=standing,
        first=url if cursor else "", following=with_cursor(url, found.cursor), **WORDS,
    )  # fmt: skip


@get("/changes")
async def changes(request: auth.Asked) -> Response[str]:
    """The permits behind one part of a bridge, a page at a time: what they add makes the part."""
    query, region = request.query_params, _region(request)
    since, to = (asking.day(query, name) for name in ("from", "to"))
    kind, cursor, known = query.get("kind", ""), query.get("cursor"), asking.read(query, clock.today()).known
    asked, keys = Asked(to, known), office_of(request).keys
    async with database_of(request).transaction(region) as tx:
        found = await behind.permits_changed(tx, keys, region, since, to, kind, cursor, PAGE, known)
        bridge = await statistics.bridge(tx, region, since, to, known)
        await note(tx, request, "list-permits", asked, by=["changes"], kind=kind, shown=len(found.items))
    url = f"/office/changes?from={since}&to={to}&kind={kind}" + (f"&as_known_on={known}" if known else "")
    return page(
        request, "office/changes.html", asked=asked, since=since, whole=since == statistics.FIRST, flow=False,
        kind=words.KINDS[kind], late=kind == "corrected", items=found.items, first=url if cursor else "",
        total=sum(change.count for change in bridge.changes if change.kind == kind),
        following=with_cursor(url, found.cursor), **WORDS,
    )  # fmt: skip


@get("/by/{dimension:str}")
async def by(request: auth.Asked, dimension: FromPath[str]) -> Response[str]:
    """The valid permits of a day by one dimension, the largest groups first, each figure a link to its list."""
    if dimension not in DIMENSIONS:
        raise NotFound
    asked, region = asking.read(request.query_params, clock.today()), _region(request)
    skip, day = asking.skipped(request.query_params), [(asked.on, asked.known)]
    async with database_of(request).transaction(region) as tx:
        whole = await statistics.valid_on(tx, region, asked.on, asked.known, ())
        found = await statistics.ranking(tx, region, dimension, day, asking.GROUPS, skip)
        lines = await _lines(tx, request, region, asked, found.ranks, dimension, whole.total)
        await note(tx, request, "statistics", asked, by=[dimension])
    url = asked.url(f"/office/by/{dimension}")
    return page(
        request,
        "office/by.html",
        asked=asked,
        dimension=dimension,
        dimensions=DIMENSIONS,
        count=whole,
        groups=found.groups,
        lines=lines,
        first=url if skip else "",
        following=asking.more_groups(url, skip, found.groups),
        files=[asked.url(f"/office/valid-permits.{form}", by=dimension) for form in ("xlsx", "csv")],
        definition=DEFINITION,
    )


async def _lines(
    tx: asyncpg.Connection,
    request: auth.Asked,
    region: str,
    asked: Asked,
    ranks: Sequence[Rank],
    dimension: str,
    total: int,
) -> list[Line]:
    codes = [rank.code for rank in ranks]
    employers = await store.employer_names(tx, region, codes) if dimension == "employer" else {}
    law = office_of(request).law
    return [
        Line(
            words.value(dimension, rank.code, law, asked.on, region, employers),
            rank.counts[0],
            rank.persons[0],
            100 * rank.counts[0] / total if total else 0,
            asked.url("/office/permits", **{dimension: rank.code}),
        )
        for rank in ranks
    ]


def office_router() -> Router:
    """The managers' pages."""
    handlers = [figures, permits, expiring, changes, by, compare]
    for part in (durations, flows, leaving, looks, views, reports):
        handlers += part.HANDLERS
    return Router("/office", route_handlers=handlers, guards=[auth.require("manager")], include_in_schema=False)
