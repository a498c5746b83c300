"""The worker: relays the outbox, runs the jobs, sends messages, until told to stop.

It holds nothing: whatever it was doing when it is killed, the next one does. When the database goes away it ends, and
whoever started it starts it again.
"""

import asyncio
import datetime as dt
import signal
import traceback
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import structlog
import uvloop
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.core.executors import EntrypointExecutor
from pgqueuer.core.qm import QueueManager
from pgqueuer.domain.errors import RetryRequested
from pgqueuer.domain.models import Context
from pgqueuer.domain.models import Job as QueuedJob

from integrations.carriers import Carriers
from integrations.keyring import keyring
from permits import clock
from permits.accounts import service as accounts
from permits.cases import deadlines, expiring
from permits.cases.outbox import Happening, NotYet
from permits.db import crypto
from permits.db.database import Database
from permits.logs import set_up_logs
from permits.office import Office
from permits.own_law.service import EVERY_S, Followed
from permits.register import jobs as register
from permits.routing import asking, batches, proving, reconciling
from permits.routing.listing import Lister
from permits.routing.relay import Relay
from permits.routing.sending import Key, Sender
from permits.rules.law import load
from permits.settings import Settings, settings
from permits.statistics import jobs as statistics
from permits.subscriptions import PRIORITIES, SUBSCRIBERS, SUBSCRIPTIONS, Job

POOL = 16
"""Connections: a job holds one at most, and so does each call to an agency, for a moment."""
BATCH = 5
AT_ONCE = 10
"""Jobs at a time."""
TAKEN_OVER_AFTER = dt.timedelta(seconds=4)
"""A job of a worker that shows no life for so long is another's."""
LOOK_EVERY = dt.timedelta(seconds=1)
"""How often the queue is looked at when nothing is announced: jobs of killed workers announce nothing."""
NOT_YET = dt.timedelta(seconds=0.15)
"""Until a job is looked at again that waits for others, at first; in the end after a hundred times as long."""
LONGEST_PAUSE_S = 300.0
TIDY_EVERY_S = 6 * 3600
"""How often expired sessions, tokens and failures are forgotten."""
SWEPT_EVERY = dt.timedelta(hours=1)
SWEPT_AGAIN = dt.timedelta(seconds=5 * EVERY_S)
"""After a change of the law open cases are looked through again: another process may have written by the old one."""
GRACE_S = 2.0
"""How long jobs may take to end when we are told to stop."""

log = structlog.get_logger(__name__)


def pause_after(error: Exception, attempts: int) -> dt.timedelta:
    """How long until a job is run again; there is no last attempt."""
    if isinstance(error, NotYet):
        return NOT_YET * 1.3 ** min(attempts, 18)
    return dt.timedelta(seconds=min(0.5 * 2 ** min(attempts, 12), LONGEST_PAUSE_S))


class Persistent(EntrypointExecutor):
    """Runs a job again after every failure, later each time: nothing is ever dropped."""

    async def execute(self, job: QueuedJob, context: Context) -> None:
        """Run it, and ask for another run where it failed."""
        try:
            await super().execute(job, context)
        except Exception as error:
            pause = pause_after(error, job.attempts)
            if not isinstance(error, NotYet):
                _complain(job, error, pause)
            raise RetryRequested(pause, type(error).__name__) from None


def _complain(job: QueuedJob, error: Exception, pause: dt.timedelta) -> None:
    again = pause.total_seconds()
    log.warning("job failed", job=job.entrypoint, attempts=job.attempts + 1, again_in_s=again, **_failure(error))


