"""Both simulators over real HTTP, as the office sees them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from integrations.agencies import AGENCIES
from integrations.approval_bureau import adapter as bureau
from integrations.clock import machine_now, office_now
from integrations.contract import (
    ALL_CASES,
    CaseList,
    CaseListRequest,
    Malformed,
    body_of,
    decode,
    encode,
    new_id,
    write,
)
from integrations.police import adapter as police
from integrations.seeding import SeedAnswer, SeedCase, SeedMessage, seed
from integrations.signing import SigningKey, sign
from integrations.transport import Client, Refused, Unknown
from tests.integrations.agency_office import Office, Simulator
from tests.integrations.agency_samples import BUREAU_FACTS, CASE, CASE_FACTS, NOW, grant, message, package, registration


async def book(http: aiohttp.ClientSession, url: str, case: str = CASE) -> dict[str, Any]:
    """The case in the simulator's book."""
    async with http.get(f"{url}/book/{case}") as answer:
        assert answer.status == 200
        found: dict[str, Any] = await answer.json()
        return found


async def book_when(http: aiohttp.ClientSession, url: str, holds: Callable[[dict[str, Any]], bool]) -> None:
    """Waits until something holds of the case in the book, 60 seconds at most."""
    async with asyncio.timeout(60):
        while not holds(await book(http, url)):
            await asyncio.sleep(0.02)


