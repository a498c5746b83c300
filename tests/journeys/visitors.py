"""People at a real browser: each has one of their own, and whatever the pages complain of is collected.

A complaint is a message in the console, an error of a script, a broken picture or style, or a request to another host.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Playwright, Request, Response

from permits.web.i18n import Lang, translator
from tests.journeys.demonstration import ROOT, Demo, until
from tests.journeys.hands import Hands, Mouse

ARTEFACTS = ROOT / "test-artefacts"
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
LOCALES: dict[Lang, str] = {"zh": "zh-CN", "en": "en-GB"}
OWN = "Failed to load resource"
"""How the console begins when an address answers 400 or more; answers are looked at one by one instead."""


def launched(playwright: Playwright) -> Browser:
    """The browser of this machine; never one that is downloaded."""
    found = next(filter(None, map(shutil.which, [os.environ.get("PERMITS_BROWSER", ""), *NAMES])), None)
    assert found, "No browser: install Chromium or Chrome, or name its program in PERMITS_BROWSER."
    return playwright.chromium.launch(executable_path=found, args=FLAGS)


class Visitor:
    """Somebody at a browser of their own."""

    def __init__(self, page: Page, host: str, lang: Lang, hands: Hands, javascript: bool) -> None:
        self.page, self.host, self.lang, self.hands, self.javascript = page, host, lang, hands, javascript
        self.complaints: list[str] = []
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        page.on("response", self._answered)
        page.on("filechooser", lambda chooser: None)  # so that dialogues are caught from the start

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(OWN):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        where = urlsplit(request.url)
        if where.scheme in ("http", "https", "ws", "wss") and where.netloc != self.host:
            self.complaints.append(f"{self.page.url} asks another host: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{self.page.url}: {response.status} for {response.url}")

    def say(self, words: str) -> str:
        """A sentence of the templates in this person's language."""
        return translator(self.lang).gettext(words)

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)

    def link(self, words: str) -> Locator:
        """The first link with these words of the templates."""
        return self.page.get_by_role("link", name=self.say(words), exact=True).first

    def button(self, words: str) -> Locator:
        """The first button with these words of the templates."""
        return self.page.get_by_role("button", name=self.say(words), exact=True).first

    def press(self, words: str) -> None:
        """Press the button with these words and be on the page that follows."""
        self.follow(self.button(words))

    def follow(self, target: Locator) -> None:
        """Press what leads to another page, and be there."""
        with self.page.expect_navigation():
            self.hands.press(target)

    def at(self, name: str) -> Locator:
        """The control with the name of a field: employer.credit_code, or a part of a date."""
        return self.page.locator(f"#{re.sub('[.]', '-', name)}")

    def fetched(self, link: Locator) -> bytes:
        """What a link leads to, byte by byte."""
        content: str = link.evaluate(
            """async link => {
                const answer = await fetch(link.href);
                const bytes = new Uint8Array(await answer.arrayBuffer());
                return Array.from(bytes, byte => String.fromCharCode(byte)).join("");
            }"""
        )
        return content.encode("latin-1")

    def reads(self, *sentences: str) -> None:
        """See that the page says all of this."""
        text = self.text()
        missing = [words for words in sentences if words not in text]
        assert not missing, (self.page.url, missing, text)

    def text(self) -> str:
        """What the page says, blanks put right."""
        return " ".join(self.page.locator("main").inner_text().split())

    def reload_until(self, holds: Callable[[], object], limit_s: float = 60) -> None:
        """Open the page again and again until something holds on it."""

        def again() -> object:
            self.page.reload()
            return holds()

        assert holds() or until(again, limit_s, 0.2), (self.page.url, self.text())

    def sign_in(self, demo: Demo, role: str, nth: int = 0) -> None:
        """Sign in as the nth account of a role."""
        account = demo.account(role, nth)
        self.go("/sign-in")
        self.hands.write(self.at("email"), account["email"])
        self.hands.write(self.at("password"), account["password"])
        self.press("登录")
        assert "/sign-in" not in self.page.url, self.text()


@contextlib.contextmanager
def visitor(
    browser: Browser,
    demo: Demo,
    lang: Lang = "zh",
    hands: Callable[[Page], Hands] = Mouse,
    *,
    javascript: bool = True,
    width: int = 1280,
) -> Iterator[Visitor]:
    """Somebody at a browser; at the end their pages must have complained of nothing."""
    context = browser.new_context(
        base_url=demo.url,
        locale=LOCALES[lang],
        timezone_id="Asia/Shanghai",
        viewport={"width": width, "height": 800},
        java_script_enabled=javascript,
        reduced_motion="reduce",
    )
    context.set_default_timeout(60_000)
    page = context.new_page()
    found = Visitor(page, urlsplit(demo.url).netloc, lang, hands(page), javascript)
    try:
        yield found
        assert not found.complaints
    except BaseException:
        failed(page)
        raise
    finally:
        context.close()


def failed(page: Page) -> Path:
    """A picture of the page on which something went wrong."""
    test = re.sub(r"\W+", "-", os.environ.get("PYTEST_CURRENT_TEST", "page").split("::")[-1]).strip("-")
    place = ARTEFACTS / "failed" / f"{test}-{abs(hash(page.url)) % 1000}.png"
    with contextlib.suppress(Exception):  # a page that is gone has no picture
        page.screenshot(path=place, full_page=True)
    return place
