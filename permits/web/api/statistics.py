"""Figures over JSON: valid permits on any day, as known on any day, by anything; what changed between two days."""

import datetime as dt
from typing import Annotated

from litestar import Response, Router, get
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
from permits.web.api.call import Asked, Call, call_of, json
from permits.web.api.files import accepted, count_file
from permits.web.auth import require_token

NO_PERMIT = Text("登记簿上没有这个许可编号。", "The register has no such permit number.")
MANAGER = require_token("manager")
NOT_THAT_CITY = Text("您不管理这个城市。", "You do not manage this city.")


@get("/statistics/valid-permits", guards=[MANAGER])
async def valid_permits(
    request: Asked,
    on: FromQuery[dt.date | None] = None,
    as_known_on: FromQuery[dt.date | None] = None,
    by: Annotated[
        str | None, QueryParameter(max_length=200, description="dimensions, comma separated, two at most")
    ] = None,
    region: Annotated[str | None, QueryParameter(pattern=r"^[0-9]{6}$")] = None,
) -> Response[bytes] | Stream:
    """Valid permits on a day: total, persons, groups that sum to the total; CSV or XLSX where asked for."""
    call = await call_of(request)
    day, dimensions, city = on or clock.today(), tuple(filter(None, (by or "").split(","))), _city(call, region)
    if form := accepted(request):
        return await count_file(call, city, day, as_known_on, dimensions, form)
    async with call.database.transaction(city) as tx:
        found = await statistics.valid_on(tx, city, day, as_known_on, dimensions)
        asked = {"on": str(day), "by": list(dimensions)}
        await AUDIT.run(tx, **audit_row(city, call.account.id, "statistics", detail=asked))
    return json(found.json())


def _city(call: Call, asked: str | None) -> str:
    """The city whose figures are asked for. Raises Forbidden for one where the asker is no manager."""
    if asked and not call.account.has("manager", asked):
        raise Forbidden(NOT_THAT_CITY)
    return asked or call.region


@get("/statistics/valid-permits/bridge", guards=[MANAGER])
async def bridge(
    request: Asked,
    from_: Annotated[dt.date, QueryParameter(name="from")],
    to: FromQuery[dt.date],
) -> Response[bytes]:
    """What made the difference between two days; it adds up."""
    call = await call_of(request)
    async with call.database.transaction(call.region) as tx:
        found = await statistics.bridge(tx, call.region, from_, to)
        asked = {"from": str(from_), "to": str(to)}
        await AUDIT.run(tx, **audit_row(call.region, call.account.id, "statistics", detail=asked))
    return json(found)


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


def router() -> Router:
    """The calls of managers."""
    return Router("/", route_handlers=[valid_permits, bridge, permit], tags=["statistics"])
