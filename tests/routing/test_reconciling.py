"""Books compared: what each side believes, as tasks; how much was covered; what a person settled stays settled."""

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
from aiohttp import web

from integrations.agencies import AGENCIES
from integrations.contract import CaseList, ListedCase, Part, Status, encode, new_id, write
from integrations.signing import SigningKey, load_private
from integrations.transport import Client
from permits import clock
from permits.db.ids import new_id as new_uuid
from permits.errors import BadInput, Conflict, Forbidden
from permits.routing import differences, evidence, ledgers, reconciling
from permits.routing.comparing import Compared, Difference, Ours, compare
from permits.routing.differences import Task
from permits.routing.ledgers import Run
from permits.routing.listing import Lister
from permits.routing.model import Item
from permits.settings import settings
from tests.cases.samples import Desk
from tests.conftest import REGION
from tests.routing.bench import Bench, Post, Writer, post, receipt, sending, statuses

BUREAU = AGENCIES["approval-bureau"]
NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=clock.CITY)


def item(direction: Any, kind: str, sequence: int, status: Any, id_: str) -> Item:
    """A message in our book."""
    return Item(direction, "police", id_, kind, sequence, status, 1, NOW)  # type: ignore[arg-type]


PACKAGE, RECEIVED = new_id(), new_id()
OURS = [item("out", "review-package", 1, "delivered", PACKAGE), item("in", "received", 1, "applied", RECEIVED)]
PARTS = (
    Part(way="to-agency", sequence=1, kind="review-package", id=PACKAGE),
    Part(way="from-agency", sequence=1, kind="received", id=RECEIVED),
)
THEIRS = Status(state="received", applied=("review-package",), parts=PARTS)


def compared(
    ours: list[Item] = OURS, component: str = "received", moving: bool = False, theirs: Status = THEIRS
) -> Compared:
    """The police's book beside ours."""
    return compare("police", Ours(ours, component, moving), theirs, 2)


def test_books_that_agree_differ_in_nothing_and_say_how_much_was_compared() -> None:
    assert compared() == Compared(3, ())


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (
            {"theirs": Status(state="received", applied=(), parts=PARTS[1:])},
            ("out/1/review-package", "delivered", None),
        ),
        (
            {"theirs": Status(state="received", applied=(), parts=PARTS)},
            ("out/1/review-package", "delivered", "received, not applied"),
        ),
        ({"ours": OURS[1:]}, ("out/1/review-package", None, "received")),
        ({"ours": OURS[:1]}, ("in/1/received", None, "sent")),
        (
            {"theirs": Status(state="received", applied=("review-package",), parts=PARTS[:1])},
            ("in/1/received", "applied", None),
        ),
        ({"component": "granted"}, ("state", "granted", "received")),
    ],
)
def test_each_way_in_which_books_can_differ_says_what_each_believes(given: dict[str, Any], found: Any) -> None:
    assert compared(**given).differences == (Difference(*found),)


def test_what_is_still_on_its_way_is_no_difference() -> None:
    queued = [*OURS, item("out", "permit-granted", 2, "queued", new_id())]
    assert compared(ours=queued, component="granted", moving=True).differences == ()
    later = Part(way="from-agency", sequence=3, kind="appointment", id=new_id())
    said = Status(state="received", applied=("review-package",), parts=(*PARTS, later))
    assert compared(theirs=said).differences == ()


def test_an_agency_that_lists_no_parts_is_compared_by_its_state_alone() -> None:
    assert compared(theirs=Status(state="granted")) == Compared(1, (Difference("state", "received", "granted"),))


@pytest.fixture
async def door() -> AsyncIterator[Post]:
    """An agency that takes everything."""

    async def take(envelope: dict[str, Any]) -> Any:
        return receipt(envelope)

    async with post(take) as found:
        yield found


