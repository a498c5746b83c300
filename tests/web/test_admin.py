"""The administrators' calendar over HTTP: a notice is checked in its own words, shown, and loaded; nothing is lost."""

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
from permits.own_law import service as own_law
from permits.rules import law, working_days
from permits.web.admin.pages import admin_router
from permits.web.assets import bring_up_to_date
from permits.web.auth import Visits
from permits.web.headers import add_headers
from permits.web.pages import error_page
from permits.web.resume import GoesOn, sign_in_first
from permits.web.signin import HANDLERS
from permits.web.statics import static_router
from tests.accounts.people import PASSWORD, someone
from tests.built import built
from tests.rules.test_holiday_notice import NOTICE_2026
from tests.web.shapes import shape

NOON = dt.datetime(2026, 11, 24, 12, tzinfo=clock.CITY)
PAGE = "/admin/calendar"
NUMBER = "国办发明电〔2025〕7号"
Client = httpx.AsyncClient


@pytest.fixture(scope="module", autouse=True)
def _assets() -> None:
    bring_up_to_date()


@pytest.fixture(autouse=True)
def _noon(office_time: None) -> None:
    clock.set_offset((NOON - clock.machine_now()).total_seconds())


def told(request: Any, problem: Problem) -> Any:
    """Errors as the application shows them."""
    return sign_in_first(request, problem) if isinstance(problem, NotSignedIn) else error_page(request, problem)


def calendar() -> Litestar:
    """The administrators' pages, and signing in."""
    pages = Router("/", route_handlers=[*HANDLERS, admin_router()], middleware=[Visits(), GoesOn()])
    return Litestar([pages, static_router()], before_send=[add_headers], exception_handlers={Problem: told})


@pytest.fixture
async def visitor(database: Database, keys: Keys) -> AsyncIterator[Client]:
    """A browser, not signed in."""
    state = {"database": database, "office": Office(law.load(), keys), "csrf_key": b"k" * 32}
    app = built("calendar", calendar, state)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    headers = {"Accept-Language": "zh-CN"}
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example", headers=headers) as made:
        yield made


def proof(html: str) -> str:
    """The proof that a form comes from a page of ours."""
    found = re.search(r'name="csrf" value="([^"]*)"', html)
    assert found
    return found[1]


async def enter(client: Client, database: Database, *roles: str) -> Client:
    """The browser, signed in with these roles."""
    await someone(database, "lu@demo.example", *roles)
    fields = {"email": "lu@demo.example", "password": PASSWORD, "csrf": proof((await client.get("/sign-in")).text)}
    assert (await client.post("/sign-in", data=fields)).status_code == 303
    return client


async def send(client: Client, text: str, step: str = "check", **more: str) -> httpx.Response:
    """The notice of 2026, checked or loaded."""
    csrf = proof((await client.get(PAGE)).text)
    return await client.post(PAGE, data={"csrf": csrf, "year": "2026", "text": text, "step": step, **more})


async def test_only_an_administrator_opens_it(visitor: Client, database: Database) -> None:
    assert (await visitor.get(PAGE)).status_code in (303, 401)
    manager = await enter(visitor, database, "manager")
    assert (await manager.get(PAGE)).status_code == 403


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_it_says_which_years_are_official_and_which_provisional(
    visitor: Client, database: Database, lang: str
) -> None:
    admin = await enter(visitor, database, "admin")
    html = (await admin.get(f"{PAGE}?lang={lang}")).text
    assert shape(html).refused == []
    rows = re.findall(r'<th scope="row" class="ow-num">(\d{4})</th><td>(.*?)</td>', html)
    provisional = "暂定" if lang == "zh" else "Provisional"
    assert {year: provisional in said for year, said in rows} == {"2027": True, "2026": False, "2025": False}


async def test_a_good_notice_is_shown_first_and_then_loaded(visitor: Client, database: Database) -> None:
    admin = await enter(visitor, database, "admin")
    shown = await send(admin, NOTICE_2026, number=NUMBER)
    assert shown.status_code == 200
    assert "读到的 2026 年" in shown.text
    assert "2月14日" in unescape(shown.text) or "02-14" in shown.text
    assert working_days.basis(await own_law.current(database), 2026) == "published"
    done = await send(admin, NOTICE_2026, "load", number=NUMBER)
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=2026")
    assert working_days.basis(await own_law.current(database), 2026) == "loaded"
    after = (await admin.get(f"{PAGE}?done=2026")).text
    assert NUMBER in after
    assert "已载入" in after


async def test_loading_the_same_notice_again_changes_nothing(visitor: Client, database: Database) -> None:
    admin = await enter(visitor, database, "admin")
    for _ in range(2):
        assert (await send(admin, NOTICE_2026, "load", number=NUMBER)).status_code == 303
    async with database.transaction(None) as tx:
        assert await tx.fetchval("SELECT count(*) FROM law_entry") == 1


async def test_every_slip_is_named_and_the_text_is_still_there(visitor: Client, database: Database) -> None:
    admin = await enter(visitor, database, "admin")
    text = NOTICE_2026.replace("1月4日（周日）", "1月4日（周六）").replace("共9天", "共8天")
    answer = await send(admin, text, "load", number=NUMBER)
    said = unescape(answer.text)
    assert answer.status_code == 400
    assert "元旦：1月4日写的是周六，实际是周日。" in said
    assert "春节：写的是 8 天，起止日期是 9 天。" in said
    assert "1月4日（周六）" in said
    assert working_days.basis(await own_law.current(database), 2026) == "published"


@pytest.mark.parametrize(("more", "says"), [
    ({"text": ""}, "请粘贴通知全文"), ({"year": "1999"}, "请选择年份"), ({"number": ""}, "请填上"),
    ({"year": "2027"}, "通知是 2026 年的，不是 2027 年的"),
])  # fmt: skip
async def test_what_is_missing_or_impossible_is_said(
    visitor: Client, database: Database, more: dict[str, str], says: str
) -> None:
    admin = await enter(visitor, database, "admin")
    answer = await send(admin, more.pop("text", NOTICE_2026), "load", **{"number": NUMBER, **more})
    assert answer.status_code == 400
    assert says in unescape(answer.text)


async def test_a_form_of_another_page_loads_nothing(visitor: Client, database: Database) -> None:
    admin = await enter(visitor, database, "admin")
    answer = await admin.post(PAGE, data={"year": "2026", "text": NOTICE_2026, "number": NUMBER, "step": "load"})
    assert answer.status_code == 403
    assert working_days.basis(await own_law.current(database), 2026) == "published"
