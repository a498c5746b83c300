"""What whoever runs the service sees of the exchange with agencies."""

from permits.clock import machine_now
from permits.routing import breakers
from tests.conftest import REGION
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
