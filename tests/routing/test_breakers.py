"""The circuit of an agency: shared by all processes, seen by the operator, and no concern of the other agencies."""

import asyncio
import datetime as dt
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp import web

from permits import clock
from permits.routing import breakers, store
from permits.routing.breakers import FAILURES_TO_OPEN, LONGEST_COOLDOWN_S, Breaker
from permits.routing.model import AgencyHealth
from tests.conftest import REGION
from tests.routing.bench import Bench, post, receipt, sending, statuses
from tests.routing.town import until


async def take(envelope: dict[str, Any]) -> web.StreamResponse:
    return receipt(envelope)


async def fail(bench: Bench, times: int, now: dt.datetime) -> Breaker:
    found = Breaker()
    for _ in range(times):
        async with bench.database.transaction(REGION) as tx:
            found = await breakers.failed(tx, REGION, "police", "503", now)
    return found


async def agency(bench: Bench, name: str = "police") -> AgencyHealth:
    async with bench.database.transaction(REGION) as tx:
        found = {one.name: one for one in (await store.health(tx, REGION)).agencies}
    return found[name]


async def may_be_tried(bench: Bench, after: dt.timedelta) -> None:
    async with bench.database.transaction(REGION) as tx:
        at = clock.machine_now() + after
        await tx.execute("UPDATE agency SET retry_at = $1 WHERE name = 'police'", at)


async def may_try(bench: Bench, now: dt.datetime) -> bool:
    async with bench.database.transaction(REGION) as tx:
        return await breakers.take_probe(tx, REGION, "police", now)


def test_the_pause_doubles_with_each_call_in_vain_and_has_an_end() -> None:
    now, circuit, pauses = clock.machine_now(), Breaker(), []
    for _ in range(FAILURES_TO_OPEN + 6):
        circuit = circuit.after_failure(now)
        pauses.append(circuit.retry_at and (circuit.retry_at - now).total_seconds())
        if circuit.breaker == "open":
            assert circuit.after_failure(now + dt.timedelta(seconds=1)) == circuit  # a call that had begun before
            circuit = msgspec.structs.replace(circuit, breaker="half-open")
    assert pauses[: FAILURES_TO_OPEN - 1] == [None] * (FAILURES_TO_OPEN - 1)
    assert pauses[FAILURES_TO_OPEN - 1 :] == [2, 4, 8, 16, 30, 30, 30]
    assert pauses[-1] == LONGEST_COOLDOWN_S


async def test_failures_of_any_process_open_the_circuit_and_one_call_at_a_time_tries_it(bench: Bench) -> None:
    await bench.until("accepted")
    now = clock.machine_now()
    assert (await fail(bench, FAILURES_TO_OPEN - 1, now)).breaker == "closed"
    opened = await fail(bench, 1, now)
    assert (opened.breaker, (await agency(bench)).breaker_since) == ("open", now)
    assert not await may_try(bench, now)
    later = now + dt.timedelta(seconds=3)
    assert sorted(await asyncio.gather(*(may_try(bench, later) for _ in range(5)))) == [False] * 4 + [True]
    assert (await agency(bench)).breaker == "half-open"
    assert await may_try(bench, later + breakers.PROBE)  # whoever tried before was killed
    async with bench.database.transaction(REGION) as tx:
        await breakers.heard(tx, REGION, "police", 0, later)
    assert ((await agency(bench)).breaker, (await agency(bench)).failure) == ("closed", None)


async def test_nothing_leaves_while_the_circuit_is_open_and_the_other_agency_is_undisturbed(bench: Bench) -> None:
    desk = await bench.until("granted")
    await fail(bench, FAILURES_TO_OPEN, clock.machine_now())
    await may_be_tried(bench, dt.timedelta(hours=1))
    async with (
        post(take) as police,
        post(take) as bureau,
        sending(bench, {"police": police.url, "approval-bureau": bureau.url}),
    ):
        await statuses(bench, desk, "approval-bureau", ["delivered"] * 3)
        assert police.bodies == []
        await may_be_tried(bench, dt.timedelta())
        await statuses(bench, desk, "police", ["delivered"] * 2)
    assert (await agency(bench)).breaker == "closed"


