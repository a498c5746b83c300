"""The public pages: front with the self-check, guide of an item, verification, how we treat data, accessibility.

Nobody signs in here and nothing typed is kept; a permit is shown masked.
"""

import datetime as dt
from typing import Any

import asyncpg
import msgspec
from litestar import Router, get
from litestar.enums import MediaType
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import holding
from permits.errors import NotFound, Unavailable
from permits.i18n import Text
from permits.rules import classification, identifiers, procedures
from permits.rules.classification import Classification, Profile
from permits.rules.law import Law, NoRule
from permits.settings import settings
from permits.statistics import service as statistics
from permits.web.auth import Asked
from permits.web.forms import Filled
from permits.web.labels import OPTIONS
from permits.web.pages import page, see
from permits.web.public import check, items, verification
from permits.web.public import guide as guides
from permits.web.public.score import score
from permits.web.public.verification import Answer
from permits.web.state import database_of, office_of
from permits.web.templates import render
from permits.web.visitor import lang_of

FRONT_WIDTH, RESULT_WIDTH = 1000, 640
"""Of the points bar, as wide as its place at 1280."""
CODE_LENGTH = 60
"""Characters of a code or number; longer ones are not looked at."""
YEARS = Text("年", "years")


class Figures(msgspec.Struct, frozen=True):
    """What anybody may know about today's permits."""

    permits: int
    persons: int
    employers: int
    nationalities: int


@get("/")
async def front(request: Asked) -> Response[str]:
    """What can be done here; with the self-check's fields in the address, its result."""
    law, on, region = office_of(request).law, clock.today(), settings().region
    if not check.is_asked(request.query_params):
        return await _front(request, law, on, check.example())
    asked = check.read(law, request.query_params, on, region)
    if asked.profile is None:
        return await _front(request, law, on, asked.filled, status=400)
    return _result(request, law, on, asked, asked.profile)


async def _front(request: Asked, law: Law, on: dt.date, filled: Filled, status: int = 200) -> Response[str]:
    region = settings().region
    found = _classified(law, check.EXAMPLE, on)
    return page(
        request,
        "public/front.html",
        status=status,
        f=filled,
        score=score(law, check.EXAMPLE, found, FRONT_WIDTH),
        items=items.items(law, on, region),
        joint=items.joint_limits(law, on, region),
        figures=await _figures(request, on),
        degrees=OPTIONS["beneficiary.education"],
        years=YEARS,
    )


def _classified(law: Law, profile: Profile, on: dt.date) -> Classification:
    return classification.classify(law, profile, on, settings().region)


async def _figures(request: Asked, on: dt.date) -> Figures | None:
    """Today's figures; None while the database is away: the rest of the page needs none."""
    region = settings().region
    try:
        async with database_of(request).transaction(region) as tx:
            return await _counted(tx, region, on)
    except Unavailable:
        return None


async def _counted(tx: asyncpg.Connection, region: str, on: dt.date) -> Figures:
    employers = await statistics.employers(tx, region, on)
    by_nationality = await statistics.valid_on(tx, region, on, None, ("nationality",))
    whole = by_nationality.total, by_nationality.persons
    return Figures(*whole, employers, len(by_nationality.groups))


def _result(request: Asked, law: Law, on: dt.date, asked: check.Asked, profile: Profile) -> Response[str]:
    region, item = settings().region, asked.item
    shown = score(law, profile, _classified(law, profile, on), RESULT_WIDTH)
    return page(
        request,
        "public/result.html",
        f=asked.filled,
        score=shown,
        item=procedures.procedure(law, item, on, region),
        online=item in items.ONLINE,
        papers=items.papers(law, item, shown.category, shown.next, on, region),
        dates=items.dates(law, item, shown.category, on, region),
        when=items.when(law, item, asked.until, on, region),
        situations=check.SITUATIONS,
        languages=OPTIONS["beneficiary.chinese"],
        others=OPTIONS["employment.other"],
        carried=check.address(profile, asked),
        on_paper=request.query_params.get("print") == "1",
    )


