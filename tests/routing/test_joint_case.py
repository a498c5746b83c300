"""A joint case through a worker, over real HTTP to both agencies and back."""

from tests.routing.town import Town


async def test_a_joint_case_goes_to_both_agencies_and_back_and_closes(living_town: Town) -> None:
    town = living_town
    await town.worker()
    async with town.desk() as desk:
        await desk.until("accepted")
    number = desk.number
    case = await town.component(desk, "residence_permit", "appointment")
    assert {"when", "where"} <= case.component("residence_permit").facts.keys()  # type: ignore[union-attr]
    case = await town.component(desk, "window", "registered")
    assert case.component("window").facts["unified_number"]  # type: ignore[union-attr]
    async with town.desk(desk):
        await desk.act(desk.reviewer, "claim")
        await desk.act(desk.reviewer, "recommend", outcome="grant", reasons="同意")
        await desk.act(desk.decider, "decide", outcome="grant", reasons="同意")
    case = await town.component(desk, "residence_permit", "granted")
    assert {"number", "valid_until"} <= case.component("residence_permit").facts.keys()  # type: ignore[union-attr]
    await town.applied("approval-bureau", number, "ready-for-hand-out")
    await town.component(desk, "window", "ready")
    async with town.desk(desk):
        closed = await desk.act(desk.clerk, "hand-out", to="样例", how="window")
    assert closed.row.state == "closed"
    bureau = await town.applied("approval-bureau", number, "closed")
    assert bureau["applied"] == ["register", "progress", "ready-for-hand-out", "closed"]
    police = await town.book("police", number)
    assert police["applied"] == ["review-package", "permit-granted"]
    kinds = [event.kind for event in (await town.case(desk)).timeline]
    assert kinds.count("police-granted") == kinds.count("bureau-registered") == 1
    log = await town.delivered(closed)
    assert {item.status for item in log if item.direction == "in"} == {"applied"}
