"""An agency that takes batch files only: nothing is lost or taken twice, whatever is half written, full or killed."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from integrations.batch_files import exchange, files
from integrations.batch_files.counterpart import Counterpart
from integrations.batch_files.exchange import FileExchange
from integrations.batch_files.watcher import Watcher
from integrations.book import Book
from integrations.contract import decode
from integrations.desk import Desk
from integrations.keyring import Side
from integrations.signing import load_private, verify
from integrations.simulation import PLAYERS
from integrations.transport import NotReached, Refused
from permits import clock
from permits.db.ids import new_id
from permits.routing import batches, evidence, ledgers, store
from permits.routing.ledgers import Run
from permits.routing.listing import Lister
from permits.routing.sending import Sender
from tests.conftest import REGION
from tests.integrations.agency_samples import package
from tests.routing.bench import Bench, message, statuses
from tests.routing.town import until


@pytest.fixture
def police(env: dict[str, str], tmp_path: Path) -> Counterpart:
    """The police at their exchange folder."""
    return Counterpart(tmp_path / "exchange", load_private(Path(env["PERMITS_AGENCY_KEYS"]), "police"))


@pytest.fixture
def office_files(env: dict[str, str]) -> FileExchange:
    """Our side of it."""
    return FileExchange(load_private(Path(env["PERMITS_AGENCY_KEYS"]), "office"), batch_seconds=0)


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Where the folder is."""
    return (tmp_path / "exchange").as_uri()


