"""`permits bench routing`: what a delivered message costs the worker, how near to the possible rate it goes, and what
happens while an agency is away. The sender is the worker's own; the agencies are programs that take every message.
"""

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import aiohttp
import msgspec
import uvloop

from integrations.agencies import AGENCIES
from integrations.contract import StatusRequest, read_body
from integrations.keyring import keyring
from integrations.police.messages import ReviewPackage
from integrations.signing import SigningKey, ensure_keys, load_private, sign
from integrations.transport import Client
from permits import clock
from permits.bench.drafts import draft
from permits.bench.ground import Ground, Unmeasurable, laid, take_statistics
from permits.db.database import Database
from permits.db.host import Unusable
from permits.routing import writing
from permits.routing.model import Stream
from permits.routing.sending import AT_ONCE, Sender
from permits.settings import settings

AIM_CPU_US, AIM_RATE = 600.0, 0.9
PAUSE_S = 0.05
"""What the slow agency takes for a message."""
ROUNDS = 5
BODY = read_body(
    ReviewPackage,
    {
        "matter": "issue",
        "person": {"surname": "SPECIMENOV", "given_names": "DANUTA", "sex": "F", "birth_date": "1990-01-01",
                   "nationality": "DEU", "passport_number": "X12345678", "passport_expiry": "2031-01-01"},
        "stay": {},
        "employer": {"credit_code": "91321200MA1TESTX0A", "name": "泰州样例科技有限公司"},
        "work": {"position": "总工程师", "contract_start": "2026-11-24", "contract_end": "2028-11-23"},
        "accepted_on": date(2026, 11, 24).isoformat(),
    },
)  # fmt: skip
BODIES = {"police": ("review-package", BODY), "approval-bureau": ("status-request", StatusRequest())}
LEFT = "SELECT count(*) FROM message WHERE region = $1 AND agency = $2 AND status = 'queued'"
LATE = """SELECT extract(epoch FROM answered_at - created_at)::float AS s FROM message
          WHERE region = $1 AND agency = $2 AND status = 'delivered' AND created_at >= $3"""


class Away(msgspec.Struct, frozen=True):
    """What came of an agency that was away."""

    waited: int
    lost: int
    twice: int
    out_of_order: int
    drained_s: float
    """From its return to the last receipt."""
    others_before_ms: float
    """What the other agency's messages took from being written to their receipt, half of them, before."""
    others_while_ms: float


def main(messages: int, minutes: float) -> int:
    """Measure and print; 1 where this machine cannot, or an aim is missed."""
    try:
        with laid() as ground, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_measured(ground, messages, minutes))
    except (Unusable, Unmeasurable) as error:
        sys.stderr.write(f"{error}\n")
        return 1


async def _measured(ground: Ground, messages: int, minutes: float) -> int:
    folder = _keys_made(ground)
    key = load_private(folder, "office")
    _say(f"signature alone: {_signing_us(key):.0f} µs of CPU")
    async with Database(ground.url, 16) as database, Client(key, guarded=False) as client:
        town = _Town(ground, database, client)
        cpu = await _cpu(town, messages)
        _say(
            f"CPU a delivered message: {cpu:.0f} µs, its signature and the receipt's included (aim ≤ {AIM_CPU_US:.0f})"
        )
        rate = await _rate(town, messages)
        _say(f"rate against {PAUSE_S * 1000:.0f} ms: {rate:.0%} of the {AT_ONCE / PAUSE_S:.0f}/s possible (aim ≥ 90 %)")
        away = await _away(town, messages, minutes * 60)
        _say(
            f"away for {minutes:g} minutes while {away.waited} waited: {away.lost} lost, {away.twice} twice,"
            f" {away.out_of_order} out of order, drained in {away.drained_s:.1f} s;"
            f" the other agency's took {away.others_before_ms:.0f} ms before, {away.others_while_ms:.0f} ms meanwhile"
        )
    well = cpu <= AIM_CPU_US and rate >= AIM_RATE and not (away.lost or away.out_of_order)
    return 0 if well else 1


def _keys_made(ground: Ground) -> Path:
    """The folder of the keys, where this process and the agencies look for them."""
    folder = ground.folder / "agencies"
    ensure_keys(folder)
    os.environ["PERMITS_AGENCY_KEYS"] = str(folder)
    settings.cache_clear()
    return folder


def _key(agency: str) -> SigningKey:
    """Our key towards an agency, looked for as the worker does."""
    return keyring(settings().agency_keys_path).signing("office", agency)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _signing_us(key: SigningKey) -> float:
    url, headers, count = "http://127.0.0.1:8101/messages", {"Content-Type": "application/json"}, 500
    began = time.process_time()
    for number in range(count):
        sign("POST", url, headers, b"x" * 900, key, nonce=str(number))
    return (time.process_time() - began) / count * 1e6


