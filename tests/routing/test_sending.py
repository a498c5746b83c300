"""How messages leave: in order, the same bytes until there is a receipt, never given up."""

import asyncio
from typing import Any

from aiohttp import web

from permits import clock
from permits.cases import store as cases
from permits.routing import store, streams
from permits.routing.model import Stream, pause_after
from tests.conftest import REGION
from tests.routing.bench import Bench, post, receipt, sending, statuses
from tests.routing.town import LIMIT_S, until

PACKAGE_AND_GRANT = ["delivered", "delivered"]


async def test_a_lost_receipt_sends_the_same_bytes_again(bench: Bench) -> None:
    answers = iter(["lost"])

    async def lose_one(envelope: dict[str, Any]) -> web.StreamResponse:
        return web.Response(status=202) if next(answers, None) else receipt(envelope)

    desk = await bench.until("granted")
    async with post(lose_one) as police, sending(bench, {"police": police.url}):
        found = await statuses(bench, desk, "police", PACKAGE_AND_GRANT)
    assert police.sequences == [1, 1, 2]
    assert police.bodies[0] == police.bodies[1]
    assert [item.attempts for item in found] == [2, 1]
    assert (await bench.case(desk)).status("residence_permit") == "sent"


async def test_a_message_goes_only_after_those_before_it(bench: Bench) -> None:
    answers = iter([503, 429, 401])

    async def refuse_three(envelope: dict[str, Any]) -> web.StreamResponse:
        status = next(answers, None)
        return web.Response(status=status) if status else receipt(envelope)

    desk = await bench.until("granted")
    async with post(refuse_three) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["queued", "queued"])

        async def four_tries() -> bool:
            await hurry(bench)
            return len(police.bodies) >= 4

        await until("four tries", four_tries)
        await statuses(bench, desk, "police", PACKAGE_AND_GRANT)
    assert police.sequences == [1, 1, 1, 1, 2]


async def hurry(bench: Bench) -> None:
    """Let what was put off be tried now."""
    async with bench.database.transaction(REGION) as tx:
        await streams.hurry(tx, REGION, "police", clock.machine_now())


async def test_what_is_refused_for_good_is_put_aside_and_the_next_goes(bench: Bench) -> None:
    async def refuse_the_first(envelope: dict[str, Any]) -> web.StreamResponse:
        if envelope["sequence"] == 1:
            return web.json_response({"type": "malformed", "detail": "no"}, status=400)
        return receipt(envelope)

    desk = await bench.until("granted")
    async with post(refuse_the_first) as police, sending(bench, {"police": police.url}):
        found = await statuses(bench, desk, "police", ["quarantined", "delivered"])
    assert found[0].problem == "400 malformed no"
    async with bench.database.transaction(REGION) as tx:
        health = await store.health(tx, REGION)
    assert health.quarantined == 1


async def test_two_senders_send_each_message_once(bench: Bench) -> None:
    async def take(envelope: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(0.05)
        return receipt(envelope)

    desks = []
    for seed in (1, 2, 3):
        async with bench.desk(seed=seed) as desk:
            await desk.until("granted")
        desks.append(desk)
    await bench.work_off()
    async with post(take) as police:
        urls = {"police": police.url}
        async with sending(bench, urls), sending(bench, urls):
            for desk in desks:
                await statuses(bench, desk, "police", PACKAGE_AND_GRANT)
    assert sorted(police.sequences) == [1, 1, 1, 2, 2, 2]


async def test_a_receipt_of_another_message_is_none(bench: Bench) -> None:
    async def confuse(envelope: dict[str, Any]) -> web.StreamResponse:
        return receipt({"id": "another"})

    desk = await bench.until("accepted")
    async with post(confuse) as police, sending(bench, {"police": police.url}):

        async def tried() -> bool:
            return bool(police.bodies)

        await until("a try", tried)
        found = await statuses(bench, desk, "police", ["queued"])
    assert found[0].status == "queued"


async def test_an_agency_that_is_away_is_known_to_the_operator_until_it_answers(bench: Bench) -> None:
    async def take(envelope: dict[str, Any]) -> web.StreamResponse:
        return receipt(envelope, skew_seconds=2.5)

    desk = await bench.until("accepted")
    async with sending(bench, {"police": "http://127.0.0.1:1/messages"}):
        failing = await until("agency that is known", lambda: agency(bench))
    assert failing.failure
    await hurry(bench)
    async with post(take) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["delivered"])

        async def well() -> Any:
            found = await agency(bench)
            return found if found and not found.failure else None

        found = await until("agency that is well", well)
    assert (found.breaker, found.skew_ms) == ("closed", 2500)


async def agency(bench: Bench) -> Any:
    async with bench.database.transaction(REGION) as tx:
        return next(iter((await store.health(tx, REGION)).agencies), None)


async def test_a_stream_of_a_killed_worker_is_free_again_soon(bench: Bench) -> None:
    desk = await bench.until("accepted")
    of = Stream(REGION, (await bench.case(desk)).row.id, "police")
    now = clock.machine_now()
    until, later = now + pause_after(1), now + pause_after(2)
    async with bench.database.transaction(REGION) as tx:
        (held,) = await streams.claim(tx, REGION, "police", now, until, 10)
        assert (held.of, held.head.sequence, held.until) == (of, 1, until)
        assert await streams.claim(tx, REGION, "police", now, until, 10) == []
    async with bench.database.transaction(REGION) as tx:
        (another,) = await streams.claim(tx, REGION, "police", later, later + pause_after(1), 10)
        assert another.of == of
    async with bench.database.transaction(REGION) as tx:  # the first one's lease is another's by now
        await streams.lease_anew(tx, [held], now)
        assert await streams.claim(tx, REGION, "police", later, later, 10) == []


async def test_sending_never_waits_for_whoever_works_on_the_case(bench: Bench) -> None:
    async def take(envelope: dict[str, Any]) -> web.StreamResponse:
        return receipt(envelope)

    desk = await bench.until("accepted")
    row = (await bench.case(desk)).row
    async with post(take) as agency, bench.database.transaction(REGION) as tx:
        await cases.lock_id(tx, bench.office.keys, REGION, row.id)
        async with sending(bench, {"police": agency.url, "approval-bureau": agency.url}):
            for name in ("police", "approval-bureau"):

                async def delivered(name: str = name) -> bool:
                    log = await store.messages_of_case(tx, REGION, row.id)
                    return ("delivered", name) in {(item.status, item.agency) for item in log}

                await until("delivery", delivered)
                of = Stream(REGION, row.id, name)
                assert await asyncio.wait_for(streams.lock_in(tx, of, row.number), LIMIT_S) == 0


def test_pauses_grow_to_an_hour_and_there_is_no_last_attempt() -> None:
    pauses = [pause_after(n).total_seconds() for n in range(1, 60)]
    assert pauses[:5] == [1, 2, 5, 10, 30]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 3600
