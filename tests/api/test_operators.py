"""What whoever runs the service sees of the exchange with agencies."""

import re
from datetime import timedelta

from permits.clock import machine_now, today
from permits.register import service as register
from permits.register import standing
from permits.routing import breakers
from permits.rules import law
from tests.conftest import REGION
from tests.register.samples import a_grant
from tests.serving import Serving


async def test_metrics_tell_ages_circuits_and_clocks(service: Serving) -> None:
    now = machine_now()
    async with service.database.transaction(REGION) as tx:
        await breakers.heard(tx, REGION, "approval-bureau", -1500, now)
    for _ in range(breakers.FAILURES_TO_OPEN):
        async with service.database.transaction(REGION) as tx:
            await breakers.failed(tx, REGION, "police", "timed out", now)
    said = (await service.nobody().get("/metrics")).raw.decode()
    for line in (
        'permits_agency_circuit{agency="police",region="321200"} 2.0',
        'permits_agency_circuit{agency="approval-bureau",region="321200"} 0.0',
        'permits_agency_skew_seconds{agency="approval-bureau",region="321200"} -1.5',
        'permits_oldest_seconds{region="321200",what="message"} 0.0',
        'permits_quarantined{region="321200"} 0.0',
    ):
        assert line in said


async def test_metrics_tell_the_count_and_how_the_ledger_stands(service: Serving) -> None:
    async with service.database.transaction(REGION) as tx:
        lasting = [a_grant(n, valid_until=today() + timedelta(days=9), category="AB"[n % 2]) for n in range(5)]
        await register.grant_many(tx, law.load(), service.keys, lasting)
        await standing.checked(tx, REGION, machine_now(), today(), 600, ["total: 5 ≠ 6"])
    said = (await service.nobody().get("/metrics")).raw.decode()
    for line in (
        'permits_valid{category="A",region="321200"} 3.0',
        'permits_valid{category="B",region="321200"} 2.0',
        'permits_valid{category="C",region="321200"} 0.0',
        'permits_recount_figures{region="321200"} 600.0',
        'permits_recount_differences{region="321200"} 1.0',
    ):
        assert line in said
    assert re.search(r'permits_ledger_waiting\{region="321200"\} [1-9]', said)
