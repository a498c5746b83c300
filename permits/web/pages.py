"""What page handlers use: a page in the visitor's language, a redirect after a POST, an error as a page.

It knows how pages look, never what they are about.
"""

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import structlog
from litestar.connection import Request
from litestar.datastructures import Cookie
from litestar.enums import MediaType
from litestar.response import Response

from permits import clock
from permits.errors import Problem
from permits.settings import settings
from permits.web import i18n
from permits.web.city import city_of
from permits.web.csrf import Csrf, check_csrf
from permits.web.forms import Form, form
from permits.web.navigation import DESK, PUBLIC, entries
from permits.web.templates import render
from permits.web.visitor import account_of, is_staff, lang_of, roles_of

__all__ = ["error_page", "is_own", "page", "posted", "see"]

IN_ADDRESSES = "/?#[]@!$&'()*+,;=%~"
"""Signs that mean something in an address and stay as they are; all others but letters and digits are escaped."""

LANG_COOKIE_SECONDS = 365 * 24 * 3600
"""How long a chosen language is remembered."""

REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Letters and digits that nobody mishears on the telephone."""

log = structlog.get_logger(__name__)


def page(
    request: Request[Any, Any, Any],
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """The template as HTML in the visitor's language, with everything the layouts need.

    `?lang=` in the address is remembered in a cookie; a visitor who is shown a form gets the cookie that proves it.
    """
    lang, csrf = lang_of(request), Csrf(request)
    body = render(template, lang, **surroundings(request, lang, csrf), **context)
    return Response(
        body,
        status_code=status,
        media_type=MediaType.HTML,
        headers={"Content-Language": i18n.TAGS[lang], "Vary": "Accept-Language, Cookie", **(headers or {})},
        cookies=cookies(request, lang, csrf),
    )


def surroundings(request: Request[Any, Any, Any], lang: i18n.Lang, csrf: Csrf) -> dict[str, Any]:
    """What every layout shows: who looks, the way around, the other language, the city."""
    path, roles = request.url.path, roles_of(request)
    return {
        "account": account_of(request),
        "roles": roles,
        "csrf": csrf,
        "path": path,
        "nav": entries(PUBLIC, path, roles),
        "desk_nav": entries(DESK, path, roles),
        "other_lang": "en" if lang == "zh" else "zh",
        "lang_url": lang_url(request, "en" if lang == "zh" else "zh"),
        "demo": settings().demo,
        "city": city_of(settings().region),
        "now": clock.now(),
        "today": clock.today(),
    }


def lang_url(request: Request[Any, Any, Any], lang: i18n.Lang) -> str:
    """This page's address in the other language, the rest of its query kept."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name != i18n.COOKIE]
    return f"{request.url.path}?{urlencode([*kept, (i18n.COOKIE, lang)])}"


def cookies(request: Request[Any, Any, Any], lang: i18n.Lang, csrf: Csrf) -> list[Cookie]:
    """Cookies to set with a page: the language when it was asked for, the visitor's proof when a form was shown."""
    made = [csrf.cookie()]
    if i18n.known(request.query_params.get(i18n.COOKIE)):
        made.append(Cookie(key=i18n.COOKIE, value=lang, path="/", max_age=LANG_COOKIE_SECONDS, samesite="lax"))
    return [cookie for cookie in made if cookie]


def see(url: str, *, cookies: list[Cookie] | None = None) -> Response[None]:
    """After a POST that did something: 303 to the page that shows it, so that a reload does nothing twice.

    Only addresses of our own are followed: anything else becomes the front page.
    """
    address = quote(url, safe=IN_ADDRESSES) if is_own(url) else "/"
    return Response(None, status_code=303, headers={"Location": address}, cookies=cookies or [])


def is_own(url: str) -> bool:
    """Whether an address leads to a page of ours: one slash first, and nothing that browsers drop or read as one."""
    return url.startswith("/") and not url.startswith(("//", "/\\")) and url.isprintable()


async def posted(request: Request[Any, Any, Any]) -> Form:
    """The form of a POST, within bounds and proven to come from a page of ours; Forbidden otherwise."""
    sent = await form(request)
    check_csrf(request, sent.get("csrf"))
    return sent


PICTURES = {401: "shut", 403: "shut", 404: "empty", 409: "lit", 500: "lamp", 503: "lamp"}
"""An error is a window: empty, shuttered, lit by someone else, dark but for a lamp."""


def new_reference(status: int) -> str:
    """A short number that stands on the page and in the log, to be said on the telephone: E404-7K2M."""
    return f"E{status}-{''.join(secrets.choice(REFERENCE_LETTERS) for _ in range(4))}"


def error_page(
    request: Request[Any, Any, Any],
    problem: Problem,
    *,
    held: Form | None = None,
    template: str = "ow/error.html",
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Response[str]:
    """A problem as a page: what happened, what is safe, what to do. `held` is what was typed, shown and sent again."""
    reference = new_reference(problem.status)
    log.info("error page", reference=reference, status=problem.status, type=problem.type)
    staff = is_staff(request) and not request.url.path.startswith("/apply")
    return page(
        request,
        template,
        status=problem.status,
        headers=headers,
        layout="ow/staff.html" if staff else "ow/public.html",
        problem=problem,
        picture=PICTURES.get(problem.status, "empty"),
        reference=reference,
        held=held,
        own_proof=held.get("csrf") if held and request.scope["state"].get("unknown") else "",
        staff=staff,
        method=request.method,
        **context,
    )
