"""Pages over real HTTP: errors, languages, proof of a form, security headers, files."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Request, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from litestar.response import Response
from litestar.testing import TestClient, create_test_client

from permits.errors import BadInput, Conflict, Forbidden, NotFound, Problem, TooLarge, TooMany, Unavailable
from permits.web import csrf
from permits.web.assets import bring_up_to_date
from permits.web.city import TAIZHOU
from permits.web.forms import Form
from permits.web.headers import add_headers
from permits.web.navigation import DESK, PUBLIC, entries, home_of
from permits.web.pages import error_page, page, posted, see
from permits.web.statics import static_router
from permits.web.templates import render
from tests.web.shapes import shape

KEY = b"k" * 32
DAY = dt.date(2024, 12, 9)


@pytest.fixture(scope="module", autouse=True)
def _assets() -> None:
    bring_up_to_date()


def test_the_longest_entry_is_the_current_one() -> None:
    seen = entries(DESK, "/window/hand-out", {"clerk"})
    assert [(entry.href, entry.current) for entry in seen] == [
        ("/window/", False), ("/window/hand-out", True), ("/agencies/", False),
    ]  # fmt: skip
    assert next(entry.current for entry in entries(PUBLIC, "/"))
    assert not any(entry.current for entry in entries(PUBLIC, "/privacy"))


def test_handing_out_a_case_lies_under_hand_out_and_its_other_pages_under_cases() -> None:
    for step, expected in (("hand-out", "/window/hand-out"), ("messages", "/window/"), ("not-accept", "/window/")):
        seen = entries(DESK, f"/window/BJ-1/{step}", {"clerk"})
        assert [entry.href for entry in seen if entry.current] == [expected]


def test_everybody_starts_where_their_work_is() -> None:
    assert [home_of({role}) for role in ("clerk", "decider", "manager", "employer")] == [
        "/window/", "/window/", "/office/", "/apply/",
    ]  # fmt: skip


TEMPLATE = "ow/error.html"
PROBLEMS: list[type[Problem]] = [BadInput, Forbidden, NotFound, Conflict, TooLarge, TooMany, Unavailable]


@get("/problem/{status:int}")
async def problem(request: Request[Any, Any, Any], status: FromPath[int]) -> Response[str]:
    """The error page of a status."""
    return error_page(request, next(kind for kind in PROBLEMS if kind.status == status)())


@post("/problem/{status:int}")
async def lost(request: Request[Any, Any, Any], status: FromPath[int]) -> Response[str]:
    """An outage in the middle of a form."""
    return error_page(request, Unavailable(), held=await posted(request))


@get("/form")
async def shown(request: Request[Any, Any, Any]) -> Response[str]:
    """A page with a form."""
    return page(request, TEMPLATE, **error_context(Unavailable(), Form({"why": ("x",)}, {})))


@post("/form")
async def sent(request: Request[Any, Any, Any]) -> Response[None]:
    """A form that leads on."""
    return see((await posted(request)).get("next", "/done"))


def error_context(what: Problem, held: Form | None = None) -> dict[str, Any]:
    """What the error template is given besides the surroundings."""
    return {
        "layout": "ow/public.html", "problem": what, "picture": "lamp", "reference": "E503-TEST", "own_proof": "",
        "held": held, "staff": False, "method": "POST",
    }  # fmt: skip


@pytest.fixture
def client() -> Iterator[TestClient[Any]]:
    """A browser before the smallest application that has pages."""
    with create_test_client(
        [problem, lost, shown, sent, static_router()],
        before_send=[add_headers],
        state=State({"csrf_key": KEY}),
        exception_handlers={Problem: error_page},
    ) as made:
        made.base_url = "https://testserver.local"
        made.follow_redirects = False
        yield made


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("status", [kind.status for kind in PROBLEMS])
def test_an_error_page_is_whole_in_both_languages(client: TestClient[Any], status: int, lang: str) -> None:
    answer = client.get(f"/problem/{status}?lang={lang}")
    read = shape(answer.text)
    assert answer.status_code == status
    assert (read.open, read.refused) == ([], [])
    assert len(read.ids) == len(set(read.ids))
    assert f"E{status}-" in answer.text
    assert answer.headers["content-language"] == {"zh": "zh-CN", "en": "en"}[lang]
    assert answer.headers["cache-control"] == "no-store"


def test_a_staff_page_is_whole_and_shows_desks_by_role() -> None:
    roles = frozenset({"clerk"})
    html = render(
        TEMPLATE, "zh", **{**error_context(Conflict()), "layout": "ow/staff.html", "staff": True},
        account=None, roles=roles, csrf="", path="/window/", nav=[], desk_nav=entries(DESK, "/window/", roles),
        other_lang="en", lang_url="/window/?lang=en", demo=True, city=TAIZHOU, now=dt.datetime.now(dt.UTC), today=DAY,
    )  # fmt: skip
    assert shape(html).open == []
    assert "演示，内容均为虚构" in html
    assert 'href="/window/hand-out"' in html
    assert 'href="/review/"' not in html


def test_a_chosen_language_is_remembered(client: TestClient[Any]) -> None:
    assert "Not found" in client.get("/problem/404?lang=en").text
    assert "Not found" in client.get("/problem/404", headers={"Accept-Language": "zh-CN"}).text


def test_the_language_switch_keeps_the_rest_of_the_address(client: TestClient[Any]) -> None:
    assert "/problem/404?cursor=abc&amp;lang=en" in client.get("/problem/404?cursor=abc&lang=zh").text


def token(client: TestClient[Any]) -> str:
    """The hidden value of a form shown to a visitor."""
    html = client.get("/form").text
    return html.split('name="csrf" value="')[1].split('"')[0]


def test_a_visitors_form_is_taken_with_its_value_only(client: TestClient[Any]) -> None:
    good = token(client)
    assert client.post("/form", data={"csrf": good}).headers["location"] == "/done"
    assert client.post("/form", headers={"X-CSRF": good}, data={"a": "b"}).status_code == 303
    assert client.post("/form", data={"csrf": "other.value"}).status_code == 403
    assert client.post("/form", data={}).status_code == 403


def test_a_value_planted_by_someone_else_is_refused(client: TestClient[Any]) -> None:
    client.cookies.set(csrf.COOKIE, "planted.planted")
    assert client.post("/form", data={"csrf": "planted.planted"}).status_code == 403


def test_a_redirect_leads_to_our_own_pages_only(client: TestClient[Any]) -> None:
    good = token(client)
    for address in ("https://example.org", "//example.org", "/\\example.org"):
        assert client.post("/form", data={"csrf": good, "next": address}).headers["location"] == "/"


def test_an_outage_keeps_what_was_typed_in_the_page(client: TestClient[Any]) -> None:
    html = client.post("/problem/503", data={"csrf": token(client), "reasons": "请补核“名单”"}).text
    assert '<input type="hidden" name="reasons" value="请补核“名单”">' in html
    assert "再试一次" in html or "Try again" in html


def test_every_answer_carries_the_security_headers(client: TestClient[Any]) -> None:
    for answer in (client.get("/problem/404"), client.get("/nowhere"), client.get("/static/tokens.css")):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; ")
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" in answer.headers


def test_only_the_interfaces_page_draws_pictures_from_data(client: TestClient[Any]) -> None:
    assert "img-src 'self' data:" in client.get("/api/v1/docs").headers["content-security-policy"]


def test_a_file_named_by_its_digest_is_kept_for_ever(client: TestClient[Any]) -> None:
    assert "immutable" in client.get("/static/tokens.css?v=1").headers["cache-control"]
    assert client.get("/static/tokens.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/nothing.css?v=1").headers["cache-control"] == "no-store"


def test_nothing_outside_the_folder_is_served(client: TestClient[Any]) -> None:
    assert client.get("/static/../templates.py").status_code == 404
    assert client.get("/static/%2e%2e/templates.py").status_code == 404
