"""Which cases the agency's book holds, page by page, so that a case of theirs that we never heard of becomes a task.

The question is signed as every message, the answer stands in the response, signed like a receipt: both are evidence.
An agency that offers no list is compared case by case only, and the run says so.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, String, and_, any_, bindparam, func, literal_column, select, update

from integrations.contract import (
    ALL_CASES,
    CaseList,
    CaseListRequest,
    Envelope,
    ListedCase,
    Malformed,
    body_of,
    decode,
    encode,
    write,
)
from integrations.signing import SigningKey
from integrations.transport import Client, Refused, Unknown
from permits import clock
from permits.cases.tables import cases
from permits.db.database import Database
from permits.db.statements import statement
from permits.office import Office
from permits.routing import breakers, differences, evidence, noting, writing
from permits.routing.comparing import Difference
from permits.routing.evidence import Exchanged, Proof
from permits.routing.ledgers import Run
from permits.routing.tables import reconciliation, stream
from permits.rules.identifiers import region_of
from permits.settings import settings

FIELD = "case"
"""What such a difference is about."""
NOT_SENT = "not-sent"
"""What we believe of a case of ours of which the agency should know nothing."""
MOST_PAGES = 20_000
"""Of 500 cases: an agency whose list does not end is not asked for ever."""
PATIENCE = dt.timedelta(minutes=10)
NOT_OFFERED, NO_ANSWER, NOT_READABLE = "not-offered", "no-answer", "not-readable"


class Lister:
    """Asks agencies for their cases."""

    def __init__(
        self,
        database: Database,
        office: Office,
        client: Client,
        urls: Mapping[str, str],
        key: Callable[[str], SigningKey],
    ) -> None:
        """`urls` gives each agency's address for messages, `key` the key to sign with now."""
        self._database, self._office, self._client, self._urls, self._key = database, office, client, urls, key

    async def advance(self, region: str, run: Run) -> None:
        """Ask for a page of an agency's list and note what it says; later again where no answer comes."""
        if run.list_ended or run.agency not in self._urls or await self._circuit_open(region, run.agency):
            return await self._give_up(region, run, NO_ANSWER)
        asked = _question(run)
        try:
            answer = await self._client.post(self._urls[run.agency], encode(asked), self._key(run.agency), asked.id)
            receipt = noting.signed_receipt(run.agency, answer, asked.id)
            page = _page(run.agency, asked, answer.receipt)
        except Refused as refused:
            return await self._give_up(region, run, NOT_OFFERED, at_once=refused.final and refused.status != 425)
        except (Unknown, ValueError, OSError) as error:
            at_once = isinstance(error, Malformed)
            return await self._give_up(region, run, NOT_READABLE if at_once else NO_ANSWER, at_once=at_once)
        proof = Proof(answer.signed, "delivered", answer.receipt, None, receipt)
        async with self._database.transaction(region) as tx:
            if await _note(tx, region, run, page):
                of = (region, None, run.agency)
                body, id_ = encode(asked), uuid.UUID(asked.id)
                await evidence.record(tx, self._office.keys, Exchanged(of, "out", id_, body, asked, proof))
        return None

    async def _circuit_open(self, region: str, agency: str) -> bool:
        async with self._database.transaction(region) as tx:
            circuit = await breakers.standing(tx, region, agency)
        return circuit.retry_at is not None and circuit.retry_at > clock.machine_now()

    async def _give_up(self, region: str, run: Run, problem: str, *, at_once: bool = False) -> None:
        """End the list without its rest, once it was waited for long enough."""
        late = clock.machine_now() >= run.started_at - clock.offset() + PATIENCE
        if run.list_ended or not (at_once or late):
            return
        async with self._database.transaction(region) as tx:
            await _ended(tx, region, run, run.listed, problem)


