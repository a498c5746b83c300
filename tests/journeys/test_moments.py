"""Pages that no link leads to: a form that came back, what somebody else was quicker with, a door that is shut.

They are held to the same as all others.
"""

from collections.abc import Callable

import msgspec
import pytest
from playwright.sync_api import Browser

from permits.web.i18n import LANGS, Lang
from tests.journeys.applications import answers, new_passport, until_state
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.inspection import DESK, HEIGHT, SMALLEST, expect_inspections, inspected
from tests.journeys.visitors import Visitor, visitor


class Place(msgspec.Struct, frozen=True):
    """Where moments happen."""

    demo: Demo
    case: str
    """The number of a case in the state that the moments of a role need."""


Moment = Callable[[Visitor, Place], object]


# Anybody


def wrong_password(anybody: Visitor, at: Place) -> None:
    """Sign in with a password that is not one's own."""
    anybody.go("/sign-in")
    anybody.hands.write(anybody.at("email"), at.demo.account("employer")["email"])
    anybody.hands.write(anybody.at("password"), "not the password")
    anybody.press("登录")


def unknown_code(anybody: Visitor, at: Place) -> None:
    """Verify a code that nobody has."""
    anybody.go("/verify/3212-0000-0000-0000-0")


def self_check(anybody: Visitor, at: Place) -> None:
    """Check oneself on the front page."""
    anybody.go("/")
    anybody.follow(anybody.page.locator('main form button[type="submit"]').first)


# The agent


def wrong_employer(agent: Visitor, at: Place) -> None:
    """A credit code that is too short, with everything else left out."""
    agent.go(f"/apply/{at.case}/employer")
    agent.hands.write(agent.at("employer.credit_code"), "9132")
    agent.press("保存并继续")


def wrong_passport(agent: Visitor, at: Place) -> None:
    """One digit misread."""
    held = new_passport()
    agent.go(f"/apply/{at.case}/passport")
    agent.hands.write(agent.at("beneficiary.mrz"), held.lines[0])
    agent.hands.write(agent.at("beneficiary.mrz-2"), held.misread)
    agent.press("保存并继续")


def wrong_position(agent: Visitor, at: Place) -> None:
    """A salary that is no number."""
    agent.go(f"/apply/{at.case}/position")
    agent.hands.write(agent.at("employment.annual_salary_cny"), "a lot")
    agent.press("保存并继续")


def no_way(agent: Visitor, at: Place) -> None:
    """Upload without a file."""
    agent.go(f"/apply/{at.case}/documents/contract")
    agent.hands.tick(agent.at("way-upload"))
    agent.press("保存并继续")


def still_open(agent: Visitor, at: Place) -> None:
    """All answers of a draft whose documents are still wanted."""
    agent.go(f"/apply/{at.case}/check")


def quicker(agent: Visitor, at: Place) -> None:
    """Save a page that was changed meanwhile in another tab."""
    agent.go(f"/apply/{at.case}/contact")
    agent.hands.write(agent.at("employer.contact_phone"), "13900000000")
    tab = agent.page.context.new_page()
    tab.goto(f"/apply/{at.case}/contact")
    tab.locator("#employer-contact_phone").fill("13700000000")
    with tab.expect_navigation():
        tab.get_by_role("button", name=agent.say("保存并继续")).click()
    tab.close()
    agent.press("保存并继续")
    agent.reads("13900000000", "13700000000")


def session_ended(agent: Visitor, at: Place) -> None:
    """Save a page after signing out in another tab."""
    agent.go(f"/apply/{at.case}/employer")
    tab = agent.page.context.new_page()
    tab.goto("/apply/")
    with tab.expect_navigation():
        tab.get_by_role("button", name=agent.say("退出")).click()
    tab.close()
    agent.press("保存并继续")
    agent.reads({"zh": "填的都在", "en": "you typed"}[agent.lang])


# The office


def found(clerk: Visitor, at: Place) -> None:
    """Look for an employer."""
    search(clerk, "示例")


def found_nothing(clerk: Visitor, at: Place) -> None:
    """Look for what is not there."""
    search(clerk, "没有这一个单位")


def search(clerk: Visitor, words: str) -> None:
    """Look for words in the field on top."""
    clerk.go("/window/")
    clerk.hands.write(clerk.at("find"), words)
    with clerk.page.expect_navigation():
        clerk.page.keyboard.press("Enter")


