"""Security headers of every answer, whatever made it: pages, files, errors. They are set in one place and here only."""

import functools

from litestar.enums import ScopeType
from litestar.types import Message, Scope

DIRECTIVES = {
    "default-src": "'none'",
    "style-src": "'self'",
    "script-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
"""The policy of every page: nothing inline, nothing from another host."""

API_DOCS = "/api/v1/docs"
"""The one page that draws pictures out of data: addresses."""

STATIC = "/static/"

FIXED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

HSTS = "max-age=31536000; includeSubDomains"
FOR_EVER = "public, max-age=31536000, immutable"


def policy(path: str) -> str:
    """The Content-Security-Policy of a path."""
    directives = dict(DIRECTIVES)
    if path == API_DOCS:
        directives["img-src"] = "'self' data:"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def caching(scope: Scope, status: int) -> str:
    """How long an answer may be kept: files named by digest for ever, a signed-in person's pages not at all."""
    if scope["path"].startswith(STATIC) and status in (200, 304):
        return FOR_EVER if scope["query_string"].startswith(b"v=") else "no-cache"
    signed_in = scope.get("state", {}).get("session") is not None
    return "no-store" if signed_in or status >= 400 else "no-cache"


@functools.cache
def _always(docs: bool, secure: bool) -> dict[bytes, bytes]:
    """What stands on every answer, ready to be sent; `docs` on the page of the JSON interface, `secure` over HTTPS."""
    fixed = {"Content-Security-Policy": policy(API_DOCS if docs else "/"), **FIXED}
    if secure:
        fixed["Strict-Transport-Security"] = HSTS
    return {name.lower().encode(): value.encode() for name, value in fixed.items()}


async def add_headers(message: Message, scope: Scope) -> None:
    """Litestar's `before_send` hook: set them all; Cache-Control alone may be set by a handler."""
    if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
        return
    always = _always(scope["path"] == API_DOCS, scope["scheme"] == "https")
    headers = [header for header in message["headers"] if header[0] not in always] + [*always.items()]
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", caching(scope, message["status"]).encode()))
    message["headers"] = headers
