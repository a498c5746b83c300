"""Who is asking: the session of a page's cookie, the account of an API token, and what roles may enter.

Pages know the cookie only, the JSON interface the Authorization header only; neither is ever tried for the other.
"""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection, Request
from litestar.datastructures import Cookie
from litestar.enums import ScopeType
from litestar.handlers.base import BaseRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Guard, Receive, Scope, Send

from permits import clock
from permits.accounts import store
from permits.accounts.model import Account, Session, SignedIn
from permits.accounts.service import TOKEN_PREFIX, digest_of
from permits.db.database import Database
from permits.errors import Forbidden, NotSignedIn
from permits.i18n import Text
from permits.settings import settings
from permits.web.forms import form
from permits.web.held import HeldForm, hold
from permits.web.state import Connection, database_of

COOKIE = "__Host-session"
"""Sent back by the browser over HTTPS (or to its own machine) only, to this host only, never readable by a script."""

LONGEST_SECRET = 200
"""Characters; ours are shorter, and longer ones are not even hashed."""

Asked = Request[Any, Any, Any]


def no_token() -> NotSignedIn:
    """What a caller of the JSON interface is told without a good token."""
    return NotSignedIn(
        Text(
            "请在 Authorization 头中带上 Bearer 令牌；令牌可能已到期或被撤销。",
            "Send a Bearer token in the Authorization header; a token may have expired or been revoked.",
        ),
        type="no-token",
    )


def wrong_role() -> Forbidden:
    """What somebody is told whose roles do not open a page or a call."""
    return Forbidden(
        Text(
            "您的角色不能办理这一项。请用有权限的账号，或请同事办理。",
            "Your role may not do this. Use an account that may, or ask a colleague.",
        )
    )


class SignInFirst(NotSignedIn):
    """A page needs somebody signed in; `held` is the form that was on its way, sealed for the person who typed it."""

    def __init__(self, held: HeldForm | None = None, owner: Account | None = None) -> None:
        super().__init__(Text("请先登录，再接着办。", "Please sign in first, then go on."))
        self.held, self.owner = held, owner


# Pages


def session_cookie(visit: SignedIn) -> Cookie:
    """The cookie of a new session, gone when the browser closes."""
    return Cookie(key=COOKIE, value=visit.secret, path="/", secure=True, httponly=True, samesite="lax")


def no_session_cookie() -> Cookie:
    """The cookie that takes the session's away."""
    return Cookie(key=COOKIE, value="", path="/", max_age=0, secure=True, httponly=True, samesite="lax")


def secret_of(scope: Scope) -> str:
    """The session's secret in the Cookie header, empty where there is none."""
    sent = "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")
    for pair in sent.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value if len(value) <= LONGEST_SECRET else ""
    return ""


async def visitor(connection: Connection) -> Session | None:
    """The living session of a page's cookie, looked up once a request; None for everybody else."""
    state = connection.scope["state"]
    if "session" not in state:
        secret = secret_of(connection.scope)
        state["session"] = await _session(database_of(connection), secret) if secret else None
    session: Session | None = state["session"]
    return session


async def _session(database: Database, secret: str) -> Session | None:
    async with database.connection() as tx:
        return await store.session_of(tx, digest_of(secret), clock.machine_now())


class Visits(ASGIMiddleware):
    """Finds the session before any page is made, so that every page knows who looks. For the pages' routers."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Put the session into the state of the scope; where that fails, keep what was typed for the page."""
        try:
            await visitor(ASGIConnection(scope))
        except Exception:
            scope["state"]["unknown"] = True
            if scope["type"] == ScopeType.HTTP and scope["method"] == "POST":
                await form(Request(scope, receive))
            raise
        await next_app(scope, receive, send)


def person(connection: Connection) -> Account:
    """Who looks at the page; NotSignedIn for a visitor."""
    session: Session | None = connection.scope["state"].get("session")
    if session is None:
        raise SignInFirst
    return session.account


def may(account: Account, roles: tuple[str, ...]) -> bool:
    """Whether the account holds one of the roles (any, where none is named) in a city served here."""
    wanted = frozenset(roles)
    return any(g.region in settings().regions and (not wanted or g.role in wanted) for g in account.roles)


def require(*roles: str) -> Guard:
    """The guard of a page for one of these roles, for anybody signed in where none is named.

    NotSignedIn (with the form that was on its way) or Forbidden. The case's own city is checked by the use case.
    """

    async def guard(request: Connection, _: BaseRouteHandler) -> None:
        session = await visitor(request)
        if isinstance(request, Request) and request.method == "POST":
            session = await _own_form(request, session)
        if session is None:
            raise SignInFirst
        if not may(session.account, roles):
            raise wrong_role()

    return guard


async def _own_form(request: Asked, session: Session | None) -> Session | None:
    """The session if the form is its own, or the same person's from an earlier session; else the form is held."""
    sent = await form(request)
    csrf = sent.get("csrf")
    if not csrf or (session and session.csrf == csrf):
        return session
    async with database_of(request).transaction(None) as tx:
        owner = await store.owner_of_form(tx, csrf, clock.machine_now())
    if owner is None:
        return session
    if session is None or session.account.id != owner.id:
        raise SignInFirst(await hold(request, sent, owner), owner)
    request.scope["state"]["session"] = session = msgspec.structs.replace(session, csrf=csrf)
    return session


# The JSON interface


async def bearer(request: Asked) -> Account:
    """Whose token the Authorization header bears, looked up once a request; NotSignedIn without a good one."""
    state = request.scope["state"]
    if "account" not in state:
        state["account"] = await _owner(database_of(request), request.headers.get("authorization", ""))
    account: Account = state["account"]
    return account


async def _owner(database: Database, header: str) -> Account:
    scheme, _, token = header.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token.startswith(TOKEN_PREFIX) or len(token) > LONGEST_SECRET:
        raise no_token()
    async with database.connection() as tx:
        account = await store.token_of(tx, digest_of(token), clock.machine_now())
    if account is None:
        raise no_token()
    return account


def require_token(*roles: str) -> Guard:
    """The guard of a call of the JSON interface, as `require` is of a page."""

    async def guard(request: Connection, _: BaseRouteHandler) -> None:
        assert isinstance(request, Request)
        if not may(await bearer(request), roles):
            raise wrong_role()

    return guard