class Books:
    """A case with both agencies, asked about by a run, and answered by hand."""

    def __init__(self, bench: Bench, door: Post, police: Writer, bureau: Writer) -> None:
        self.bench, self.door, self.police, self.bureau = bench, door, police, bureau
        self.desk: Desk
        self.number = ""
        self.told = {"police": 1, "approval-bureau": 1}

    async def begin(self) -> None:
        """A case that was accepted; the police have received it, the bureau has registered it."""
        self.desk = await self.bench.until("accepted")
        self.number = (await self.bench.case(self.desk)).row.number
        await self.deliver(["delivered"], ["delivered"])
        await self.police.write(self.number, 1, "received")
        await self.bureau.write(self.number, 1, "registered", unified_number="321200-1")

    async def deliver(self, police: list[str], bureau: list[str]) -> None:
        """Send what is queued."""
        urls = {"police": self.door.url, "approval-bureau": self.door.url}
        async with sending(self.bench, urls):
            await statuses(self.bench, self.desk, "police", police)
            await statuses(self.bench, self.desk, "approval-bureau", bureau)

    async def asked(self) -> list[Run]:
        """Begin a comparison, its questions delivered."""
        async with self.bench.database.transaction(REGION) as tx:
            runs = await reconciling.start(tx, self.desk.clerk, REGION)
        await self.advance()
        sent = ["delivered"] * (1 + self.told["police"])
        await self.deliver(sent, sent)
        await self.advance()
        return runs

    async def advance(self) -> None:
        """A step of the worker's."""
        await reconciling.advance(self.bench.database, self.bench.office, REGION)

    async def answered(self, police: dict[str, Any], without: str = "") -> dict[str, Run]:
        """Both agencies answer, the police in words of their own; the runs as they end."""
        for writer, said in ((self.police, police), (self.bureau, {"state": "registered"})):
            await self._answer(writer, said, without)
        await self.advance()
        async with self.bench.database.transaction(REGION) as tx:
            return {one.agency: one for one in await ledgers.latest(tx, REGION)}

    async def _answer(self, writer: Writer, said: dict[str, Any], without: str) -> None:
        mine = [m for m in await self.bench.messages(self.desk) if m.agency == writer.name]
        ways = {"out": "to-agency", "in": "from-agency"}
        parts = [
            {"way": ways[m.direction], "sequence": m.sequence, "kind": m.kind, "id": str(m.id)}
            for m in mine
            if m.kind != without
        ]
        applied = [m.kind for m in mine if m.direction == "out"]
        self.told[writer.name] += 1
        await writer.write(self.number, self.told[writer.name], "status", **{"applied": applied, "parts": parts} | said)

    async def tasks(self) -> list[Task]:
        """Open differences."""
        async with self.bench.database.transaction(REGION) as tx:
            return await differences.tasks(tx, REGION)

    async def settle(self, task: Task, reasons: str = "已电话核对，以公安为准。", by: Any = None) -> None:
        """A person settles a difference."""
        async with self.bench.database.transaction(REGION) as tx:
            await reconciling.settle(tx, by or self.desk.clerk, REGION, task.id, reasons)


@pytest.fixture
async def books(bench: Bench, door: Post, police: Writer, bureau: Writer) -> Books:
    """The two books, with one case."""
    found = Books(bench, door, police, bureau)
    await found.begin()
    return found


async def test_a_run_asks_waits_for_every_answer_and_says_what_it_covered(books: Books) -> None:
    await books.asked()
    async with books.bench.database.transaction(REGION) as tx:
        assert all(one.finished_at is None for one in await ledgers.latest(tx, REGION))
    runs = await books.answered({"state": "received"})
    assert {name: (one.cases, one.differences, one.problem) for name, one in runs.items()} == {
        "police": (1, 0, None),
        "approval-bureau": (1, 0, None),
    }
    assert all(one.finished_at and one.checks >= 3 for one in runs.values())
    assert await books.tasks() == []


async def test_differences_become_tasks_settled_with_a_reason_and_not_raised_again(books: Books) -> None:
    await books.asked()
    runs = await books.answered({"state": "granted"}, without="received")
    assert runs["police"].differences == 2
    found = {task.field: task for task in await books.tasks()}
    assert (found["state"].ours, found["state"].theirs) == ("received", "granted")
    assert (found["in/1/received"].ours, found["in/1/received"].theirs) == ("applied", None)
    with pytest.raises(BadInput):
        await books.settle(found["state"], " ")
    with pytest.raises(Forbidden):
        await books.settle(found["state"], by=books.desk.employer)
    await books.settle(found["state"])
    with pytest.raises(Conflict):
        await books.settle(found["state"])
    await books.asked()
    runs = await books.answered({"state": "granted"})
    assert runs["police"].differences == 0
    assert await books.tasks() == []


