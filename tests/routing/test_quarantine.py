"""What is refused for good waits for a person, who mends it, sends it again or settles it, with a reason on record."""

from typing import Any

import pytest
from aiohttp import web

from integrations.transport import Refused
from permits.errors import BadInput, Conflict, Forbidden
from permits.i18n import Text
from permits.routing import quarantine
from permits.routing.dead_letters import DeadLetter
from permits.settings import settings
from tests.cases.samples import Desk, person
from tests.conftest import REGION
from tests.routing.bench import Bench, Writer, message, post, receipt, sending, statuses

GRANTED = {"number": "R12345678", "valid_until": "2028-01-31"}


async def refuse_the_first(envelope: dict[str, Any]) -> web.StreamResponse:
    if envelope["sequence"] == 1 and "promised" in envelope["body"]:
        return web.json_response({"type": "malformed", "detail": "no"}, status=400)
    return receipt(envelope)


async def put_aside(bench: Bench) -> tuple[Desk, DeadLetter]:
    """A case whose review package the police refused for good, and what came after it delivered."""
    desk = await bench.until("granted")
    async with post(refuse_the_first) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["quarantined", "delivered"])
    (letter,) = await page(bench, desk)
    return desk, letter


async def page(bench: Bench, desk: Desk, state: str = "open") -> list[DeadLetter]:
    async with bench.database.transaction(REGION) as tx:
        return await quarantine.page(tx, desk.clerk, REGION, state=state)


async def does(bench: Bench, desk: Desk, act: Any, letter: DeadLetter, *more: Any) -> DeadLetter:
    async with bench.database.transaction(REGION) as tx:
        found: DeadLetter = await act(tx, bench.office, desk.clerk, REGION, letter.message_id, "已与对方核对", *more)
        return found


async def audited(bench: Bench, action: str) -> int:
    async with bench.database.transaction(REGION) as tx:
        asked = "SELECT count(*) FROM audit WHERE region = $1 AND action = $2"
        found: int = await tx.fetchval(asked, REGION, action)
        return found


