"""Wires everything into one ASGI application: the only place that knows all parts of the web.

Web processes hold nothing: sessions, throttles and answers are in the database.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, Router
from litestar.datastructures import State
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins.prometheus import PrometheusConfig

from permits.db.crypto import Keys, load
from permits.db.database import Database
from permits.errors import NotSignedIn
from permits.files.storage import open_storage
from permits.logs import set_up_logs
from permits.office import Office
from permits.own_law.service import Followed
from permits.rules import law
from permits.settings import Settings, settings
from permits.web import operators
from permits.web.admin.pages import admin_router
from permits.web.agencies.pages import agencies_router
from permits.web.api import agencies, applications, cases, docs, exchange, inspection, permits, public, statistics
from permits.web.api.problems import LARGEST_BODY, problem_of, problem_response
from permits.web.auth import Visits
from permits.web.drained import Drained
from permits.web.forms import typed
from permits.web.headers import add_headers
from permits.web.inspect.pages import inspect_router
from permits.web.office.pages import office_router
from permits.web.pages import error_page
from permits.web.portal.router import portal_router
from permits.web.public.pages import public_router
from permits.web.resume import GoesOn, sign_in_first
from permits.web.review.pages import review_router
from permits.web.signin import HANDLERS
from permits.web.statics import static_router
from permits.web.window.pages import window_router

NOT_PAGES = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")


def create() -> Litestar:
    """The application of this process, from the environment's settings."""
    set_up_logs()
    found = settings()
    return application(found, load(found.keys_path))


def application(given: Settings, keys: Keys) -> Litestar:
    """The application of these settings and keys."""
    return Litestar(
        route_handlers=[
            *_pages(),
            _api(),
            docs.document,
            static_router(),
            operators.alive,
            operators.ready,
            operators.Metrics,
        ],
        lifespan=[pool],
        state=state_of(given, keys),
        before_send=[add_headers],
        exception_handlers={Exception: answer_error},
        request_max_body_size=LARGEST_BODY,
        openapi_config=OpenAPIConfig(
            title="One Window 一窗办理", version="1", path="/api/v1/description", render_plugins=[JsonRenderPlugin()]
        ),
        middleware=[Drained(), PrometheusConfig(app_name="permits", prefix="permits", group_path=True).middleware],
        logging_config=None,
    )


@asynccontextmanager
async def pool(app: Litestar) -> AsyncIterator[None]:
    """The database of the application and its following of the office's own law, while it serves."""
    database: Database = app.state.database
    async with database:
        following = asyncio.create_task(Followed(database, app.state.office).run())
        yield
        following.cancel()


def state_of(given: Settings, keys: Keys) -> State:
    """What requests stand on; all else of the application is the same for all settings."""
    office = Office(law.load(), keys)
    return State(
        {
            "database": Database(given.database_url, given.pool_size),
            "office": office,
            "storage": open_storage(given.storage_url, given.data, office.keys),
            "csrf_key": office.keys.blind_index("csrf, first half") + office.keys.blind_index("csrf, second half"),
        }
    )


def _pages() -> Sequence[Any]:
    routers = [
        public_router(),
        portal_router(),
        window_router(),
        review_router(),
        office_router(),
        agencies_router(),
        inspect_router(),
        admin_router(),
    ]
    return [
        Router(
            "/",
            route_handlers=[*HANDLERS, docs.read, *routers],
            middleware=[Visits(), GoesOn()],
            include_in_schema=False,
        )
    ]


def _api() -> Router:
    parts = (public, applications, cases, exchange, permits, statistics, inspection, agencies)
    return Router("/api/v1", route_handlers=[part.router() for part in parts])


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Any error as a problem (JSON interface) or as a page that says what is safe and what to do."""
    if isinstance(error, asyncio.CancelledError):
        raise error
    if request.scope["path"].startswith(NOT_PAGES):
        return problem_response(request, error)
    problem = problem_of(error)
    if isinstance(problem, NotSignedIn):
        return sign_in_first(request, problem)
    return error_page(request, problem, held=typed(request.scope) if problem.status >= 500 else None)
