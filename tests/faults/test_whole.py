"""The whole demonstration, each of its processes killed in turn: everything answers again, and nothing said is lost.

It runs last of all that use the city of its test process, and the city must end well all the same.
"""

import os
import signal
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser

from permits.web.i18n import LANGS, Lang
from tests.journeys import applicant
from tests.journeys.applications import answers, until_state
from tests.journeys.conftest import browser
from tests.journeys.demonstration import PROGRAMS, Caller, Demo, alive, descendants, until
from tests.journeys.visitors import Visitor, visitor

__all__ = ["browser"]  # a fixture

AGAIN_S = 60.0
"""Within this time, in seconds from the kill, everything must answer; five are enough where nothing else runs."""
CARRIES_ON_S = 60.0
"""Within this time, in seconds, a worker that lost its database is at work again: it starts anew and waits for it."""
SAFE = {"zh": "已提交的案件", "en": "Cases already submitted"}


@pytest.mark.parametrize("name", [*PROGRAMS, "postgres"])
def test_whatever_is_killed_everything_answers_again(demo: Demo, name: str) -> None:
    before, caller = demo.pid(name), Caller(demo, "clerk")

    def whole() -> bool:
        running = [demo.pid(program) for program in PROGRAMS]
        return before not in running and all(map(alive, running)) and demo.answers() and works(caller)

    killed = time.monotonic()
    os.kill(before, signal.SIGKILL)
    assert until(whole, AGAIN_S), (demo.pid(name), before, demo.answers())
    assert until(lambda: relayed_s(demo) < time.monotonic() - killed, CARRIES_ON_S)


def works(caller: Caller) -> bool:
    """Whether somebody's question about the city's cases is answered."""
    try:
        return caller.may_see("/api/v1/cases?state=submitted")
    except httpx.TransportError:
        return False


def relayed_s(demo: Demo) -> float:
    """How long ago, in seconds, the worker last looked for events to carry on."""
    found: float = httpx.get(f"{demo.url}/readyz", trust_env=False).json()["regions"]["321200"]["relay_age_s"]
    return found


def test_a_case_decided_while_the_police_are_away_is_applied_once_when_they_are_back(demo: Demo) -> None:
    number = until_state(demo, 101, "recommended")
    assert until(lambda: book(demo, number)["state"] == "appointment", AGAIN_S), book(demo, number)
    police = demo.pid("police")
    os.kill(police, signal.SIGSTOP)  # takes calls, and does not answer
    Caller(demo, "decider").post(f"/api/v1/cases/{number}/decide", {"outcome": "grant", "reasons": "同意"})
    case = Caller(demo, "clerk").get(f"/api/v1/applications/{number}")
    assert case["components"]["work_permit"]["status"] == "granted"
    assert case["components"]["residence_permit"]["status"] == "appointment"
    os.kill(police, signal.SIGKILL)
    assert until(lambda: residence(demo, number) == "granted", AGAIN_S, 0.2), messages(demo, number)
    assert book(demo, number)["applied"].count("permit-granted") == 1
    assert [status for kind, status in messages(demo, number) if kind == "permit-granted"] == ["delivered"]


def test_a_case_accepted_while_the_worker_is_killed_again_and_again_is_registered_once(demo: Demo) -> None:
    number = until_state(demo, 102, "accepted")
    for _ in range(2):
        replace_worker(demo)
    assert until(lambda: window(demo, number)["unified_number"], AGAIN_S, 0.2), messages(demo, number)
    assert until(lambda: "review-package" in book(demo, number).get("applied", ()), AGAIN_S), messages(demo, number)
    for agency, kind in (("approval-bureau", "register"), ("police", "review-package")):
        assert book(demo, number, agency)["applied"].count(kind) == 1


def replace_worker(demo: Demo) -> None:
    """Kill the worker, and wait for the next one."""
    before = demo.pid("worker")
    os.kill(before, signal.SIGKILL)
    assert until(lambda: demo.pid("worker") != before, AGAIN_S)


@pytest.mark.parametrize("lang", LANGS)
def test_while_the_database_is_away_a_page_says_what_is_safe_and_nothing_typed_is_lost(
    demo: Demo, browser: Browser, lang: Lang
) -> None:
    said = answers(103)
    with visitor(browser, demo, lang) as agent:
        agent.sign_in(demo, "employer")
        draft = applicant.begin(agent)
        agent.go(f"{draft}/position")
        applicant.fill(agent, said, *applicant.SECTIONS["position"])
        kill_whole(demo.pid("postgres"))
        agent.press("保存并继续")
        assert until(lambda: saved(agent), AGAIN_S), agent.text()
    employer, path = Caller(demo, "employer"), f"/api/v1/applications/{draft.rsplit('/', 1)[-1]}"
    assert until(lambda: employer.may_see(path), AGAIN_S)
    kept = employer.get(path)["employment"]
    assert kept["position"] == said["employment"]["position"]
    assert kept["contract_end"] == said["employment"]["contract_end"]


def kill_whole(pid: int) -> None:
    """Kill a process and all it started, so that none of them answers a while longer."""
    for each in (pid, *descendants(pid)):
        os.kill(each, signal.SIGKILL)


def saved(agent: Visitor) -> bool:
    """Whether the form went through; where it did not, the page says so and one presses its button again."""
    again = agent.button("再试一次")
    if not again.count():
        return True
    agent.reads(SAFE[agent.lang])
    agent.follow(again)
    return False


# What is known of a case


def book(demo: Demo, number: str, agency: str = "police") -> dict[str, Any]:
    """An agency's book."""
    url = demo.says()["agencies"][agency]["url"]
    answer = httpx.get(f"{url}/book/{number}", trust_env=False)
    found: dict[str, Any] = answer.json() if answer.status_code == 200 else {"state": "unknown", "applied": []}
    return found


def residence(demo: Demo, number: str) -> str:
    """Where the residence permit stands."""
    found: str = Caller(demo, "clerk").get(f"/api/v1/applications/{number}")["components"]["residence_permit"]["status"]
    return found


def window(demo: Demo, number: str) -> dict[str, Any]:
    """Where the bureau's part stands."""
    found: dict[str, Any] = Caller(demo, "clerk").get(f"/api/v1/applications/{number}")["components"]["window"]
    return found


def messages(demo: Demo, number: str) -> list[tuple[str, str]]:
    """Kind and status of every message to an agency."""
    items = Caller(demo, "clerk").get(f"/api/v1/cases/{number}/messages")["items"]
    return [(item["kind"], item["status"]) for item in items if item["direction"] == "out"]