async def test_a_message_put_off_for_long_tries_the_agency_as_soon_as_its_circuit_lets_it(bench: Bench) -> None:
    desk = await bench.until("granted")
    opened = clock.machine_now() - dt.timedelta(minutes=1)
    await fail(bench, FAILURES_TO_OPEN, opened)
    async with bench.database.transaction(REGION) as tx:
        await tx.execute("UPDATE message SET next_at = now() + interval '30 minutes' WHERE agency = 'police'")
    async with post(take) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["delivered"] * 2)
    assert (await agency(bench)).breaker == "closed"


async def test_an_agency_that_hangs_holds_up_no_other(bench: Bench) -> None:
    free = asyncio.Event()

    async def hang(envelope: dict[str, Any]) -> web.StreamResponse:
        await free.wait()
        return receipt(envelope)

    desks = []
    for seed in range(1, 4):
        async with bench.desk(seed=seed) as desk:
            await desk.until("accepted")
        desks.append(desk)
    await bench.work_off()
    async with (
        post(hang) as police,
        post(take) as bureau,
        sending(bench, {"police": police.url, "approval-bureau": bureau.url}),
    ):
        for desk in desks:
            await statuses(bench, desk, "approval-bureau", ["delivered"])

        async def hangs() -> bool:
            return len(police.bodies) == 3

        await until("three calls", hangs)
        free.set()
        for desk in desks:
            await statuses(bench, desk, "police", ["delivered"])


async def test_each_change_of_a_circuit_is_kept_and_calls_that_tried_in_vain_are_left_out(bench: Bench) -> None:
    await bench.until("accepted")
    now = clock.machine_now()
    async with bench.database.transaction(REGION) as tx:
        await breakers.heard(tx, REGION, "police", 0, now - dt.timedelta(days=3))
        await breakers.heard(tx, REGION, "police", 0, now - dt.timedelta(days=2))
    for hours in (3, 2):
        at = now - dt.timedelta(hours=hours)
        await fail(bench, FAILURES_TO_OPEN, at)
        for pause in (60, 120, 180):
            assert await may_try(bench, at + dt.timedelta(seconds=pause))
            if pause < 180:
                await fail(bench, 1, at + dt.timedelta(seconds=pause))
        async with bench.database.transaction(REGION) as tx:
            await breakers.heard(tx, REGION, "police", 0, at + dt.timedelta(seconds=181))
    async with bench.database.transaction(REGION) as tx:
        found = await breakers.changes(tx, REGION, now - dt.timedelta(days=1))
    assert [one.state for one in found] == ["closed"] + ["open", "half-open", "closed"] * 2
    assert {one.failure for one in found if one.state == "open"} == {"503"}
    async with bench.database.transaction(REGION) as tx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await tx.execute("DELETE FROM breaker_log")


async def test_an_agency_that_is_back_is_noticed_though_every_message_waits_for_an_hour(bench: Bench) -> None:
    desks = []
    for seed in (1, 2, 3):
        async with bench.desk(seed=seed) as desk:
            await desk.until("granted")
        desks.append(desk)
    await bench.work_off()
    await fail(bench, FAILURES_TO_OPEN, clock.machine_now())
    async with bench.database.transaction(REGION) as tx:
        turn = clock.machine_now() + dt.timedelta(hours=1)
        await tx.execute("UPDATE message SET attempts = 12, next_at = $1 WHERE direction = 'out'", turn)
    calls: list[str] = []

    async def away(envelope: dict[str, Any]) -> web.StreamResponse:
        calls.append(envelope["case"])
        return web.Response(status=503) if len(calls) < 3 else receipt(envelope)

    async with post(away) as police, sending(bench, {"police": police.url}):
        for tries in (1, 2):
            await may_be_tried(bench, dt.timedelta())

            async def noted(tries: int = tries) -> bool:
                return len(calls) == tries and (await agency(bench)).breaker == "open"

            await until("a try in vain", noted)
        assert calls[0] != calls[1]  # each waiting message is tried ever more slowly, though the agency is tried often
        await may_be_tried(bench, dt.timedelta())
        for desk in desks:
            await statuses(bench, desk, "police", ["delivered"] * 2)
    assert (await agency(bench)).breaker == "closed"
