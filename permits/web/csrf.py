"""Proof that a POST comes from a page of ours: a hidden value bound to the session or, before sign-in, to a cookie.

It protects browsers only; the JSON interface takes no cookie and needs none of this.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from litestar.connection import Request
from litestar.datastructures import Cookie
from markupsafe import Markup

from permits.errors import Forbidden
from permits.i18n import Text
from permits.web.visitor import session_of

FIELD = "csrf"
HEADER = "X-CSRF"
COOKIE = "__Host-visitor"
"""Visitors' cookie: the same value as the hidden field, signed so that nobody else can plant one."""

NONCE_BYTES = 18


def stale() -> Forbidden:
    """What somebody is told whose form does not fit: nearly always a page left open overnight."""
    return Forbidden(
        Text(
            "这一页放得太久了，什么也没改。请重新打开再做一次。",
            "This page was open too long. Nothing was changed; open it again.",
        ),
        type="stale-form",
        title=Text("请重新打开这一页", "Please open the page again"),
    )


def mark(nonce: str, key: bytes) -> str:
    """The signature of a nonce."""
    digest = hmac.digest(key, f"visitor {nonce}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest[:18]).decode()


def new_token(key: bytes) -> str:
    """A fresh signed value for a visitor."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    return f"{nonce}.{mark(nonce, key)}"


def genuine(token: str, key: bytes) -> bool:
    """Whether a visitor's value was made by us."""
    nonce, _, signature = token.partition(".")
    return bool(nonce) and hmac.compare_digest(signature.encode(), mark(nonce, key).encode())


def key_of(request: Request[Any, Any, Any]) -> bytes:
    """The key of visitors' values: `csrf_key` in the application's state, the same in every web process."""
    key: bytes = request.app.state.csrf_key
    return key


class Csrf:
    """The value a page's forms carry. A visitor gets a cookie only when a form is really shown."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        session = session_of(request)
        known = request.cookies.get(COOKIE, "")
        self.fresh = session is None and not genuine(known, key_of(request))
        self.used = False
        self._token = session.csrf if session else new_token(key_of(request)) if self.fresh else known

    @property
    def token(self) -> str:
        """The value itself, for a header."""
        self.used = True
        return self._token

    def __html__(self) -> str:
        """The hidden field."""
        return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, self.token)

    def cookie(self) -> Cookie | None:
        """The cookie to set with the page, when a form of a visitor without one was shown."""
        if not (self.fresh and self.used):
            return None
        return Cookie(key=COOKIE, value=self._token, path="/", secure=True, httponly=True, samesite="lax")


def check_csrf(request: Request[Any, Any, Any], sent: str = "") -> None:
    """Forbidden unless the hidden field (`sent`) or the header fits the session or the visitor's cookie."""
    given = sent or request.headers.get(HEADER, "")
    session = session_of(request)
    expected = session.csrf if session else request.cookies.get(COOKIE, "")
    fits = bool(expected) and hmac.compare_digest(given.encode(), expected.encode())
    if not fits or (session is None and not genuine(given, key_of(request))):
        raise stale()
