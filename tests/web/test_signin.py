"""Signing in by a browser, and a form whose session ended on the way, over HTTP against the real handlers."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar, Router, get, post
from litestar.connection import Request
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.response import Response

from permits.accounts import service
from permits.accounts.model import Account
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.errors import NotSignedIn, Problem
from permits.office import Office
from permits.rules.law import load
from permits.web.auth import Asked, Visits, bearer, person, require, require_token
from permits.web.pages import posted
from permits.web.resume import GoesOn, sign_in_first
from permits.web.signin import HANDLERS
from tests.accounts.people import PASSWORD, REGION, actions, someone
from tests.built import built

Client = httpx.AsyncClient


@get("/apply/form", guards=[require("clerk", "employer")])
async def asked_form(request: Asked) -> dict[str, str]:
    """A page with a form, reduced to what its form carries."""
    return {"csrf": request.scope["state"]["session"].csrf, "name": person(request).name}


@post("/apply/form", guards=[require("clerk", "employer")], status_code=200)
async def saved_form(request: Asked) -> dict[str, Any]:
    """What the handler of a form received."""
    sent = await posted(request)
    if sent.get("employment.position") == "refuse":
        raise Problem
    files = {name: (given[0].filename, (await given[0].read()).decode()) for name, given in sent.files.items()}
    return {"by": person(request).email, "position": sent.get("employment.position"), "boxes": sent.all("box"), **files}


@get("/desk", guards=[require("decider")])
async def desk() -> str:
    """A page for deciders."""
    return "desk"


@get("/api/v1/me", guards=[require_token("clerk")], dependencies={"account": Provide(bearer)})
async def me(account: NamedDependency[Account]) -> str:
    """A call of the JSON interface."""
    return account.email


def told(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """Errors as the application shows them, reduced."""
    if isinstance(problem, NotSignedIn) and not request.url.path.startswith("/api/"):
        return sign_in_first(request, problem)
    return Response({"type": problem.type}, status_code=problem.status)


def pages() -> Litestar:
    """Sign-in and three small pages."""
    handlers = [*HANDLERS, asked_form, saved_form, desk]
    router = Router("/", route_handlers=handlers, middleware=[Visits(), GoesOn()])
    return Litestar([router, me], exception_handlers={Problem: told, HTTPException: told}, debug=False)


@pytest.fixture
async def client(database: Database, keys: Keys) -> AsyncIterator[Client]:
    """A browser at an application of sign-in and three small pages."""
    state = {"database": database, "office": Office(load(), keys), "csrf_key": b"k" * 32}
    app = built("sign-in", pages, state)
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example") as made:
        yield made


def hidden(html: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, name
    return found[1]


async def enter(client: Client, email: str = "wang@demo.example", password: str = PASSWORD, onward: str = "") -> Any:
    shown = await client.get("/sign-in", params={"next": onward} if onward else None)
    fields = {"csrf": hidden(shown.text, "csrf"), "next": hidden(shown.text, "next")}
    return await client.post("/sign-in", data=fields | {"email": email, "password": password})


async def test_signing_in_leads_to_the_page_one_was_going_to(client: Client, database: Database) -> None:
    await someone(database)
    first = await client.get("/apply/form?step=2")
    assert first.status_code == 303
    assert first.headers["location"] == "/sign-in?next=%2Fapply%2Fform%3Fstep%3D2"
    answer = await enter(client, onward="/apply/form?step=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/apply/form?step=2")
    assert (await client.get("/apply/form?step=2")).json()["name"] == "王芳（虚构）"


async def test_without_a_wish_one_arrives_at_ones_desk(client: Client, database: Database) -> None:
    await someone(database)
    assert (await enter(client)).headers["location"] == "/window/"


@pytest.mark.parametrize(
    "onward",
    ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:1", "/\t/evil.example", "/\r\nX: y"],
)
async def test_signing_in_never_leads_to_another_host(client: Client, database: Database, onward: str) -> None:
    await someone(database)
    assert (await enter(client, onward=onward)).headers["location"] == "/window/"


async def test_the_way_back_may_hold_any_letters(client: Client, database: Database) -> None:
    await someone(database)
    answer = await enter(client, onward="/verify/核 验?a=1")
    assert answer.headers["location"] == "/verify/%E6%A0%B8%20%E9%AA%8C?a=1"


async def test_the_session_cookie_is_for_this_host_over_https_and_no_script(client: Client, database: Database) -> None:
    await someone(database)
    cookie = next(c for c in (await enter(client)).headers.get_list("set-cookie") if c.startswith("__Host-session="))
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)


async def test_a_wrong_password_is_said_beside_it_and_the_email_is_kept(client: Client, database: Database) -> None:
    await someone(database)
    answer = await enter(client, "Wang@demo.example", "not the password")
    assert answer.status_code == 401
    assert "还可以试 4 次" in answer.text
    assert 'value="Wang@demo.example"' in answer.text
    assert "not the password" not in answer.text


async def test_a_lock_out_is_said_in_the_readers_language(client: Client, database: Database) -> None:
    await someone(database)
    client.headers["accept-language"] = "en"
    for _ in range(4):
        await enter(client, password="not the password")
    answer = await enter(client, password="not the password")
    assert answer.status_code == 429
    assert "Sign in again after" in answer.text
    assert answer.headers["retry-after"] == "300"


async def test_another_site_cannot_sign_a_browser_in(client: Client, database: Database) -> None:
    await someone(database)
    answer = await client.post("/sign-in", data={"email": "wang@demo.example", "password": PASSWORD, "csrf": "forged"})
    assert answer.status_code == 403


async def test_the_wrong_role_is_forbidden_and_a_visitor_is_asked_to_sign_in(
    client: Client, database: Database
) -> None:
    await someone(database)
    assert (await client.get("/desk")).status_code == 303
    await enter(client)
    assert (await client.get("/desk")).status_code == 403


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(client: Client, database: Database) -> None:
    await someone(database)
    await enter(client)
    csrf = (await client.get("/apply/form")).json()["csrf"]
    answer = await client.post("/sign-out", data={"csrf": csrf})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert (await client.get("/apply/form")).status_code == 303


async def test_the_list_of_sessions_ends_another_one_or_all(client: Client, database: Database) -> None:
    wang = await someone(database)
    there = await service.sign_in(database, wang.email, PASSWORD, "198.51.100.4", "another browser")
    await enter(client)
    shown = await client.get("/account")
    assert "198.51.100.4" in shown.text
    fields = {"csrf": hidden(shown.text, "csrf"), "session": hidden(shown.text, "session")}
    assert fields["session"] == there.session.digest.hex()
    assert (await client.post("/account/sign-out", data=fields)).status_code == 303
    assert "198.51.100.4" not in (await client.get("/account")).text
    assert (await client.post("/account/sign-out-everywhere", data=fields)).headers["location"] == "/sign-in"
    assert (await client.get("/account")).status_code == 303


# A session that ended in mid-form


async def half_filled(client: Client, database: Database) -> dict[str, Any]:
    """A form filled in by somebody whose session then ends."""
    wang = await someone(database)
    await enter(client)
    csrf = (await client.get("/apply/form")).json()["csrf"]
    await service.sign_out_everywhere(database, wang)
    return {"csrf": csrf, "employment.position": '首席"科学家" & Söhne', "box": ["a", "b"], "idempotency_key": "k-1"}


def resumed(html: str, password: str = PASSWORD) -> dict[str, str]:
    return {"csrf": hidden(html, "csrf"), "held": hidden(html, "held"), "password": password}


async def test_a_form_whose_session_ended_goes_on_after_the_password(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    held = await client.post("/apply/form", data=fields)
    assert held.status_code == 401
    assert "以王芳（虚构）的身份登录" in held.text
    assert "首席&#34;科学家&#34; &amp; Söhne" in held.text
    answer = await client.post("/apply/form?held=1", data=resumed(held.text))
    assert answer.json() == {"by": "wang@demo.example", "position": fields["employment.position"], "boxes": ["a", "b"]}
    assert (await client.get("/apply/form")).status_code == 200


async def test_it_also_goes_on_when_the_browser_lost_its_cookies(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    client.cookies.clear()
    held = await client.post("/apply/form", data=fields)
    assert (await client.post("/apply/form?held=1", data=resumed(held.text))).json()["boxes"] == ["a", "b"]


async def test_a_wrong_password_there_loses_nothing_either(client: Client, database: Database) -> None:
    held = await client.post("/apply/form", data=await half_filled(client, database))
    again = await client.post("/apply/form?held=1", data=resumed(held.text, "not the password"))
    assert again.status_code == 401
    assert "还可以试 4 次" in again.text
    assert (await client.post("/apply/form?held=1", data=resumed(again.text))).json()["boxes"] == ["a", "b"]


async def test_a_file_of_the_form_is_carried_along(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    held = await client.post(
        "/apply/form", data=fields, files={"file": ('合同"1".pdf', b"%PDF-small", "application/pdf")}
    )
    assert "合同" in held.text
    answer = (await client.post("/apply/form?held=1", data=resumed(held.text))).json()
    assert answer["position"] == fields["employment.position"]
    assert answer["file"][1] == "%PDF-small"


async def test_a_file_too_large_to_carry_is_named_and_the_rest_is_kept(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    large = b"x" * (5 * 1024 * 1024)
    held = await client.post("/apply/form", data=fields, files={"file": ("合同.pdf", large, "application/pdf")})
    assert "请再选一次：合同.pdf" in held.text
    assert (await client.post("/apply/form?held=1", data=resumed(held.text))).json()["boxes"] == ["a", "b"]


async def test_what_was_typed_cannot_be_read_from_the_hidden_field_or_sent_elsewhere(
    client: Client, database: Database
) -> None:
    held = await client.post("/apply/form", data=await half_filled(client, database))
    sealed = resumed(held.text)
    elsewhere = await client.post("/sign-out?held=1", data=sealed)
    assert elsewhere.json() == {"type": "held-too-long"}
    broken = await client.post("/apply/form?held=1", data=sealed | {"held": sealed["held"][:-8] + "AAAAAAA="})
    assert broken.json() == {"type": "held-too-long"}


async def test_another_person_at_the_browser_does_not_get_the_form(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    await someone(database, "li@demo.example")
    await enter(client, "li@demo.example")
    held = await client.post("/apply/form", data=fields)
    assert held.status_code == 401
    assert "王芳" in held.text
    refused = await client.post("/apply/form?held=1", data=resumed(held.text, "not the password"))
    assert refused.status_code == 401
    assert "sign-in-refused" in await actions(database)


async def test_a_form_of_the_same_persons_earlier_session_is_taken_at_once(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    await enter(client)
    assert (await client.post("/apply/form", data=fields)).json()["boxes"] == ["a", "b"]


async def test_a_forged_form_is_never_held(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    answer = await client.post("/apply/form", data=fields | {"csrf": "forged"})
    assert answer.status_code == 200
    assert "held" not in answer.text
    assert "Söhne" not in answer.text


async def test_what_goes_wrong_after_going_on_is_told_as_usual(client: Client, database: Database) -> None:
    fields = await half_filled(client, database)
    held = await client.post("/apply/form", data=fields | {"employment.position": "refuse"})
    answer = await client.post("/apply/form?held=1", data=resumed(held.text))
    assert (answer.status_code, answer.json()) == (500, {"type": "internal"})
    assert "__Host-session" in str(answer.headers.get_list("set-cookie"))


async def test_a_form_shown_again_after_going_on_can_be_sent_from_there(client: Client, database: Database) -> None:
    await someone(database)
    await enter(client)
    csrf = (await client.get("/apply/form")).json()["csrf"]
    answer = await client.post("/apply/form?held=1", data={"csrf": csrf, "employment.position": "工程师"})
    assert answer.json()["position"] == "工程师"


# The JSON interface


async def test_a_token_opens_the_json_interface_and_a_cookie_does_not(client: Client, database: Database) -> None:
    wang = await someone(database)
    token = await service.create_token(database, wang, "import", days=1)
    answer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.text) == (200, wang.email)
    await enter(client)
    assert (await client.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer permits_wrong", "Basic abc", "Bearer " + "x" * 5000, "Bearer \xff"]
)
async def test_a_bad_token_is_401(client: Client, header: str) -> None:
    answer = await client.get("/api/v1/me", headers=[(b"authorization", header.encode("latin-1"))])
    assert (answer.status_code, answer.json()) == (401, {"type": "no-token"})


async def test_a_token_of_another_role_is_403(client: Client, database: Database) -> None:
    chen = await service.create_account(database, "chen@demo.example", "陈立", PASSWORD, ("employer",), REGION)
    token = await service.create_token(database, chen, "import", days=1)
    answer = await client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 403
