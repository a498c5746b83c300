"""Signing in and out in a browser, and the list of one's sessions. A right password leads to where one was going.

What happens to a form whose session ended on the way is resume.py's business.
"""

from typing import Any

from litestar import get, post
from litestar.response import Response
from msgspec.structs import replace

from permits import clock
from permits.accounts import service, store, throttle
from permits.accounts.model import Account, SignedIn
from permits.errors import NotSignedIn, Problem, TooMany
from permits.web.auth import Asked, no_session_cookie, person, require, session_cookie, visitor
from permits.web.forms import Filled
from permits.web.navigation import home_of
from permits.web.pages import is_own, page, posted, see
from permits.web.state import database_of

# The sign-in page


@get("/sign-in")
async def sign_in_page(request: Asked) -> Response[Any]:
    """The page; whoever is signed in already goes on at once."""
    session = await visitor(request)
    if session:
        return see(_onward(request.query_params.get("next", ""), session.account))
    return show(request, request.query_params.get("next", ""))


def show(request: Asked, onward: str, email: str = "", problem: Problem | None = None) -> Response[str]:
    """The page, with what went wrong beside the password; `onward` is where one goes afterwards."""
    errors = {"password": problem.detail} if problem else {}
    filled = Filled({"email": email, "next": onward[:2000]}, errors)
    return page(
        request,
        "ow/signin.html",
        status=problem.status if problem else 200,
        headers=wait(problem),
        f=filled,
        tries=throttle.ACCOUNT_TRIES,
        minutes=int(throttle.LOCKED.total_seconds() // 60),
    )


def wait(problem: Problem | None) -> dict[str, str]:
    """The header that tells programs how long a lock-out lasts, in seconds."""
    return {"Retry-After": str(int(throttle.LOCKED.total_seconds()))} if isinstance(problem, TooMany) else {}


def _onward(asked: str, account: Account) -> str:
    """The page one was going to, else the first desk or one's cases; never another host's."""
    own = is_own(asked) and not asked.startswith("/sign-")
    return asked if own else home_of(frozenset(grant.role for grant in account.roles))


@post("/sign-in")
async def sign_in(request: Asked) -> Response[Any]:
    """Sign in and go on; a wrong password comes back beside the field, with the e-mail kept."""
    sent = await posted(request)
    email, onward = sent.get("email"), sent.get("next")
    try:
        visit = await enter(request, email, sent.get("password"))
    except (NotSignedIn, TooMany) as problem:
        return show(request, onward, email, problem)
    return see(_onward(onward, visit.session.account), cookies=[session_cookie(visit)])


async def enter(request: Asked, email: str, password: str) -> SignedIn:
    """A new session for this browser."""
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")
    return await service.sign_in(database_of(request), email, password, address, agent)


@post("/sign-out")
async def sign_out(request: Asked) -> Response[Any]:
    """End the session and go to the front page."""
    await posted(request)
    session = await visitor(request)
    if session:
        await service.sign_out(database_of(request), session)
    return see("/", cookies=[no_session_cookie()])


# One's sessions


@get("/account", guards=[require()])
async def account_page(request: Asked) -> Response[str]:
    """Where one is signed in, and signing out everywhere."""
    account, session = person(request), await visitor(request)
    async with database_of(request).transaction(None) as tx:
        found = await store.sessions_of(tx, account.id, clock.machine_now())
    ahead = clock.offset()
    lines = [replace(one, created_at=one.created_at + ahead, seen_at=one.seen_at + ahead) for one in found]
    return page(request, "ow/account.html", lines=lines, here=session.digest if session else b"")


@post("/account/sign-out", guards=[require()])
async def end_one(request: Asked) -> Response[Any]:
    """End one of one's sessions."""
    sent = await posted(request)
    try:
        digest = bytes.fromhex(sent.get("session"))
    except ValueError:
        digest = b""
    await service.end_session(database_of(request), person(request), digest)
    return see("/account")


@post("/account/sign-out-everywhere", guards=[require()])
async def end_all(request: Asked) -> Response[Any]:
    """End all of one's sessions, this one too."""
    await posted(request)
    await service.sign_out_everywhere(database_of(request), person(request))
    return see("/sign-in", cookies=[no_session_cookie()])


HANDLERS = [sign_in_page, sign_in, sign_out, account_page, end_one, end_all]
"""For the application's router of pages."""
