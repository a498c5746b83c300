"""One joint case from sign-in to hand-out, in a real browser: by mouse in Chinese, by keyboard alone in English."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from permits.web.i18n import Lang
from tests.journeys import applicant, office
from tests.journeys.applications import Passport, answers, new_passport, papers, until_state
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.hands import Hands, Keyboard, Mouse
from tests.journeys.visitors import Visitor, visitor


@pytest.mark.parametrize(("lang", "hands"), [("zh", Mouse), ("en", Keyboard)], ids=["中文-mouse", "English-keyboard"])
def test_a_joint_case_from_sign_in_to_hand_out(
    demo: Demo, browser: Browser, tmp_path: Path, lang: Lang, hands: Callable[[Page], Hands]
) -> None:
    held, before = new_passport(), valid_permits(demo, browser, lang)
    with visitor(browser, demo, lang, hands) as agent, visitor(browser, demo, lang, hands) as clerk:
        number = applied(demo, agent, held, papers(tmp_path))
        clerk.sign_in(demo, "clerk")
        office.find(clerk, number)
        office.claim(clerk, number)
        office.accept(clerk)
        unified = registered(demo, clerk, number)
        recommended_and_decided(demo, browser, number, lang, hands)
        handed_out(clerk, agent, number)
        agent.reads(unified)
        code = closed(agent)
    assert valid_permits(demo, browser, lang) == before + 1
    verified(demo, browser, lang, code, held)


def test_an_agent_applies_on_a_telephone_and_without_javascript(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    held = new_passport()
    with visitor(browser, demo, "zh", javascript=False, width=375) as agent:
        number = applied(demo, agent, held, papers(tmp_path))
        agent.follow(agent.link("看进度"))
        agent.reads("现在不用您做什么", number)
    found = Caller(demo, "clerk").post("/api/v1/cases/search", {"passport_number": held.number})
    assert [case["number"] for case in found["items"]] == [number]


def test_what_people_type_stands_in_no_log(demo: Demo) -> None:
    held = new_passport()
    number = until_state(demo, int(held.number[1:]), "recommended")
    case = Caller(demo, "employer").get(f"/api/v1/applications/{number}")
    person = case["beneficiary"]
    secrets = [account[key] for account in demo.says()["accounts"] for key in ("password", "token")]
    logs = {log.name: log.read_text() for log in (demo.folder / "var" / "log").iterdir()}
    assert logs
    for word in (person["surname"], person["passport_number"], person["birth_date"], "session=", *secrets):
        assert not [name for name, text in logs.items() if word in text], word


def applied(demo: Demo, agent: Visitor, held: Passport, files: dict[str, Path]) -> str:
    """Sign in, fill in every page, supply every document, submit twice in a hurry: the number of the one case."""
    said = answers(int(held.number[1:]))
    agent.sign_in(demo, "employer")
    draft = applicant.begin(agent)
    agent.follow(agent.page.locator('a[href$="/employer"]'))
    if agent.javascript:
        applicant.live_hint(agent, said)
    applicant.employer(agent, said)
    applicant.fill(agent, said, *applicant.SECTIONS["contact"])
    agent.press("保存并继续")
    applicant.passport(agent, held)
    if not agent.javascript:
        agent.press("保存，看读出的内容")
    applicant.passport_is_read(agent, held)
    agent.press("保存并继续")
    applicant.fill_rest(agent, said)
    supplied(agent, applicant.supply(agent, files))
    checked(agent, held)
    number = applicant.submit(agent)
    assert draft.endswith(number)
    return number


def supplied(agent: Visitor, ways: dict[str, str]) -> None:
    """See that there was something to commit to, and that a PDF and a JPEG were taken."""
    assert set(ways.values()) == {"committed", "pdf", "jpeg"}, ways


def checked(agent: Visitor, held: Passport) -> None:
    """See all answers with their sources before submitting."""
    agent.page.wait_for_url("**/check")
    rows = agent.page.locator(".ow-check__row").all_inner_texts()
    read = [row for row in rows if {"zh": "护照机读区", "en": "Passport zone"}[agent.lang] in row]
    assert any(held.surname in row for row in read), rows
    assert any(str(held.birth) in row for row in read), rows


def registered(demo: Demo, clerk: Visitor, number: str) -> str:
    """Wait for the bureau's unified number and the police, and see both on the page of the case."""
    waits = {"zh": "统一", "en": "nified"}[clerk.lang]
    clerk.go(f"/window/{number}")
    clerk.reload_until(lambda: waits in clerk.text())
    clerk.reload_until(lambda: {"zh": "已约到场", "en": "Appointment given"}[clerk.lang] in clerk.text())
    case = Caller(demo, "clerk").get(f"/api/v1/applications/{number}")
    unified: str = case["components"]["window"]["unified_number"]
    clerk.reads(unified)
    return unified


def recommended_and_decided(
    demo: Demo, browser: Browser, number: str, lang: Lang, hands: Callable[[Page], Hands]
) -> None:
    """Somebody who may do both recommends and cannot decide; another person does."""
    with visitor(browser, demo, lang, hands) as both:
        both.sign_in(demo, "reviewer", 1)
        office.find(both, number, "review")
        office.claim(both, number)
        office.recommend(both, "grant", "属 B 类，材料齐全。")
        assert office.decide_all_the_same(both, number) == 409
        both.reads({"zh": "须由另一人决定", "en": "another person"}[lang])
    with visitor(browser, demo, lang, hands) as decider:
        decider.sign_in(demo, "decider")
        decider.go(f"/review/{number}/decide")
        office.decide(decider, "grant")


def handed_out(clerk: Visitor, agent: Visitor, number: str) -> None:
    """Once the police have granted too, the window hands out, and the case is closed."""
    clerk.go(f"/window/{number}")
    clerk.reload_until(lambda: clerk.page.locator('.ow-case a[href$="/hand-out"]').count())
    granted = {"zh": "已签发", "en": "Granted"}[clerk.lang]
    clerk.reload_until(lambda: granted in clerk.page.locator("aside").inner_text())
    clerk.follow(clerk.page.locator('.ow-case a[href$="/hand-out"]'))
    office.hand_out(clerk)
    agent.go(f"/apply/{number}")


def closed(agent: Visitor) -> str:
    """See the end of the case and all that happened on the way; the code of verification."""
    happened = agent.page.locator(".ow-line li").count()
    assert happened >= 8, agent.text()
    code = agent.page.locator('a[href^="/verify/"].ow-code').inner_text()
    assert code
    return code


def valid_permits(demo: Demo, browser: Browser, lang: Lang) -> int:
    """The manager's figure of today."""
    with visitor(browser, demo, lang) as manager:
        manager.sign_in(demo, "manager")
        return office.headline(manager)


def verified(demo: Demo, browser: Browser, lang: Lang, code: str, held: Passport) -> None:
    """Anybody with the code sees that the permit is good, and no more of the person than is needed."""
    with visitor(browser, demo, lang) as anybody:
        anybody.go("/verify/")
        anybody.hands.write(anybody.at("code"), code)
        anybody.press("核验")
        anybody.reads("S** D**")
        html = anybody.page.content()
        assert not [secret for secret in (held.number, held.surname, held.given, str(held.birth)) if secret in html]
