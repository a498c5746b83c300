"""What every page must be: accessible by axe, never wider than the screen, in the language asked for, with a title.

Each finding is a sentence; a page without fault has none. Pictures of pages with a fault, and of all where
PERMITS_PICTURES is set, go to test-artefacts/pages: they take as long as the inspection itself.
"""

import functools
import os

from playwright.sync_api import Page

from permits.web.i18n import TAGS
from tests.journeys.demonstration import ROOT
from tests.journeys.visitors import ARTEFACTS, Visitor

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
DESK, TABLET, PHONE, SMALLEST = 1280, 768, 375, 320
"""Widths in pixels that pages are looked at in."""
HEIGHT = 800
NOT_OURS = "#api"
"""The part of the documentation page that is drawn by a program of others."""

RUN = """async ([rules, excluded, colours]) => {
    if (!window.axe) return null;
    const theirs = document.querySelector(excluded);
    const places = theirs ? {exclude: [[excluded]]} : document;
    const some = {
        "color-contrast": {enabled: colours},
        "landmark-no-duplicate-main": {enabled: !theirs?.querySelector("main")},
    };
    const found = await axe.run(places, {runOnly: rules, rules: some, resultTypes: ["violations"]});
    return found.violations.map(one =>
        `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.target.join(" ")).join(" | ")}`);
}"""
WIDER = """() => {
    const root = document.scrollingElement, over = root.scrollWidth - root.clientWidth;
    if (over <= 0) return "";
    const past = [...document.body.querySelectorAll("*")].filter(one => {
        const box = one.getBoundingClientRect();
        return box.width && box.right > root.clientWidth + 1 && !one.closest(".ow-scroll, .ow-fig__wide");
    });
    return `${over} px: ${past.slice(-3).map(one => one.tagName + "." + one.className).join(" | ")}`;
}"""


@functools.cache
def axe() -> str:
    """The program that judges accessibility."""
    assert AXE.exists(), f"{AXE} is missing; `make test` fetches it"
    return AXE.read_text()


def violations(page: Page, *, colours: bool = True) -> list[str]:
    """What axe finds wrong; `colours` whether contrasts are measured, which takes most of the time."""
    asked = [list(RULES), NOT_OURS, colours]
    found: list[str] | None = page.evaluate(RUN, asked)
    if found is None:
        page.evaluate(axe())
        found = page.evaluate(RUN, asked)
    assert found is not None
    return [f"axe {one}" for one in found]


def expect_inspections(visitor: Visitor) -> None:
    """Have axe come with each page that is opened from now on, which is quicker than bringing it afterwards."""
    visitor.page.context.add_init_script(axe())


def too_wide(page: Page, width: int) -> list[str]:
    """Whether one has to scroll sideways at this width; the page stays that wide."""
    page.set_viewport_size({"width": width, "height": HEIGHT})
    over = page.evaluate(WIDER)
    return [f"wider than {width} px by {over}"] if over else []


def heads(visitor: Visitor) -> list[str]:
    """Whether title and language are right."""
    page, found = visitor.page, []
    if page.locator("html").get_attribute("lang") != TAGS[visitor.lang]:
        found.append(f"the language is not {TAGS[visitor.lang]}")
    if not page.title().strip(" -"):
        found.append("no title")
    return found


def picture(visitor: Visitor, name: str, width: int) -> None:
    """Keep a picture of the page at this width."""
    visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
    place = ARTEFACTS / "pages" / f"{name}-{visitor.lang}-{width}.jpg"
    visitor.page.screenshot(path=place, full_page=True, type="jpeg", quality=80)


def inspected(visitor: Visitor, name: str, axe_at: int) -> list[str]:
    """Everything wrong with the page that is open; axe looks at one width, with colours on the desk only."""
    page, found = visitor.page, heads(visitor)
    for width in (DESK, TABLET, SMALLEST):
        found += too_wide(page, width)
        found += violations(page, colours=width == DESK) if width == axe_at else []
    found += visitor.complaints
    visitor.complaints.clear()
    for width in (PHONE, DESK) if found or "PERMITS_PICTURES" in os.environ else ():
        picture(visitor, name, width)
    return [f"{visitor.lang} {address(page)}: {one}" for one in found]


def address(page: Page) -> str:
    """Where the page is, without the host."""
    return "/" + page.url.split("/", 3)[-1]
