"""The evidence: written with each message, chained, verified step by step, and handed to outsiders who can check it."""

import asyncio
import datetime as dt
import hashlib
import io
import json
import subprocess
import sys
import uuid
import zipfile
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest
from aiohttp import web

from integrations.keyring import keyring
from integrations.receipts import sign_receipt
from integrations.signing import load_private, sign
from integrations.transport import Answer, Refused, Signed
from permits import clock, doctor
from permits.db.embedded import Embedded
from permits.routing import evidence, noting, proving, verifying
from permits.routing.verifying import Verification
from permits.routing.why import Reason
from permits.settings import settings
from tests.cases.samples import Desk
from tests.conftest import REGION
from tests.routing.bench import Bench, Writer, message, post, receipt, sending, statuses
from tests.serving import Serving


async def take(envelope: dict[str, Any]) -> web.StreamResponse:
    return receipt(envelope)


async def exchanged(bench: Bench, police: Writer) -> Desk:
    """A case with messages both ways, one of them refused."""
    desk = await bench.until("granted")
    async with post(take) as agency, sending(bench, {"police": agency.url, "approval-bureau": agency.url}):
        await statuses(bench, desk, "police", ["delivered"] * 2)
        await statuses(bench, desk, "approval-bureau", ["delivered"] * 3)
    await police.write(desk.number, 1, "received")
    with pytest.raises(Refused):
        await police.post(message("police", desk.number, 1, "received"))
    return desk


async def verified(bench: Bench, most: int = 3) -> Verification:
    """The chain, verified to its end or its break, three entries a step."""
    keys = keyring(settings().agency_keys_path)
    while True:
        ended, after = await verifying.step(bench.database, bench.office.keys, keys, REGION, most)
        if ended:
            return after


async def test_every_message_in_and_out_is_in_the_chain_with_its_signature_key_and_reply(
    bench: Bench, police: Writer
) -> None:
    desk = await exchanged(bench, police)
    case = await bench.case(desk)
    async with bench.database.transaction(REGION) as tx:
        entries = await evidence.of_case(tx, REGION, case.row.id)
    facts = [json.loads(entry.entry) for entry in entries]
    assert [entry.seq for entry in entries] == list(range(1, 8))
    assert sorted(f"{f['direction']} {f['kind']} {f['outcome']}" for f in facts) == [
        "in received refused", "in received taken", "out permit-granted delivered", "out progress delivered",
        "out progress delivered", "out register delivered", "out review-package delivered",
    ]  # fmt: skip
    assert {fact["key"]["id"] for fact in facts} == {"office", "police"}
    assert all(fact["request"]["headers"]["Signature"] and fact["reply_sha256"] for fact in facts)
    assert not [entry for entry in entries if b"SPECIMENOV" in entry.entry + entry.body + (entry.reply or b"")]


async def test_a_chain_that_nobody_touched_holds_and_goes_on_where_it_was_verified(
    bench: Bench, police: Writer
) -> None:
    desk = await exchanged(bench, police)
    assert (await verified(bench)).seq == 7
    await police.write(desk.number, 2, "appointment", place="大厅")
    keys = keyring(settings().agency_keys_path)
    _, after = await verifying.step(bench.database, bench.office.keys, keys, REGION, 3)
    assert (after.seq, after.broken) == (8, None)


async def test_each_night_the_chain_is_verified_in_steps_and_the_board_and_the_metrics_say_when(
    bench: Bench, police: Writer, env: dict[str, str], service: Serving
) -> None:
    await exchanged(bench, police)
    keys = Path(env["PERMITS_AGENCY_KEYS"])
    assert await proving.advance(bench.database, bench.office, REGION, keys)
    assert not await proving.advance(bench.database, bench.office, REGION, keys)
    async with bench.database.transaction(REGION) as tx:
        known = await verifying.verified(tx, REGION)
    assert (known.seq, known.ended_seq, known.broken) == (7, 7, None)
    assert known.ended_at == known.at
    assert 'permits_evidence_verified{region="321200"} 7.0' in (await service.nobody().get("/metrics")).raw.decode()
    night, day = dt.datetime.combine(clock.today(), proving.NIGHTLY, clock.CITY), dt.timedelta(days=1)
    ended = msgspec.structs.replace(known, ended_at=night - clock.offset())
    for now, due in ((night + day - dt.timedelta(seconds=1), False), (night + day, True)):
        assert proving.due(ended, now, clock.offset()) == due
    assert not proving.due(msgspec.structs.replace(ended, broken=3), night + day, clock.offset())
    await verifying.restart(bench.database, REGION)
    async with bench.database.transaction(REGION) as tx:
        again = await verifying.verified(tx, REGION)
    assert (again.seq, again.ended_seq) == (0, 7)


