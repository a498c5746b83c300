"""For whoever runs the service: alive, able to serve, figures for Prometheus."""

from contextlib import suppress
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.plugins.prometheus import PrometheusController
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, Gauge, generate_latest

from permits import clock
from permits.errors import Unavailable
from permits.register import standing
from permits.routing import store as routing
from permits.routing import verifying
from permits.routing.model import Health
from permits.routing.verifying import Verification
from permits.settings import settings
from permits.web import gauges
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


AGE = Gauge("permits_oldest_seconds", "Age of the oldest that waits, by what it is.", ["region", "what"])
COUNT = Gauge("permits_quarantined", "Messages refused for good that wait for a person.", ["region"])
CIRCUIT = Gauge("permits_agency_circuit", "0 closed, 1 half-open, 2 open.", ["region", "agency"])
SKEW = Gauge("permits_agency_skew_seconds", "The agency's clock less ours.", ["region", "agency"])
PROVED = Gauge("permits_evidence_verified", "Entries of the chain of evidence that hold.", ["region"])
BROKEN = Gauge("permits_evidence_broken", "The first entry that does not hold; 0 where all do.", ["region"])
PROVED_AGE = Gauge("permits_evidence_verified_seconds", "Since the chain was verified to its end.", ["region"])
CIRCUITS = {"closed": 0, "half-open": 1, "open": 2}
AGES = ("outbox_age_s", "job_age_s", "message_age_s", "waiting_age_s", "relay_age_s")


def measure(region: str, health: Health) -> None:
    """Set the figures of the exchange with agencies; what does not wait is 0 seconds old."""
    for name in AGES:
        AGE.labels(region, name.removesuffix("_age_s")).set(getattr(health, name) or 0)
    COUNT.labels(region).set(health.quarantined)
    for agency in health.agencies:
        CIRCUIT.labels(region, agency.name).set(CIRCUITS[agency.breaker])
        SKEW.labels(region, agency.name).set((agency.skew_ms or 0) / 1000)


def measure_evidence(region: str, known: Verification) -> None:
    """Set the figures of the chain of evidence; one that was never verified has no age."""
    PROVED.labels(region).set(known.seq)
    BROKEN.labels(region).set(known.broken or 0)
    if known.ended_at is not None:
        PROVED_AGE.labels(region).set((clock.machine_now() - known.ended_at).total_seconds())


class Metrics(PrometheusController):
    """Counts and times of answers, by route and never by address; ages of what waits, circuits, clocks."""

    path = "/metrics"
    include_in_schema = False

    @get()
    async def get(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """The figures; those that need the database are the last known while it is away."""
        with suppress(Unavailable):
            for region in settings().regions:
                async with database_of(request).transaction(region) as tx:
                    measure(region, await routing.health(tx, region))
                    measure_evidence(region, await verifying.verified(tx, region))
                    await gauges.measure(tx, region)
        return Response(generate_latest(REGISTRY), headers={"Content-Type": CONTENT_TYPE_LATEST})
