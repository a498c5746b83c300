"""For whoever runs the service: alive, able to serve, figures for Prometheus."""

from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.plugins.prometheus import PrometheusController

from permits import clock
from permits.errors import Unavailable
from permits.register import standing
from permits.routing import store as routing
from permits.settings import settings
from permits.web.api.call import json
from permits.web.state import database_of


@get("/healthz")
async def alive() -> dict[str, str]:
    """This process answers."""
    return {"status": "ok"}


@get("/readyz")
async def ready(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The database answers; how old the oldest outbox row and message are, the relay's last run, agencies' clocks.

    And how the ledger stands: what waits to be summed, what the last recount found.
    """
    cities = {}
    try:
        for region in settings().regions:
            async with database_of(request).transaction(region) as tx:
                health = await routing.health(tx, region)
                cities[region] = {**msgspec.to_builtins(health), "ledger": await standing.standing(tx, region)}
    except Unavailable:
        return json({"status": "database away", "now": clock.now()}, 503)
    return json({"status": "ok", "now": clock.now(), "regions": cities})


class Metrics(PrometheusController):
    """Counts and times of answers, by route and never by address."""

    path = "/metrics"
    include_in_schema = False
