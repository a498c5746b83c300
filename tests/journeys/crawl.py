"""Every page of a role, found by following links from its home; pages of one shape are looked at a few times only."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page

CASE = re.compile(r"\b\d{4}-\d\d-\d{6}-\w\b")
CODE = re.compile(r"(?<=/verify/)[^/?]+|(?<=/permits/)[^/?]+|[0-9a-f]{8}-[0-9a-f-]{27}")
FILES = re.compile(r"\.(pdf|png|csv|xlsx|json)$|/file$")
STEPS = re.compile(r"/(next|previous)$")
"""Links that lead on to another case of a list."""
OF_A_SHAPE, OF_A_CASE = 1, 1
MOST = 70
"""Pages looked at for one role."""


def shape(address: str) -> str:
    """The kind of page behind an address: numbers and values left out."""
    where = urlsplit(address)
    path = CODE.sub("{code}", CASE.sub("{case}", where.path)).rstrip("/") or "/"
    keys = sorted({key for key, _ in parse_qsl(where.query, keep_blank_values=True)} - {"lang"})
    return f"{path}?{'&'.join(keys)}" if keys else path


def page_like(address: str) -> bool:
    """Whether an address leads to a page of ours: not to a file, to data, or to the same page in another language."""
    where = urlsplit(address)
    ours = where.path.startswith("/") and not where.netloc
    data = where.path.startswith("/api/") and where.path != "/api/v1/docs"
    other = FILES.search(where.path) or STEPS.search(where.path) or "lang=" in where.query
    return ours and not data and not other


def links(page: Page) -> list[str]:
    """The addresses that a page leads to."""
    found = page.locator("a[href]").evaluate_all(
        "links => links.map(link => new URL(link.href)).filter(at => at.origin === location.origin)"
        ".map(at => at.pathname + at.search)"
    )
    return [address for address in dict.fromkeys(found) if page_like(address)]


class Walk:
    """The pages still to be looked at."""

    def __init__(self, starts: Iterable[str]) -> None:
        self.ahead, self.seen = deque(starts), Counter[str]()
        self.named = set(self.ahead)

    def __iter__(self) -> Iterator[str]:
        while self.ahead and self.seen.total() < MOST:
            address = self.ahead.popleft()
            self.seen[shape(address)] += 1
            yield address

    def found(self, addresses: Iterable[str]) -> None:
        """Note links; one of a shape that is known already is left out."""
        for address in addresses:
            kind = shape(address)
            waiting = sum(shape(other) == kind for other in self.ahead)
            if address not in self.named and self.seen[kind] + waiting < OF_A_SHAPE:
                self.named.add(address)
                self.ahead.append(address)