def _failure(error: BaseException) -> dict[str, str]:
    """What failed and where; never with what, which may be personal data."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    places = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places[-6:]))
    return {"error": type(error).__name__, "where": where}


def main() -> int:
    """Work until SIGTERM or SIGINT: 0 then; 1 when the database went away."""
    set_up_logs()
    return uvloop.run(work(settings()))


async def work(given: Settings) -> int:
    """The same as a coroutine."""
    stop, lost = asyncio.Event(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    office = Office(load(), crypto.load(given.keys_path))
    try:
        connection = await asyncpg.connect(given.database_url, server_settings={"application_name": "permits-queue"})
    except (OSError, asyncpg.PostgresError) as error:
        log.error("the database is away", error=type(error).__name__)
        return 1
    connection.add_termination_listener(lambda _: lost.set())
    first = signing_key(given)("police")
    async with Database(given.database_url, POOL) as database, Carriers(first, guarded=False) as client:
        queue = Queries(AsyncpgDriver(connection))
        manager = _manager(queue, database, office, given)
        relay = Relay(database, queue, given.regions, SUBSCRIPTIONS, PRIORITIES)
        sender = Sender(database, office, client, addresses(given), signing_key(given))
        parts = [_jobs(manager), relay.run(stop), sender.run(given.regions, stop)]
        lister = Lister(database, office, client, addresses(given), signing_key(given))
        parts += [
            *_duties(database, office, given, stop),
            reconciling.run(database, office, given.regions, stop, lister),
        ]
        try:
            return await _until_told(parts, manager, stop, lost)
        finally:
            connection.terminate()


def _duties(
    database: Database, office: Office, given: Settings, stop: asyncio.Event
) -> list[Coroutine[Any, Any, None]]:
    """What comes round by the clock."""
    return [
        _tidy(database),
        _keep_dates(database, office, given.regions),
        register.keep_summed(database, given.regions, stop),
        statistics.keep_checked(database, office, given.regions, stop),
        asking.run(database, office, given.regions, stop),
        proving.run(database, office, given.regions, given.agency_keys_path, stop),
        batches.run(database, office, given.region, addresses(given), stop),
    ]


def addresses(given: Settings) -> dict[str, str]:
    """Where each agency takes messages: a server, or the folder of one that takes batch files only (file:///…)."""
    bases = {"police": given.police_url, "approval-bureau": given.bureau_url}
    return {name: base if base.startswith("file:") else f"{base.rstrip('/')}/messages" for name, base in bases.items()}


def signing_key(given: Settings) -> Key:
    """The office's key towards an agency, which may change while we run."""
    return lambda agency: keyring(given.agency_keys_path).signing("office", agency)


def _manager(queue: Queries, database: Database, office: Office, given: Settings) -> QueueManager:
    manager = QueueManager(queue)
    for name, job in SUBSCRIBERS.items():
        manager.entrypoint(name, on_failure="hold", executor_factory=Persistent)(_run(job, database, office, given))
    return manager


def _run(job: Job, database: Database, office: Office, given: Settings) -> Any:
    async def run(queued: QueuedJob) -> None:
        await job(database, office, given, msgspec.json.decode(queued.payload or b"", type=Happening))

    return run


async def _jobs(manager: QueueManager) -> None:
    await manager.run(
        dequeue_timeout=LOOK_EVERY,
        batch_size=BATCH,
        max_concurrent_tasks=AT_ONCE,
        shutdown_on_listener_failure=True,
        heartbeat_timeout=TAKEN_OVER_AFTER,
    )


async def _tidy(database: Database) -> None:
    while True:
        await accounts.forget_expired(database)
        await asyncio.sleep(TIDY_EVERY_S)


async def _keep_dates(database: Database, office: Office, regions: Sequence[str]) -> None:
    """Follow the office's own law; look through open cases at once, as the law changes or a day begins, hourly."""
    following, next_sweep, swept_on = Followed(database, office), clock.machine_now(), clock.today()
    while True:
        changed = await following.refresh()
        if changed or clock.machine_now() >= next_sweep or clock.today() != swept_on:
            swept_on = clock.today()
            for region in regions:
                swept = await deadlines.sweep(database, office, region)
                expired = await expiring.note(database, region)
                log.info("open cases looked through", region=region, expired=expired, **msgspec.structs.asdict(swept))
            next_sweep = clock.machine_now() + (SWEPT_AGAIN if changed else SWEPT_EVERY)
        await asyncio.sleep(EVERY_S)


async def _until_told(
    parts: list[Coroutine[Any, Any, None]], manager: QueueManager, stop: asyncio.Event, lost: asyncio.Event
) -> int:
    """Run the parts until told to stop, the database goes away, or one of them ends."""
    tasks = [asyncio.create_task(part) for part in parts]
    told = [asyncio.create_task(event.wait()) for event in (stop, lost)]
    await asyncio.wait([*tasks, *told], return_when=asyncio.FIRST_COMPLETED)
    stopped = stop.is_set() and not lost.is_set()
    stop.set()
    manager.shutdown.set()
    if stopped:
        await asyncio.wait(tasks, timeout=GRACE_S)
    return await _ended(tasks, told, 0 if stopped else 1)


async def _ended(tasks: list[asyncio.Task[None]], told: list[asyncio.Task[Any]], status: int) -> int:
    """End what still runs. A job broken off here stays in the queue: its connection is cut before, on purpose."""
    for task in (*tasks, *told):
        if task.done() and not task.cancelled() and (error := task.exception()):
            log.error("a part of the worker ended", **_failure(error))
        task.cancel()
    return status
