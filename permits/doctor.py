"""`permits doctor`: says how the service is, what is stuck, how the agencies' clocks stand, and recounts the register.

It changes nothing. Each check runs by itself, so that one that fails hides no other; how many ran stands at the end.
"""

import asyncio
import datetime as dt
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import msgspec

from integrations.agencies import AGENCIES
from integrations.keyring import keyring
from permits import clock
from permits.db import crypto
from permits.db.database import Database
from permits.errors import Problem
from permits.office import Office
from permits.own_law import service as own_law
from permits.register import standing
from permits.routing import evidence as evidence_store
from permits.routing import store, verifying
from permits.routing.model import AgencyHealth, Health, wrong_with
from permits.routing.verifying import Verification
from permits.settings import Settings, settings
from permits.statistics import jobs as counting
from permits.statistics import recounting


class Finding(msgspec.Struct, frozen=True):
    """What one check found."""

    well: bool
    check: str
    says: str


Check = Callable[[Database, Settings, str], Awaitable[list[Finding]]]

AGES = {
    "outbox_age_s": "发件箱最早一条 oldest row of the outbox",
    "job_age_s": "最早的后台任务 oldest job",
    "message_age_s": "最早未送达的报文 oldest message not delivered",
    "waiting_age_s": "最早等前一条的来文 oldest message that waits for an earlier one",
    "relay_age_s": "转发程序上次运行 the relay's last run",
}


def main(evidence: bool = False, from_start: bool = False, count: bool = False) -> int:
    """Print every finding; 0 when all is well, 1 when something is wrong or could not be checked.

    `evidence` verifies the chain of evidence instead, on from where the last time ended, or from the start;
    `count` only recounts the register, on several days, as known then too.
    """
    checks = (recounted,) if count else CHECKS
    return asyncio.run(_verify(settings(), from_start) if evidence else _examine(settings(), checks))


async def _verify(given: Settings, from_start: bool) -> int:
    """Verify each city's chain, step by step; what is verified stays verified when this is broken off."""
    keys, ring, wrong = crypto.load(given.keys_path), keyring(given.agency_keys_path), 0
    async with Database(given.database_url, 2) as database:
        for region in given.regions:
            if from_start:
                await verifying.forget(database, region)
            ended = False
            while not ended:
                ended, after = await verifying.step(database, keys, ring, region)
                _say(f"{region} 证据链 evidence: {_chain_says(after)}")
            wrong += after.broken is not None
    return 1 if wrong else 0


def _chain_says(after: Verification) -> str:
    if after.broken is not None:
        return f"第 {after.broken} 条不成立 entry {after.broken} does not hold: {after.problem}"
    return f"{after.seq} 条成立 entries hold"


MOST_WAITING = 20_000
"""So many rows of the ledger may wait to be summed before someone should look at the worker."""


async def _examine(given: Settings, checks: Sequence[Check]) -> int:
    findings = []
    async with Database(given.database_url, 2) as database:
        async for finding in examine(database, given, checks):
            findings.append(finding)
            _say(f"{'ok   ' if finding.well else 'WRONG'} {finding.check}: {finding.says}")
    wrong = sum(not finding.well for finding in findings)
    _say(f"\n{len(findings)} 项检查，{wrong} 项有问题 · {len(findings)} checks, {wrong} wrong")
    return 1 if wrong else 0


async def examine(database: Database, given: Settings, checks: Sequence[Check] | None = None) -> AsyncIterator[Finding]:
    """Every finding, city by city; by default of all checks."""
    for region in given.regions:
        for check in checks or CHECKS:
            for finding in await _guarded(check, database, given, region):
                yield finding


async def _guarded(check: Check, database: Database, given: Settings, region: str) -> list[Finding]:
    try:
        return await check(database, given, region)
    except Problem as problem:
        return [Finding(False, f"{region} {check.__name__}", problem.detail.en)]
    except Exception as error:
        return [Finding(False, f"{region} {check.__name__}", f"not checked: {type(error).__name__}")]


async def messages(database: Database, given: Settings, region: str) -> list[Finding]:
    """What is waiting and for how long, and how the agencies do."""
    async with database.transaction(region) as tx:
        health = await store.health(tx, region)
    return [*_ages(region, health), *_agencies(region, health)]


def _ages(region: str, health: Health) -> list[Finding]:
    wrong = wrong_with(health)
    found = [
        Finding(name not in wrong, f"{region} {title}", _age(getattr(health, name))) for name, title in AGES.items()
    ]
    title = f"{region} 对方不收的报文 messages refused for good"
    return [*found, Finding(not health.quarantined, title, str(health.quarantined))]


def _age(seconds: float | None) -> str:
    return "— 无 none" if seconds is None else f"{seconds:.1f} s"


