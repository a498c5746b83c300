"""What agencies write: kept, ordered, applied once; what we do not take is refused and kept too."""

from pathlib import Path

import pytest

from integrations.contract import decode, encode, new_id
from integrations.receipts import verify_receipt
from integrations.signing import load_public
from integrations.transport import Refused
from permits.db.database import Database
from tests.conftest import REGION
from tests.routing.bench import Bench, Writer, message, writer
from tests.serving import Serving

GRANTED = {"number": "R12345678", "valid_until": "2028-01-31"}


async def kept(database: Database, status: str) -> list[str]:
    async with database.transaction(REGION) as tx:
        rows = await tx.fetch("SELECT kind FROM message WHERE region = $1 AND status = $2", REGION, status)
        return [row["kind"] for row in rows]


async def test_a_message_that_comes_early_waits_for_its_predecessor(bench: Bench, police: Writer) -> None:
    desk = await bench.until("accepted")
    early = await police.write(desk.number, 2, "appointment", at="2026-12-01T09:30:00+08:00", place="大厅")
    assert early["status"] == "waiting"
    assert (await bench.case(desk)).status("residence_permit") == "queued"
    assert (await police.write(desk.number, 1, "received"))["status"] == "applied"
    case = await bench.case(desk)
    assert case.status("residence_permit") == "appointment"
    assert [event.kind for event in case.timeline][-2:] == ["police-received", "police-appointment"]
    assert {item.status for item in await bench.messages(desk) if item.direction == "in"} == {"applied"}


async def test_the_same_message_again_gets_the_same_receipt_signed_by_us_and_has_one_effect(
    bench: Bench, police: Writer, env: dict[str, str]
) -> None:
    desk = await bench.until("accepted")
    data = message("police", desk.number, 1, "received")
    first, again = await police.post(data), await police.post(data)
    assert first.receipt == again.receipt
    assert first.status == again.status == 202
    ours, id_ = {"office": load_public(Path(env["PERMITS_AGENCY_KEYS"]), "office")}, decode(data).id
    for answer in (first, again):
        asked = answer.signed.headers
        assert verify_receipt(202, answer.told, answer.receipt, asked, ours, nonce=id_) is not None
    assert [event.kind for event in (await bench.case(desk)).timeline].count("police-received") == 1


async def test_another_message_with_a_known_id_or_place_is_a_conflict(bench: Bench, police: Writer) -> None:
    desk = await bench.until("accepted")
    known = new_id()
    await police.post(message("police", desk.number, 1, "received", id=known))
    for data in (
        message("police", desk.number, 2, "received", id=known),
        message("police", desk.number, 1, "received"),
    ):
        with pytest.raises(Refused) as refused:
            await police.post(data)
        assert refused.value.status == 409
    assert [event.kind for event in (await bench.case(desk)).timeline].count("police-received") == 1


async def test_a_message_about_no_case_of_ours_is_refused_and_kept(bench: Bench, police: Writer) -> None:
    draft = await bench.until("draft")
    for number in ("3212-26-999999-A", "unknown", draft.number):
        with pytest.raises(Refused) as refused:
            await police.post(message("police", number, 1, "received"))
        assert refused.value.status == 404
    assert await kept(bench.database, "refused") == ["received"] * 3


async def test_a_refused_message_is_taken_when_its_case_is_there(bench: Bench, police: Writer) -> None:
    async with bench.desk() as desk:
        await desk.draft()
    data = message("police", desk.number, 1, "received")
    with pytest.raises(Refused):
        await police.post(data)
    async with bench.desk(desk):
        await desk.submit()
    assert (await police.post(data)).status == 202
    assert await kept(bench.database, "refused") == []


async def test_a_message_handed_in_at_the_wrong_door_is_still_taken_from_its_own_agency(
    bench: Bench, police: Writer, bureau: Writer
) -> None:
    desk = await bench.until("accepted")
    data = message("police", desk.number, 1, "received")
    with pytest.raises(Refused):
        await bureau.post(data)
    assert (await police.post(data)).status == 202
    assert (await bench.case(desk)).status("residence_permit") == "received"
    assert [(item.agency, item.status) for item in await bench.messages(desk) if item.direction == "in"] == [
        ("police", "applied")
    ]


async def test_a_message_of_another_contract_is_refused_and_kept(bench: Bench, police: Writer) -> None:
    desk = await bench.until("accepted")
    good = decode(message("police", desk.number, 1, "received"))
    for change in ({"schema": "police.residence-permit/9"}, {"kind": "surprise"}, {"body": {"surprise": 1}}):
        wrong = type(good)(**{name: getattr(good, name) for name in good.__struct_fields__} | change | {"id": new_id()})
        with pytest.raises(Refused) as refused:
            await police.post(encode(wrong))
        assert (refused.value.status, refused.value.problem["type"].rpartition(":")[2]) == (400, "malformed")
    assert len(await kept(bench.database, "refused")) == 3


