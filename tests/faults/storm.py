"""A storm over a whole town: faults of the agencies from a seed, processes killed at random, the database restarted."""

import asyncio
import random
import signal
from collections.abc import Sequence
from typing import Any

import aiohttp
import asyncpg
import msgspec

from permits.cases.model import Case
from permits.db.embedded import Embedded
from permits.errors import Conflict, Unavailable
from tests.cases.samples import Desk
from tests.routing.town import Town

FAULTS = {
    "case": "*",
    "down": True,
    "twice": True,
    "late_s": 0.2,
    "out_of_order": True,
    "lost_receipt": True,
    "wrong_signature": True,
    "wrong_schema": True,
    "rate": 0.12,
}
LONGEST_PAUSE_S = 2.0
"""How often the office looks, at the least, whether it may take its next step: looks cost more than the storm does."""
PASSING = (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What an office's step may end in while the database is restarted; it is then taken again where it had no effect."""


class Step(msgspec.Struct, frozen=True):
    """One step of the office: who, which action, and the entry on the timeline that shows it was taken."""

    who: str
    action: str
    shows: str
    times: int = 1
    body: dict[str, Any] = {}


RECOMMENDED = (
    Step("clerk", "claim", "claimed"),
    Step("clerk", "accept", "accepted"),
    Step("reviewer", "claim", "claimed", 2),
)
GRANT = (
    *RECOMMENDED,
    Step("reviewer", "recommend", "recommended", body={"outcome": "grant", "reasons": "同意"}),
    Step("decider", "decide", "granted", body={"outcome": "grant", "reasons": "同意"}),
)
REFUSE = (
    *RECOMMENDED,
    Step("reviewer", "recommend", "recommended", body={"outcome": "refuse", "reasons": "不同意"}),
    Step("legal", "clear", "cleared", body={"opinion": "同意", "cleared": True}),
    Step("decider", "decide", "refused", body={"outcome": "refuse", "reasons": "不同意"}),
)
WITHDRAW = (*RECOMMENDED[:2], Step("employer", "withdraw", "withdrawn"))
HAND_OUT = Step("clerk", "hand-out", "handed-out", body={"to": "样例", "how": "window"})


class Plan(msgspec.Struct, frozen=True):
    """A case's way and, as the model has it, what each agency has applied in the end, in order."""

    name: str
    steps: tuple[Step, ...]
    police: tuple[str, ...]
    bureau: tuple[str, ...]
    residence: str
    state: str
    events: dict[str, int]
    """How often each entry of the agencies stands on the timeline."""


PLANS: Sequence[Plan] = (
    Plan(
        "granted",
        (*GRANT, HAND_OUT),
        ("review-package", "permit-granted"),
        ("register", "progress", "progress", "ready-for-hand-out", "closed"),
        "granted",
        "closed",
        {"police-received": 1, "police-granted": 1, "bureau-registered": 1},
    ),
    Plan(
        "refused",
        (*REFUSE, HAND_OUT),
        ("review-package", "stop"),
        ("register", "progress", "progress", "closed"),
        "stopped",
        "closed",
        {"police-granted": 0, "bureau-registered": 1},
    ),
    Plan(
        "withdrawn",
        WITHDRAW,
        ("review-package", "stop"),
        ("register", "closed"),
        "stopped",
        "withdrawn",
        {"police-granted": 0, "bureau-registered": 1},
    ),
)


async def drive(town: Town, plan: Plan, seed: int) -> Desk:
    """Take a case along its way, whatever happens meanwhile; each step is taken once."""
    desk = await _submitted(town, seed)
    for step in plan.steps:
        pause = 0.1
        while not await _taken(town, desk, step):
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE_S)
    return desk


async def _submitted(town: Town, seed: int) -> Desk:
    desk: Desk | None = None
    while True:
        try:
            if desk is None:
                async with town.desk(seed=seed) as begun:
                    await begun.draft()
                desk = begun
            async with town.desk(desk):
                if (await desk.look(desk.employer)).row.state == "draft":
                    await desk.submit()
            return desk
        except PASSING:
            await asyncio.sleep(0.2)


async def _taken(town: Town, desk: Desk, step: Step) -> bool:
    try:
        async with town.desk(desk):
            case = await desk.look(desk.employer)
            if [event.kind for event in case.timeline].count(step.shows) >= step.times:
                return True
            if step is HAND_OUT and not _ready(case):
                return False
            await desk.act(getattr(desk, step.who), step.action, **step.body)
    except (Conflict, *PASSING):
        return False
    return True


def _ready(case: Case) -> bool:
    return case.row.state == "refused" or case.status("residence_permit") == "granted"


class Storm:
    """What goes wrong, in an order that the seed decides."""

    def __init__(self, town: Town, server: Embedded, seed: int, most: int) -> None:
        """`most` kills at most: the storm ends before the work does, on however slow a machine."""
        self._town, self._server, self._random, self._most = town, server, random.Random(seed), most
        self.workers: list[asyncio.subprocess.Process] = []
        self.seed, self.kills, self.restarts = seed, 0, 0

    async def begin(self, workers: int = 2) -> None:
        """Workers at work, faults at both agencies."""
        self.workers = [await self._town.worker() for _ in range(workers)]
        await self._faults(FAULTS | {"seed": self.seed})

    async def rage(self, calm: asyncio.Event, pause_s: float) -> None:
        """Kill and start again until it is to calm down: workers mostly, agencies, at times the database."""
        while not calm.is_set() and self.kills < self._most:
            try:
                await asyncio.wait_for(calm.wait(), pause_s * (0.5 + self._random.random()))
            except TimeoutError:
                await self._strike()

    async def _strike(self) -> None:
        match self._random.randrange(8):
            case 0 if self.restarts * 20 <= self.kills:
                await self.restart_database()
            case 1 | 2:
                await self._kill_agency(self._random.choice(list(self._town.neighbours)))
            case _:
                await self._kill_worker(self._random.randrange(len(self.workers)))

    async def _kill_worker(self, number: int) -> None:
        """Only while all are at work: on a slow machine nothing would ever be done else."""
        process = self.workers[number]
        if process.returncode is not None or not await self._at_work():
            return
        self.kills += 1
        await self._town.ended(process, signal.SIGKILL)
        self.workers[number] = await self._town.worker()

    async def _at_work(self) -> bool:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'permits-queue'"
        try:
            async with self._town.database.transaction(None) as tx:
                return int(await tx.fetchval(asked)) >= len(self.workers)
        except PASSING:
            return False

    async def _kill_agency(self, name: str) -> None:
        self.kills += 1
        await self._town.ended(self._town.neighbours[name], signal.SIGKILL)
        self._town.neighbours[name] = await self._town.neighbour(name)

    async def restart_database(self) -> None:
        """The server is cut off in the midst of everything, and comes back."""
        self.restarts += 1
        process = self._server.process
        assert process is not None
        process.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(process.wait)
        await asyncio.to_thread(self._server.wait_ready, 60)

    async def keep_workers(self, calm: asyncio.Event) -> None:
        """Start each worker again that ended because the database went away, as its supervisor does."""
        while not calm.is_set():
            for number, process in enumerate(self.workers):
                if process.returncode is not None:
                    self.workers[number] = await self._town.worker()
            await asyncio.sleep(0.2)

    async def calm(self) -> None:
        """No more faults; everybody is up."""
        for _ in range(100):
            try:
                await self._faults({})
                return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)

    async def _faults(self, faults: dict[str, Any]) -> None:
        for url in self._town.urls.values():
            async with self._town.service.http.post(f"{url}/faults", json=faults) as answer:
                assert answer.status == 200, await answer.text()
