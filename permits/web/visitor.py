"""Who looks at a page and in which language, as pages see it. It reads what sign-in left and decides nothing."""

from typing import Any

from litestar.connection import Request

from permits.accounts.model import STAFF, Account, Session
from permits.settings import settings
from permits.web import i18n

NOBODY: frozenset[str] = frozenset()


def session_of(request: Request[Any, Any, Any]) -> Session | None:
    """The session of a request, None for a visitor."""
    session: Session | None = request.scope["state"].get("session")
    return session


def account_of(request: Request[Any, Any, Any]) -> Account | None:
    """The person signed in, None for a visitor."""
    session = session_of(request)
    return session.account if session else None


def roles_of(request: Request[Any, Any, Any]) -> frozenset[str]:
    """The roles of the person signed in, in the cities served here."""
    account = account_of(request)
    return frozenset(grant.role for grant in account.roles if grant.region in settings().regions) if account else NOBODY


def is_staff(request: Request[Any, Any, Any]) -> bool:
    """Whether the person works at a desk."""
    return bool(roles_of(request) & STAFF)


def lang_of(request: Request[Any, Any, Any]) -> i18n.Lang:
    """The language of this request's page."""
    query = request.query_params.get(i18n.COOKIE)
    return i18n.choose(query, request.cookies.get(i18n.COOKIE), request.headers.get("accept-language"))