class _Town:
    """A city whose cases have something to say to agencies."""

    def __init__(self, ground: Ground, database: Database, client: Client) -> None:
        self.ground, self.database, self.client = ground, database, client

    async def write(self, count: int, agency: str, each: int = 2) -> None:
        """Write so many messages to an agency, `each` a case."""
        region = self.ground.region
        for _ in range(count // each):
            async with self.database.transaction(region) as tx:
                row = (await draft(self.ground, tx)).row
                of, (kind, body) = Stream(region, row.id, agency), BODIES[agency]
                for _ in range(each):
                    await writing.queue(tx, self.ground.office, AGENCIES[agency], of, row.number, kind, body)

    async def left(self, agency: str) -> int:
        """How many wait."""
        async with self.database.transaction(self.ground.region) as tx:
            return int(await tx.fetchval(LEFT, self.ground.region, agency))

    async def until_none_left(self, agency: str, every_s: float) -> None:
        """Until all are delivered."""
        while await self.left(agency):
            await asyncio.sleep(every_s)

    async def late_ms(self, agency: str, since: Any) -> float:
        """What half the messages written since then took until their receipt."""
        async with self.database.transaction(self.ground.region) as tx:
            rows = await tx.fetch(LATE, self.ground.region, agency, since)
        return float(median(row["s"] for row in rows)) * 1000

    @contextlib.asynccontextmanager
    async def sending(self, urls: Mapping[str, str]) -> AsyncIterator[None]:
        """The worker's sender at work."""
        stop = asyncio.Event()
        sender = Sender(self.database, self.ground.office, self.client, urls, _key)
        running = asyncio.create_task(sender.run((self.ground.region,), stop))
        try:
            yield
        finally:
            stop.set()
            await running


async def _cpu(town: _Town, messages: int) -> float:
    """CPU of this process a delivered message in µs, half of the rounds; the agency answers at once."""
    found = []
    async with counterpart(0) as url:
        for round_ in range(ROUNDS + 1):
            await town.write(max(messages // ROUNDS, 20), "police")
            if not round_:
                await take_statistics(town.ground)
            count = await town.left("police")
            began = time.process_time()
            async with town.sending({"police": url}):
                await town.until_none_left("police", 0.25)
            found.append((time.process_time() - began) / count * 1e6)
    return median(found[1:])


async def _rate(town: _Town, messages: int) -> float:
    """The share of the possible rate against an agency that takes its time."""
    await town.write(messages, "police")
    count = await town.left("police")
    async with counterpart(PAUSE_S) as url:
        began = time.monotonic()
        async with town.sending({"police": url}):
            await town.until_none_left("police", 0.1)
        return count / (time.monotonic() - began) / (AT_ONCE / PAUSE_S)


async def _away(town: _Town, messages: int, seconds: float) -> Away:
    """The police are away, then back; the bureau gets messages all the time."""
    async with counterpart(0, agency="approval-bureau") as bureau:
        before = clock.machine_now()
        port = _free_port()
        urls = {"police": f"http://127.0.0.1:{port}/messages", "approval-bureau": bureau}
        async with town.sending({"approval-bureau": bureau}):
            await _trickle(town, min(seconds, 10))
        usual = await town.late_ms("approval-bureau", before)
        await town.write(messages, "police")
        waited, began = await town.left("police"), clock.machine_now()
        async with town.sending(urls):
            await _trickle(town, seconds)
            others = await town.late_ms("approval-bureau", began)
            async with counterpart(0, port):
                back = time.monotonic()
                await town.until_none_left("police", 0.1)
                drained = time.monotonic() - back
                taken = await _taken(urls["police"])
    return _compared(taken, waited, drained, usual, others)


async def _trickle(town: _Town, seconds: float) -> None:
    """A message to the bureau now and then."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        await town.write(1, "approval-bureau", 1)
        await asyncio.sleep(0.2)


async def _taken(url: str) -> list[tuple[str, int, str]]:
    async with aiohttp.ClientSession() as http, http.get(url.replace("/messages", "/taken")) as answer:
        return [(case, sequence, id_) for case, sequence, id_ in await answer.json()]


def _compared(taken: list[tuple[str, int, str]], waited: int, drained: float, usual: float, others: float) -> Away:
    last: dict[str, int] = {}
    disordered = 0
    for case, sequence, _ in taken:
        disordered += sequence < last.get(case, 0)
        last[case] = max(sequence, last.get(case, 0))
    unique = len({id_ for _, _, id_ in taken})
    return Away(waited, waited - unique, len(taken) - unique, disordered, drained, usual, others)


@contextlib.asynccontextmanager
async def counterpart(pause_s: float, port: int = 0, agency: str = "police") -> AsyncIterator[str]:
    """An agency that is up while the block runs; where it takes messages."""
    port = port or _free_port()
    given = (str(port), str(pause_s), str(settings().agency_keys_path), agency)
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "permits.bench.counterpart", *given)
    try:
        await _until(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}/messages"
    finally:
        with contextlib.suppress(ProcessLookupError):  # it could not start
            process.kill()
        await process.wait()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as found:
        return found.connect_ex(("127.0.0.1", port)) == 0


async def _until(holds: Callable[[], bool], limit_s: float = 90) -> None:
    limit = time.monotonic() + limit_s
    while not holds():
        if time.monotonic() > limit:
            raise Unmeasurable("The agency of the measurement did not start.")
        await asyncio.sleep(0.05)
