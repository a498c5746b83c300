"""An extension asked for in time and undecided when the permit ends is granted by law (Art. 50), everywhere at once."""

from collections.abc import Iterator

import pytest

from permits import clock
from permits.cases import deadlines, expiring, holding
from permits.cases.model import Case
from permits.db.database import Database
from permits.errors import Conflict
from permits.office import Office
from permits.register import service as register
from permits.register.model import RegisteredPermit, Verification
from permits.statistics.service import valid_on
from tests.cases.samples import REGION, Desk
from tests.cases.test_held import DAY, extension, held


@pytest.fixture(autouse=True)
def _office_time() -> Iterator[None]:
    yield
    clock.set_offset(0)


def pass_days(days: int) -> None:
    """Let so many days go by."""
    clock.set_offset((clock.now() + days * DAY - clock.machine_now()).total_seconds())


async def waiting(database: Database, office: Office, state: str = "review") -> tuple[Desk, str]:
    """A permit whose last day was yesterday, its extension in this state; its number."""
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        number = await held(desk)
        desk.given = extension(number)
        await desk.until(state)
    pass_days(61)
    return desk, number


async def permit(database: Database, office: Office, number: str) -> RegisteredPermit:
    async with database.transaction(REGION) as tx:
        return (await register.permit_by_number(tx, office.keys, REGION, number, clock.today())).permits[0]


async def verified(database: Database, office: Office, number: str) -> Verification:
    code = (await permit(database, office, number)).verification_code
    async with database.transaction(REGION) as tx:
        return await holding.verify(tx, office, code.lower())


async def counted(database: Database) -> int:
    async with database.transaction(REGION) as tx:
        return (await valid_on(tx, REGION, clock.today(), None, ())).total


async def acted(database: Database, desk: Desk, who: str, action: str, **body: object) -> Case:
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        return await desk.act(getattr(desk, who), action, **body)


async def test_verify_register_and_figures_agree_once_the_last_day_has_passed(
    database: Database, office: Office
) -> None:
    desk, number = await waiting(database, office)
    before = await verified(database, office, number)
    assert before.status == "valid"  # even before anything ran
    await deadlines.sweep(database, office, REGION)
    await deadlines.sweep(database, office, REGION)
    await expiring.note(database, REGION)
    found = await permit(database, office, number)
    after = await verified(database, office, number)
    assert (found.status, after.status, await counted(database)) == ("valid", "valid", 1)
    assert [(v.kind, v.ground, v.decider) for v in found.history[1:]] == [("extended", "silence", "")]
    assert found.valid_until == after.valid_until == before.valid_until > clock.today()
    async with database.transaction(REGION) as tx:
        desk.tx = tx
        case = await desk.look()
    shown = desk.seen(case).silence
    assert shown
    assert (shown.state, shown.extended_until) == ("happened", found.valid_until)
    assert [e.kind for e in case.timeline][-2:] == ["extended-by-law", "silence-happened"]


async def test_it_can_only_be_granted_then_and_granting_adds_nothing_that_stands_already(
    database: Database, office: Office
) -> None:
    desk, number = await waiting(database, office)
    await deadlines.sweep(database, office, REGION)
    until = (await permit(database, office, number)).valid_until
    await acted(database, desk, "reviewer", "claim", take_over="过期")
    for who, action, body in (
        ("reviewer", "recommend", {"outcome": "refuse", "reasons": "不符"}),
        ("employer", "withdraw", {}),
        ("reviewer", "terminate", {"ground": "other", "reasons": "不符"}),
    ):
        with pytest.raises(Conflict, match=r"Art\. 50"):
            await acted(database, desk, who, action, **body)
    await acted(database, desk, "reviewer", "recommend", outcome="grant", reasons="符合")
    case = await acted(database, desk, "decider", "decide", outcome="grant", reasons="准予")
    part = case.component("work_permit")
    assert part
    assert part.facts["valid_until"] == str(until)
    assert [v.kind for v in (await permit(database, office, number)).history] == ["granted", "extended"]


async def test_without_a_word_for_five_days_it_counts_as_accepted_and_is_extended_too(
    database: Database, office: Office
) -> None:
    _, number = await waiting(database, office, "submitted")
    await deadlines.sweep(database, office, REGION)
    assert (await permit(database, office, number)).status == "valid"


async def test_what_was_asked_for_and_withdrawn_is_not_extended(database: Database, office: Office) -> None:
    async with database.transaction(REGION) as tx:
        desk = Desk(office, tx)
        number = await held(desk)
        desk.given = extension(number)
        await desk.until("review")
        await desk.act(desk.employer, "withdraw")
    pass_days(61)
    await deadlines.sweep(database, office, REGION)
    assert (await verified(database, office, number)).status == "expired"
    assert await counted(database) == 0
