"""The measurement of counts, on a small register: every answer is what a look at every permit says."""

import asyncio
from pathlib import Path

import asyncpg
import duckdb

from permits.bench import count, synthetic
from permits.db import migrate
from permits.db.embedded import temporary
from permits.register import rebuilding


def test_the_sums_that_are_copied_are_those_of_the_ledger(tmp_path: Path) -> None:
    with temporary() as server, synthetic.drawn(tmp_path, 300) as peer:
        migrate.upgrade(server.url("permits_migrator", "permits"))
        copied, anew = asyncio.run(_copied_and_anew(server.url("permits_migrator", "permits"), peer))
    assert copied == anew
    assert len(copied) > 1000


async def _copied_and_anew(url: str, peer: duckdb.DuckDBPyConnection) -> tuple[set[object], set[object]]:
    owner = await asyncpg.connect(url)
    await synthetic.filled(peer, owner, 300)
    copied = await owner.fetch("SELECT * FROM ledger_total")
    async with owner.transaction():
        await rebuilding.rebuild_in(owner, count.REGION)
    anew = await owner.fetch("SELECT * FROM ledger_total")
    await owner.close()
    return set(copied), set(anew)


def test_every_answer_of_the_measured_register_is_right(tmp_path: Path) -> None:
    with temporary() as server:
        found = asyncio.run(count.measured(server, tmp_path, [1000]))
    assert {name: one.wrong for name, one in found[1000].items()} == {one.name: 0 for one in count.QUESTIONS}
    assert "1,000 permits" in count.table(found)
