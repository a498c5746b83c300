"""The pages of flows: what each month or year brought by kind, as known now or on a day, and the permits behind it."""

import datetime as dt
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import asyncpg
import msgspec
from litestar import get
from litestar.response import Response

from permits import clock
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.statistics import behind
from permits.statistics import service as statistics
from permits.statistics.model import DEFINITION, Flow
from permits.statistics.periods import periods
from permits.statistics.taken import year_before
from permits.web import auth
from permits.web.forms import Filled, field_of
from permits.web.office import asked as asking
from permits.web.office import flowbars, words
from permits.web.office.asked import Asked, Query, managed_region, with_cursor
from permits.web.office.notes import note
from permits.web.pages import page
from permits.web.state import database_of, office_of

PAGE = 50
MOST_BARS = 36
"""The chart shows so many periods at most, the last ones; the table has all."""
PER = {"month": Text("每月", "Months"), "year": Text("每年", "Years")}
KINDS = words.KINDS | words.AMENDED
ORDER = Text("结束日不能早于开始日。", "The second day must not be before the first.")


class Span(msgspec.Struct, frozen=True):
    """The days asked about, as known when, and the form with what is wrong."""

    since: dt.date
    to: dt.date
    per: str
    known: dt.date | None
    filled: Filled

    def url(self, path: str, **more: str) -> str:
        """An address about the same knowledge."""
        known = {"as_known_on": str(self.known)} if self.known else {}
        return f"{path}?{urlencode(more | known)}"


class Line(msgspec.Struct, frozen=True):
    """One month or year."""

    name: str
    flow: Flow
    counts: dict[str, int]
    hrefs: dict[str, str]

    @property
    def net(self) -> int:
        """What it adds to the total."""
        return sum(count for kind, count in self.counts.items() if kind in statistics.KINDS)


@get("/flows")
async def flows(request: auth.Asked) -> Response[str]:
    """What each month or year brought; 400 beside a day that is none."""
    region, today = managed_region(auth.person(request)), clock.today()
    span = read(request.query_params, today)
    async with database_of(request).transaction(region) as tx:
        span = await _within(tx, region, span, today)
        found = await statistics.flows(tx, region, span.since, span.to, span.per, span.known)  # type: ignore[arg-type]
        await note(tx, request, "statistics", Asked(span.to, span.known), by=["flows"])
    lines = [_line(span, flow) for flow in found]
    kinds = [kind for kind in statistics.FLOWS if any(line.counts.get(kind) for line in lines)]
    return page(
        request, "office/flows.html", status=400 if span.filled.errors else 200, span=span, lines=lines, kinds=kinds,
        totals={kind: sum(line.counts.get(kind, 0) for line in lines) for kind in kinds}, words=KINDS, per=PER,
        chart=flowbars.drawn([(line.name, line.counts) for line in lines[-MOST_BARS:]]), asked=Asked(span.to, None),
        url=span.url("/office/flows", **{"from": str(span.since), "to": str(span.to), "per": span.per}),
        neutral=frozenset(words.AMENDED), definition=DEFINITION,
    )  # fmt: skip


def read(query: Query, today: dt.date) -> Span:
    """The days an address asks about: a year up to today by months, where it names none."""
    named = asking.both(query, {"from": year_before(today), "to": today})
    known = asking.read(query, today)
    first, last = sorted((named.days["from"], named.days["to"]))
    per = str(query.get("per", ""))
    errors = {**named.filled.errors, **{k: v for k, v in known.filled.errors.items() if k == "as_known_on"}}
    values = {**named.filled.values, "as_known_on": known.filled.value("as_known_on")}
    return Span(first, last, per if per in PER else "month", known.known, Filled(values, errors))


async def _within(tx: asyncpg.Connection, region: str, span: Span, today: dt.date) -> Span:
    """The span where the register reaches it; else a year up to today, with what is wrong beside its field."""
    try:
        await statistics.require_within(
            tx, region, today, as_known_on=span.known, **{"from": span.since, "to": span.to}
        )
    except BadInput as wrong:
        errors = {field_of(error.pointer): error.text for error in wrong.errors}
        asked_for = {name: words for name, words in errors.items() if span.filled.value(name)}
        return Span(today, today, span.per, None, Filled(span.filled.values, {**asked_for, **span.filled.errors}))
    return span


def _line(span: Span, flow: Flow) -> Line:
    counts = {change.kind: change.count for change in flow.changes}
    days = {"from": str(flow.first), "to": str(flow.last)}
    hrefs = {kind: span.url("/office/flows/permits", **days, kind=kind) for kind in counts}
    return Line(str(flow.first)[: 7 if span.per == "month" else 4], flow, counts, hrefs)


@get("/flows/permits")
async def permits(request: auth.Asked) -> Response[str]:
    """The permits behind one figure of the flows, a page at a time: what they add makes the figure."""
    query, region = request.query_params, managed_region(auth.person(request))
    whole = periods(asking.day(query, "from"), asking.day(query, "to"), "month")
    if not whole:
        raise BadInput(errors=[FieldError("/to", ORDER)])
    since, to = whole[0][0], whole[-1][1] - dt.timedelta(days=1)
    kind, cursor, known = str(query.get("kind", "")), query.get("cursor"), asking.read(query, clock.today()).known
    keys = office_of(request).keys
    async with database_of(request).transaction(region) as tx:
        found = await behind.permits_in_flow(tx, keys, region, since, to, kind, cursor, PAGE, known)
        total = await _total(tx, region, since, to, kind, known)
        await note(tx, request, "list-permits", Asked(to, known), by=["flows"], kind=kind, shown=len(found.items))
    given = {"from": str(since), "to": str(to), "kind": kind} | ({"as_known_on": str(known)} if known else {})
    url = f"/office/flows/permits?{urlencode(given)}"
    return page(
        request, "office/changes.html", asked=Asked(to, known), since=since, whole=False, late=False, flow=True,
        kind=KINDS[kind], items=found.items, total=total, first=url if cursor else "",
        following=with_cursor(url, found.cursor), short=words.short_district, nationality=words.nationality,
        kinds=words.KINDS,
    )  # fmt: skip


async def _total(
    tx: asyncpg.Connection, region: str, since: dt.date, to: dt.date, kind: str, known: dt.date | None
) -> int:
    """The figure a list belongs to, of whole months."""
    found: Sequence[Flow] = await statistics.flows(tx, region, since, to, "month", known)
    return sum(change.count for flow in found for change in flow.changes if change.kind == kind)


HANDLERS: list[Any] = [flows, permits]
