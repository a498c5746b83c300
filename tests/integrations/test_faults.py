"""Each fault that a simulated agency can be told to have, as the office sees it."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from integrations.contract import new_id
from integrations.faults import READER, SWITCHES, Faults
from integrations.police import adapter as police
from integrations.transport import Client, Unknown
from tests.integrations.agency_office import Office, Simulator
from tests.integrations.agency_samples import CASE, grant, message, package
from tests.integrations.test_simulation import book, book_when, posted

OTHER = "3212-26-000002-B"


async def set_faults(http: aiohttp.ClientSession, url: str, **faults: Any) -> list[dict[str, Any]]:
    """Switch faults on; what is on then. Without any: clear."""
    status, answer = await posted(http, f"{url}/faults", faults)
    assert status == 200, answer
    found: list[dict[str, Any]] = answer["faults"]
    return found


async def test_an_agency_that_is_down_takes_nothing_and_says_nothing_until_it_is_up(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        assert await set_faults(http, running.url, case="*", down=True) == [{"case": "*", "down": True}]
        with pytest.raises(Unknown):
            await client.post(f"{running.url}/messages", package())
        async with http.get(f"{running.url}/book/{CASE}") as answer:
            assert answer.status == 404
        assert await set_faults(http, running.url) == []
        await client.post(f"{running.url}/messages", package())
        await office.got("received", "appointment")


async def test_down_for_one_case_leaves_the_others_alone(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, down=True)
        await client.post(f"{running.url}/messages", package(case=OTHER))
        with pytest.raises(Unknown):
            await client.post(f"{running.url}/messages", package())
        messages = await office.got("received", "appointment")
    assert {m.case for m in messages} == {OTHER}


async def test_a_lost_receipt_leaves_the_message_taken_and_the_second_try_gets_the_receipt(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    data = package()
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, lost_receipt=True)
        with pytest.raises(Unknown):
            await client.post(f"{running.url}/messages", data)
        answer = await client.post(f"{running.url}/messages", data)
        found = await book(http, running.url)
    assert answer.status == 202
    assert found["messages"][0]["times_received"] == 2
    assert found["applied"] == ["review-package"]


async def test_twice_sends_every_message_again_as_it_was(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, twice=True)
        await client.post(f"{running.url}/messages", package())
        await office.seen(lambda office: office.arrivals == 4)
        await book_when(http, running.url, lambda b: all(m["times_received"] == 2 for m in b["messages"][1:]))
    assert [m.kind for m in office.messages] == ["received", "appointment"]


async def test_out_of_order_lets_the_second_message_overtake_the_first(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, out_of_order=True)
        await client.post(f"{running.url}/messages", package())
        messages = await office.got("appointment", "received")
    assert [m.sequence for m in messages] == [2, 1]


async def test_late_holds_the_answers_back_and_clearing_lets_them_go(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, late_s=3600)
        await client.post(f"{running.url}/messages", package())
        await book_when(http, running.url, lambda b: len(b["messages"]) == 3)
        assert office.messages == []
        await set_faults(http, running.url)
        await office.got("received", "appointment")


async def test_an_answer_by_hand_goes_now_however_late_the_others_are(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, late_s=3600)
        await client.post(f"{running.url}/messages", package())
        await book_when(http, running.url, lambda b: len(b["messages"]) == 3)
        await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "appointment"})
        await office.got("received", "appointment", "appointment")
        await client.post(f"{running.url}/messages", grant())
        await book_when(http, running.url, lambda b: b["state"] == "granted")
        await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "refused"})
        messages = await office.got("received", "appointment", "appointment", "refused")
        found = await book(http, running.url)
    assert [m.sequence for m in messages] == [1, 2, 3, 4]
    assert (found["state"], found["messages"][-1]["kind"]) == ("refused", "refused")


async def test_slow_takes_the_message_at_once_and_answers_later(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, slow_ms=600_000)
        call = asyncio.create_task(client.post(f"{running.url}/messages", package()))
        await office.got("received", "appointment")
        assert not call.done()
        call.cancel()


@pytest.mark.parametrize("fault", ["wrong_signature", "wrong_schema"])
async def test_what_the_office_must_refuse_comes_right_once_the_fault_is_cleared(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession, fault: str
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case=CASE, **{fault: True})
        await client.post(f"{running.url}/messages", package())
        await book_when(http, running.url, lambda b: len(b["messages"]) == 3 and b["messages"][1]["attempts"] >= 2)
        assert office.messages == []
        await set_faults(http, running.url, case=CASE)
        messages = await office.got("received", "appointment")
        found = await book(http, running.url)
    assert messages[0].id == found["messages"][1]["id"]


async def test_faults_outlive_the_process(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession, tmp_path: Path
) -> None:
    async with simulator("police") as running:
        await set_faults(http, running.url, case="*", down=True, seed=7)
    async with simulator("police") as running, http.get(f"{running.url}/faults") as answer:
        assert await answer.json() == {"faults": [{"case": "*", "down": True, "seed": 7}]}


@pytest.mark.parametrize("wrong", [{"rate": 2}, {"slow_ms": -1}, {"dwon": True}, {"case": "a b"}, {"down": "yes"}])
async def test_a_wrong_fault_is_refused_and_changes_nothing(
    simulator: Simulator, office: Office, http: aiohttp.ClientSession, wrong: dict[str, Any]
) -> None:
    async with simulator("police") as running:
        status, _ = await posted(http, f"{running.url}/faults", wrong)
        async with http.get(f"{running.url}/faults") as answer:
            assert await answer.json() == {"faults": []}
    assert status == 400


def test_the_seed_decides_which_messages_are_struck_and_the_rate_how_many() -> None:
    faults = READER.decode(b'{"down": true, "rate": 0.3, "seed": 42}')
    struck = [faults.strikes("down", CASE, "out", n, 0) for n in range(2000)]
    assert struck == [Faults(down=True, rate=0.3, seed=42).strikes("down", CASE, "out", n, 0) for n in range(2000)]
    assert struck != [Faults(down=True, rate=0.3, seed=43).strikes("down", CASE, "out", n, 0) for n in range(2000)]
    assert 500 < sum(struck) < 700
    assert not any(faults.strikes(name, CASE, "out", 1, 0) for name in SWITCHES if name != "down")
    assert not Faults(down=True, rate=0).strikes("down", CASE)


async def test_a_status_request_is_answered_out_of_turn_and_lists_both_ways(
    simulator: Simulator, office: Office, client: Client
) -> None:
    data, asked = package(), new_id()
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", data)
        await office.got("received", "appointment")
        request = message("police", "status-request", police.status_request(), sequence=3, id=asked)
        await client.post(f"{running.url}/messages", request)
        *_, status = await office.got("received", "appointment", "status")
        await client.post(f"{running.url}/messages", grant(sequence=2))
        await office.got("received", "appointment", "status", "granted")
    assert (status.body["state"], status.body["request"]) == ("appointment", asked)
    assert [(p["way"], p["sequence"], p["kind"]) for p in status.body["parts"]] == [
        ("to-agency", 1, "review-package"),
        ("from-agency", 1, "received"),
        ("from-agency", 2, "appointment"),
        ("to-agency", 3, "status-request"),
    ]


async def test_what_the_office_lacks_is_sent_again_under_its_own_id(
    simulator: Simulator, office: Office, client: Client
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        first = (await office.got("received", "appointment"))[0]
        office.messages.clear()
        lacking = message("police", "status-request", police.status_request((1,)), sequence=2)
        await client.post(f"{running.url}/messages", lacking)
        await office.seen(lambda office: len(office.messages) == 2)
    assert first.id in {m.id for m in office.messages}


async def test_the_page_sets_and_clears_faults_and_says_what_was_typed_wrongly(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    form = {"case": CASE, "down": "true", "slow_ms": "300", "late_s": "0", "rate": "0.5", "seed": "42"}
    async with simulator("police") as running:
        async with http.post(f"{running.url}/faults/form?lang=en", data=form) as answer:
            page = await answer.text()
        assert f"{CASE}: down, slow, milliseconds 300, rate 0.5, seed 42" in page
        async with http.post(f"{running.url}/faults/form?lang=en", data=form | {"rate": "much"}) as answer:
            assert answer.status == 400
            page = await answer.text()
        assert "Not done" in page
        assert 'value="much"' in page
        async with http.post(f"{running.url}/faults/form", data={"clear": "1"}) as answer:
            assert "没有打开的故障" in await answer.text()


async def test_a_person_answers_in_words_of_their_own_and_keeps_them_where_they_are_wrong(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        await office.got("received", "appointment")
        url = f"{running.url}/cases/{CASE}/answers?lang=en"
        async with http.post(url, data={"kind": "refused", "body": '{"reasons": 1}'}) as answer:
            assert answer.status == 400
            page = await answer.text()
            assert "&#34;reasons&#34;: 1" in page
        async with http.post(url, data={"kind": "refused", "body": '{"reasons": "Not the person."}'}) as answer:
            assert answer.status == 200
        *_, refused = await office.got("received", "appointment", "refused")
    assert refused.body["reasons"] == "Not the person."
