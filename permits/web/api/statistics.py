"""Figures over JSON: valid permits on any day, as known on any day, by anything; what changed between two days."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Annotated, Literal

import asyncpg
from litestar import Response, Router, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Stream

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.cases import queues
from permits.cases.lifecycle import STAFF
from permits.errors import Forbidden, NotFound
from permits.i18n import Text
from permits.register import service as register
from permits.statistics import service as statistics
from permits.statistics.model import ChangedPage
from permits.web.api.call import Asked, Call, call_of, json
from permits.web.api.files import accepted, count_file
from permits.web.auth import require_token

NO_PERMIT = Text("登记簿上没有这个许可编号。", "The register has no such permit number.")
MANAGER = require_token("manager")


Day = FromQuery[dt.date | None]
Region = Annotated[str | None, QueryParameter(pattern=r"^[0-9]{6}$", description="the city, by default yours")]
Cursor = Annotated[str | None, QueryParameter(max_length=80, description="where the last page ended")]
Size = Annotated[int, QueryParameter(ge=1, le=statistics.MOST, description="so many a page")]
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
    day, dimensions = on or clock.today(), tuple(filter(None, (by or "").split(",")))
    async with _asking(request, region, {"on": day}, as_known_on=as_known_on, by=dimensions) as (call, city, tx):
        if form := accepted(request):
            return await count_file(call, tx, city, day, as_known_on, dimensions, form)
        found = await statistics.valid_on(tx, city, day, as_known_on, dimensions)
    return json(found.json())


@get("/statistics/valid-permits/list", guards=[MANAGER])
async def valid_list(
    request: Asked,
    on: Day = None,
    as_known_on: Day = None,
    where: Annotated[
        list[str] | None, QueryParameter(max_items=9, description="dimension:value, once for each dimension")
    ] = None,
    region: Region = None,
    cursor: Cursor = None,
    size: Size = 50,
) -> Response[bytes]:
    """The permits behind a figure, names masked: as many as it says, or as the group of these values."""
    day, asked = on or clock.today(), dict(one.partition(":")[::2] for one in where or ())
    async with _asking(request, region, {"on": day}, as_known_on=as_known_on, by=tuple(asked)) as (call, city, tx):
        keys = call.office.keys
        found = await statistics.permits_valid_on(tx, keys, city, day, as_known_on, asked, cursor, size)
    return json(found)


@get("/statistics/valid-permits/bridge", guards=[MANAGER])
async def bridge(
    request: Asked, from_: From, to: FromQuery[dt.date], as_known_on: Day = None, region: Region = None
) -> Response[bytes]:
    """What made the difference between two days, as known now or on a day; it adds up."""
    async with _asking(request, region, {"from": from_, "to": to}, as_known_on=as_known_on) as (_, city, tx):
        return json(await statistics.bridge(tx, city, from_, to, as_known_on))


@get("/statistics/flows", guards=[MANAGER])
async def flows(
    request: Asked,
    from_: From,
    to: FromQuery[dt.date],
    per: FromQuery[Literal["month", "year"]] = "month",
    as_known_on: Day = None,
    region: Region = None,
) -> Response[bytes]:
    """What each month or year brought by kind: granted, expired, cancelled and so on, with its sign for the total."""
    async with _asking(request, region, {"from": from_, "to": to}, as_known_on=as_known_on) as (_, city, tx):
        return json({"items": await statistics.flows(tx, city, from_, to, per, as_known_on)})


@get("/statistics/expiring", guards=[MANAGER])
async def expiring(
    request: Asked,
    on: Day = None,
    days: Annotated[int, QueryParameter(ge=0, le=3660, description="within so many days")] = 90,
    region: Region = None,
    cursor: Cursor = None,
    size: Size = 50,
) -> Response[bytes]:
    """The permits valid on a day that run out soon, the earliest first, and how many there are."""
    day = on or clock.today()
    async with _asking(request, region, {"on": day}) as (call, city, tx):
        count = (await statistics.expiring_soon(tx, city, day, (days,)))[days]
        page = await statistics.permits_expiring(tx, call.office.keys, city, day, days, cursor, size)
    return json({"on": day, "days": days, "count": count, "items": page.items, "cursor": page.cursor})


def _changes(path: str, says: str, permits: Callable[..., Awaitable[ChangedPage]]) -> HTTPRouteHandler:
    """The call that lists what is behind one figure of a change between two days."""

    @get(path, guards=[MANAGER], operation_id=path, description=says)
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
    city = _city(call, asked_region)
    async with call.database.transaction(city) as tx:
        await statistics.require_within(tx, city, clock.today(), as_known_on=as_known_on, **days)
        yield call, city, tx
        asked = {name: str(day) for name, day in days.items()} | {"by": list(by)}
        await AUDIT.run(tx, **audit_row(city, call.account.id, "statistics", detail=asked))


def _city(call: Call, asked: str | None) -> str:
    """The city whose figures are asked for. Raises Forbidden, naming which are possible, for another one."""
    if asked and not call.account.has("manager", asked):
        possible = ", ".join(region for region in call.account.regions if call.account.has("manager", region))
        zh, en = f"您不管理这个城市。可选：{possible}。", f"You do not manage this city. Possible: {possible}."
        raise Forbidden(Text(zh, en))
    return asked or call.region


@get("/permits/{number:str}", guards=[require_token()])
async def permit(request: Asked, number: FromPath[str]) -> Response[bytes]:
    """A permit, its versions and history, to staff and to whoever filed a case of it."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        found = await register.permit_by_number(tx, call.office.keys, call.region, number, clock.today())
        filed_in = [permit.case_id for permit in found.permits]
        staff = call.account.has_any(frozenset(STAFF), call.region)
        if not staff and not await queues.filed_any(tx, call.region, call.account.id, filed_in):
            raise NotFound(NO_PERMIT)
        await AUDIT.run(tx, **audit_row(call.region, call.account.id, "look-permit", subject=found.number))
    return json(found)


FIGURES = [
    valid_permits,
    valid_list,
    bridge,
    _changes("/statistics/valid-permits/bridge/list", BRIDGE_LIST, statistics.permits_changed),
    flows,
    _changes("/statistics/flows/list", FLOW_LIST, statistics.permits_in_flow),
    expiring,
    permit,
]


def router() -> Router:
    """The calls of managers."""
    return Router("/", route_handlers=FIGURES, tags=["statistics"])
