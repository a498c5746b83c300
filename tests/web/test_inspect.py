"""The inspectors' page: what was committed to, overdue ones first; true is noted, false leads to a revocation."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from permits import clock
from permits.accounts import service as accounts
from permits.cases import documents
from permits.cases.model import Document
from permits.credit import service as credit
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.db.ids import new_id
from tests.cases.samples import REGION
from tests.web.desks import Town, town_of, words
from tests.web.shapes import shape


@pytest.fixture
async def town(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[Town]:
    """The office with its people."""
    async with town_of(database, keys, tmp_path) as found:
        yield found


async def committed(town: Town) -> str:
    """The number of a granted case whose degree was committed to."""
    number = await town.case("granted")
    given = Document("degree", "committed", commitment_id=new_id(), received_at=clock.now(), due=dt.date(2026, 1, 1))
    async with town.database.transaction(REGION) as tx:
        await documents.put_document(tx, await town.look(number), given, town.people["employer"])
    return number


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_an_overdue_commitment_is_shown_and_noted_as_true_or_leads_to_a_revocation(town: Town, lang: str) -> None:
    number, inspector = await committed(town), await town.enter("inspector")
    answer = await inspector.get("/inspect/", lang)
    read = shape(answer.text)
    assert (answer.status_code, read.refused, len(read.ids)) == (200, [], len(set(read.ids)))
    assert ("等核验 1 项，过期 1 项" if lang == "zh" else "1 to verify, 1 overdue") in words(answer.text)
    form = answer.text.split('class="ow-btn ow-btn--s" href="')[1].split('"')[0]
    assert (await inspector.get(form)).status_code == 200
    done = await inspector.click(f"/inspect/{number}/degree")
    assert "没有等核验的承诺" in words(done.text)
    assert (await inspector.post(f"/inspect/{number}/degree")).status_code == 404


async def test_only_a_legal_reviewer_repairs_an_entry_and_says_why(town: Town) -> None:
    legal, inspector, agent = [await town.enter(who) for who in ("legal", "inspector", "employer")]
    async with town.database.transaction(REGION) as tx:
        await credit.enter(tx, REGION, "91321200000000000X", new_id(), "serious-bad-credit", clock.now())
        [entry] = await credit.open_entries(tx, REGION)
    path = f"/inspect/credit/{entry.id}/repair"
    assert "较严重的不良信用" in words((await inspector.get("/inspect/")).text)
    assert (await inspector.post(path, reasons="已改正")).status_code == 403
    assert (await legal.post(path, reasons=" ")).status_code == 400
    assert "已修复" in words((await legal.click(path, reasons="异议成立")).text)
    assert (await agent.get("/inspect/")).status_code == 403


async def test_commitments_and_the_credit_record_are_told_in_json_to_those_who_see_the_page(town: Town) -> None:
    number = await committed(town)
    async with town.database.transaction(REGION) as tx:
        await credit.enter(tx, REGION, "91321200000000000X", new_id(), "serious-bad-credit", clock.now())
    found = {}
    for who in ("inspector", "clerk"):
        client = (await town.enter(who)).client
        token = await accounts.create_token(town.database, town.people[who], "test", 1)
        for path in ("commitments", "credit-record"):
            answer = await client.get(f"/api/v1/inspection/{path}", headers={"Authorization": f"Bearer {token}"})
            found[who, path] = (answer.status_code, answer.json())
    assert [found["clerk", path][0] for path in ("commitments", "credit-record")] == [403, 403]
    [one] = found["inspector", "commitments"][1]["items"]
    assert (one["number"], one["document"], one["due"], one["overdue"]) == (number, "degree", "2026-01-01", True)
    [entry] = found["inspector", "credit-record"][1]["items"]
    assert (entry["credit_code"], entry["reason"]) == ("91321200000000000X", "serious-bad-credit")
