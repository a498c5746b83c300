"""One demonstration for each test process, and one browser for each file of journeys."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.demonstration import Demo, demonstration
from tests.journeys.visitors import launched


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """A demonstration city, started as a user would, that leaves nothing behind."""
    with demonstration() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; it ends with the file, so that tests with event loops of their own may follow."""
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()
