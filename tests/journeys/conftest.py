"""One browser for each file of journeys; the city is of the whole test process (tests/conftest.py)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys.visitors import launched


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; it ends with the file, so that tests with event loops of their own may follow."""
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()
