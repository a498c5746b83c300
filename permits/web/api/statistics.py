"""Figures over JSON: valid permits on any day, as known on any day, by anything; what changed between two days."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Annotated, Any, Literal

import asyncpg
import msgspec
from litestar import Response, Router, get
from litestar.exceptions import ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.rules.law import Law
from permits.statistics import behind, shares, times
from permits.statistics import service as statistics
from permits.statistics.checks import check_days, check_dimensions, one_of
from permits.statistics.model import DIMENSIONS, ChangedPage
from permits.statistics.sheets import Format
from permits.web.api import leaving, parameters
from permits.web.api.call import Asked, Call, call_of, json
from permits.web.api.city import city_of
from permits.web.api.files import accepted, count_file, figures, list_file, smallest
from permits.web.api.problems import problem_of, problem_response
from permits.web.auth import require_token
from permits.web.office.other_figures import SINCE, WITHIN

MANAGER = require_token("manager")


Day = FromQuery[dt.date | None]
Region = Annotated[str | None, QueryParameter(pattern=r"^[0-9]{6}$", description="the city, by default yours")]
Cursor = Annotated[str | None, QueryParameter(max_length=80, description="where the last page ended")]
Size = Annotated[int, QueryParameter(ge=1, le=behind.MOST, description="so many a page")]
OfTheYear = Callable[[asyncpg.Connection, Law, str, dt.date], Awaitable[Sequence[Any]]]
Leave = Callable[[Sequence[Any], int], Sequence[Any]]
"""Of figures what may leave, given the least one that may."""
From = Annotated[dt.date, QueryParameter(name="from")]


@get("/statistics/valid-permits", guards=[MANAGER])
async def valid_permits(
    request: Asked,
    on: Day = None,
    as_known_on: Day = None,
    by: Annotated[
        str | None, QueryParameter(max_length=200, description="dimensions, comma separated, two at most")
    ] = None,
    region: Region = None,
) -> Response[bytes] | Stream:
    """Valid permits on a day: total, persons, groups that sum to the total; CSV or XLSX where asked for."""
    day, dimensions = on or clock.today(), tuple(by.split(",")) if by else ()
    async with _asking(request, region, {"on": day}, as_known_on=as_known_on, by=dimensions) as (call, city, tx):
        if form := accepted(request):
            return await count_file(call, tx, city, day, as_known_on, dimensions, form)
        found = await statistics.valid_on(tx, city, day, as_known_on, dimensions)
    return json(found.json())


@get("/statistics/valid-permits/list", guards=[MANAGER], also=tuple(DIMENSIONS), repeated=("where",))
async def valid_list(
    request: Asked,
    on: Day = None,
    as_known_on: Day = None,
    where: Annotated[
        list[str] | None,
        QueryParameter(max_items=9, description="dimension:value, once a dimension; or dimension=value"),
    ] = None,
    region: Region = None,
    cursor: Cursor = None,
    size: Size = 50,
) -> Response[bytes] | Stream:
    """The permits behind a figure, names masked: as many as it says, or as the group of these values."""
    day, asked = on or clock.today(), _narrowed(where or ())
    asked |= {name: value for name, value in request.query_params.items() if name in DIMENSIONS}
    if form := accepted(request):
        return await _whole_list(request, region, day, as_known_on, asked, form)
    async with _asking(request, region, {"on": day}, as_known_on=as_known_on, by=tuple(asked)) as (call, city, tx):
        keys = call.office.keys
        found = await behind.permits_valid_on(tx, keys, city, day, as_known_on, asked, cursor, size)
    return json(found)


async def _whole_list(
    request: Asked, region: str | None, on: dt.date, as_known_on: dt.date | None, where: Mapping[str, str], form: Format
) -> Stream:
    """The list as a file, read in one snapshot: the question is looked at in a transaction of its own."""
    async with _asking(request, region, {"on": on}, as_known_on=as_known_on, by=tuple(where)) as (call, city, _):
        pass
    async with call.database.transaction(city) as tx:
        return await list_file(call, tx, city, on, as_known_on, where, form)


@get("/statistics/valid-permits/bridge", guards=[MANAGER])
async def bridge(
    request: Asked, from_: From, to: FromQuery[dt.date], as_known_on: Day = None, region: Region = None
) -> Response[bytes] | Stream:
    """What made the difference between two days, as known now or on a day; it adds up."""
    async with _asking(request, region, {"from": from_, "to": to}, as_known_on=as_known_on) as (call, city, tx):
        found = await statistics.bridge(tx, city, from_, to, as_known_on)
        form = accepted(request)
        if form is None:
            return json(found)
        items = leaving.bridge(found, smallest(call, city))
        return await figures(call, tx, city, "bridge", to, items, form, as_known_on, [(SINCE, from_)])


@get("/statistics/flows", guards=[MANAGER])
async def flows(
    request: Asked,
    from_: Annotated[dt.date | None, QueryParameter(name="from", description="by default the year's first day")] = None,
    to: Day = None,
    per: FromQuery[Literal["month", "year"]] = "month",
    as_known_on: Day = None,
    region: Region = None,
) -> Response[bytes] | Stream:
    """What each month or year brought by kind: granted, expired, cancelled and so on, with its sign for the total."""
    last = to or clock.today()
    first = from_ or last.replace(month=1, day=1)
    async with _asking(request, region, {"from": first, "to": last}, as_known_on=as_known_on) as (call, city, tx):
        found = await statistics.flows(tx, city, first, last, per, as_known_on)
        form = accepted(request)
        if form is None:
            return json({"items": found})
        items = await asyncio.to_thread(leaving.flows, found, smallest(call, city))
        return await figures(call, tx, city, "flows", last, items, form, as_known_on, [(SINCE, first)])


@get("/statistics/expiring", guards=[MANAGER])
async def expiring(
    request: Asked,
    on: Day = None,
    days: Annotated[int, QueryParameter(ge=0, le=3660, description="within so many days")] = 90,
    region: Region = None,
    cursor: Cursor = None,
    size: Size = 50,
) -> Response[bytes] | Stream:
    """The permits valid on a day that run out soon, the earliest first, and how many there are; a file has them all."""
    day = on or clock.today()
    async with _asking(request, region, {"on": day}) as (call, city, tx):
        if form := accepted(request):
            whole = await behind.expiring(tx, call.office.keys, city, day, days)
            return await figures(call, tx, city, "expiring", day, whole, form, None, [(WITHIN, days)])
        count = (await behind.expiring_soon(tx, city, day, (days,)))[days]
        page = await behind.permits_expiring(tx, call.office.keys, city, day, days, cursor, size)
    return json({"on": day, "days": days, "count": count, "items": page.items, "cursor": page.cursor})


def _of_the_year(name: str, says: str, asked: OfTheYear, leave: Leave = leaving.whole) -> HTTPRouteHandler:
    """The call for figures of the cases of the year up to a day; a file has what may leave of them."""

    @get(f"/statistics/{name}", guards=[MANAGER], operation_id=name, description=says)
    async def listed(request: Asked, on: Day = None, region: Region = None) -> Response[bytes] | Stream:
        day = on or clock.today()
        async with _asking(request, region, {"on": day}) as (call, city, tx):
            items = await asked(tx, call.office.law, city, day)
            form = accepted(request)
            if form is None:
                return json({"on": day, "items": items})
            return await figures(call, tx, city, name, day, leave(items, smallest(call, city)), form)

    return listed


async def _commitments(tx: asyncpg.Connection, _law: Law, region: str, on: dt.date) -> Sequence[Any]:
    found = await shares.shares(tx, region, on)
    return [{"share": name} | msgspec.structs.asdict(found[name]) for name in ("committed", "false")]


def _changes(
    path: str, says: str, permits: Callable[..., Awaitable[ChangedPage]], kinds: Sequence[str]
) -> HTTPRouteHandler:
    """The call that lists what is behind one figure of a change between two days."""
    texts = {"kind": one_of(kinds)}

    @get(path, guards=[MANAGER], operation_id=path, description=says, texts=texts)
    async def listed(
        request: Asked,
        from_: From,
        to: FromQuery[dt.date],
        kind: FromQuery[str],
        as_known_on: Day = None,
        region: Region = None,
        cursor: Cursor = None,
        size: Size = 50,
    ) -> Response[bytes]:
        days = {"from": from_, "to": to}
        async with _asking(request, region, days, as_known_on=as_known_on) as (call, city, tx):
            return json(await permits(tx, call.office.keys, city, from_, to, kind, cursor, size, as_known_on))

    return listed


def _narrowed(where: Sequence[str]) -> dict[str, str]:
    """By which values a list is narrowed. Raises BadInput for what is no dimension with a value."""
    pairs = [one.partition(":") for one in where]
    if any(name not in DIMENSIONS or not value for name, _, value in pairs):
        possible = ", ".join(DIMENSIONS)
        text = Text(f"请写成 维度:值。维度可选：{possible}。", f"dimension:value; possible dimensions: {possible}.")
        raise BadInput(errors=[FieldError("/where", text)])
    return {name: value for name, _, value in pairs}


STEPS = "How long each step took over the year up to a day, against both clocks, in working days, and how many in time."
PARTIES = "Whose time the cases decided in the year up to a day took, in working days: office, applicant, police."
COMMITMENTS = "How many cases of the year up to a day used a commitment, and how many commitments were found false."
BRIDGE_LIST = "The permits behind one part of a bridge; their counts add up to it."
FLOW_LIST = "The permits behind one flow, from its first to its last day; their counts add up to it."


@contextlib.asynccontextmanager
async def _asking(
    request: Asked,
    asked_region: str | None,
    days: Mapping[str, dt.date],
    as_known_on: dt.date | None = None,
    by: tuple[str, ...] = (),
) -> AsyncIterator[tuple[Call, str, asyncpg.Connection]]:
    """A manager's question in one transaction: its days are within the register, and it is recorded."""
    call = await call_of(request)
    city = city_of(call, asked_region)
    async with call.database.transaction(city) as tx:
        await _within(tx, city, days, as_known_on, by, parameters.noted(request))
        yield call, city, tx
        asked = {name: str(day) for name, day in days.items()} | {"by": list(by)}
        await AUDIT.run(tx, **audit_row(city, call.account.id, "statistics", detail=asked))


