"""Records for the nation and the case library: as many as the figure, in the columns that are read again, logged."""

import csv
import datetime as dt
import io
import itertools
import re
from typing import Any

import msgspec
import pytest

from permits import clock
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.office import Office
from permits.register import service as register
from permits.register.imports.columns import COLUMNS
from permits.rules import law
from permits.statistics import exports, national
from permits.statistics import service as statistics
from tests.cases.samples import REGION, Desk
from tests.register.samples import a_grant, an_ending

LAW = law.load()
ON = dt.date(2024, 6, 30)
STAMP = re.compile(r"\d{8}T\d{6}")


async def records(database: Database, keys: Keys, since: dt.date, until: dt.date) -> list[dict[str, Any]]:
    """The lines of a file of cases."""
    file = io.BytesIO()
    async with database.transaction(REGION) as tx:
        rows = await national.write_cases(tx, Office(LAW, keys), REGION, since, until, file)
    lines = [msgspec.json.decode(line) for line in file.getvalue().splitlines()]
    assert len(lines) == rows + 1
    return lines


async def test_the_register_leaves_with_as_many_permits_as_the_figure_says(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        made = await register.grant_many(tx, LAW, keys, [a_grant(n) for n in range(6)])
        await register.end(tx, LAW, keys, an_ending(made[0], dt.date(2024, 3, 1), dt.date(2024, 3, 1)))
        await register.end(tx, LAW, keys, an_ending(made[1], dt.date(2024, 9, 1), dt.date(2024, 9, 1)))
    file = io.BytesIO()
    async with database.transaction(REGION) as tx:
        rows = await national.write_register(tx, Office(LAW, keys), REGION, ON, file, "csv")
        total = (await statistics.valid_on(tx, REGION, ON, None, ())).total
        logged = await exports.latest(tx, REGION)
    lines = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"))))
    head = lines.index([]) + 1
    assert rows == total == len(lines) - head - 1 == 5
    assert lines[head] == [column.title.zh for column in COLUMNS if column.field != "passport"]
    assert "MUSTERFELD" in lines[-1]
    assert "1985-06-15" in lines[-1]
    assert [(one.kind, one.name, one.rows) for one in logged] == [("register", exports.OPERATOR, 5)]


@pytest.mark.parametrize(("state", "last", "outcome"), [("granted", "在办", "grant"), ("refused", "在办", "refuse"),
                                                        ("accepted", "在办", None)])  # fmt: skip
async def test_a_case_is_recorded_with_its_steps_end_to_end(
    database: Database, keys: Keys, state: str, last: str, outcome: str | None
) -> None:
    async with database.transaction(REGION) as tx:
        await Desk(Office(LAW, keys), tx, 1).until(state, outcome or "grant")
    _, case = await records(database, keys, clock.today(), clock.today())
    steps = case["steps"]
    assert steps[0]["step"] == "受理"
    assert (steps[-1]["step"], steps[-1]["state"], steps[-1]["ended"]) == (last, 1, "")
    assert all(a["ended"] == b["started"] for a, b in itertools.pairwise(steps))
    assert all(STAMP.fullmatch(step["started"]) for step in steps)
    assert (case["finish"] or {}).get("outcome") == outcome
    licences = (case["finish"] or {"licences": []})["licences"]
    assert [one["name"] for one in licences] == ["外国人来华工作许可"] * (state == "granted")
    assert all(re.fullmatch(r"\d{8}", one[day]) for one in licences for day in ("valid_from", "valid_until"))
    assert all(one["number"] and one["issuer"] for one in licences)
    assert {"step", "action", "person", "opinion", "started", "ended", "unit", "state"} == set(steps[0])
    assert case["acceptance"]["region"] == REGION
    assert isinstance(case["acceptance"]["item_code"], str)


async def test_only_cases_accepted_between_the_days_are_recorded(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        await Desk(Office(LAW, keys), tx, 1).until("accepted")
        await Desk(Office(LAW, keys), tx, 2).until("submitted")
    today, day = clock.today(), dt.timedelta(days=1)
    assert len(await records(database, keys, today, today)) == 2
    assert len(await records(database, keys, today - day, today - day)) == 1


async def test_case_records_name_no_foreigner(database: Database, keys: Keys) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(Office(LAW, keys), tx, 1)
        case = await desk.until("granted")
    said = msgspec.json.encode(await records(database, keys, clock.today(), clock.today())).decode()
    holder = msgspec.to_builtins(case.beneficiary)
    for field in ("surname", "given_names", "passport_number"):
        assert holder[field]
        assert holder[field] not in said
