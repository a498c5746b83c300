"""A manager's browser at the figures, and a register with something in it."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any

import httpx
import pytest
from litestar import Litestar, Router

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import NotSignedIn, Problem
from permits.office import Office
from permits.register import service as register
from permits.rules import law
from permits.web.assets import bring_up_to_date
from permits.web.auth import Visits
from permits.web.headers import add_headers
from permits.web.office.pages import office_router
from permits.web.pages import error_page
from permits.web.resume import GoesOn, sign_in_first
from permits.web.signin import HANDLERS
from permits.web.statics import static_router
from tests.accounts.people import PASSWORD, someone
from tests.built import built
from tests.register.samples import REGION, a_grant, an_ending

LAW = law.load()
NOON = dt.datetime(2024, 12, 31, 12, tzinfo=clock.CITY)
TODAY, DAY = NOON.date(), dt.timedelta(days=1)
LATE = dt.date(2024, 5, 20)
"""When what took effect in April was recorded."""
Client = httpx.AsyncClient
GROUPS = [("A", "DEU", "321202")] * 3 + [("B", "KOR", "321203")] * 60 + [("C", "VNM", "321281")] * 4


def at_noon() -> None:
    """Move the office to noon of the last day of 2024."""
    clock.set_offset((NOON - clock.machine_now()).total_seconds())


def told(request: Any, problem: Problem) -> Any:
    """Errors as the application shows them."""
    return sign_in_first(request, problem) if isinstance(problem, NotSignedIn) else error_page(request, problem)


def figures() -> Litestar:
    """The pages of figures, and of signing in."""
    pages = Router("/", route_handlers=[*HANDLERS, office_router()], middleware=[Visits(), GoesOn()])
    return Litestar([pages, static_router()], before_send=[add_headers], exception_handlers={Problem: told})


@pytest.fixture
async def visitor(office_time: None, database: Database, keys: Keys) -> AsyncIterator[Client]:
    """A browser at the figures at noon of the last day of 2024, not signed in."""
    bring_up_to_date()
    at_noon()
    state = {"database": database, "office": Office(LAW, keys), "csrf_key": b"k" * 32}
    app = built("figures", figures, state)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    headers = {"Accept-Language": "zh-CN"}
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=headers) as made:
        yield made


async def enter(client: Client, database: Database, *roles: str) -> Client:
    """The browser, signed in with these roles."""
    await someone(database, "shen@demo.example", *roles)
    html = (await client.get("/sign-in")).text
    found = re.search(r'name="csrf" value="([^"]*)"', html)
    assert found
    fields = {"csrf": found[1], "email": "shen@demo.example", "password": PASSWORD}
    assert (await client.post("/sign-in", data=fields)).status_code == 303
    return client


@pytest.fixture
async def manager(visitor: Client, database: Database) -> Client:
    """A manager's browser."""
    return await enter(visitor, database, "manager")


@pytest.fixture
async def filled(database: Database, keys: Keys) -> None:
    """67 permits of 2024; one ended in March, and two in April but recorded only in May."""
    grants = [
        a_grant(n, category=category, nationality=nation, district=district, valid_until=TODAY + (10 + n) * DAY)
        for n, (category, nation, district) in enumerate(GROUPS)
    ]
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, LAW, keys, grants)
        await register.grant(tx, LAW, keys, a_grant(99, valid_until=TODAY - 200 * DAY))
        await register.end(tx, LAW, keys, an_ending(made[10], dt.date(2024, 3, 1), dt.date(2024, 3, 1)))
        for one in made[11:13]:
            await register.end(tx, LAW, keys, an_ending(one, dt.date(2024, 4, 10), LATE))


def links(html: str) -> list[tuple[str, int]]:
    """Every link to a list with the number it stands on."""
    found = re.findall(r'<a href="(/office/(?:permits|changes|expiring)\?[^"]*)"[^>]*>(.*?)</a>', html, re.DOTALL)
    numbered = ((unescape(url), re.findall(r">([+−]?\d+)<", f">{inside}<")) for url, inside in found)
    return [(url, int(numbers[-1].replace("−", "-"))) for url, numbers in numbered if numbers]


async def length(client: Client, url: str) -> int:
    """What the rows of a list add up to, on all its pages."""
    total = 0
    while url:
        html = (await client.get(url)).text
        rows = re.findall(r"<tr>(.*?)</tr>", html.partition("<tbody>")[2], re.DOTALL)
        if "/changes" in url:
            signs = [re.findall(r'class="n">([+−]?)\d', row)[0] for row in rows]
            total += sum({"−": -1}.get(sign, 1) for sign in signs)
        else:
            total += len(rows)
        onward = re.search(r'href="([^"]*)" rel="next"', html)
        url = unescape(onward[1]) if onward else ""
    return total