@pytest.mark.parametrize(
    ("harm", "place", "says"),
    [
        ("UPDATE evidence SET entry = entry || ' '::bytea WHERE seq = 3", 3, "link"),
        ("UPDATE evidence SET body = set_byte(body, 20, (get_byte(body, 20) + 1) % 256) WHERE seq = 4", 4, "opened"),
        ("UPDATE evidence SET reply = NULL WHERE seq = 2", 2, "opened"),
        ("UPDATE evidence SET direction = 'in' WHERE seq = 1", 1, "direction"),
        ("DELETE FROM evidence WHERE seq = 5", 5, "missing"),
        ("DELETE FROM evidence WHERE seq = 7", 7, "missing"),
        (
            "WITH a AS (SELECT * FROM evidence WHERE seq = 2), b AS (SELECT * FROM evidence WHERE seq = 3)"
            " UPDATE evidence e SET body = a.body FROM a, b WHERE e.seq = 3",
            3,
            "opened",
        ),
    ],
)
async def test_whatever_the_owner_of_the_database_changes_is_found(
    bench: Bench, police: Writer, server: Embedded, database_name: str, harm: str, place: int, says: str
) -> None:
    await exchanged(bench, police)
    owner = await asyncpg.connect(server.url("postgres", database_name))
    try:
        assert await owner.execute(harm) in ("UPDATE 1", "DELETE 1")
    finally:
        await owner.close()
    found = await verified(bench)
    assert found.broken == place
    assert says in (found.problem or "")


async def test_a_chain_made_anew_with_a_forged_message_fails_by_its_signature(
    bench: Bench, police: Writer, server: Embedded, database_name: str
) -> None:
    """Who owns the database and the data keys can make a chain that closes; the agency's signature he cannot make."""
    await exchanged(bench, police)
    async with bench.database.transaction(REGION) as tx:
        (first, *_) = await evidence.after(tx, REGION, 0, 1)
    facts = json.loads(first.entry)
    forged = b'{"forged": true}'
    facts["body_sha256"] = hashlib.sha256(forged).hexdigest()
    entry = json.dumps(facts).encode()
    sealed = bench.office.keys.seal(forged, evidence.context_of(REGION, first.message_id, "body"))
    owner = await asyncpg.connect(server.url("postgres", database_name))
    try:
        link = evidence.link(first.previous, 1, entry)
        await owner.execute("UPDATE evidence SET entry = $1, body = $2, hash = $3 WHERE seq = 1", entry, sealed, link)
    finally:
        await owner.close()
    found = await verified(bench)
    assert found.broken == 1
    assert "signature" in (found.problem or "")


async def test_transactions_at_once_leave_one_chain_without_holes(bench: Bench) -> None:
    async def write(number: int) -> None:
        async with bench.database.transaction(REGION) as tx:
            proof = evidence.Proof(None, "paper", b"scan")
            about, id_ = (REGION, None, "police"), uuid.UUID(int=number + 1)
            await evidence.record(tx, bench.office.keys, evidence.Exchanged(about, "in", id_, b"{}", None, proof))
            if number % 3 == 0:
                raise RuntimeError

    await asyncio.gather(*(write(number) for number in range(30)), return_exceptions=True)
    found = await verified(bench, 7)
    assert (found.seq, found.broken) == (20, None)