def _question(run: Run) -> Envelope:
    """The same bytes for a page however often it is asked for, so that an agency of files gets it once."""
    agency = writing.agency_of(run.agency)
    digest = hashlib.sha256(f"{run.id}:{run.list_page}".encode()).hexdigest()
    id_ = f"{str(run.id)[:24]}{digest[:12]}"
    body = CaseListRequest(after=run.list_after)
    at = run.started_at.astimezone(clock.CITY)
    return write(agency, "case-list-request", body, case=ALL_CASES, sequence=run.list_page, sent_at=at, id=id_)


def _page(agency: str, asked: Envelope, answer: bytes) -> CaseList:
    """The page that was answered. Raises Malformed where it is none."""
    envelope = decode(answer)
    if (envelope.case, envelope.sequence) != (asked.case, asked.sequence):
        raise Malformed("the list is another question's")
    known = writing.agency_of(agency)
    body = body_of(envelope, known, known.told)
    assert isinstance(body, CaseList)
    return body


_KNOWN = statement(
    select(cases.c.number, cases.c.id, func.coalesce(stream.c.last_out, literal_column("0")).label("sent"))
    .select_from(
        cases.outerjoin(
            stream,
            and_(
                stream.c.region == cases.c.region,
                stream.c.case_id == cases.c.id,
                stream.c.agency == bindparam("agency"),
            ),
        )
    )
    .where(
        cases.c.region == bindparam("region"),
        cases.c.number == any_(bindparam("numbers", type_=ARRAY(String))),
        cases.c.state != literal_column("'draft'"),
    )
)
_COLUMNS = ("listed", "list_page", "list_after", "list_ended", "list_problem")
_NOTE = statement(
    update(reconciliation)
    .where(
        reconciliation.c.region == bindparam("region"),
        reconciliation.c.id == bindparam("run_id"),
        reconciliation.c.list_page == bindparam("page"),
        reconciliation.c.list_ended.is_(literal_column("false")),
    )
    .values({name: bindparam(f"new_{name}", type_=reconciliation.c[name].type) for name in _COLUMNS})
    .returning(reconciliation.c.id)
)


async def _note(tx: asyncpg.Connection, region: str, run: Run, page: CaseList) -> bool:
    """Write what a page told; False where another process had it."""
    listed = (run.listed or 0) + len(page.cases)
    further = page.following is not None and bool(page.cases) and run.list_page < MOST_PAGES
    if further:
        told: dict[str, Any] = {"listed": listed, "list_page": run.list_page + 1, "list_after": page.following}
        noted = await _put(tx, region, run, **told)
    else:
        noted = await _ended(tx, region, run, listed, None)
    if noted:
        found = await _unheard_of(tx, region, run.agency, page.cases)
        await differences.listed(tx, region, run, found, clock.now())
        if not further:
            await differences.no_longer_listed(tx, region, run, clock.now())
    return noted


async def _ended(tx: asyncpg.Connection, region: str, run: Run, listed: int | None, problem: str | None) -> bool:
    return await _put(tx, region, run, listed=listed, list_ended=True, list_problem=problem)


async def _put(tx: asyncpg.Connection, region: str, run: Run, **changed: Any) -> bool:
    values = {name: getattr(run, name) for name in _COLUMNS} | changed
    given = {f"new_{name}": value for name, value in values.items()}
    return await _NOTE.value(tx, region=region, run_id=run.id, page=run.list_page, **given) is not None


async def _unheard_of(
    tx: asyncpg.Connection, region: str, agency: str, listed: Sequence[ListedCase]
) -> list[tuple[str, uuid.UUID | None, Difference]]:
    """Cases of theirs that are none of ours, or of which we told them nothing; other cities look at their own."""
    others = set(settings().regions) - {region}
    here = [one for one in listed if region_of(one.case) not in others]
    rows = await _KNOWN.all(tx, region=region, agency=agency, numbers=[one.case for one in here])
    known = {row["number"]: row for row in rows}
    found = []
    for one in here:
        row = known.get(one.case)
        if row is None or not row["sent"]:
            ours = None if row is None else NOT_SENT
            found.append((one.case, row and row["id"], Difference(FIELD, ours, one.state)))
    return found
