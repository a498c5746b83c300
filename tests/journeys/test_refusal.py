"""A refusal at the pages: recommended, cleared, signed; the letter says why, by which law, and what to do."""

import httpx
import pypdfium2
from playwright.sync_api import Browser

from tests.journeys import office
from tests.journeys.applications import new_passport, until_state
from tests.journeys.demonstration import Demo, until
from tests.journeys.visitors import Visitor, visitor

REASONS = "合同约定的岗位与申请的职业不一致，补正后仍不相符。"
OPINION = "事实清楚，依据和程序合法，救济途径已写明。"


def test_a_refusal_needs_the_legal_reviewer_and_its_letter_says_why_and_what_to_do(
    demo: Demo, browser: Browser
) -> None:
    number = until_state(demo, int(new_passport().number[1:]), "accepted")
    with visitor(browser, demo) as reviewer:
        reviewer.sign_in(demo, "reviewer")
        office.find(reviewer, number, "review")
        office.claim(reviewer, number)
        office.recommend(reviewer, "refuse", REASONS)
    with visitor(browser, demo) as decider, visitor(browser, demo) as legal:
        decider.sign_in(demo, "decider")
        decider.go(f"/review/{number}/decide")
        assert not decider.button("签发不予决定").count()
        cleared(demo, legal, number)
        decider.page.reload()
        office.decide(decider, "refuse")
    told(demo, browser, number)
    assert until(lambda: "stop" in police_book(demo, number)["applied"], 60), police_book(demo, number)
    assert police_book(demo, number)["applied"].count("stop") == 1


def cleared(demo: Demo, legal: Visitor, number: str) -> None:
    """The legal reviewer looks and agrees."""
    legal.sign_in(demo, "legal")
    legal.go(f"/review/{number}/decide")
    legal.reads(REASONS)
    office.clear(legal, OPINION)


def told(demo: Demo, browser: Browser, number: str) -> None:
    """The agent reads the outcome on the page of progress and in the letter."""
    with visitor(browser, demo) as agent:
        agent.sign_in(demo, "employer")
        agent.go(f"/apply/{number}")
        agent.reads(REASONS)
        letter = agent.page.get_by_role("link", name="不予").first
        agent.reload_until(letter.count)
        said = words_of(agent.fetched(letter))
    missing = [words for words in (REASONS, "行政许可法", "条", "行政复议", "诉讼") if words not in said]
    assert not missing, (missing, said)


def words_of(letter: bytes) -> str:
    """The text of a PDF without blanks."""
    with pypdfium2.PdfDocument(letter) as pdf:
        return "".join("".join(page.get_textpage().get_text_range() for page in pdf).split())


def police_book(demo: Demo, number: str) -> dict[str, list[str]]:
    """What the police know of a case."""
    url = demo.says()["agencies"]["police"]["url"]
    found: dict[str, list[str]] = httpx.get(f"{url}/book/{number}", trust_env=False).json()
    return found
