"""A city's data to measure on: the demonstration's, a synthetic register beside it, and cases up to the decision.

Everything in it is invented. The cases are made by the use cases that make real ones.
"""

import asyncio
import itertools
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import asyncpg
import msgspec

from permits.accounts import service as accounts
from permits.accounts.model import Account
from permits.bench import drafts, synthetic
from permits.bench.ground import PASSWORD, Ground, Unmeasurable
from permits.bench.synthetic import bar
from permits.cases import actions, service
from permits.cases.model import Case
from permits.db.database import Database
from permits.db.ids import new_id
from permits.decoding import convert
from permits.register import rebuilding
from permits.register.model import Names
from permits.register.rows import sealed_names

AT_ONCE = 50
"""Cases a transaction."""
STAGES = (("accepted", 0.5), ("decided", 0.2))
"""Which share of the cases has come so far at least; the others wait at the window."""
SEALED_AT_ONCE = 5_000
_NAMES = "UPDATE permit p SET holder = n.holder FROM unnest($1::uuid[], $2::bytea[]) AS n(id, holder) WHERE p.id = n.id"
_LOOSE = "ALTER TABLE permit DROP CONSTRAINT fk_permit_region_person_id"


class Someone(msgspec.Struct, frozen=True):
    """Somebody of the demonstration whom one can sign in as."""

    role: str
    email: str
    password: str
    token: str


async def lay(ground: Ground, permits: int, cases: int) -> list[Someone]:
    """Fill a ground with a city's data; who can sign in. Raises Unmeasurable."""
    people = await asyncio.to_thread(_demonstration, ground)
    if permits:
        await _register(ground, permits)
    await _cases(ground, cases)
    return people


def _demonstration(ground: Ground) -> list[Someone]:
    """The demonstration's people, cases and register, laid by its own program."""
    file = ground.folder / "accounts.json"
    command = [sys.executable, "-m", "permits.demo.prepare", "--accounts", str(file)]
    env = {**ground.env, "PERMITS_DEMO": "1", "PERMITS_PUBLIC_URL": "http://127.0.0.1:8000"}
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise Unmeasurable(f"The demonstration's city could not be laid: {ended.stderr[-2000:]}")
    return msgspec.json.decode(file.read_bytes(), type=list[Someone])


async def _register(ground: Ground, count: int) -> None:
    with tempfile.TemporaryDirectory(prefix="permits-bench-") as folder:
        peer = await asyncio.to_thread(synthetic.drawn, Path(folder), count)
        owner = await asyncpg.connect(ground.server.url("permits_migrator", "permits"))
        try:
            await owner.execute(_LOOSE)
            await synthetic.copied(peer, owner, count)
            await _seal_names(ground, owner, count)
            await owner.execute("ANALYZE")
            async with owner.transaction():
                await rebuilding.rebuild_in(
                    owner, ground.region, lambda done, of: bar(f"{count:,} permits summed up", done, of)
                )
        finally:
            await owner.close()
            peer.close()


async def _seal_names(ground: Ground, owner: asyncpg.Connection, count: int) -> None:
    """Names that open: the copied ones have none."""
    rows = await owner.fetch("SELECT id FROM permit WHERE holder = '\\x00' ORDER BY id")
    for at in range(0, len(rows), SEALED_AT_ONCE):
        ids = [row["id"] for row in rows[at : at + SEALED_AT_ONCE]]
        names = (Names("MUSTERFELD", f"ALICE {at + n}", "") for n in range(len(ids)))
        sealed = [sealed_names(ground.office.keys, ground.region, *pair) for pair in zip(ids, names, strict=True)]
        await owner.execute(_NAMES, ids, sealed)
        bar(f"{count:,} holders named", min(at + SEALED_AT_ONCE, len(rows)), len(rows))


Step = tuple[Account, str, Mapping[str, object]]
"""Who does what, and says what with it."""


class Desk(msgspec.Struct, frozen=True):
    """Who takes the cases further."""

    clerk: Account
    reviewer: Account
    decider: Account


async def _cases(ground: Ground, count: int) -> None:
    async with Database(ground.url) as database:
        desk = Desk(*[await _officer(database, ground, role) for role in Desk.__struct_fields__])
        done = 0
        while done < count:
            made = await drafts.made(ground, database, min(AT_ONCE, count - done))
            async with database.transaction(ground.region) as tx:
                for n, case in enumerate(made):
                    await _played(ground, tx, desk, case, (done + n) / count)
            done += len(made)
            bar(f"{count:,} cases", done, count)


async def _officer(database: Database, ground: Ground, role: str) -> Account:
    mail = f"bench-{role}@example.com"
    certificate = f"虚构 {ground.region}"
    return await accounts.create_account(
        database, mail, f"虚构 {role}", PASSWORD, [role], ground.region, certificate=certificate
    )


def _steps(desk: Desk, share: float) -> list[Step]:
    """What happens to a case after it is submitted; `share` of the cases came before it."""
    grant = {"outcome": "grant", "reasons": "虚构 invented"}
    steps: dict[str, Sequence[Step]] = {
        "accepted": [(desk.clerk, "claim", {}), (desk.clerk, "accept", {})],
        "decided": [(desk.reviewer, "claim", {}), (desk.reviewer, "recommend", grant), (desk.decider, "decide", grant)],
    }
    return [step for name, of in STAGES if share < of for step in steps[name]]


async def _played(ground: Ground, tx: asyncpg.Connection, desk: Desk, case: Case, share: float) -> None:
    place = (ground.region, case.row.number)
    key = {"key": str(new_id()), "request": b"", "lang": "zh"}
    await service.submit(tx, ground.office, ground.account, *place, **key)  # type: ignore[arg-type]
    for who, action, said in _steps(desk, share):
        body = convert(dict(said), actions.ACTIONS[action][0])
        await service.act(tx, ground.office, who, *place, action, body)


def first(people: Sequence[Someone]) -> dict[str, Someone]:
    """The first of each role."""
    return dict(itertools.chain((one.role, one) for one in reversed(people)))
