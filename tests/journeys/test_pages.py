"""Every page, found by following links as each role: accessible, never wider than the screen, in both languages,
at peace with its own security policy, and asking nobody but us."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.applications import answers
from tests.journeys.crawl import Walk, links
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.inspection import DESK, HEIGHT, SMALLEST, expect_inspections, inspected
from tests.journeys.visitors import Visitor, visitor

AREAS = {"nobody": "/", "employer": "/apply/", "clerk": "/window/", "reviewer": "/review/", "decider": "/review/",
         "legal": "/review/", "manager": "/office/", "inspector": "/inspect/", "admin": "/admin/"}  # fmt: skip
STATES = ("submitted", "correction", "accepted", "review", "special-procedure", "recommended", "granted",
          "refused", "closed", "not-accepted", "withdrawn", "terminated")  # fmt: skip
MISSING = "/nothing-here"


@pytest.mark.parametrize("role", AREAS)
def test_every_page_can_be_used_by_everybody(demo: Demo, browser: Browser, role: str) -> None:
    wrong, walk = [], Walk(starts(demo, role))
    with visitor(browser, demo, "zh") as chinese, visitor(browser, demo, "en") as english:
        for person in (chinese, english):
            expect_inspections(person)
            if role != "nobody":
                person.sign_in(demo, role)
        for address, name in walk:
            wrong += looked_at(chinese, address, f"{role}-{name}", DESK)
            walk.found(links(chinese.page, AREAS[role]))
            wrong += looked_at(english, address, f"{role}-{name}", SMALLEST)
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_inspection_itself_finds_what_is_wrong(demo: Demo, browser: Browser) -> None:
    with visitor(browser, demo) as person:
        person.page.set_content("<html lang=fr><title></title><img src=data:,x><p style='width:2000px'>words")
        wrong = " ".join(inspected(person, "faulty", DESK))
    for fault in ("axe image-alt", "axe document-title", "wider than 320 px", "not zh-CN", "no title"):
        assert fault in wrong, wrong


def starts(demo: Demo, role: str) -> dict[str, str]:
    """Where a role's walk begins: its home, what no link leads to, and a case in every state."""
    found = {AREAS[role]: "home"}
    if role == "nobody":
        return found | {"/sign-in": "sign-in", MISSING: "missing"}
    if role in ("employer", "clerk", "reviewer"):
        found |= {f"{AREAS[role]}{number}": f"case-{state}" for state, number in cases(demo, role).items()}
    return found | ({"/account": "account"} if role in ("employer", "clerk") else {})


def cases(demo: Demo, role: str) -> dict[str, str]:
    """A case in every state that the demonstration has for a role; for the applicant two drafts too."""
    caller, mine, found = Caller(demo, "clerk"), Caller(demo, role), {}
    for state in STATES:
        items = caller.get(f"/api/v1/cases?state={state}")["items"]
        numbers = (item["number"] for item in items)
        own = (number for number in numbers if mine.may_see(f"/api/v1/applications/{number}"))
        if number := next(own, None):
            found[state] = number
    if role == "employer":
        for name, body in (("empty", {"procedure": "issue-in-china"}), ("draft", answers(3))):
            found[name] = mine.post("/api/v1/applications", body)["number"]
    return found


def looked_at(person: Visitor, address: str, name: str, axe_at: int) -> list[str]:
    """Open a page and inspect it; one that a link leads to must be there."""
    person.page.set_viewport_size({"width": DESK, "height": HEIGHT})
    answer = person.page.goto(address)
    status = answer.status if answer else 0
    broken = status >= 400 and address != MISSING
    found = [f"{person.lang} {address}: status {status}"] if broken else []
    return found + inspected(person, name, axe_at)