async def posted(http: aiohttp.ClientSession, url: str, content: object) -> tuple[int, Any]:
    """Status and answer of an unsigned POST."""
    async with http.post(url, data=msgspec.json.encode(content)) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_the_police_receive_appoint_and_grant_once_the_work_permit_is_granted(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        await office.got("received", "appointment")
        await client.post(f"{running.url}/messages", grant())
        messages = await office.got("received", "appointment", "granted")
        found = await book(http, running.url)
    assert [m.sequence for m in messages] == [1, 2, 3]
    assert messages[-1].body["valid_until"] == "2028-03-01"
    assert (found["case"], found["state"], found["applied"]) == (CASE, "granted", ["review-package", "permit-granted"])
    assert {m["direction"] for m in found["messages"]} == {"in", "out"}


async def test_an_agency_answers_in_the_version_in_which_it_is_written_to(
    simulator: Simulator, office: Office, client: Client
) -> None:
    police2 = AGENCIES["police"].speaking(2)
    body = police.review_package(CASE_FACTS)
    envelope = write(police2, "review-package", body, case=CASE, sequence=1, sent_at=NOW, id=new_id())
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", encode(envelope))
        _, appointment = await office.got("received", "appointment")
        await client.post(f"{running.url}/messages", grant())
        *_, granted = await office.got("received", "appointment", "granted")
    assert envelope.body["person"]["name"] == {"primary": "SYNTHBERG", "secondary": "ALICE"}
    assert appointment.schema == "police.residence-permit/2"
    assert set(appointment.body) == {"slot", "bring"}
    assert (granted.schema, granted.body["valid_until"]) == ("police.residence-permit/1", "2028-03-01")


async def test_the_same_message_twice_gets_the_same_receipt_and_is_applied_once(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    data = package()
    async with simulator("police") as running:
        first = await client.post(f"{running.url}/messages", data)
        again = await client.post(f"{running.url}/messages", data)
        found = await book(http, running.url)
    assert first.receipt == again.receipt
    assert found["messages"][0]["times_received"] == 2
    assert found["applied"] == ["review-package"]


async def test_a_message_that_comes_early_waits_for_the_ones_before_it(
    simulator: Simulator, office: Office, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", grant(sequence=2))
        early = await book(http, running.url)
        await client.post(f"{running.url}/messages", package(sequence=1))
        await office.got("received", "appointment", "granted")
        found = await book(http, running.url)
    assert (early["state"], early["applied"], early["messages"][0]["status"]) == ("new", [], "waiting")
    assert found["applied"] == ["review-package", "permit-granted"]


async def test_another_message_with_a_taken_id_or_place_is_refused(
    simulator: Simulator, client: Client, office: Office
) -> None:
    data = package()
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", data)
        for other in (package(), data.replace(b"SYNTHBERG", b"SOMEBODY")):
            with pytest.raises(Refused) as refused:
                await client.post(f"{running.url}/messages", other)
            assert refused.value.status == 409


async def test_a_wrong_old_or_altered_message_is_refused_and_leaves_no_trace(
    simulator: Simulator, office_key: SigningKey, agency_keys: Path, http: aiohttp.ClientSession, office: Office
) -> None:
    data = package()
    id = msgspec.json.decode(data)["id"]
    async with simulator("police") as running:
        url = f"{running.url}/messages"

        def signed(key: SigningKey, nonce: str, age: timedelta) -> dict[str, str]:
            headers = {"Content-Type": "application/json"}
            return sign("POST", url, headers, data, key, nonce=nonce, created=machine_now() - age)

        good = signed(office_key, id, timedelta())
        stranger = SigningKey("police", office_key.private)
        attempts = [
            ({"Content-Type": "application/json"}, data),
            (good, data.replace(b"SYNTHBERG", b"SYNTHBURG")),
            (signed(stranger, id, timedelta()), data),
            (signed(office_key, id, timedelta(minutes=6)), data),
            (signed(office_key, "another", timedelta()), data),
        ]
        for headers, body in attempts:
            async with http.post(url, data=body, headers=headers) as answer:
                assert answer.status == 401
                assert answer.content_type == "application/problem+json"
        async with http.get(f"{running.url}/book/{CASE}") as answer:
            assert answer.status == 404


async def test_a_body_outside_the_contract_and_one_too_long_are_refused(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    async with simulator("police") as running:
        with pytest.raises(Refused) as refused:
            await client.post(f"{running.url}/messages", registration())
        assert refused.value.status == 400
        status, answer = await posted(http, f"{running.url}/messages", "x" * 300_000)
        assert (status, answer["type"]) == (413, "too-large")


async def test_a_stop_ends_the_case_and_what_was_planned(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    stop = message("police", "stop", police.stop("refused", NOW.date()), sequence=2)
    ask = message("police", "status-request", police.status_request(), sequence=3)
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", stop)
        await client.post(f"{running.url}/messages", package())
        await client.post(f"{running.url}/messages", ask)
        (status,) = await office.got("status")
        assert (await book(http, running.url))["state"] == "stopped"
    assert status.body["state"] == "stopped"
    assert status.body["applied"] == ["review-package", "stop", "status-request"]


async def test_a_correction_by_hand_stops_the_police_until_it_is_supplied(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    supplied = message(
        "police", "correction-supplied", police.correction_supplied(CASE_FACTS, {"photo": ""}), sequence=3
    )
    items = [{"document": "photo", "text": "模糊"}]
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        asked = {"case": CASE, "kind": "correction-wanted", "body": {"items": items}}
        status, answer = await posted(http, f"{running.url}/answers", asked)
        assert (status, answer["kind"]) == (202, "correction-wanted")
        await client.post(f"{running.url}/messages", grant())
        await office.seen(lambda o: bool(o.messages) and o.messages[-1].kind == "correction-wanted")
        before = len(office.messages)
        await client.post(f"{running.url}/messages", supplied)
        await office.seen(lambda o: o.messages[-1].kind == "granted")
    kinds = [m.kind for m in office.messages[before:]]
    assert [kind for kind in kinds if kind != "appointment"] == ["received", "granted"]
    assert office.messages[before - 1].body == {"items": items}


async def test_a_refusal_by_hand_is_final_and_a_later_grant_of_the_work_permit_changes_nothing(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        assert (await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "refused"}))[0] == 202
        await client.post(f"{running.url}/messages", grant())
        await office.seen(lambda o: bool(o.messages) and o.messages[-1].kind == "refused")
        found = await book(http, running.url)
    assert found["state"] == "refused"
    assert found["applied"] == ["review-package", "permit-granted"]


async def test_a_grant_that_the_office_refused_is_offered_again_once_the_work_permit_is_granted(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        await office.got("received", "appointment")
        office.status = 409
        await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "granted"})
        await book_when(http, running.url, lambda found: found["messages"][-1]["status"] == "refused")
        assert (await book(http, running.url))["state"] == "appointment"
        office.status = 202
        await client.post(f"{running.url}/messages", grant())
        *_, granted = await office.got("received", "appointment", "granted")
    assert granted.sequence == 3


async def test_answers_by_hand_are_checked(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        url = f"{running.url}/answers"
        assert (await posted(http, url, {"case": "3212-26-000009-X", "kind": "granted"}))[0] == 404
        for wrong in ({"kind": "registered"}, {"kind": "granted", "body": {"number": 1}}, {"kind": "granted", "x": 1}):
            assert (await posted(http, url, {"case": CASE} | wrong))[0] == 400
        async with http.post(url, data=b"{}", headers={"Origin": "http://elsewhere.example"}) as answer:
            assert answer.status == 403


async def test_the_bureau_registers_at_once_notes_what_is_ready_and_closes(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    ready = message("approval-bureau", "ready-for-hand-out", bureau.ready_for_hand_out([]), sequence=2)
    finish = bureau.closed(person="样例", at=NOW, outcome="granted", licences=[], region="321200", mailed=False)
    async with simulator("approval-bureau") as running:
        await client.post(f"{running.url}/messages", registration())
        (registered,) = await office.got("registered")
        await client.post(f"{running.url}/messages", ready)
        assert (await book(http, running.url))["state"] == "ready"
        assert (await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "handed-out"}))[0] == 202
        assert (await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "rating", "body": {"grade": 5}}))[
            0
        ] == 202
        await client.post(f"{running.url}/messages", message("approval-bureau", "closed", finish, sequence=3))
        messages = await office.got("registered", "handed-out", "rating")
        found = await book(http, running.url)
    assert registered.body["unified_number"].startswith(BUREAU_FACTS.region)
    assert messages[-1].body["grade"] == 5
    assert (found["state"], found["applied"]) == ("closed", ["register", "ready-for-hand-out", "closed"])


async def test_an_office_that_is_away_gets_the_answers_later_and_one_that_refuses_ends_them(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office
) -> None:
    office.status = 503
    async with simulator("approval-bureau") as running:
        await client.post(f"{running.url}/messages", registration())
        await office.seen(lambda o: o.arrivals >= 2)
        assert office.messages == []
        office.status = 202
        await office.got("registered")
        office.status = 422
        await posted(http, f"{running.url}/answers", {"case": CASE, "kind": "rating"})
        await book_when(http, running.url, lambda found: found["messages"][-1]["status"] == "refused")
        assert [m.kind for m in office.messages] == ["registered"]


async def test_a_seeded_case_stays_as_it_is_and_goes_on_when_the_office_writes(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office, tmp_path: Path
) -> None:
    seeded = SeedCase(
        case=CASE,
        state="appointment",
        name="SYNTHBERG A",
        facts={"package": True},
        messages=(
            SeedMessage(direction="in", kind="review-package", at=NOW, body=msgspec.json.decode(package())["body"]),
            SeedMessage(direction="out", kind="received", at=NOW, body={}),
            SeedMessage(direction="out", kind="appointment", at=NOW, body={}),
        ),
        next_answers=(SeedAnswer(kind="granted", due=office_now(0) + timedelta(days=400)),),
    )
    assert (seed(tmp_path, "police", [seeded]), seed(tmp_path, "police", [seeded])) == (1, 0)
    async with simulator("police") as running:
        before = await book(http, running.url)
        await client.post(f"{running.url}/messages", grant(sequence=2))
        (granted,) = await office.got("granted")
        async with http.get(f"{running.url}/book") as answer:
            listed = await answer.json()
    assert (before["state"], before["applied"], len(before["messages"])) == ("appointment", ["review-package"], 3)
    assert granted.sequence == 3
    assert [item["case"] for item in listed["items"]] == [CASE]
    assert listed["cursor"] is None


def test_a_seeded_message_keeps_to_the_contract(tmp_path: Path) -> None:
    wrong = SeedCase(case=CASE, state="new", messages=(SeedMessage(direction="out", kind="granted", at=NOW, body={}),))
    with pytest.raises(Malformed):
        seed(tmp_path, "police", [wrong])


async def test_the_book_is_listed_a_hundred_at_a_time(
    simulator: Simulator, http: aiohttp.ClientSession, tmp_path: Path, office: Office
) -> None:
    seed(tmp_path, "police", [SeedCase(case=f"3212-26-{n:06d}-A", state="granted") for n in range(150)])
    async with simulator("police") as running:
        async with http.get(f"{running.url}/book") as answer:
            first = await answer.json()
        async with http.get(f"{running.url}/book?cursor={first['cursor']}") as answer:
            second = await answer.json()
        async with http.get(f"{running.url}/book?cursor=x") as answer:
            assert answer.status == 400
    assert (len(first["items"]), len(second["items"]), second["cursor"]) == (100, 50, None)


async def test_health_tells_the_offices_time(simulator: Simulator, http: aiohttp.ClientSession, office: Office) -> None:
    async with simulator("police") as running, http.get(f"{running.url}/healthz") as answer:
        health = await answer.json()
    assert health["ok"] is True
    assert abs(datetime.fromisoformat(health["now"]) - office_now(3600)) < timedelta(seconds=30)


@pytest.mark.parametrize(("lang", "words"), [("zh", "替对方现在答"), ("en", "Answer in its name, now")])
async def test_the_page_shows_the_book_and_answers_by_button(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession, office: Office, lang: str, words: str
) -> None:
    async with simulator("police") as running:
        await client.post(f"{running.url}/messages", package())
        await office.got("received", "appointment")
        async with http.get(f"{running.url}/?lang={lang}") as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        async with http.post(f"{running.url}/cases/{CASE}/answers?lang={lang}", data={"kind": "granted"}) as answer:
            case_page = await answer.text()
        await office.got("received", "appointment", "granted")
        async with http.get(f"{running.url}/static/simulator.css") as answer:
            assert answer.status == 200
    assert words in page
    assert "SYNTHBERG A" in page
    assert "X12345678" not in page
    assert policy.startswith("default-src 'none'")
    assert "<script" not in page + case_page
    assert " style=" not in page + case_page
    assert CASE in case_page


@contextmanager
def process(port: int, data: Path, office: Office, keys: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The police simulator as a process of its own."""
    program = (
        "import sys, pathlib; from integrations.simulation import main; "
        "main('police', port=int(sys.argv[1]), data=pathlib.Path(sys.argv[2]), office_url=sys.argv[3],"
        " keys=pathlib.Path(sys.argv[4]), offset=0.0)"
    )
    arguments = [sys.executable, "-c", program, str(port), str(data), office.url, str(keys)]
    started = subprocess.Popen(arguments, cwd=Path(__file__).parents[2], start_new_session=True)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


async def delivered(client: Client, url: str, data: bytes) -> None:
    """Sends until the process that is just starting has given a receipt."""
    async with asyncio.timeout(60):
        while True:
            try:
                await client.post(url, data)
            except Unknown:
                await asyncio.sleep(0.05)
            else:
                return


async def test_a_simulator_killed_between_receipt_and_answer_answers_after_its_restart(
    tmp_path: Path, agency_keys: Path, office: Office, client: Client
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    office.status = 503
    with process(port, tmp_path, office, agency_keys) as first:
        await delivered(client, f"http://127.0.0.1:{port}/messages", package())
        os.kill(first.pid, signal.SIGKILL)
        assert first.wait() == -signal.SIGKILL
    assert office.messages == []
    office.status = 202
    with process(port, tmp_path, office, agency_keys) as second:
        await office.got("received", "appointment")
        second.terminate()
        assert await asyncio.to_thread(second.wait, 60) == 0


async def test_a_case_that_only_the_book_has_is_opened_by_hand_and_stands_in_the_list(
    simulator: Simulator, client: Client, http: aiohttp.ClientSession
) -> None:
    async with simulator("approval-bureau") as running:
        async with http.post(f"{running.url}/cases", data={"number": "no number"}) as refused:
            assert refused.status == 400
        for number in ("3212-26-900001-0", "3212-26-900002-0"):
            async with http.post(f"{running.url}/cases", data={"number": number}, allow_redirects=False) as opened:
                assert opened.status == 303
        agency, found = AGENCIES["approval-bureau"], list[str]()
        after: str | None = None
        for page in (1, 2, 3):
            question = CaseListRequest(after=after, most=1)
            asked = write(
                agency, "case-list-request", question, case=ALL_CASES, sequence=page, sent_at=NOW, id=new_id()
            )
            answer = await client.post(f"{running.url}/messages", encode(asked))
            told = body_of(decode(answer.receipt), agency, agency.told)
            assert isinstance(told, CaseList)
            found += [one.case for one in told.cases]
            after = told.following
            assert (answer.status, "receipt=" in answer.told["Signature"]) == (200, True)
        assert (found, after) == (["3212-26-900001-0", "3212-26-900002-0"], None)
