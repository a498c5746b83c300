"""What the ledger costs whoever writes a permit, and whether answers stay exact while others write and sum up."""

import asyncio
import datetime as dt
import hashlib
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Date, DateTime, Integer, LargeBinary, String, Table, Uuid, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import bindparam

from permits.bench import cpu
from permits.clock import CITY
from permits.db import crypto, host, migrate
from permits.db.database import Database
from permits.db.embedded import Embedded
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.register import rollup, store, tables
from permits.register import service as register
from permits.register.figures import CODES
from permits.register.ledger import DIMENSIONS, Dimensions, Entry, Row
from permits.register.model import Grant
from permits.register.waiting import whole, written
from permits.rules import law
from permits.statistics import service as statistics

REGION = "321200"
ROUNDS, EACH = 150, 10
AIM_US = 40
ENTRIES = 3
"""What a permit writes to the ledger: its beginning, its end, a third for every second birthday that counts."""
ON = dt.date(2024, 6, 1)
_BARE = statement(store.insert_one(tables.permit_history).add_cte(store.PERMIT).returning(literal_column("1")))
_BY_ROWS = {
    name: statement(
        select(whole.c[name], func.sum(whole.c.delta))
        .where(whole.c.region == bindparam("region", type_=String), whole.c.effective <= bindparam("on", type_=Date))
        .group_by(whole.c[name])
    )
    for name in ("category", "nationality", "district")
}


async def measured(server: Embedded) -> str:
    """CPU of the database a permit, with the ledger and without, as a line of text; empty where nobody can tell."""
    if not cpu.is_countable():
        return ""
    await asyncio.to_thread(migrate.upgrade, server.url("permits_migrator", "permits"))
    async with Database(server.url("permits_app", "permits"), 1) as database:
        await _holder(database)
        rounds = [(await _spent(server, database, False), await _spent(server, database, True)) for _ in range(ROUNDS)]
    more = median(ledger - bare for bare, ledger in rounds[ROUNDS // 10 :])
    return f"\nWriting a permit costs {more:.0f} µs of the database's CPU more than without the ledger (≤ {AIM_US}).\n"


_PERSON = new_id()


async def _holder(database: Database) -> None:
    async with database.transaction(REGION) as tx:
        await store.add_persons(tx, REGION, [_row(tables.person, id=_PERSON)], [_row(tables.person_document)])


async def _spent(server: Embedded, database: Database, ledger: bool) -> float:
    """Microseconds a permit."""
    rows = [_rows() for _ in range(EACH)]
    before = cpu.spent_ns(host.working_in(server.cluster))
    for permit, history, waiting in rows:
        async with database.transaction(REGION) as tx:
            if ledger:
                await store.add_permits(tx, REGION, [permit], [history], [waiting])
            else:
                given = store.fields(tables.permit, permit) | store.fields(tables.permit_history, history)
                await _BARE.all(tx, region=REGION, **given)
    return cpu.between_ns(before, cpu.spent_ns(host.working_in(server.cluster))) / EACH / 1000


def _rows() -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    permit = _row(tables.permit, ended_on=None, end_kind=None)
    history = _row(tables.permit_history, permit_id=permit["id"])
    waiting = written(_PERSON, permit["granted_at"], [_entry(permit, n) for n in range(ENTRIES)])
    return permit, history, waiting or {}


def _entry(permit: dict[str, Any], nth: int) -> Row:
    dimensions = Dimensions(**{name: permit[name] for name in DIMENSIONS}, age_band="26-45")
    return Row(Entry(permit["id"], ON + dt.timedelta(days=nth), "granted", dimensions), 1, 1)


def _row(table: Table, **given: Any) -> dict[str, Any]:
    """A row of nobody in particular."""
    values: dict[type, Any] = {
        Integer: 1,
        Date: ON,
        DateTime: dt.datetime(2024, 5, 1, 9, tzinfo=CITY),
        LargeBinary: new_id().bytes,
    }
    row: dict[str, Any] = {}
    for column in table.columns:
        if isinstance(column.type, Uuid):
            row[column.name] = _PERSON if column.name == "person_id" else new_id()
        elif isinstance(column.type, JSONB):
            row[column.name] = {}
        else:
            kinds = [value for kind, value in values.items() if isinstance(column.type, kind)]
            row[column.name] = kinds[0] if kinds else (None if column.nullable else new_id().hex)
    return row | given


async def exact_while_summed(database: Database, folder: Path) -> int:
    """Writers write, two jobs sum up, a reader asks: in how many answers sums and rows differed."""
    keys, rules = crypto.create(folder / f"{new_id().hex}.json"), law.load()

    async def write(writer: int) -> None:
        for n in range(25):
            async with database.transaction(REGION) as tx:
                await register.grant(tx, rules, keys, _grant(writer * 1000 + n))

    async def sum_up() -> None:
        for _ in range(15):
            await rollup.sum_once(database, REGION, most=5)
            await asyncio.sleep(0.02)

    found = await asyncio.gather(write(1), write(2), sum_up(), sum_up(), _compared(database))
    return int(found[-1] or 0)


async def _compared(database: Database) -> int:
    wrong = 0
    for name in _BY_ROWS:
        async with database.transaction(REGION) as tx:
            await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            count = await statistics.valid_on(tx, REGION, ON, None, (name,))
            rows = await _BY_ROWS[name].all(tx, region=REGION, on=ON)
        wrong += {g.values[name]: g.count for g in count.groups if g.count} != {v: n for v, n in rows if n}
    return wrong


def _grant(number: int) -> Grant:
    text: dict[str, Any] = {name: "X" for name in CODES if name in Grant.__struct_fields__}
    return Grant(
        **text,
        region=REGION,
        case_id=None,
        case_number=None,
        birth_date=dt.date(1980, 5, 20),
        passport_index=hashlib.sha256(str(number).encode()).digest()[:16],
        surname="X",
        given_names="",
        chinese_name="",
        employer_name="示例",
        position="示例",
        valid_from=ON,
        valid_until=ON + dt.timedelta(days=400),
        recorded=dt.datetime(2024, 5, 20, 9, tzinfo=CITY),
        permit_number=f"BENCH-{number}",
    )