async def _within(
    tx: asyncpg.Connection,
    city: str,
    days: Mapping[str, dt.date],
    as_known_on: dt.date | None,
    by: tuple[str, ...],
    noted: Sequence[FieldError],
) -> None:
    """Raises BadInput naming days outside of the register, dimensions that are none and what was noted, at once."""
    wrong = [*_no_dimensions(by), *noted]
    try:
        check_days(**days, as_known_on=as_known_on)
        await statistics.require_within(tx, city, clock.today(), as_known_on=as_known_on, **days)
    except BadInput as outside:
        wrong = [*outside.errors, *wrong]
    if wrong:
        raise BadInput(errors=wrong)


def _no_dimensions(by: tuple[str, ...]) -> Sequence[FieldError]:
    try:
        check_dimensions(by)
    except BadInput as wrong:
        return wrong.errors
    return ()


def _all_wrong(request: Asked, error: ValidationException) -> Response[bytes]:
    """Parameters of the wrong form, and dimensions that are none, at once."""
    asked = tuple(filter(None, request.query_params.get("by", "").split(",")))
    wrong = [*parameters.noted(request), *problem_of(error).errors, *_no_dimensions(asked)]
    first: dict[str, FieldError] = {}
    for one in wrong:
        first.setdefault(one.pointer, one)
    return problem_response(request, BadInput(errors=[*first.values()]))


FIGURES = [
    valid_permits,
    valid_list,
    bridge,
    _changes("/statistics/valid-permits/bridge/list", BRIDGE_LIST, behind.permits_changed, statistics.CHANGES),
    flows,
    _changes("/statistics/flows/list", FLOW_LIST, behind.permits_in_flow, statistics.FLOWS),
    expiring,
    _of_the_year("deadlines", STEPS, times.steps),
    _of_the_year("agencies", PARTIES, times.parties),
    _of_the_year("commitments", COMMITMENTS, _commitments, leaving.commitments),
]


def router() -> Router:
    """The calls of managers."""
    wrong: Any = {ValidationException: _all_wrong}
    guards = [parameters.note]
    return Router("/", route_handlers=FIGURES, tags=["statistics"], exception_handlers=wrong, guards=guards)
