"""What was committed to and is to be verified, and which employers may not commit: for inspectors and legal reviewers.

A commitment found false leads to the form of a revocation; nothing ends and nothing enters the record here.
"""

import datetime as dt
import uuid
from typing import Any

import msgspec
from litestar import Router, get, post
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import promised
from permits.cases.promised import Promise
from permits.credit import service as credit
from permits.errors import BadInput, NotFound
from permits.i18n import Text
from permits.rules import procedures
from permits.rules.law import Law
from permits.web import auth
from permits.web.auth import Asked, person
from permits.web.forms import Filled
from permits.web.pages import page, posted, see
from permits.web.parts import Light
from permits.web.state import database_of, office_of, region_of_request

REASONS = {
    "false-commitment": Text("承诺不实或没有履行", "A commitment that was false or not kept"),
    "broken-commitment": Text("承诺没有履行", "A commitment that was not kept"),
    "serious-bad-credit": Text("较严重的不良信用", "Serious bad credit"),
}
SOON_DAYS = 14
DONE = {
    "true": Text("已记下：核验属实。", "Noted: verified and true."),
    "repaired": Text("已修复，该单位可以再用告知承诺。", "Repaired; the employer may commit again."),
}


class Line(msgspec.Struct, frozen=True):
    """One commitment."""

    one: Promise
    title: Text
    verify_by: dt.date
    light: Light
    """late once a day has passed."""


def _line(law: Law, one: Promise, titles: dict[str, Text], region: str, today: dt.date) -> Line:
    last, first = promised.last_days(law, one, region)
    light: Light = "late" if today > first else "soon" if (first - today).days <= SOON_DAYS else "open"
    return Line(one, titles.get(one.kind, Text(one.kind, one.kind)), last, light)


@get("/")
async def overview(request: Asked) -> Response[str]:
    """Commitments to be verified, overdue ones first, and the credit record."""
    return await _show(request, Filled({}))


async def _show(request: Asked, f: Filled, status: int = 200) -> Response[str]:
    law, region, today, account = office_of(request).law, region_of_request(request), clock.today(), person(request)
    async with database_of(request).transaction(region) as tx:
        found, entries = await promised.waiting(tx, region), await credit.open_entries(tx, region)
    titles = {one.key: one.title for one in law.entries(procedures.DocumentEntry, on=today, region=region)}
    lines = sorted((_line(law, one, titles, region, today) for one in found), key=lambda line: line.light != "late")
    return page(
        request,
        "inspect/overview.html",
        status=status,
        f=f,
        lines=lines,
        late=sum(line.light == "late" for line in lines),
        entries=[(one, REASONS.get(one.reason, Text(one.reason, one.reason))) for one in entries],
        inspects=account.has(promised.INSPECTOR, region),
        repairs=account.has(credit.REPAIRER, region),
        done=DONE.get(request.query_params.get("done", "")),
    )


@post("/{number:str}/{kind:str}", status_code=200)
async def found_true(request: Asked, number: FromPath[str], kind: FromPath[str]) -> Response[Any]:
    """Note that a commitment was verified and is true."""
    await posted(request)
    region = region_of_request(request)
    async with database_of(request).transaction(region) as tx:
        await promised.found_true(tx, office_of(request), person(request), region, number, kind)
    return see("/inspect/?done=true")


@post("/credit/{entry:uuid}/repair", status_code=200)
async def repair(request: Asked, entry: FromPath[uuid.UUID]) -> Response[Any]:
    """Repair an entry of the credit record, with reasons."""
    sent, region = await posted(request), region_of_request(request)
    try:
        async with database_of(request).transaction(region) as tx:
            await credit.repair(tx, person(request), region, entry, sent.get("reasons"))
    except BadInput as wrong:
        return await _show(request, Filled.again(sent, wrong.errors), 400)
    except NotFound:
        return see("/inspect/")
    return see("/inspect/?done=repaired")


def inspect_router() -> Router:
    """The inspectors' pages."""
    guard = auth.require("inspector", "legal")
    return Router("/inspect", route_handlers=[overview, repair, found_true], guards=[guard], include_in_schema=False)