def test_the_doctor_verifies_the_chain_by_steps_and_says_by_its_status_that_it_broke(
    env: dict[str, str], keys: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.main(evidence=True, from_start=True) == 0
    assert "0 条成立 entries hold" in capsys.readouterr().out


async def test_an_outsider_verifies_a_cases_evidence_with_nothing_of_ours(
    bench: Bench, police: Writer, service: Serving, tmp_path: Path
) -> None:
    desk = await exchanged(bench, police)
    clerk = await service.caller("clerk")
    answer = await clerk.get(f"/api/v1/cases/{desk.number}/evidence")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/zip")
    folder = tmp_path / "outside"
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as pack:
        pack.extractall(folder)
    status, said = await outside(folder)
    assert (status, said.splitlines()[-1]) == (0, f"HOLDS 成立: {desk.number}, 7 messages 份报文, 7 links 环")
    assert (said.count("receipt by office"), said.count("unsigned receipt")) == (1, 5)
    assert (folder / "README.txt").read_text().count("verify.py") >= 2
    assert await looked(bench) == 1
    for name, change in (("bodies/1.json", b" "), ("chain.txt", b"8 00\n"), ("entries/2.json", b"\n")):
        before = (folder / name).read_bytes()
        (folder / name).write_bytes(before + change)
        status, said = await outside(folder)
        assert status == 1, name
        assert said.startswith("DOES NOT HOLD")
        (folder / name).write_bytes(before)
    assert (await outside(folder))[0] == 0


async def test_a_signed_receipt_is_evidence_beside_the_message_and_the_outsider_checks_it(
    bench: Bench, env: dict[str, str], service: Serving, tmp_path: Path
) -> None:
    desk = await bench.until("accepted")
    key = load_private(Path(env["PERMITS_AGENCY_KEYS"]), "police")
    async with post(take, key) as agency, sending(bench, {"police": agency.url}):
        await statuses(bench, desk, "police", ["delivered"])
    assert (await verified(bench)).broken is None
    answer = await (await service.caller("clerk")).get(f"/api/v1/cases/{desk.number}/evidence")
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as pack:
        pack.extractall(tmp_path / "outside")
    status, said = await outside(tmp_path / "outside")
    assert (status, said.count("receipt by police / 回执签名成立")) == (0, 1)


@pytest.fixture
def their_answer(env: dict[str, str]) -> Answer:
    """The police's unsigned receipt for a message of ours."""
    key, url = load_private(Path(env["PERMITS_AGENCY_KEYS"]), "office"), "http://127.0.0.1:1/messages"
    headers = sign("POST", url, {"Content-Type": "application/json"}, b"{}", key, nonce="n")
    return Answer(202, b"{}", headers, Signed("POST", url, headers, key.trusted))


def test_a_receipt_that_must_be_signed_counts_only_so_and_a_false_signature_never(
    env: dict[str, str], their_answer: Answer
) -> None:
    keys = Path(env["PERMITS_AGENCY_KEYS"])
    assert noting.signed_receipt("police", their_answer, "n") is None
    (keys / "trust.toml").write_text('[[receipts]]\nof = "police"\nsigned = true\n')
    with pytest.raises(noting.NoReceipt, match="must be"):
        noting.signed_receipt("police", their_answer, "n")
    good, false = (
        sign_receipt(202, b"{}", their_answer.headers, load_private(keys, name), nonce="n")
        for name in ("police", "approval-bureau")
    )
    assert noting.signed_receipt("police", msgspec.structs.replace(their_answer, told=good.headers), "n") == good
    with pytest.raises(noting.NoReceipt, match="trusted"):
        noting.signed_receipt("police", msgspec.structs.replace(their_answer, told=false.headers), "n")


async def outside(folder: Path) -> tuple[int, str]:
    """What the program in the file says, run without our code."""
    asked = [sys.executable, "-I", str(folder / "verify.py")]
    done = await asyncio.to_thread(subprocess.run, asked, capture_output=True, text=True, cwd="/", check=False)
    return done.returncode, done.stdout


async def looked(bench: Bench) -> int:
    async with bench.database.transaction(REGION) as tx:
        asked = "SELECT count(*) FROM audit WHERE region = $1 AND action = 'evidence'"
        found: int = await tx.fetchval(asked, REGION)
        return found


async def test_only_clerks_and_managers_take_evidence_out(bench: Bench, service: Serving, env: dict[str, str]) -> None:
    desk = await bench.until("accepted")
    for role, status in (("reviewer", 403), ("employer", 403), ("clerk", 409)):
        caller = await service.caller(role)
        assert (await caller.get(f"/api/v1/cases/{desk.number}/evidence")).status == status, role


async def test_what_was_put_aside_is_settled_over_the_interface_once_for_each_key(
    bench: Bench, police: Writer, service: Serving
) -> None:
    desk = await bench.until("recommended")
    with pytest.raises(Refused):
        await police.post(message("police", desk.number, 1, "granted", number="R1", valid_until="2028-01-31"))
    clerk, manager = await service.caller("clerk"), await service.caller("manager")
    assert (await manager.get("/api/v1/quarantine")).status == 403
    (item,) = (await clerk.get("/api/v1/quarantine")).body["items"]
    assert (item["case"], item["direction"], item["state"]) == (desk.number, "in", "open")
    assert (item["reason_key"], item["reason"]) == ("not-granted", Reason("not-granted").text.zh)
    english = await clerk.get("/api/v1/quarantine", Accept_Language="en")
    assert english.body["items"][0]["reason"] == Reason("not-granted").text.en
    seen = (await clerk.get(f"/api/v1/quarantine/{item['id']}")).body
    assert (seen["message"]["kind"], seen["actions"]) == ("granted", ["retry", "settle"])
    path = f"/api/v1/quarantine/{item['id']}/settle"
    assert (await clerk.post(path, {"reasons": " "})).status == 400
    first = await clerk.post(path, {"reasons": "对方电话更正"}, Idempotency_Key="k")
    again = await clerk.post(path, {"reasons": "对方电话更正"}, Idempotency_Key="k")
    assert (first.status, first.raw) == (200, again.raw)
    assert first.body["how"] == "by-hand"
    assert (await clerk.post(path, {"reasons": "再来"})).status == 409
    assert (await clerk.get("/api/v1/quarantine?state=settled")).body["items"][0]["settled_name"]
    assert (await clerk.get("/api/v1/quarantine/nonsense")).status == 404
