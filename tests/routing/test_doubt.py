"""A try that ended without an answer: the agency is asked before anything goes again; gaps of theirs are asked for."""

import datetime as dt
from typing import Any

import pytest
from aiohttp import web

from integrations.contract import new_id
from permits import clock
from permits.routing import asking, streams
from permits.routing.asking import missing_of
from tests.conftest import REGION
from tests.routing.bench import Bench, Writer, message, post, receipt, sending, statuses
from tests.routing.town import until


class Book:
    """An agency that takes every message, and answers the first of them by cutting the line."""

    def __init__(self, *, keeps_first: bool, takes_questions: bool = True) -> None:
        self.kept: list[dict[str, Any]] = []
        self.arrived: list[str] = []
        self._keeps_first, self._takes_questions = keeps_first, takes_questions

    async def take(self, envelope: dict[str, Any]) -> web.StreamResponse | None:
        """POST /messages"""
        self.arrived.append(envelope["kind"])
        first = len(self.arrived) == 1
        if envelope["kind"] == "status-request" and not self._takes_questions:
            return web.json_response({"type": "no-such-kind"}, status=400)
        if not first or self._keeps_first:
            self.kept.append(envelope)
        return None if first else receipt(envelope)  # the first answer is lost

    def parts(self) -> list[dict[str, Any]]:
        """What the book has of us, as a status lists it."""
        return [{"way": "to-agency"} | {name: one[name] for name in ("sequence", "kind", "id")} for one in self.kept]

    async def asked(self) -> dict[str, Any]:
        """The status request, once it has come."""

        async def look() -> dict[str, Any] | None:
            return next((one for one in self.kept if one["kind"] == "status-request"), None)

        return await until("question", look)


async def hurried(bench: Bench, holds: Any) -> None:
    """Let what was put off be tried now, until something holds."""

    async def hurry() -> bool:
        async with bench.database.transaction(REGION) as tx:
            await streams.hurry(tx, REGION, "police", clock.machine_now())
        return bool(holds())

    await until("what was hurried for", hurry)


async def test_what_the_agencys_book_has_is_not_sent_twice(bench: Bench, police: Writer) -> None:
    desk, book = await bench.until("granted"), Book(keeps_first=True)
    async with post(book.take) as agency, sending(bench, {"police": agency.url}):
        await hurried(bench, lambda: len(book.arrived) > 1)
        asked = await book.asked()
        body = {"state": "under-review", "request": asked["id"], "parts": book.parts()}
        await police.write(desk.number, 1, "status", **body)
        await hurried(bench, lambda: "permit-granted" in book.arrived)
        found = await statuses(bench, desk, "police", ["delivered"] * 3)
    assert book.arrived == ["review-package", "status-request", "permit-granted"]
    assert {item.kind: item.attempts for item in found} == {
        "review-package": 1, "permit-granted": 1, "status-request": 1
    }  # fmt: skip
    assert (await bench.case(desk)).status("residence_permit") == "sent"


async def test_what_the_agencys_book_lacks_is_sent_again_byte_for_byte(bench: Bench, police: Writer) -> None:
    desk, book = await bench.until("accepted"), Book(keeps_first=False)
    async with post(book.take) as agency, sending(bench, {"police": agency.url}):
        await hurried(bench, lambda: len(book.arrived) > 1)
        asked = await book.asked()
        early = {"state": "unknown", "request": asked["id"], "parts": book.parts()}
        assert (await police.write(desk.number, 2, "status", **early))["status"] == "waiting"  # and is heeded
        await statuses(bench, desk, "police", ["delivered", "delivered"])
    assert book.arrived == ["review-package", "status-request", "review-package"]
    assert agency.bodies[0] == agency.bodies[2]


async def test_an_agency_that_takes_no_question_gets_the_message_again(bench: Bench) -> None:
    desk, book = await bench.until("accepted"), Book(keeps_first=False, takes_questions=False)
    async with post(book.take) as agency, sending(bench, {"police": agency.url}):
        await hurried(bench, lambda: book.arrived.count("review-package") == 2)
        await statuses(bench, desk, "police", ["delivered", "quarantined"])
    assert book.arrived[:3] == ["review-package", "status-request", "review-package"]


async def test_an_agency_that_never_says_gets_the_message_again_in_the_end(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "PATIENCE", dt.timedelta(seconds=0.2))
    desk, book = await bench.until("accepted"), Book(keeps_first=False)
    async with post(book.take) as agency, sending(bench, {"police": agency.url}):
        await hurried(bench, lambda: len(book.arrived) > 1)
        await statuses(bench, desk, "police", ["delivered", "delivered"])
    assert book.arrived == ["review-package", "status-request", "review-package"]


async def test_a_gap_of_theirs_is_asked_for_once(bench: Bench, police: Writer) -> None:
    desk = await bench.until("accepted")
    await police.post(message("police", desk.number, 4, "received", id=new_id()))
    await police.post(message("police", desk.number, 2, "received", id=new_id()))
    now = clock.machine_now()
    assert await asking.gaps(bench.database, bench.office, REGION, now) == 0  # it may still come by itself
    later = now + asking.GAP_PATIENCE + dt.timedelta(seconds=1)
    assert await asking.gaps(bench.database, bench.office, REGION, later) == 1
    assert await asking.gaps(bench.database, bench.office, REGION, later) == 0
    assert await bench.out(desk, "police") == ["review-package", "status-request"]
    seen: list[Any] = []

    async def take(envelope: dict[str, Any]) -> web.StreamResponse:
        seen.append((envelope["kind"], envelope["body"]))
        return receipt(envelope)

    async with post(take) as agency, sending(bench, {"police": agency.url}):
        await statuses(bench, desk, "police", ["delivered", "delivered"])
    assert seen[1] == ("status-request", {"missing": [1, 3]})


def test_what_is_missing_lies_between_what_is_applied_and_what_waits() -> None:
    assert missing_of(0, [1]) == ()
    assert missing_of(2, [4, 7]) == (3, 5, 6)
    assert missing_of(0, [1000]) == tuple(range(1, 101))
