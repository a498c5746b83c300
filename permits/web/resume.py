"""A session that ended in mid-form: signing in on the spot, after which the form goes on as if nothing had happened.

What was typed travels in the page, sealed for its person (held.py); nothing of it is stored here.
"""

from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import parse_qs

import msgspec
from litestar.connection import Request
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.response import Response
from litestar.types import ASGIApp, HTTPReceiveMessage, HTTPScope, Message, Receive, Scope, Send

from permits import clock
from permits.accounts import store
from permits.accounts.model import Account, SignedIn
from permits.errors import Conflict, NotSignedIn, Problem, TooLarge, TooMany
from permits.i18n import Text
from permits.web.auth import Asked, SignInFirst, session_cookie
from permits.web.csrf import check_csrf
from permits.web.forms import Filled, date_name
from permits.web.held import HeldForm, body, seal, sign_in_address, unseal
from permits.web.labels import label, place
from permits.web.pages import page, see
from permits.web.signin import enter, show, wait
from permits.web.state import database_of, office_of

HELD_QUERY = b"held=1"
"""The query of a form that was held and comes back with a password."""

LONGEST_BODY = 8 * 1024 * 1024
"""Bytes of a held form, sealed: enough for all that is ever carried along."""

MASKED = frozenset({"password", "beneficiary.passport_number", "beneficiary.mrz"})
"""Fields that the page names and carries, but does not show."""

HIDDEN = "••••••"


class Shown(msgspec.Struct, frozen=True):
    """One line of what was typed."""

    label: Text
    value: str


def sign_in_first(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """The answer of a page to NotSignedIn: signing in on the spot for a form on its way, else the sign-in page."""
    if isinstance(problem, SignInFirst) and problem.held and problem.owner:
        return held_page(request, problem.held, problem.owner)
    if request.method != "GET":
        return show(request, "")
    address = sign_in_address(request.url.path, request.url.query)
    if request.headers.get("hx-request"):
        return Response(None, status_code=200, headers={"HX-Redirect": address})
    return see(address)


def held_page(
    request: Request[Any, Any, Any], held: HeldForm, owner: Account, problem: Problem | None = None
) -> Response[str]:
    """Sign in here as the person whose form this is; everything typed is listed and goes on afterwards."""
    return page(
        request,
        "ow/signin_held.html",
        status=problem.status if problem else 401,
        headers=wait(problem),
        f=Filled({}, {"password": problem.detail} if problem else {}),
        owner=owner,
        sealed=seal(office_of(request).keys, held),
        lines=shown(held),
        left_out=held.left_out,
        typed_at=held.at + clock.offset(),
        elsewhere=sign_in_address(held.path, held.query),
    )


def shown(held: HeldForm) -> list[Shown]:
    """What was typed, as the page lists it: dates whole, secrets and files by name only."""
    typed = held.form()
    names = sorted({date_name(name) for name in typed.values}, key=place)
    lines = [(label(name), ", ".join(filter(None, typed.all(name))) or typed.get(name), name) for name in names]
    listed = [Shown(words, HIDDEN if name in MASKED else value) for words, value, name in lines if words and value]
    return listed + [Shown(Text("附件", "File"), file.name) for file in held.files]


class GoesOn(ASGIMiddleware):
    """A held form that comes back with the right password goes on as if its session had never ended.

    Its own address takes it: the request is made whole again and handed to the page's handler.
    """

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let everything else pass untouched."""
        asked = cast(HTTPScope, scope)
        sent = await _whole(receive) if _is_held(asked) else None
        fields = _read(sent) if sent else {}
        if "held" not in fields:
            await next_app(scope, receive if sent is None else _given(sent), send)
            return
        now = cast(HTTPScope, asked | {"state": {"session": asked["state"].get("session")}})
        answer = await _again(Request(now), fields)
        if isinstance(answer, Response):
            await answer.to_asgi_response(None, Request(now))(now, receive, send)
            return
        held, visit = answer
        await next_app(scope, _as_before(asked, held, visit), _with_cookie(send, visit))


def _is_held(scope: HTTPScope) -> bool:
    form = (b"content-type", b"application/x-www-form-urlencoded")
    return scope["method"] == "POST" and scope["query_string"] == HELD_QUERY and form in scope["headers"]


async def _whole(receive: Receive) -> bytes:
    parts, size = [], 0
    async for part in _parts(receive):
        parts.append(part)
        size += len(part)
        if size > LONGEST_BODY:
            raise TooLarge(Text("内容太多，带不过去。", "There is too much to carry along."))
    return b"".join(parts)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Conflict(Text("没有收完整。", "The form did not arrive whole."))
        yield message["body"]
        if not message.get("more_body"):
            return


def _read(sent: bytes) -> dict[str, str]:
    ours = b"held=" in sent and sent.count(b"&") < 10
    fields = parse_qs(sent.decode("ascii", "replace")) if ours else {}
    return {name: values[0] for name, values in fields.items()}


async def _again(request: Asked, sent: dict[str, str]) -> Response[str] | tuple[HeldForm, SignedIn]:
    """The held form and its person's new session, or the page again with what is wrong."""
    check_csrf(request, sent.get("csrf", ""))
    held = unseal(office_of(request).keys, sent.get("held", ""), request.scope["path"])
    async with database_of(request).transaction(None) as tx:
        owner = await store.by_id(tx, held.owner)
    assert owner is not None
    try:
        return held, await enter(request, owner.email, sent.get("password", ""))
    except (NotSignedIn, TooMany) as problem:
        return held_page(request, held, owner, problem)


def _as_before(scope: HTTPScope, held: HeldForm, visit: SignedIn) -> Receive:
    """Make the request what its page would have sent in the new session; the body it then receives."""
    media_type, content = body(held, visit.session.csrf)
    kept = [(name, value) for name, value in scope["headers"] if name not in (b"content-type", b"content-length")]
    kept += [(b"content-type", media_type.encode()), (b"content-length", str(len(content)).encode())]
    scope["headers"], scope["query_string"] = kept, held.query.encode()
    scope["state"]["session"] = visit.session
    return _given(content)


def _given(content: bytes) -> Receive:
    async def receive() -> HTTPReceiveMessage:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


def _with_cookie(send: Send, visit: SignedIn) -> Send:
    cookie = session_cookie(visit).to_header(header="").encode()

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"set-cookie", cookie)]
        await send(message)

    return send_with_cookie
