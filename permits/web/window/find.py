"""Finding a case by its number, a passport, a name, an employer or a permit. What is sought never stands in an address.

A permit that no case led to is found by its number, which is no personal data and does stand in its page's address.

The search is on the record by kind; the words that were sought are not.
"""

import re
from typing import Any

import asyncpg
from litestar.response import Response

from permits import clock
from permits.accounts.audit import AUDIT, audit_row
from permits.cases import desk, queues
from permits.cases.queues import Line
from permits.register import store as register
from permits.rules.identifiers import case_number
from permits.rules.nationality import NATIONALITIES
from permits.web.auth import person
from permits.web.pages import page, posted, see
from permits.web.state import database_of, office_of, region_of_request
from permits.web.window.opened import Asked
from permits.web.window.queue import asker_of
from permits.web.window.rows import row

SHORTEST, LONGEST = 2, 100
"""Characters of what is sought."""
_NUMBER = re.compile(r"[A-Z0-9]{5,20}\Z")


async def find(request: Asked) -> Response[Any]:
    """The case of an exact number at once, else the cases found."""
    sent = await posted(request)
    sought = sent.get("q")[:LONGEST]
    exact = case_number(sought)
    if exact.valid:
        return see(f"/window/{sought.strip().upper()}")
    if len(sought) < SHORTEST:
        return found_page(request, sought, [])
    asker, account = asker_of(request), person(request)
    async with database_of(request).transaction(asker.region) as tx:
        by, lines = await _search(tx, request, sought)
        detail = {"by": by, "found": len(lines)}
        await AUDIT.run(tx, **audit_row(asker.region, account.id, "search", detail=detail))
        seen = await desk.as_seen(tx, asker, lines)
        number = "".join(sought.split()).upper()
        if not seen and await register.by_number(tx, asker.region, number):
            return see(f"/window/permits/{number}")
    return found_page(request, sought, seen)


def found_page(request: Asked, sought: str, seen: list[desk.Seen]) -> Response[str]:
    """The list of what was found."""
    law, today = office_of(request).law, clock.today()
    rows = [row(one, law, today, href="/window/{}") for one in seen]
    return page(request, "window/found.html", sought=sought, rows=rows, most=queues.PAGE)


async def _search(tx: asyncpg.Connection, request: Asked, sought: str) -> tuple[list[str], list[Line]]:
    """By which kinds it was sought, and each case found once."""
    keys, region = office_of(request).keys, region_of_request(request)
    number = "".join(sought.split()).upper()
    found, by = [], ["name", "employer"]
    if _NUMBER.match(number):
        by = ["passport", "permit", *by]
        found += await queues.by_passport(tx, keys, region, number, NATIONALITIES)
        found += await queues.by_permit(tx, keys, region, number)
    found += await queues.by_name(tx, keys, region, sought)
    found += await queues.by_employer(tx, keys, region, sought.strip())
    return by, list({line.number: line for line in found}.values())