async def test_only_the_agencys_own_signature_opens_its_door(
    bench: Bench, service: Serving, env: dict[str, str]
) -> None:
    desk = await bench.until("accepted")
    async with writer("police", service.url, Path(env["PERMITS_AGENCY_KEYS"]), key="approval-bureau") as stranger:
        with pytest.raises(Refused) as refused:
            await stranger.write(desk.number, 1, "received")
    assert refused.value.status == 401
    answer = await service.nobody().post("/api/v1/agencies/police/messages", b"{}")
    assert answer.status == 401
    assert [item for item in await bench.messages(desk) if item.direction == "in"] == []
    assert (await bench.case(desk)).status("residence_permit") == "queued"


async def test_what_the_police_want_corrected_is_asked_of_the_applicant_and_supplied_to_them_alone(
    bench: Bench, police: Writer
) -> None:
    desk = await bench.until("review")
    await police.write(desk.number, 1, "correction-wanted", items=[{"document": "photo", "text": "请换照片"}])
    case = await bench.case(desk)
    assert [(c.asker, c.document, c.text) for c in case.unanswered()] == [("police", "photo", "请换照片")]
    await bench.act(desk, desk.employer, "correct")
    assert await bench.out(desk, "police") == ["review-package", "correction-supplied"]


async def test_the_police_may_refuse_after_the_grant_and_the_permit_stands(bench: Bench, police: Writer) -> None:
    desk = await bench.until("granted")
    await police.write(desk.number, 1, "refused", reasons="与核查情况不符")
    await bench.work_off()
    case = await bench.case(desk)
    assert (case.row.state, case.status("work_permit")) == ("granted", "granted")
    assert case.status("residence_permit") == "refused"
    assert (await bench.out(desk, "approval-bureau"))[-1] == "ready-for-hand-out"


async def test_the_bureau_may_hand_out_which_closes_the_case(bench: Bench, police: Writer, bureau: Writer) -> None:
    desk = await bench.until("granted")
    await police.write(desk.number, 1, "granted", **GRANTED)
    await bureau.write(desk.number, 1, "registered", unified_number="321200261126000001")
    await bureau.write(desk.number, 2, "handed-out", to="样例", how="window")
    await bench.work_off()
    case = await bench.case(desk)
    assert (case.row.state, case.status("window")) == ("closed", "handed-out")
    assert await bench.out(desk, "approval-bureau") == [
        "register", "progress", "progress", "ready-for-hand-out", "closed"
    ]  # fmt: skip


async def test_what_the_bureau_hands_out_before_there_is_a_result_is_refused_and_kept(
    bench: Bench, police: Writer, bureau: Writer
) -> None:
    desk = await bench.until("accepted")
    await bureau.write(desk.number, 1, "registered", unified_number="321200261126000001")
    with pytest.raises(Refused) as refused:
        await bureau.write(desk.number, 2, "handed-out", to="样例", how="window")
    assert refused.value.problem["type"].rpartition(":")[2] == "wrong-state"
    case = await bench.case(desk)
    assert (case.status("window"), case.row.hand_out) == ("registered", None)
    await bench.act(desk, desk.reviewer, "claim")
    await bench.act(desk, desk.reviewer, "recommend", outcome="grant", reasons="同意")
    await bench.act(desk, desk.decider, "decide", outcome="grant", reasons="同意")
    with pytest.raises(Refused):  # the police have not answered yet
        await bureau.write(desk.number, 2, "handed-out", to="样例", how="window")
    await police.write(desk.number, 1, "granted", **GRANTED)
    await bureau.write(desk.number, 2, "handed-out", to="样例", how="window")
    assert (await bench.case(desk)).row.state == "closed"


async def test_a_rating_stands_on_the_timeline_and_moves_nothing(bench: Bench, bureau: Writer) -> None:
    desk = await bench.until("accepted")
    before = await bench.case(desk)
    assert (await bureau.write(desk.number, 1, "rating", grade=1, text="很好"))["status"] == "applied"
    after = await bench.case(desk)
    assert (after.row.state, after.components) == (before.row.state, before.components)
    (rated,) = after.timeline[len(before.timeline) :]
    assert (rated.kind, rated.detail) == ("bureau-rating", {"grade": 1, "channel": 1})
    assert [item.kind for item in await bench.messages(desk) if item.direction == "in"] == ["rating"]


async def test_no_message_can_be_read_in_the_database(bench: Bench, police: Writer) -> None:
    desk = await bench.until("granted")
    await police.write(desk.number, 1, "granted", **GRANTED)
    case = await bench.case(desk)
    async with bench.database.transaction(REGION) as tx:
        bodies = [row["body"] for row in await tx.fetch("SELECT body FROM message WHERE region = $1", REGION)]
    assert len(bodies) > 3
    secrets = (str(case.beneficiary.passport_number).encode(), GRANTED["number"].encode(), b"SPECIMENOV")
    assert not [body for body in bodies if any(secret in body for secret in secrets)]
