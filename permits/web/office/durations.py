"""The pages of time: how long each step and each party took, and the cases behind it. Cases by number, no persons."""

import datetime as dt
from typing import Any

import asyncpg
from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.errors import NotFound
from permits.rules.law import Law
from permits.statistics import shares, times
from permits.statistics.shares import SHARES
from permits.statistics.taken import PARTIES, STEPS, year_before
from permits.web import auth
from permits.web.office import asked as asking
from permits.web.office.asked import managed_region, with_cursor
from permits.web.office.board import timed as timed_lanes
from permits.web.office.notes import note
from permits.web.pages import page
from permits.web.state import database_of, office_of

PAGE = 50


@get("/times")
async def durations(request: auth.Asked) -> Response[str]:
    """Working days by step, gross and net, and by party, over the year up to a day."""
    asked, region = asking.read(request.query_params, clock.today()), managed_region(auth.person(request))
    law = office_of(request).law
    async with database_of(request).transaction(region) as tx:
        steps = await times.steps(tx, law, region, asked.on)
        parties = await times.parties(tx, law, region, asked.on)
        rates = await shares.shares(tx, region, asked.on)
        await note(tx, request, "statistics", asked, by=["times"])
    return page(
        request, "office/times.html", status=400 if asked.filled.errors else 200, asked=asked,
        lanes=timed_lanes(law, region, asked.on, steps, parties),
        parties=parties, party_words=PARTIES, rates=rates, shares=SHARES, since=year_before(asked.on),
    )  # fmt: skip


@get("/times/steps")
async def timed(request: auth.Asked) -> Response[str]:
    """The cases behind a step's figure, a page at a time."""
    query, region = request.query_params, managed_region(auth.person(request))
    asked = asking.read(query, clock.today())
    step, basis, state = (str(query.get(name, "")) for name in ("step", "basis", "state"))
    cursor, law = str(query.get("cursor", "")), office_of(request).law
    async with database_of(request).transaction(region) as tx:
        found, after = await times.timed(tx, law, region, asked.on, step, basis, state, cursor, PAGE)
        total = await _total(tx, law, region, asked.on, step, basis, state)
        await note(tx, request, "list-cases", asked, by=["times", step], shown=len(found))
    url = asked.url("/office/times/steps", step=step, basis=basis, state=state)
    return page(
        request, "office/timed.html", asked=asked, step=STEPS[step], basis=basis, state=state, items=found,
        total=total, first=url if cursor else "", following=with_cursor(url, after), since=year_before(asked.on),
    )  # fmt: skip


async def _total(tx: asyncpg.Connection, law: Law, region: str, on: dt.date, step: str, basis: str, state: str) -> int:
    """The figure a list belongs to."""
    steps = await times.steps(tx, law, region, on)
    one = next((one for one in steps if (one.step, one.basis) == (step, basis)), None)
    if one is None:
        return 0
    return {"": one.count, "met": one.met, "missed": one.count - one.met}[state]


@get("/times/cases")
async def decided(request: auth.Asked) -> Response[str]:
    """The decided cases behind the figures of a party, a page at a time."""
    asked, region = asking.read(request.query_params, clock.today()), managed_region(auth.person(request))
    cursor, law = str(request.query_params.get("cursor", "")), office_of(request).law
    party = str(request.query_params.get("party") or next(iter(PARTIES)))
    async with database_of(request).transaction(region) as tx:
        found, after = await times.decided(tx, law, region, asked.on, party, cursor, PAGE)
        parties = await times.parties(tx, law, region, asked.on)
        await note(tx, request, "list-cases", asked, by=["times", party], shown=len(found))
    url = asked.url("/office/times/cases", party=party)
    total = next((one.count for one in parties if one.party == party), 0)
    return page(
        request, "office/decided.html", asked=asked, items=found, total=total, party=party, parties=PARTIES,
        first=url if cursor else "", following=with_cursor(url, after), since=year_before(asked.on),
    )  # fmt: skip


@get("/shares/{share:str}")
async def share(request: auth.Asked, share: FromPath[str]) -> Response[str]:
    """The cases behind a share, a page at a time: all, those that count, or the others."""
    if share not in SHARES:
        raise NotFound
    query, region = request.query_params, managed_region(auth.person(request))
    asked, part, cursor = (
        asking.read(query, clock.today()),
        str(query.get("part", "")),
        str(query.get("cursor", ""))[: asking.LONGEST],
    )
    async with database_of(request).transaction(region) as tx:
        found, after = await shares.cases_of(tx, region, asked.on, share, part, cursor, PAGE)
        counted = await shares.counted(tx, region, asked.on, share)
        await note(tx, request, "list-cases", asked, by=["shares", share], shown=len(found))
    urls = {name: asked.url(f"/office/shares/{share}", part=name) for name in ("", "yes", "no")}
    return page(
        request, "office/share.html", asked=asked, share=SHARES[share], key=share, part=part, items=found, urls=urls,
        counts={"": counted.whole, "yes": counted.part, "no": counted.whole - counted.part}, steps=STEPS,
        first=urls[part] if cursor else "", following=with_cursor(urls[part], after), since=year_before(asked.on),
    )  # fmt: skip


HANDLERS: list[Any] = [durations, timed, decided, share]
