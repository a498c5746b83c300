"""A session that ends in mid-form: one signs in on the spot, and nothing typed or chosen is lost."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from permits.web.i18n import Lang
from tests.journeys import applicant
from tests.journeys.applications import answers, papers
from tests.journeys.demonstration import Caller, Demo
from tests.journeys.visitors import Visitor, visitor


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_signed_out_in_another_tab_the_form_goes_on_after_signing_in_again(
    demo: Demo, browser: Browser, lang: Lang
) -> None:
    said = answers(1)
    with visitor(browser, demo, lang) as agent:
        agent.sign_in(demo, "employer")
        draft = applicant.begin(agent)
        agent.go(f"{draft}/position")
        applicant.fill(agent, said, *applicant.SECTIONS["position"])
        sign_out_elsewhere(agent)
        agent.press("保存并继续")
        agent.reads(said["employment"]["position"], str(said["employment"]["contract_end"]), "480000")
        sign_in_here(agent, demo, "not the password")
        assert "/position" in agent.page.url
        sign_in_here(agent, demo, demo.account("employer")["password"])
        assert "/sign-in" not in agent.page.url
    kept = Caller(demo, "employer").get(f"/api/v1/applications/{draft.rsplit('/', 1)[-1]}")["employment"]
    typed = {name.split(".")[1] for name in applicant.SECTIONS["position"]}
    assert {key: kept[key] for key in typed} == {key: said["employment"][key] for key in typed}


def test_a_file_chosen_before_the_session_ended_is_still_uploaded(demo: Demo, browser: Browser, tmp_path: Path) -> None:
    number = Caller(demo, "employer").post("/api/v1/applications", answers(2))["number"]
    with visitor(browser, demo) as agent:
        agent.sign_in(demo, "employer")
        agent.go(f"/apply/{number}/documents/contract")
        agent.hands.tick(agent.at("way-upload"))
        agent.hands.upload(agent.at("file"), papers(tmp_path)["pdf"])
        sign_out_elsewhere(agent)
        agent.press("保存并继续")
        agent.reads("合同 contract.pdf")
        sign_in_here(agent, demo, demo.account("employer")["password"])
    documents = Caller(demo, "employer").get(f"/api/v1/applications/{number}")["documents"]
    assert [one["status"] for one in documents if one["kind"] == "contract"] == ["uploaded"]


def sign_out_elsewhere(agent: Visitor) -> None:
    """Open another tab, and sign out there."""
    tab = agent.page.context.new_page()
    tab.goto("/apply/")
    tab.get_by_role("button", name=agent.say("退出")).click()
    tab.wait_for_url("**/")
    tab.close()


def sign_in_here(agent: Visitor, demo: Demo, password: str) -> None:
    """Sign in on the page that kept the form."""
    agent.hands.write(agent.at("password"), password)
    agent.press("登录，接着办")
