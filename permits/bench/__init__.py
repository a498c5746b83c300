"""`permits bench submit`: what submitting an application costs, beside the bare database doing the same work.

It measures on a server, with people and cases of its own, and never touches those of a deployment.
"""

import asyncio
import os
import sys

import uvloop

from permits.bench import bare, contestants, cpu, report
from permits.bench.contestants import Contestant
from permits.bench.ground import Ground, Unmeasurable, laid, require_submitted, take_statistics
from permits.db.host import Unusable

ROUNDS = 20
"""All run in each round, one after the other, so that the machine's noise hits all alike."""
WARM_UP = 100
"""Cases that each submits before the tables' statistics are taken, and again after that: plans, caches and connections
are then as in a service that has run for a while. Plans made for empty tables would grow slower from round to round."""


def submit(cases: int) -> int:
    """Measure `cases` submissions of each contestant and print the table; 1 where this machine cannot."""
    size = max(cases // ROUNDS, 1)
    try:
        sys.stdout.write(report.table(measure(size), size))
    except (Unusable, Unmeasurable) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def measure(size: int, warm_up: int = WARM_UP) -> list[report.Round]:
    """What each contestant spends in each round of `size` cases. Unmeasurable, Unusable."""
    if not cpu.is_countable():
        raise Unmeasurable("Only Linux tells what other processes spend.")
    with laid() as ground, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_measured(ground, size, warm_up))


async def _measured(ground: Ground, size: int, warm_up: int) -> list[report.Round]:
    count = 2 * warm_up + size * ROUNDS
    async with contestants.gathered(ground, count) as found:
        await _each(found, warm_up)
        await take_statistics(ground)
        await _each(found, warm_up)
        rounds: list[report.Round] = []
        for _ in range(ROUNDS):
            rounds.append({one.name: await _spent(ground, one, size) for one in found})
        await require_submitted(ground, len(found) * count + bare.SAMPLES)
        return rounds


async def _each(found: list[Contestant], count: int) -> None:
    for one in found:
        await one.run(count)


async def _spent(ground: Ground, one: Contestant, size: int) -> report.Cost:
    own = set(one.pids())
    before = cpu.spent_ns({*ground.servers(), *own, os.getpid()})
    await one.run(size)
    servers = set(ground.servers())
    after = cpu.spent_ns({*servers, *own, os.getpid()})

    def ms(pids: set[int]) -> float:
        return cpu.between_ns(before, {pid: ns for pid, ns in after.items() if pid in pids}) / size / 1e6

    return report.Cost(ms(servers), ms(own), ms({os.getpid()} - own))
