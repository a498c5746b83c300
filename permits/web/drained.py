"""Reads what is left of a request that was refused for its size, so that its sender hears why.

A server that answers and hangs up while the other side still sends looks like a broken connection there. Nothing is
kept of what is read.
"""

from typing import cast

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send

MOST = 64 * 1024 * 1024
"""Bytes read and dropped at most; whoever sends more finds the connection closed."""


class Drained(ASGIMiddleware):
    """Lets a sender finish before it is told that it was too much."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Pass everything on, the start of a 413 once the request has been read."""

        read, more = 0, True

        async def heard() -> HTTPReceiveMessage:
            nonlocal read, more
            message = cast("HTTPReceiveMessage", await receive())
            more = message["type"] == "http.request" and message["more_body"]
            read += len(message["body"]) if message["type"] == "http.request" else 0
            return message

        async def told(message: Message) -> None:
            while more and message["type"] == "http.response.start" and message["status"] == 413 and read <= MOST:
                await heard()
            await send(message)

        await next_app(scope, heard, told)