@get("/check/points")
async def live(request: Asked) -> Response[str]:
    """The points while one types, a piece of the front page or of the result; nothing where something is wrong."""
    law, on, region = office_of(request).law, clock.today(), settings().region
    asked = check.read(law, request.query_params, on, region)
    if asked.profile is None:
        return Response("", status_code=204, media_type=MediaType.HTML)
    width = RESULT_WIDTH if "months_per_year" in request.query_params else FRONT_WIDTH
    shown = score(law, asked.profile, _classified(law, asked.profile, on), width)
    return Response(render("public/live.html", lang_of(request), score=shown), media_type=MediaType.HTML)


@get("/guide/{code:str}")
async def guide(request: Asked, code: FromPath[str]) -> Response[str]:
    """One service item: who, when, which documents, how long, what law."""
    law, on, region = office_of(request).law, clock.today(), settings().region
    try:
        item = procedures.procedure(law, code[:CODE_LENGTH], on, region)
    except NoRule as unknown:
        raise NotFound(Text("没有这个事项。", "There is no such item.")) from unknown
    line = next(one for one in items.items(law, on, region) if one.code == item.code)
    on_paper = request.query_params.get("print") == "1"
    return page(
        request,
        "public/guide.html",
        item=item,
        line=line,
        on_paper=on_paper,
        guide=guides.guide(law, item.code, on, region),
    )


@get("/track")
async def track(request: Asked) -> Response[Any]:
    """From a case number to the case, where one signs in; a mistyped number comes back with what is wrong."""
    number = request.query_params.get("number", "").strip().upper()[:CODE_LENGTH]
    found = identifiers.case_number(number)
    if number and found.valid:
        return see(f"/apply/{number}")
    filled = Filled({"number": number}, {"number": found.problems[0].text} if number else {})
    return page(request, "public/track.html", status=400 if number else 200, f=filled)


@get("/verify")
async def verify_form(request: Asked) -> Response[Any]:
    """Where a code is typed; sent as ?code= it leads to its own address."""
    code = request.query_params.get("code", "").strip()
    if code:
        return see(f"/verify/{verification.plain(code)}")
    return _verification(request)


@get("/verify/{code:str}")
async def verify(request: Asked, code: FromPath[str]) -> Response[str]:
    """Whether the permit with this code is good today; 404 where there is none, with the code to be corrected."""
    typed = verification.plain(code)
    try:
        answer = await _verified(request, typed)
    except NotFound:
        why = verification.why_unknown(typed, settings().regions)
        return _verification(request, 404, Filled({"code": typed}), unknown=why)
    return _verification(request, answer=answer)


async def _verified(request: Asked, code: str) -> Answer:
    region = identifiers.region_of(code)
    if region not in settings().regions:
        raise NotFound
    async with database_of(request).transaction(region) as tx:
        found = await holding.verify(tx, office_of(request), code)
    return verification.answer(found, region)


def _verification(
    request: Asked,
    status: int = 200,
    filled: Filled | None = None,
    answer: Answer | None = None,
    unknown: Text | None = None,
) -> Response[str]:
    return page(
        request,
        "public/verify.html",
        status=status,
        f=filled or Filled(),
        answer=answer,
        unknown=unknown,
        others=verification.others(answer),
    )


@get("/about/privacy")
async def privacy(request: Asked) -> Response[str]:
    """What personal data we hold, why, who sees it and for how long."""
    return page(request, "public/privacy.html", idle=settings().session_idle_minutes)


@get("/about/accessibility")
async def accessibility(request: Asked) -> Response[str]:
    """How the pages can be used, and what is not good yet."""
    return page(request, "public/accessibility.html")


def public_router() -> Router:
    """The pages without sign-in."""
    handlers = [front, live, guide, track, verify_form, verify, privacy, accessibility]
    return Router("/", route_handlers=handlers, include_in_schema=False)
