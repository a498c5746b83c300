"""The office revokes or withdraws a permit in a case of its own: reviewed, cleared, decided by another."""

import datetime as dt

import pytest

from permits import clock
from permits.accounts.model import Account
from permits.cases import bodies, revoking
from permits.cases.model import Case
from permits.db.crypto import Keys
from permits.errors import BadInput, Conflict, Forbidden
from permits.letters.facts import letters_of
from permits.register import service as register
from tests.cases.samples import REGION, Desk, application, person
from tests.register.samples import a_grant, at

DAY = dt.timedelta(days=1)


async def permit(desk: Desk) -> str:
    """The number of a permit in force, granted in a case."""
    desk.given = application(desk.seed) | {"joint": False}
    part = (await desk.until("granted")).component("work_permit")
    assert part
    return str(part.facts["permit_number"])


async def opened(desk: Desk, number: str, what: str = "revoke", who: Account | None = None) -> Case:
    """The case that ends it, opened by the window."""
    ground = {"revoke": "false-documents", "withdraw": "circumstances-changed"}[what]
    body = bodies.EndPermit(clock.today(), ground, "核查发现资历证明不实。")
    case = await revoking.open_case(desk.tx, desk.office, who or desk.clerk, REGION, number, what, body)
    desk.number = case.row.number
    return case


@pytest.mark.parametrize(
    ("what", "ends", "letter"),
    [("revoke", "revoked", "revocation"), ("withdraw", "withdrawn-by-authority", "withdrawal")],
)
async def test_it_ends_once_another_signs_after_legal_clearance(
    desk: Desk, keys: Keys, what: str, ends: str, letter: str
) -> None:
    number = await permit(desk)
    case = await opened(desk, number, what)
    assert (case.row.state, case.row.procedure, case.beneficiary.surname) == ("accepted", what, "SPECIMENOV")
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="情况属实")
    with pytest.raises(Conflict):
        await desk.act(desk.decider, "decide", outcome="grant")
    await desk.act(desk.legal, "clear", opinion="同意", cleared=True)
    found = await register.permit_by_number(desk.tx, keys, REGION, number, clock.today())
    assert found.permits[0].status == "valid"
    case = await desk.act(desk.decider, "decide", outcome="grant")
    assert letters_of(case, "granted") == (letter,)
    found = await register.permit_by_number(desk.tx, keys, REGION, number, clock.today())
    last = found.permits[0].history[-1]
    assert (found.permits[0].status, last.kind, last.case_number) == (ends, ends, desk.number)
    assert last.decider == desk.decider.name
    assert (await desk.act(desk.clerk, "hand-out", to="样例", how="window")).row.state == "closed"


async def test_what_is_not_found_true_leaves_the_permit_and_needs_no_clearance(desk: Desk, keys: Keys) -> None:
    number = await permit(desk)
    await opened(desk, number)
    await desk.act(desk.reviewer, "claim")
    await desk.act(desk.reviewer, "recommend", outcome="refuse", reasons="情况不实")
    case = await desk.act(desk.decider, "decide", outcome="refuse")
    assert letters_of(case, "refused") == ()
    found = await register.permit_by_number(desk.tx, keys, REGION, number, clock.today())
    assert found.permits[0].status == "valid"


async def test_one_such_case_at_a_time_and_only_the_office_opens_it(desk: Desk) -> None:
    number = await permit(desk)
    await opened(desk, number)
    with pytest.raises(Conflict) as second:
        await opened(desk, number)
    assert second.value.type == "open-case"
    for who in (desk.employer, person("manager")):
        with pytest.raises(Forbidden):
            await opened(desk, number, who=who)


async def test_the_agent_of_the_permit_sees_the_case_and_cannot_take_it_back(desk: Desk) -> None:
    number = await permit(desk)
    await opened(desk, number)
    assert (await desk.look(desk.employer)).row.procedure == "revoke"
    with pytest.raises(Conflict):
        await desk.act(desk.employer, "withdraw")


async def test_a_permit_of_an_older_system_without_a_case_can_be_revoked(desk: Desk, keys: Keys) -> None:
    day = clock.today() - 10 * DAY
    grant = a_grant(1, valid_from=day, valid_until=day + 300 * DAY, recorded=at(day), case_id=None, case_number=None)
    made = await register.grant(desk.tx, desk.office.law, keys, grant)
    case = await opened(desk, made.permit_number)
    assert (case.beneficiary.surname, case.row.passport_index) == ("MUSTERFELD", grant.passport_index)
    assert "claim" in (await desk.act(desk.reviewer, "claim")).timeline[-1].kind


async def test_a_day_outside_the_permit_is_named(desk: Desk) -> None:
    number = await permit(desk)
    body = bodies.EndPermit(clock.today() - DAY, "false-documents", "理由")
    with pytest.raises(BadInput) as wrong:
        await revoking.open_case(desk.tx, desk.office, desk.clerk, REGION, number, "revoke", body)
    assert [error.pointer for error in wrong.value.errors] == ["/effective"]