async def test_a_run_under_way_goes_on_instead_of_a_second_and_the_night_begins_one_once(books: Books) -> None:
    first = await books.asked()
    async with books.bench.database.transaction(REGION) as tx:
        again = await reconciling.start(tx, books.desk.clerk, REGION)
    assert [one.id for one in again] == [one.id for one in first]
    long_ago = clock.now() - dt.timedelta(days=2)
    assert await reconciling.nightly(books.bench.database, REGION, clock.now()) == []
    begun = await reconciling.nightly(books.bench.database, REGION, long_ago)
    assert {one.agency for one in begun} == {"police", "approval-bureau"}
    assert await reconciling.nightly(books.bench.database, REGION, long_ago) == []


async def test_who_has_not_answered_in_time_is_told_of(books: Books) -> None:
    begun = Run(new_uuid(), "police", None, clock.now() - dt.timedelta(hours=1), None, 0, 0, 0, None)
    async with books.bench.database.transaction(REGION) as tx:
        await ledgers.begin(tx, REGION, begun)
    await books.advance()
    await books.advance()
    async with books.bench.database.transaction(REGION) as tx:
        ended = await ledgers.one(tx, REGION, begun.id)
    assert ended is not None
    assert (ended.cases, ended.problem) == (0, "1 of 1 cases not answered")


Pages = dict[str | None, tuple[list[str], str | None]]
"""A list of cases: by what a page is after, its cases and what follows."""


async def list_of(books: Books, answer: Any, key: SigningKey | None = None) -> Run:
    """A run with the bureau, whose own list was asked for as long as it went on."""
    bench, office = books.bench, load_private(settings().agency_keys_path, "office")
    begun = Run(new_uuid(), "approval-bureau", None, clock.now(), None, 0, 0, 0, None)
    async with bench.database.transaction(REGION) as tx:
        await ledgers.begin(tx, REGION, begun)
    async with post(answer, key) as agency, Client(office) as client:
        lister = Lister(bench.database, bench.office, client, {"approval-bureau": agency.url}, lambda _: office)
        for _ in range(3):
            async with bench.database.transaction(REGION) as tx:
                found = await ledgers.one(tx, REGION, begun.id)
            assert found is not None
            await lister.advance(REGION, found)
    return found


async def listed(books: Books, pages: Pages) -> Run:
    """The same, the list signed."""

    async def answer(envelope: dict[str, Any]) -> Any:
        numbers, following = pages[envelope["body"].get("after")]
        said = CaseList(cases=tuple(ListedCase(case=n, state="in-book") for n in numbers), following=following)
        case, sequence = envelope["case"], envelope["sequence"]
        told = write(BUREAU, "case-list", said, case=case, sequence=sequence, sent_at=NOW, id=new_id())
        return web.Response(status=202, body=encode(told))

    return await list_of(books, answer, load_private(settings().agency_keys_path, "approval-bureau"))


async def test_a_case_that_only_the_agency_has_is_a_task_until_it_is_settled_or_no_longer_listed(books: Books) -> None:
    strange, foreign = "3212-26-900001-0", "nonsense-1"
    found = await listed(books, {None: ([books.number, strange], "a"), "a": ([foreign], None)})
    assert (found.listed, found.list_ended, found.list_problem) == (3, True, None)
    tasks = {task.case_number: task for task in await books.tasks()}
    assert set(tasks) == {strange, foreign}
    assert {(one.field, one.ours, one.theirs, one.case_id) for one in tasks.values()} == {
        ("case", None, "in-book", None)
    }
    await books.settle(tasks[foreign], "对方的测试案件")
    await listed(books, {None: ([books.number, strange, foreign], None)})
    assert [task.case_number for task in await books.tasks()] == [strange]
    await listed(books, {None: ([books.number], None)})
    assert await books.tasks() == []
    async with books.bench.database.transaction(REGION) as tx:
        kept = [msgspec.json.decode(one.entry) for one in await evidence.after(tx, REGION, 0, 100)]
    lists = [entry for entry in kept if entry["kind"] == "case-list-request"]
    assert len(lists) == 4
    assert {entry["receipt"]["key"]["id"] for entry in lists} == {"approval-bureau"}


async def test_an_agency_that_offers_no_list_is_told_of(books: Books) -> None:
    async def refuse(envelope: dict[str, Any]) -> Any:
        return web.json_response({"type": "malformed"}, status=400)

    found = await list_of(books, refuse)
    assert (found.listed, found.list_ended, found.list_problem) == (None, True, "not-offered")
