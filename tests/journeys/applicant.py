"""What an employer's agent does at the pages, step by step, in either language and with either pair of hands."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.journeys.applications import Passport
from tests.journeys.visitors import Visitor

DATES = ("_date", "_expiry", "contract_start", "contract_end")
SECTIONS = {
    "contact": ("employer.contact_name", "employer.contact_phone", "employer.contact_email"),
    "education": ("beneficiary.education", "employment.experience_years", "beneficiary.chinese"),
    "visa": ("beneficiary.visa_type", "beneficiary.residence_permit_number", "beneficiary.residence_permit_expiry",
             "beneficiary.entry_date"),
    "position": ("employment.position", "employment.position_kind", "employment.occupation",
                 "employment.annual_salary_cny", "employment.months_per_year", "employment.contract_start",
                 "employment.contract_end"),
}  # fmt: skip
"""Pages that are filled in without more ado, and their fields in the order of the page."""


def begin(agent: Visitor) -> str:
    """A new joint draft from the list of cases; its address."""
    agent.go("/apply/")
    agent.follow(agent.link("开始新的申请"))
    agent.hands.tick(agent.at("procedure-issue-in-china"))
    agent.hands.tick(agent.at("joint"))
    agent.press("开始填")
    return agent.page.url


def fill(agent: Visitor, answers: Mapping[str, Any], *names: str) -> None:
    """Fill in fields of the page, by whatever kind of control each has."""
    for name in names:
        part, key = name.split(".")
        _answer(agent, name, str(answers[part][key]))


def _answer(agent: Visitor, name: str, value: str) -> None:
    control = agent.page.locator(f'[name="{name}"]')
    if name.endswith(DATES):
        parts = dict(zip(("year", "month", "day"), value.split("-"), strict=True))
        for part in ("year", "month", "day") if agent.lang == "zh" else ("day", "month", "year"):
            agent.hands.write(agent.page.locator(f'[name="{name}-{part}"]'), parts[part])
    elif control.first.get_attribute("type") == "radio":
        agent.hands.tick(agent.page.locator(f'[name="{name}"][value="{value}"]'))
    elif control.evaluate("control => control.tagName") == "SELECT":
        agent.hands.choose(control, value)
    else:
        agent.hands.write(control, value)


def fill_rest(agent: Visitor, answers: Mapping[str, Any]) -> None:
    """Fill in the pages that follow employer and passport, one leading to the next; the category is then worked out."""
    for section in ("education", "visa", "position"):
        agent.page.wait_for_url(f"**/{section}")
        fill(agent, answers, *SECTIONS[section])
        agent.press("保存并继续")
    agent.go(f"{draft(agent)}/category")
    agent.reads({"zh": "B 类", "en": "category B"}[agent.lang])
    agent.press("保存并继续")


def draft(agent: Visitor) -> str:
    """The address of the application whose page is open."""
    return "/".join(agent.page.url.split("/")[:5])


def employer(agent: Visitor, answers: Mapping[str, Any]) -> None:
    """The employer, with a credit code mistyped first: named where it stands, and nothing typed is lost."""
    code = answers["employer"]["credit_code"]
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    said = {"employer": answers["employer"] | {"credit_code": wrong}}
    names = ("employer.credit_code", "employer.name", "employer.industry", "employer.district")
    fill(agent, said, *names)
    agent.press("保存并继续")
    kept = {name: agent.at(name).input_value() for name in names}
    assert kept == {name: said["employer"][name.split(".")[1]] for name in names}
    assert agent.page.locator("#employer-credit_code-error").inner_text()
    agent.hands.write(agent.at(names[0]), code)
    agent.press("保存并继续")


def live_hint(agent: Visitor, answers: Mapping[str, Any]) -> None:
    """While one types, a wrong code gets a hint and a right one a nod, before anything is saved."""
    code, place = answers["employer"]["credit_code"], agent.page.locator("#credit-live")
    agent.page.locator("body.js-enabled").wait_for()
    agent.hands.write(agent.at("employer.credit_code"), code[:-1] + ("A" if code[-1] != "A" else "B"))
    place.locator(".ow-live--soon").wait_for()
    agent.hands.write(agent.at("employer.credit_code"), code)
    place.locator(".ow-live--fine").wait_for()


def passport(agent: Visitor, held: Passport) -> None:
    """The two lines, with one digit misread first: it is named with its place, and what was typed stays."""
    first, second = agent.at("beneficiary.mrz"), agent.at("beneficiary.mrz-2")
    agent.hands.write(first, held.lines[0])
    agent.hands.write(second, held.misread)
    agent.press("保存并继续")
    named = agent.page.locator("#beneficiary-mrz-2-error").inner_text()
    assert ("第 20 位" if agent.lang == "zh" else "character 20") in named, named
    assert (first.input_value(), second.input_value()) == (held.lines[0], held.misread)
    agent.hands.write(second, held.lines[1])


def passport_is_read(agent: Visitor, held: Passport) -> None:
    """What the two lines say stands beside them while one types."""
    agent.page.locator("#read .ow-status--fine").wait_for()
    said = agent.page.locator("#read").inner_text()
    assert all(value in said for value in (held.surname, held.given, held.number, str(held.birth), str(held.expiry)))


def supply(agent: Visitor, files: Mapping[str, Path]) -> dict[str, str]:
    """Commit where that is offered, upload the rest, one page leading to the next; how each document was supplied."""
    done: dict[str, str] = {}
    while "/documents/" in agent.page.url:
        kind = agent.page.url.rsplit("/", 1)[-1]
        assert kind not in done, (kind, agent.text())
        done[kind] = _supply(agent, files, len(done))
        agent.press("保存并继续")
    return done


def _supply(agent: Visitor, files: Mapping[str, Path], place: int) -> str:
    commit = agent.at("way-commit")
    if commit.count() and commit.is_enabled():
        agent.hands.tick(commit)
        for box in agent.page.locator('.ow-sign input[type="checkbox"]').all():
            agent.hands.tick(box)
        agent.hands.write(agent.at("signed_by"), "样例")
        return "committed"
    upload = agent.at("way-upload")
    agent.hands.tick(upload)
    accepts = agent.at("file").get_attribute("accept") or ""
    use = "pdf" if "pdf" in accepts and place % 2 == 0 else "jpeg"
    agent.hands.upload(agent.at("file"), files[use])
    return use


def submit(agent: Visitor) -> str:
    """Confirm and submit with two clicks in a hurry; the number on the receipt."""
    agent.hands.tick(agent.at("confirmed"))
    agent.hands.press_twice(agent.button("提交申请"))
    expect(agent.page).to_have_url(re.compile(r"/receipt$"), timeout=60_000)
    agent.page.wait_for_load_state()
    return agent.page.locator(".ow-answer .ow-code").inner_text()
