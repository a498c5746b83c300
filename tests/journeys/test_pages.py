"""Every page, found by following links as each role: accessible, never wider than the screen, in both languages, at peace
with its own security policy, and asking nobody but us."""

import pytest
from playwright.sync_api import Browser

from tests.journeys.crawl import Walk, links, shape
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.inspection import DESK, SMALLEST, file_name, inspected
from tests.journeys.visitors import Visitor, visitor

AREAS = {"employer": "apply", "clerk": "window", "reviewer": "review", "decider": "review", "legal": "review"}
STATES = ("submitted", "correction", "accepted", "review", "special-procedure", "recommended", "granted", "refused",
          "closed", "not-accepted", "withdrawn", "terminated")  # fmt: skip


@pytest.mark.parametrize("role", ["nobody", "employer", "clerk", "reviewer", "decider", "legal", "manager"])
def test_every_page_can_be_used_by_everybody(demo: Demo, browser: Browser, role: str) -> None:
    with visitor(browser, demo, "zh") as chinese, visitor(browser, demo, "en") as english:
        for person in (chinese, english):
            if role != "nobody":
                person.sign_in(demo, role)
        wrong, walk = [], Walk([*homes(role), *cases(demo, role)])
        for address in walk:
            wrong += looked_at(chinese, address, role, DESK)
            walk.found(links(chinese.page))
            wrong += looked_at(english, address, role, SMALLEST)
    assert not wrong, "\n" + "\n".join(wrong)


def homes(role: str) -> list[str]:
    """Where a role's walk begins."""
    return {"nobody": ["/", "/sign-in", "/nothing-here"], "manager": ["/office/"]}.get(role, [f"/{AREAS.get(role)}/"])


def cases(demo: Demo, role: str) -> list[str]:
    """A case in every state, at the desk of a role."""
    if role not in ("employer", "clerk", "reviewer"):
        return []
    caller, found = Caller(demo, "clerk"), []
    for state in STATES:
        items = caller.get(f"/api/v1/cases?state={state}")["items"]
        found += [f"/{AREAS[role]}/{items[0]['number']}"] if items else []
    return found


def looked_at(person: Visitor, address: str, role: str, axe_at: int) -> list[str]:
    """Open a page and inspect it; one that a link leads to must be there."""
    person.page.set_viewport_size({"width": DESK, "height": 800})
    answer = person.page.goto(address)
    wrong = answer is None or (answer.status >= 400 and address != "/nothing-here")
    found = [f"{person.lang} {address}: status {answer.status if answer else 'none'}"] if wrong else []
    return found + inspected(person, file_name(role, shape(address)), axe_at)