@contextmanager
def no_room(bytes_: int) -> Iterator[None]:
    """No file may grow beyond so much: what a full disk does, from the kernel itself."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


async def test_messages_of_a_case_go_out_in_files_and_are_delivered_once_a_receipt_file_is_there(
    bench: Bench, police: Counterpart, office_files: FileExchange, url: str
) -> None:
    desk = await bench.until("accepted")
    stop, taken = asyncio.Event(), []
    sender = Sender(bench.database, bench.office, office_files, {"police": url})  # type: ignore[arg-type]
    running = asyncio.create_task(sender.run((REGION,), stop))
    try:

        async def look() -> bool:
            taken.extend(police.take_in())
            return bool(taken)

        await until("batch", look)
        await statuses(bench, desk, "police", ["delivered"])
    finally:
        stop.set()
        await running
    ((envelope, _),) = taken
    sent = {one.kind: one for one in await bench.envelopes(desk)}
    assert envelope == sent["review-package"]


async def test_what_the_agency_hands_in_is_taken_once_and_every_row_has_its_receipt(
    bench: Bench, police: Counterpart, tmp_path: Path
) -> None:
    desk = await bench.until("accepted")
    number = (await bench.case(desk)).row.number
    received = message("police", number, 1, "received")
    unknown = message("police", "3212-26-999999-X", 1, "received")
    police.hand_in("police-1.csv", [received, unknown])
    folder = tmp_path / "exchange"
    assert await batches.take_in(bench.database, bench.office, REGION, "police", folder) == 2
    assert (await bench.case(desk)).status("residence_permit") == "received"
    told = police.receipts("police-1.csv")
    assert told is not None
    assert [(row["status"], row["type"]) for row in told] == [("accepted", ""), ("refused", "no-such-case")]
    assert await batches.take_in(bench.database, bench.office, REGION, "police", folder) == 0
    (folder / "from-agency" / "receipts" / "police-1.csv.ready").unlink()  # as if killed before the receipt was whole
    assert await batches.take_in(bench.database, bench.office, REGION, "police", folder) == 2
    assert [item.kind for item in await bench.messages(desk) if item.direction == "in"] == ["received"]


async def test_a_row_that_was_altered_on_the_way_is_refused(bench: Bench, police: Counterpart, tmp_path: Path) -> None:
    desk = await bench.until("accepted")
    number = (await bench.case(desk)).row.number
    police.hand_in("police-1.csv", [message("police", number, 1, "received", receipt_number="R1")])
    path = tmp_path / "exchange" / "from-agency" / "police-1.csv"
    rows = files.read(path, files.MESSAGE)
    assert rows is not None
    files.publish(path, files.MESSAGE, [row | {"envelope": row["envelope"].replace("R1", "R2")} for row in rows])
    await batches.take_in(bench.database, bench.office, REGION, "police", tmp_path / "exchange")
    told = police.receipts("police-1.csv")
    assert told is not None
    assert [(row["status"], row["type"]) for row in told] == [("refused", "signature-refused")]


async def test_a_full_disk_loses_nothing_and_leaves_nothing_half_written(
    office_files: FileExchange, police: Counterpart, url: str, tmp_path: Path
) -> None:
    data = package()
    with no_room(16), pytest.raises(NotReached):
        await office_files.post(url, data)
    assert [path for path in (tmp_path / "exchange").rglob("*") if path.is_file()] == []
    with pytest.raises(Refused) as awaited:
        await office_files.post(url, data)
    assert not awaited.value.final
    assert [envelope for envelope, _ in police.take_in()] == [decode(data)]
    assert (await office_files.post(url, data)).status == 202


async def test_a_message_goes_into_one_batch_even_where_a_process_died_between_batch_and_spool(
    env: dict[str, str], office_files: FileExchange, police: Counterpart, url: str, tmp_path: Path
) -> None:
    data, folder = package(), tmp_path / "exchange"
    slow = FileExchange(load_private(Path(env["PERMITS_AGENCY_KEYS"]), "office"), batch_seconds=3600)
    with pytest.raises(Refused):
        await slow.post(url, data)
    (spooled,) = (folder / "spool").iterdir()
    kept = spooled.read_bytes()
    with pytest.raises(Refused):
        await office_files.post(url, data)
    spooled.write_bytes(kept)
    with pytest.raises(Refused):
        await office_files.post(url, data)
    assert len(files.whole_files(folder / "to-agency")) == 1
    assert len(police.take_in()) == 1
    assert list((folder / "spool").iterdir()) == []


async def test_what_the_agency_refuses_is_refused_for_good_with_its_words(
    office_files: FileExchange, police: Counterpart, url: str
) -> None:
    data = package()
    with pytest.raises(Refused):
        await office_files.post(url, data)
    police.take_in(refuse=["review-package"])
    with pytest.raises(Refused) as refused:
        await office_files.post(url, data)
    assert refused.value.final
    assert refused.value.problem["detail"] == "not taken"


@pytest.mark.parametrize("spoil", ["no mark", "cut off", "other columns", "not text"])
def test_a_file_that_is_not_whole_does_not_count(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "a.csv"
    row = dict.fromkeys(files.RECEIPT, "x")
    files.publish(path, files.RECEIPT, [row])
    assert files.read(path, files.RECEIPT) == [row]
    match spoil:
        case "no mark":
            path.with_name("a.csv.ready").unlink()
        case "cut off":
            path.write_bytes(path.read_bytes()[:-3])
        case "other columns":
            files.publish(path, ("id",), [{"id": "x"}])
        case "not text":
            path.write_bytes(b"\xff\xfe")
    assert files.read(path, files.RECEIPT) is None


def test_each_row_carries_a_signature_that_holds_for_its_exact_text(env: dict[str, str], police: Counterpart) -> None:
    office = load_private(Path(env["PERMITS_AGENCY_KEYS"]), "office")
    data = package()
    folder = police._folder
    exchange_ = FileExchange(office, batch_seconds=0)
    with pytest.raises(Refused):
        exchange_._post(folder, data, office)
    (path,) = files.whole_files(folder / "to-agency")
    rows = files.read(path, files.MESSAGE)
    assert rows is not None
    headers, body = exchange.headers_of(rows[0]), rows[0]["envelope"].encode()
    verified = verify(exchange.METHOD, exchange.URL, headers, body, {"office": office.trusted})
    assert (verified.keyid, verified.nonce) == ("office", decode(data).id)


async def test_a_folder_that_takes_no_receipts_is_an_alarm_and_nothing_is_lost_or_taken_twice(
    bench: Bench, police: Counterpart, tmp_path: Path
) -> None:
    desk, folder = await bench.until("accepted"), tmp_path / "exchange"
    police.hand_in("police-1.csv", [message("police", (await bench.case(desk)).row.number, 1, "received")])
    with no_room(16):
        for _ in range(2):
            assert not await batches.look(bench.database, bench.office, REGION, "police", folder)
    async with bench.database.transaction(REGION) as tx:
        (agency,) = (await store.health(tx, REGION)).agencies
    assert (agency.breaker, agency.failure) == ("open", "the exchange folder: File too large")
    assert await batches.look(bench.database, bench.office, REGION, "police", folder)
    async with bench.database.transaction(REGION) as tx:
        (agency,) = (await store.health(tx, REGION)).agencies
    assert (agency.breaker, agency.failure) == ("closed", None)
    assert [row["status"] for row in police.receipts("police-1.csv") or ()] == ["accepted"]
    assert [event.kind for event in (await bench.case(desk)).timeline].count("police-received") == 1


async def test_a_simulated_agency_of_files_takes_a_case_to_its_grant_and_lists_it(
    bench: Bench, env: dict[str, str], office_files: FileExchange, url: str, tmp_path: Path
) -> None:
    desk = await bench.until("accepted")
    folder, keys = tmp_path / "exchange", Side(Path(env["PERMITS_AGENCY_KEYS"]), "police", "office")
    number = (await bench.case(desk)).row.number
    agency = Desk(PLAYERS["police"], Book(tmp_path / "police.sqlite3"), clock.offset().total_seconds())
    watcher = Watcher(agency, folder, keys)
    async with bench.database.transaction(REGION) as tx:
        begun = Run(new_id(), "police", None, clock.now(), None, 0, 0, 0, None)
        await ledgers.begin(tx, REGION, begun)
    office_key = load_private(keys.folder, "office")
    lister = Lister(bench.database, bench.office, office_files, {"police": url}, lambda _: office_key)  # type: ignore[arg-type]
    stop = asyncio.Event()
    sender = Sender(bench.database, bench.office, office_files, {"police": url})  # type: ignore[arg-type]
    running = asyncio.create_task(sender.run((REGION,), stop))
    try:

        async def received() -> bool:
            agency.issue_due()
            watcher.look()
            await batches.look(bench.database, bench.office, REGION, "police", folder)
            return (await bench.case(desk)).status("residence_permit") == "received"

        await until("receipt of the police", received)
        await statuses(bench, desk, "police", ["delivered"])
    finally:
        stop.set()
        await running
    watcher.look()
    for _ in range(2):
        await lister.advance(REGION, begun)
        watcher.look()
    assert {entry.status for entry in agency.book.of_case(number)} == {"applied", "delivered"}
    async with bench.database.transaction(REGION) as tx:
        found = await ledgers.one(tx, REGION, begun.id)
        proofs = [msgspec.json.decode(one.entry)["receipt"] for one in await evidence.after(tx, REGION, 0, 50)]
    assert found is not None
    assert (found.listed, found.list_ended, found.list_problem) == (1, True, None)
    assert {proof["key"]["id"] for proof in proofs} == {"office", "police"}
