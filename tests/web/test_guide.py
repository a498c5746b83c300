"""The printable guide of each item, over HTTP: what it says is what the law's files say."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from litestar import Litestar

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import Problem
from permits.office import Office
from permits.rules import law, procedures
from permits.web.assets import bring_up_to_date
from permits.web.headers import add_headers
from permits.web.pages import error_page
from permits.web.public.guide import Guide, guide
from permits.web.public.pages import public_router
from permits.web.statics import static_router
from tests.built import built
from tests.register.samples import REGION
from tests.web.shapes import shape

LAW = law.load()
NOON = dt.datetime(2026, 11, 24, 12, tzinfo=clock.CITY)
TODAY = NOON.date()
ITEMS = [one.code for one in procedures.procedures(LAW, TODAY, REGION)]
BEIJING, SHANGHAI = "110000", "310000"


@pytest.fixture(scope="module", autouse=True)
def _assets() -> None:
    bring_up_to_date()


@pytest.fixture(autouse=True)
def _noon(office_time: None) -> None:
    clock.set_offset((NOON - clock.machine_now()).total_seconds())


def pages() -> Litestar:
    """The public pages."""
    handlers = {Problem: error_page}
    return Litestar([public_router(), static_router()], before_send=[add_headers], exception_handlers=handlers)


@pytest.fixture
async def client(database: Database, keys: Keys) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who is not signed in."""
    state = {"database": database, "office": Office(LAW, keys), "csrf_key": b"k" * 32}
    service = built("guide", pages, state)
    transport = httpx.ASGITransport(service)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example") as made:
        yield made


def words(html: str) -> str:
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def of(item: str, region: str = REGION, on: dt.date = TODAY) -> Guide:
    return guide(LAW, item, on, region)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("item", ITEMS)
async def test_a_guide_says_windows_conditions_documents_and_limits_in_both_languages(
    client: httpx.AsyncClient, item: str, lang: str
) -> None:
    answer = await client.get(f"/guide/{item}?lang={lang}")
    said, told = words(answer.text), of(item)
    for text in (*told.windows, *told.conditions, *(one.title for one in told.documents)):
        assert text.of(lang) in said
    for one in told.circumstances:
        assert one.title.of(lang) in said
    assert shape(answer.text).refused == []


@pytest.mark.parametrize("item", ITEMS)
async def test_on_paper_there_is_nothing_to_press(client: httpx.AsyncClient, item: str) -> None:
    screen, paper = [(await client.get(f"/guide/{item}{asked}")).text for asked in ("", "?print=1")]
    assert f'href="/guide/{item}?print=1"' in screen
    assert "print=1" not in paper.split('id="main"')[1]
    assert "govuk-button" not in paper.split('id="main"')[1]


async def test_a_guide_bears_the_items_code_where_it_is_known(client: httpx.AsyncClient) -> None:
    assert of("issue-in-china").code in (await client.get("/guide/issue-in-china")).text
    assert of("extend").code is None
    assert "实施编码" not in (await client.get("/guide/extend")).text


async def test_a_guide_says_what_can_be_filed_together(client: httpx.AsyncClient) -> None:
    said = words((await client.get("/guide/issue-in-china?lang=zh")).text)
    assert "外国人来华工作一件事" in said
    assert "社会保险登记" in said


def test_a_document_says_in_which_circumstances_it_is_asked_for() -> None:
    only = {one.title.en: [title.en for title in one.only] for one in of("cancel").documents}
    assert only["Proof of death"] == ["Death of the foreigner"]
    assert only["Passport or travel document, data page"] == []


def test_a_document_says_how_it_comes_to_us() -> None:
    how = {one.title.en: one.how.en for one in of("issue-abroad").documents}
    assert how["Health certificate"] == "Upload, or commit and hand it in within 30 days of entry"
    assert how["Highest degree or professional qualification"] == "Upload; in category A some may commit instead"
    assert how["Passport or travel document, data page"] == "Upload"
    shared = {one.title.en: one.how.en for one in of("extend").documents}
    assert shared["Accommodation registration"] == "Nothing to hand in: the police share it"
    assert shared["Current work permit"] == "Nothing to hand in: we have it or fetch it"


def test_the_limits_name_what_category_a_is_promised() -> None:
    steps = {one.step.en: (one.promised, one.fast, one.legal) for one in of("issue-in-china").steps}
    assert steps == {
        "Pre-review": (3, 1, None),
        "Acceptance": (2, None, 5),
        "Review and decision": (7, None, 20),
        "Delivery": (3, None, 10),
    }


def test_a_city_that_promises_all_steps_together_says_so() -> None:
    steps = {one.step.en: (one.promised, one.fast) for one in of("issue-abroad", SHANGHAI, dt.date(2024, 11, 1)).steps}
    assert steps["In all, from application to decision"] == (13, 8)


def test_only_an_item_that_grants_a_permit_says_how_long_it_runs() -> None:
    assert of("extend").years == (("A", 5), ("B", 2), ("C", 1))
    assert of("cancel").years == ()


def test_short_work_says_what_needs_a_permit_and_what_does_not() -> None:
    told = of("short-term")
    assert len(told.tasks) == 6
    assert [text.en.rpartition(": ")[2][:4] for text in told.without] == ["an M"] * 4 + ["an F"]
    assert of("extend").tasks == ()