def _agencies(region: str, health: Health) -> list[Finding]:
    wrong, heard = wrong_with(health), {agency.name: agency for agency in health.agencies}
    return [
        Finding(
            name not in wrong, f"{region} {name}", _standing(heard[name]) if name in heard else "还没有往来 no traffic"
        )
        for name in AGENCIES
    ]


def _standing(agency: AgencyHealth) -> str:
    heard = f"{agency.heard_at.astimezone(clock.CITY):%Y-%m-%d %H:%M:%S}" if agency.heard_at else "—"
    skew = "—" if agency.skew_ms is None else f"{agency.skew_ms / 1000:+.1f} s"
    says = f"熔断器 breaker {agency.breaker}, 时钟 clock {skew}, 上次回应 last heard {heard}"
    return f"{says}; {agency.failure}" if agency.failure else says


async def register(database: Database, given: Settings, region: str) -> list[Finding]:
    """The register counted one by one, against the ledger."""
    today = clock.today()
    office = Office(await own_law.current(database), crypto.load(given.keys_path))
    async with database.transaction(region) as tx:
        count = await recounting.recount(tx, office.law, office.keys, region, today)
    differ = "; ".join(f"{d.figure}: {d.register} ≠ {d.ledger}" for d in count.differences)
    title = f"{region} 登记簿与台账 register and ledger"
    return [Finding(not count.differences, title, differ or f"{count.total} 件有效 valid on {today}, 一致 they agree")]


async def chain(database: Database, given: Settings, region: str) -> list[Finding]:
    """How far the chain of evidence was verified, and whether it held."""
    async with database.transaction(region) as tx:
        last, _ = await evidence_store.head(tx, region)
        done = await verifying.verified(tx, region)
    says = f"{_chain_says(done)}；其后 {last - done.seq} 条待验 then {last - done.seq} not verified yet"
    says += f"；上次验到底 last to its end {_when(done.ended_at)}"
    return [Finding(done.broken is None, f"{region} 证据链 evidence", says)]


async def recounted(database: Database, given: Settings, region: str) -> list[Finding]:
    """The register counted one by one on several days, as known then too, against every figure of the ledger."""
    office = Office(await own_law.current(database), crypto.load(given.keys_path))
    findings = []
    for one in await counting.recounts(database, office, region):
        known = f", 按 {one.as_known_on} 所知 as known then" if one.as_known_on else ""
        agree = f"{one.total} 件有效 valid, {one.figures} 个数一致 figures agree"
        says = "; ".join(counting.differences_of(one)) or agree
        findings.append(Finding(not one.differences, f"{region} {one.on}{known}", says))
    return findings


async def sums(database: Database, given: Settings, region: str) -> list[Finding]:
    """What waits to be summed, and what the last daily recount found."""
    async with database.transaction(region) as tx:
        found = await standing.standing(tx, region)
    summed = f"{found.waiting} 行待汇总 rows wait, 上次 last {_when(found.summed_at)}"
    checked = "; ".join(found.differences) or f"{_when(found.checked_at)}, {found.figures or 0} 个数 figures"
    return [
        Finding(found.waiting < MOST_WAITING, f"{region} 台账汇总 sums of the ledger", summed),
        Finding(not found.differences, f"{region} 每日复点 daily recount", checked),
    ]


def _when(at: dt.datetime | None) -> str:
    return f"{at.astimezone(clock.CITY):%Y-%m-%d %H:%M}" if at else "— 从未 never"


RUNS_OUT = dt.timedelta(days=14)
"""A key that no other follows is told of so long before it ends."""


async def signing_keys(database: Database, given: Settings, region: str) -> list[Finding]:
    """Whether everybody has a key that holds now and in two weeks, and nobody else can read a private part."""
    folder, now = given.agency_keys_path, clock.machine_now()
    ring, findings = keyring(folder), []
    for owner in ("office", *AGENCIES):
        keys = ring.trusted(owner).values()
        holding = sorted(key.keyid for key in keys if key.holds(now))
        later = any(key.holds(now + RUNS_OUT) for key in keys)
        says = f"{', '.join(holding) or '— 无 none'}{'' if later else '；两周后没有 none in two weeks'}"
        findings.append(Finding(bool(holding) and later, f"{region} 签名密钥 signing keys {owner}", says))
    loose = [path.name for end in (".key.pem", ".secret") for path in folder.glob(f"*{end}") if others_read(path)]
    says = f"他人可读 readable by others: {', '.join(loose)}" if loose else "只有本人可读 the owner's alone"
    return [*findings, Finding(not loose, f"{region} 私钥文件 private keys", says)]


def others_read(path: Path) -> bool:
    """Whether others than the owner may read a file."""
    return bool(path.stat().st_mode & 0o077)


CHECKS: Sequence[Check] = (messages, chain, register, sums, signing_keys)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