async def test_what_was_refused_is_named_with_its_reason_and_opened_on_record(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    assert (letter.agency, letter.direction, letter.kind, letter.case_number) == (
        "police", "out", "review-package", desk.number
    )  # fmt: skip
    assert (letter.reason_key, letter.reason_detail) == (
        "they-malformed", {"status": "400", "type": "malformed", "says": "no"}
    )  # fmt: skip
    assert letter.why_aside == Text("对方说报文不符合约定：no", letter.reason)
    async with bench.database.transaction(REGION) as tx:
        opened = await quarantine.look(tx, bench.office, desk.clerk, REGION, letter.message_id)
    assert opened.envelope is not None
    assert opened.envelope.body["matter"] == "issue"
    assert opened.ways == ("resend", "mend", "settle")
    assert await audited(bench, "message-look") == 1


@pytest.mark.parametrize("version", ["1", "2"])
async def test_a_mended_message_takes_the_place_of_the_refused_one(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    monkeypatch.setenv("PERMITS_POLICE_SCHEMA", version)
    settings.cache_clear()
    desk, letter = await put_aside(bench)
    async with bench.database.transaction(REGION) as tx:
        opened = await quarantine.look(tx, bench.office, desk.clerk, REGION, letter.message_id)
    assert opened.envelope is not None
    body = {name: value for name, value in opened.envelope.body.items() if name != "promised"}
    settled = await does(bench, desk, quarantine.mend, letter, body)
    assert (settled.state, settled.how, settled.why) == ("settled", "mended", "已与对方核对")
    async with post(refuse_the_first) as police, sending(bench, {"police": police.url}):
        found = await statuses(bench, desk, "police", ["refused", "delivered", "delivered"])
    assert [item.sequence for item in found if item.status == "delivered"] == [2, 1]
    assert settled.replaced_by in {item.id for item in found}
    assert "message-mended" in [event.kind for event in (await bench.case(desk)).timeline]
    assert await audited(bench, "message-mended") == 1
    assert await page(bench, desk) == []


async def test_a_body_that_breaks_the_contract_is_not_taken_as_mended(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    with pytest.raises(BadInput) as wrong:
        await does(bench, desk, quarantine.mend, letter, {"surprise": 1})
    assert [error.pointer for error in wrong.value.errors] == ["/body"]
    assert [one.state for one in await page(bench, desk)] == ["open"]


async def test_the_same_bytes_go_again_when_the_agency_has_mended_its_fault(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    assert (await does(bench, desk, quarantine.resend, letter)).how == "resent"

    async def take(envelope: dict[str, Any]) -> web.StreamResponse:
        return receipt(envelope)

    async with post(take) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["delivered", "delivered"])
    assert police.sequences == [1]


async def test_a_message_that_is_refused_again_is_open_again(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    await does(bench, desk, quarantine.resend, letter)
    async with post(refuse_the_first) as police, sending(bench, {"police": police.url}):
        await statuses(bench, desk, "police", ["quarantined", "delivered"])
    assert [one.state for one in await page(bench, desk)] == ["open"]


async def test_what_is_settled_by_hand_leaves_no_hole_in_the_agencys_order(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    await does(bench, desk, quarantine.settle, letter)
    async with post(refuse_the_first) as police, sending(bench, {"police": police.url}):
        found = await statuses(bench, desk, "police", ["refused", "delivered", "delivered"])
    assert [(item.kind, item.sequence) for item in found if item.status == "delivered"] == [
        ("permit-granted", 2), ("status-request", 1)
    ]  # fmt: skip


async def test_a_settled_message_is_not_settled_again_and_only_staff_may(bench: Bench) -> None:
    desk, letter = await put_aside(bench)
    with pytest.raises(Forbidden):
        async with bench.database.transaction(REGION) as tx:
            await quarantine.resend(tx, bench.office, person("manager"), REGION, letter.message_id, "理由")
    with pytest.raises(BadInput):
        async with bench.database.transaction(REGION) as tx:
            await quarantine.resend(tx, bench.office, desk.clerk, REGION, letter.message_id, "  ")
    await does(bench, desk, quarantine.resend, letter)
    with pytest.raises(Conflict):
        await does(bench, desk, quarantine.settle, letter)
    assert [event.kind for event in (await bench.case(desk)).timeline].count("message-resent") == 1


async def test_a_grant_before_the_work_permit_is_refused_and_taken_when_its_time_has_come(
    bench: Bench, police: Writer
) -> None:
    desk = await bench.until("recommended")
    data = message("police", desk.number, 1, "granted", **GRANTED)
    with pytest.raises(Refused) as refused:
        await police.post(data)
    assert (refused.value.status, refused.value.problem["type"].rpartition(":")[2]) == (409, "wrong-state")
    (letter,) = await page(bench, desk)
    assert (letter.direction, letter.case_number) == ("in", desk.number)
    with pytest.raises(Conflict):
        await does(bench, desk, quarantine.retry, letter)
    await bench.act(desk, desk.decider, "decide", outcome="grant", reasons="同意")
    assert (await does(bench, desk, quarantine.retry, letter)).how == "taken"
    assert (await bench.case(desk)).status("residence_permit") == "granted"


async def test_a_refused_message_that_comes_again_in_time_settles_itself(bench: Bench, police: Writer) -> None:
    desk = await bench.until("recommended")
    data = message("police", desk.number, 1, "granted", **GRANTED)
    for _ in range(3):
        with pytest.raises(Refused):
            await police.post(data)
    assert len(await page(bench, desk)) == 1
    await bench.act(desk, desk.decider, "decide", outcome="grant", reasons="同意")
    assert (await police.post(data)).status == 202
    assert [(one.how, one.settled_name) for one in await page(bench, desk, "settled")] == [("taken", None)]


async def test_passing_over_a_refused_message_lets_those_behind_it_in(bench: Bench, police: Writer) -> None:
    desk = await bench.until("recommended")
    with pytest.raises(Refused):
        await police.post(message("police", desk.number, 1, "granted", **GRANTED))
    assert (await police.write(desk.number, 2, "received"))["status"] == "waiting"
    (letter,) = await page(bench, desk)
    await does(bench, desk, quarantine.settle, letter)
    assert (await bench.case(desk)).status("residence_permit") == "received"


async def test_a_contradiction_found_in_its_turn_is_put_aside_and_stops_nothing(bench: Bench, police: Writer) -> None:
    desk = await bench.until("recommended")
    await police.write(desk.number, 2, "granted", **GRANTED)
    await police.write(desk.number, 3, "received")
    await police.write(desk.number, 1, "received")
    assert [(one.kind, one.direction) for one in await page(bench, desk)] == [("granted", "in")]
    assert (await bench.case(desk)).status("residence_permit") == "received"
