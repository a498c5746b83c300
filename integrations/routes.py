"""A simulated agency's routes as one application: which address leads where, errors as problem documents, headers."""

from collections import Counter
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from integrations import server
from integrations.contract import MAX_BYTES, Malformed
from integrations.desk import Clash, Desk
from integrations.keyring import Side
from integrations.server import DESK, KEYS, SENDER, TURNED_AWAY, Waker, problem
from integrations.signing import SignatureRefused

STATIC = Path(__file__).parent / "static"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turns what can go wrong into problem documents."""
    try:
        return await handler(request)
    except SignatureRefused as refused:
        return problem(401, "signature-refused", refused.reason)
    except Malformed as malformed:
        return problem(400, "malformed", str(malformed))
    except Clash as clash:
        return problem(409, "clash", str(clash))
    except web.HTTPRequestEntityTooLarge:
        return problem(413, "too-large", f"a message has at most {MAX_BYTES} bytes")


async def guard(request: web.Request, response: web.StreamResponse) -> None:
    """Every answer carries the headers that let a browser load nothing but our style sheet."""
    response.headers.update(HEADERS)


def application(desk: Desk, sender: Waker, keys: Side) -> web.Application:
    """The routes of a simulator."""
    app = web.Application(middlewares=[problems], client_max_size=MAX_BYTES)
    app[DESK], app[SENDER], app[KEYS], app[TURNED_AWAY] = desk, sender, keys, Counter()
    app.on_response_prepare.append(guard)
    app.add_routes(
        [
            web.post("/messages", server.take_message),
            web.get("/book", server.show_book),
            web.get("/book/{case}", server.show_case),
            web.post("/answers", server.answer_now),
            web.get("/faults", server.show_faults),
            web.post("/faults", server.set_faults),
            web.post("/faults/form", server.set_faults_by_form),
            web.get("/healthz", server.health),
            web.get("/", server.list_page),
            web.get("/cases/{case}", server.case_page),
            web.post("/cases", server.open_by_form),
            web.post("/cases/{case}/answers", server.answer_by_form),
            web.post("/messages/{id}/again", server.send_again_by_form),
            web.static("/static", STATIC),
        ]
    )
    return app
