"""The handlers of what leaves the office: counts and lists as CSV or XLSX, and the list of all that left."""

from typing import Any

import msgspec
from litestar import get
from litestar.response import Response, Stream

from permits import clock
from permits.i18n import Text
from permits.statistics import exports
from permits.statistics.model import DIMENSIONS
from permits.statistics.sheets import Format
from permits.web import auth
from permits.web.office import asked as asking
from permits.web.office import files
from permits.web.office.asked import managed_region
from permits.web.office.notes import note
from permits.web.pages import page
from permits.web.state import database_of, office_of
from permits.web.visitor import lang_of

LONGEST_BY = 200


class Left(msgspec.Struct, frozen=True):
    """One file that left, in words."""

    export: exports.Export
    what: Text
    by: tuple[Text, ...]


def asker(request: auth.Asked) -> files.Asker:
    """Who asks for a file by a page."""
    account = auth.person(request)
    return files.Asker(office_of(request), managed_region(account), account, lang_of(request))


async def _count(request: auth.Asked, form: Format) -> Stream:
    asked, by_whom = asking.read(request.query_params, clock.today()), asker(request)
    by = tuple(filter(None, str(request.query_params.get("by", ""))[:LONGEST_BY].split(",")))
    async with database_of(request).transaction(by_whom.region) as tx:
        made = await files.count_file(tx, by_whom, asked, by, form)
    return files.sent(made)


async def _list(request: auth.Asked, form: Format) -> Stream:
    asked, by_whom = asking.read(request.query_params, clock.today()), asker(request)
    where = asking.filters(request.query_params)
    async with database_of(request).transaction(by_whom.region) as tx:
        made = await files.list_file(tx, by_whom, asked, where, form)
    return files.sent(made)


@get("/valid-permits.csv")
async def count_csv(request: auth.Asked) -> Stream:
    """A count as CSV, with its definition and both days in it, small figures left out."""
    return await _count(request, "csv")


@get("/valid-permits.xlsx")
async def count_xlsx(request: auth.Asked) -> Stream:
    """The same as XLSX."""
    return await _count(request, "xlsx")


@get("/permits.csv")
async def list_csv(request: auth.Asked) -> Stream:
    """The permits behind a figure as CSV; names are masked."""
    return await _list(request, "csv")


@get("/permits.xlsx")
async def list_xlsx(request: auth.Asked) -> Stream:
    """The same as XLSX."""
    return await _list(request, "xlsx")


@get("/exports")
async def left(request: auth.Asked) -> Response[str]:
    """What left the office last, who fetched it, and whether small figures were left out."""
    asked, region = asking.read(request.query_params, clock.today()), managed_region(auth.person(request))
    async with database_of(request).transaction(region) as tx:
        found = await exports.latest(tx, region)
        await note(tx, request, "list-exports", asked, shown=len(found))
    return page(request, "office/exports.html", asked=asked, items=[_in_words(one) for one in found])


def _in_words(one: exports.Export) -> Left:
    by = tuple(DIMENSIONS[name] for name in one.asked.get("by", ()) if name in DIMENSIONS)
    return Left(one, exports.KINDS[one.kind], by)


HANDLERS: list[Any] = [count_csv, count_xlsx, list_csv, list_xlsx, left]
