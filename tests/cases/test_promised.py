"""Commitments after the grant: due days, verified or not, and what a false one costs, through legal clearance alone."""

import datetime as dt

from permits import clock
from permits.cases import documents, promised, revoking
from permits.cases.bodies import EndPermit
from permits.cases.model import Document
from permits.credit import service as credit
from permits.credit.store import Entry
from permits.db.ids import new_id
from permits.office import Office
from permits.rules import law
from tests.cases.samples import REGION, Desk, person

LINE = {
    "key": "issue-in-china/degree-later", "effective_from": dt.date(2020, 1, 1), "source": "本市", "region": REGION,
    "procedure": "issue-in-china", "document": "degree", "due_days": 30, "due_from": "grant",
}  # fmt: skip


async def granted(desk: Desk) -> str:
    """The number of the permit of a case whose degree was committed to."""
    case = await desk.draft()
    given = Document("degree", "committed", commitment_id=new_id(), received_at=clock.now())
    await promised_document(desk, given)
    await desk.submit()
    for who, action, body in (
        (desk.clerk, "claim", {}), (desk.clerk, "accept", {}), (desk.reviewer, "claim", {}),
        (desk.reviewer, "recommend", {"outcome": "grant", "reasons": "符合"}),
        (desk.decider, "decide", {"outcome": "grant", "reasons": "准予"}),
    ):  # fmt: skip
        case = await desk.act(who, action, **body)
    part = case.component("work_permit")
    assert part
    return str(part.facts["permit_number"])


async def promised_document(desk: Desk, given: Document) -> None:
    """Commit to a document."""
    await documents.put_document(desk.tx, await desk.look(desk.employer), given, desk.employer)


async def test_what_is_handed_in_later_is_due_from_the_grant_on_and_waits_for_an_inspector(
    desk: Desk, office: Office
) -> None:
    office.law = law.load([{"committable": [LINE]}])
    await granted(desk)
    case = await desk.look()
    day = clock.today() + dt.timedelta(days=30)
    assert {d.kind: d.due for d in case.documents if d.due} == {"degree": day}
    [waits] = await promised.waiting(desk.tx, REGION)
    assert (waits.number, waits.kind, waits.due) == (case.row.number, "degree", day)
    await promised.found_true(desk.tx, office, person("inspector"), REGION, case.row.number, "degree")
    assert await promised.waiting(desk.tx, REGION) == []


async def revoked(desk: Desk, office: Office, number: str, ground: str) -> list[Entry]:
    """The credit record after an inspector had a permit revoked on a ground."""
    body = EndPermit(effective=clock.today(), ground=ground, reasons="核验不实")
    case = await revoking.open_case(desk.tx, office, person("inspector"), REGION, number, "revoke", body)
    desk.number = case.row.number
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="核验不实")
    assert await credit.open_entries(desk.tx, REGION) == []
    await desk.act(desk.legal, "clear", opinion="同意", cleared=True)
    await desk.act(desk.decider, "decide", outcome="grant", reasons="撤销")
    return await credit.open_entries(desk.tx, REGION)


async def test_a_false_commitment_bars_from_committing_until_a_legal_reviewer_repairs_it(
    desk: Desk, office: Office
) -> None:
    number = await granted(desk)
    [entry] = await revoked(desk, office, number, "false-commitment")
    assert (entry.reason, (await desk.look()).standing.record.false_commitment) == ("false-commitment", True)
    await credit.repair(desk.tx, person("legal"), REGION, entry.id, "已改正并公示")
    assert (await desk.look()).standing.may_commit


async def test_false_papers_are_serious_bad_credit(desk: Desk, office: Office) -> None:
    number = await granted(desk)
    [entry] = await revoked(desk, office, number, "false-documents")
    assert entry.reason == "serious-bad-credit"
    assert (await desk.look()).standing.record.serious_bad_credit
