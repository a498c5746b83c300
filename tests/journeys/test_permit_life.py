"""The end of a permit at the pages: its employer cancels it on a phone, two people decide, anybody can verify it."""

from pathlib import Path

from playwright.sync_api import Browser

from permits import clock
from tests.journeys import applicant, office
from tests.journeys.applications import answers, new_passport, papers, until_state
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.visitors import Visitor, visitor

REASONS = "劳动合同已经解除，符合注销条件。"


def test_a_permit_is_cancelled_from_its_own_page_and_verification_says_so(
    demo: Demo, browser: Browser, tmp_path: Path
) -> None:
    seed = int(new_passport().number[1:])
    permit = granted(demo, seed)
    number, code = permit["permit_number"], permit["verification_code"]
    with visitor(browser, demo, "en", width=375) as agent:
        agent.sign_in(demo, "employer")
        case = asked_for(agent, number, seed, tmp_path)
        decided(demo, browser, case)
        agent.go(f"/verify/{code}")
        agent.reads("Cancelled")
        agent.go(f"/apply/permits/{number}")
        letter = agent.page.get_by_role("link", name="Proof of cancellation")
        agent.reload_until(letter.count)
        assert agent.fetched(letter.first).startswith(b"%PDF-")


def granted(demo: Demo, seed: int) -> dict[str, str]:
    """A permit granted a moment ago."""
    case = until_state(demo, seed, "recommended")
    found = Caller(demo, "decider").post(f"/api/v1/cases/{case}/decide", {"outcome": "grant", "reasons": "准予"})
    part: dict[str, str] = found["components"]["work_permit"]
    return part


def asked_for(agent: Visitor, number: str, seed: int, folder: Path) -> str:
    """Ask for the cancellation: only why and when is asked, all else is known; the number on the receipt."""
    agent.go(f"/apply/permits/{number}")
    agent.follow(agent.page.get_by_role("link", name="Cancellation"))
    agent.press("开始填")
    draft = applicant.draft(agent)
    agent.go(f"{draft}/permit")
    known = {"employment": {"circumstance": "employment-ended"}, "permit": {"event_date": str(clock.today())}}
    applicant.fill(agent, known, "employment.circumstance", "permit.event_date")
    agent.press("保存并继续")
    assert "/documents/" in agent.page.url, agent.page.url
    applicant.supply(agent, papers(folder))
    agent.reads(answers(seed)["employment"]["position"], "The register", "End of the employment")
    assert agent.text().count("End of the employment") == 1
    return applicant.submit(agent)


def decided(demo: Demo, browser: Browser, case: str) -> None:
    """Accepted, recommended and signed."""
    for role, action, body in (
        ("clerk", "claim", {}),
        ("clerk", "accept", {}),
        ("reviewer", "claim", {}),
        ("reviewer", "recommend", {"outcome": "grant", "reasons": REASONS}),
    ):
        Caller(demo, role).post(f"/api/v1/cases/{case}/{action}", body)
    with visitor(browser, demo) as decider:
        decider.sign_in(demo, "decider")
        decider.go(f"/review/{case}/decide")
        decider.reads(REASONS)
        office.decide(decider, "grant")