def not_for_a_clerk(clerk: Visitor, at: Place) -> None:
    """Open the managers' figures."""
    clerk.go("/office/")


def unmasked(clerk: Visitor, at: Place) -> None:
    """See the passport's number, on the record."""
    clerk.go(f"/window/{at.case}")
    clerk.press("显示（留痕）")


def not_accepted_without_reasons(clerk: Visitor, at: Place) -> None:
    """Refuse to accept without a ground."""
    clerk.go(f"/window/{at.case}/not-accept")
    clerk.follow(clerk.page.locator('form[action$="/not-accept"] button'))


def corrections_without_text(clerk: Visitor, at: Place) -> None:
    """Ask for a correction without saying what."""
    clerk.go(f"/window/{at.case}")
    clerk.hands.choose(clerk.at("items-0"), "contract")
    clerk.press("发出补正通知")


def taken_over(clerk: Visitor, at: Place) -> None:
    """Accept a case that has changed since the page was opened."""
    clerk.go(f"/window/{at.case}")
    Caller(at.demo, "clerk").post(f"/api/v1/cases/{at.case}/release")
    Caller(at.demo, "clerk").post(f"/api/v1/cases/{at.case}/claim")
    clerk.follow(clerk.at("accept"))


def recommended_without_reasons(reviewer: Visitor, at: Place) -> None:
    """Recommend a refusal without reasons."""
    reviewer.go(f"/review/{at.case}")
    form = reviewer.page.locator("#rec")
    reviewer.hands.tick(form.locator('[name="outcome"][value="refuse"]'))
    reviewer.hands.write(form.locator('[name="reasons"]'), " ")
    reviewer.follow(form.get_by_role("button", name=reviewer.say("交决定人")))


def suspended_without_reasons(reviewer: Visitor, at: Place) -> None:
    """Ask experts without saying why."""
    reviewer.go(f"/review/{at.case}")
    reviewer.press("暂停并发通知")


def extended_without_reasons(reviewer: Visitor, at: Place) -> None:
    """Ask for more time without saying why."""
    reviewer.go(f"/review/{at.case}/extend-limit")
    reviewer.follow(reviewer.page.locator('form[action$="/extend-limit"] button'))


def signed_unseen(decider: Visitor, at: Place) -> None:
    """Sign without having looked at the letter."""
    decider.go(f"/review/{at.case}/decide")
    decider.press("签发准予决定")


def returned_without_reasons(decider: Visitor, at: Place) -> None:
    """Return to the reviewer without saying why."""
    decider.go(f"/review/{at.case}/return")
    decider.follow(decider.page.locator('form[action$="/return"] button'))


def no_such_day(manager: Visitor, at: Place) -> None:
    """Ask for the figures of a day that is none."""
    manager.go("/office/?on=2026-02-30")


MOMENTS: dict[str, tuple[str, tuple[Moment, ...]]] = {
    "nobody": ("", (wrong_password, unknown_code, self_check)),
    "employer": ("draft", (wrong_employer, wrong_passport, wrong_position, no_way, still_open, quicker, session_ended)),
    "clerk": ("claimed", (found, found_nothing, not_for_a_clerk, unmasked, not_accepted_without_reasons,
                          corrections_without_text, taken_over)),
    "reviewer": ("review", (recommended_without_reasons, suspended_without_reasons, extended_without_reasons)),
    "decider": ("recommended", (signed_unseen, returned_without_reasons)),
    "manager": ("", (no_such_day,)),
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("role", MOMENTS)
def test_what_came_back_can_be_used_by_everybody(demo: Demo, browser: Browser, role: str, lang: Lang) -> None:
    state, moments = MOMENTS[role]
    at, wrong = Place(demo, case_in(demo, state)), []
    with visitor(browser, demo, lang) as person:
        expect_inspections(person)
        if role != "nobody":
            person.sign_in(demo, role)
        for moment in moments:
            person.page.set_viewport_size({"width": DESK, "height": HEIGHT})
            moment(person, at)
            wrong += inspected(person, f"{role}-{moment.__name__}", DESK if lang == "zh" else SMALLEST)
    assert not wrong, "\n" + "\n".join(wrong)


def case_in(demo: Demo, state: str) -> str:
    """A new case in a state; none where none is needed."""
    if not state:
        return ""
    seed = int(new_passport().number[1:])
    if state == "draft":
        return str(Caller(demo, "employer").post("/api/v1/applications", answers(seed))["number"])
    return until_state(demo, seed, state)
