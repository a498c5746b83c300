"""The client's answers in good and bad weather."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from integrations.signing import SigningKey
from integrations.transport import (
    COOLDOWN_SECONDS,
    FAILURES_TO_OPEN,
    Away,
    Breaker,
    Client,
    Refused,
    Unknown,
)
from tests.integrations.agency_samples import package


@asynccontextmanager
async def agency(handler: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """An agency's server that answers as `handler` does."""
    app = web.Application()
    app.router.add_post("/messages", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/messages"
    finally:
        await runner.cleanup()


async def test_a_receipt_comes_back_with_what_was_signed(client: Client) -> None:
    async def take(request: web.Request) -> web.Response:
        return web.Response(status=202, body=b'{"id": 1}')

    async with agency(take) as url:
        answer = await client.post(url, package())
    assert (answer.status, answer.receipt) == (202, b'{"id": 1}')
    assert {"Signature", "Signature-Input", "Content-Digest"} <= answer.headers.keys()
    assert list(client.states().values()) == ["closed"]


@pytest.mark.parametrize(("status", "final"), [(400, True), (409, True), (408, False), (429, False), (503, False)])
async def test_a_refusal_says_whether_it_is_final(client: Client, status: int, final: bool) -> None:
    async def refuse(request: web.Request) -> web.Response:
        return web.json_response({"type": "no", "detail": "why"}, status=status)

    async with agency(refuse) as url:
        with pytest.raises(Refused) as refused:
            await client.post(url, package())
    assert (refused.value.status, refused.value.final, refused.value.problem["detail"]) == (status, final, "why")


async def test_a_redirect_is_a_refusal_and_not_followed(client: Client) -> None:
    async def elsewhere(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:1/")

    async with agency(elsewhere) as url:
        with pytest.raises(Refused) as refused:
            await client.post(url, package())
    assert refused.value.status == 307


async def test_silence_and_a_broken_connection_are_unknown(office_key: SigningKey) -> None:
    async def hang(request: web.Request) -> web.Response:
        if request.headers.get("X-Never"):
            return web.Response()
        await asyncio.Event().wait()
        return web.Response()

    async def cut(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async with Client(office_key, timeout_seconds=0.2) as client:
        for handler in (hang, cut):
            async with agency(handler) as url:
                with pytest.raises(Unknown):
                    await client.post(url, package())


async def test_an_endless_answer_is_not_read_to_the_end(client: Client) -> None:
    async def flood(request: web.Request) -> web.StreamResponse:
        return web.Response(status=202, body=b"x" * 2_000_000)

    async with agency(flood) as url:
        with pytest.raises(Unknown, match="too long"):
            await client.post(url, package())


async def test_after_failures_in_a_row_nothing_leaves_the_house(client: Client) -> None:
    calls = 0

    async def fail(request: web.Request) -> web.Response:
        nonlocal calls
        calls += 1
        return web.Response(status=503)

    async with agency(fail) as url:
        for _ in range(FAILURES_TO_OPEN):
            with pytest.raises(Refused):
                await client.post(url, package())
        with pytest.raises(Away) as away:
            await client.post(url, package())
    assert calls == FAILURES_TO_OPEN
    assert 0 < away.value.retry_after <= COOLDOWN_SECONDS
    assert list(client.states().values()) == ["open"]


def test_a_half_open_circuit_lets_one_call_through_and_an_answer_closes_it() -> None:
    breaker = Breaker("http://agency")
    for _ in range(FAILURES_TO_OPEN):
        breaker.admit(100)
        breaker.failed(100)
    later = 100 + COOLDOWN_SECONDS
    assert (breaker.state(100), breaker.state(later)) == ("open", "half-open")
    breaker.admit(later)
    with pytest.raises(Away):
        breaker.admit(later)
    breaker.answered()
    assert breaker.state(later) == "closed"


async def test_nobody_listening_is_unknown(client: Client, http: aiohttp.ClientSession) -> None:
    with pytest.raises(Unknown):
        await client.post("http://127.0.0.1:1/messages", package())
