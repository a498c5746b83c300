"""The whole application over HTTP on a database of its own, and an agent signed in at the applicants' pages."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from permits.db.crypto import Keys
from permits.db.database import Database
from permits.settings import Settings
from tests.accounts.people import someone
from tests.built import whole
from tests.web.figures import filled, manager, visitor  # noqa: F401  # fixtures of the managers' pages
from tests.web.portal_browser import Browser


@pytest.fixture
async def web(database: Database, keys: Keys, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A browser that nobody has signed in with."""
    app = whole(Settings(data=tmp_path), keys, database=database)
    transport = httpx.ASGITransport(app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=transport, base_url="https://city.example") as made:
        made.headers["accept-language"] = "zh-CN"
        yield made


@pytest.fixture
async def agent(web: httpx.AsyncClient, database: Database) -> Browser:
    """An employer's agent at a browser."""
    await someone(database, "chen@demo.example", "employer")
    browser = Browser(web, "chen@demo.example")
    await browser.sign_in()
    return browser
