"""Every page of a role, found by following links from its home; of pages of one kind, one is looked at."""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from playwright.sync_api import Page

CASE = re.compile(r"\b\d{4}-\d\d-\d{6}-\w\b")
CODE = re.compile(r"(?<=/verify/)[^/]+|(?<=/permits/)[^/]+|(?<=/documents/)[^/]+|(?<=/guide/)[^/]+")
FILES = re.compile(r"\.(pdf|png|csv|xlsx|json)$|/file$")
STEPS = re.compile(r"/(next|previous)$")
"""Links that lead on to another case of a list."""
MOST = 45
"""Pages looked at for one role."""


def shape(address: str) -> str:
    """The kind of page behind an address: numbers and values left out."""
    where = urlsplit(address)
    path = CODE.sub("{code}", CASE.sub("{case}", where.path)).rstrip("/") or "/"
    asked = where.query.replace("lang=en", "").replace("lang=zh", "")
    return path + ("?print" if "print=" in asked else "?asked" if asked else "")


def page_like(address: str) -> bool:
    """Whether an address leads to a page: not to a file, to data, or to the same page in another language."""
    where = urlsplit(address)
    data = where.path.startswith("/api/") and where.path != "/api/v1/docs"
    return not (data or FILES.search(where.path) or STEPS.search(where.path) or "lang=" in where.query)


def links(page: Page, area: str) -> list[str]:
    """The addresses in an area of the service that a page leads to; nothing: all."""
    found = page.locator("a[href]").evaluate_all(
        "links => links.map(link => new URL(link.getAttribute('href'), location)) // also of links in pictures\n"
        ".filter(at => at.origin === location.origin).map(at => at.pathname + at.search)"
    )
    return [address for address in dict.fromkeys(found) if address.startswith(area) and page_like(address)]


class Walk:
    """The pages still to be looked at, each with a name."""

    def __init__(self, starts: Mapping[str, str]) -> None:
        self._ahead = deque(starts.items())
        self._known = {shape(address) for address in starts}
        self._left = MOST

    def __iter__(self) -> Iterator[tuple[str, str]]:
        while self._ahead and self._left:
            self._left -= 1
            yield self._ahead.popleft()

    def found(self, addresses: Iterable[str]) -> None:
        """Note where a page leads; a kind of page that is known already is left out."""
        for address in addresses:
            kind = shape(address)
            if kind not in self._known:
                self._known.add(kind)
                self._ahead.append((address, re.sub(r"[^\w{}]+", "-", kind).strip("-") or "front"))
