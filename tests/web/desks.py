"""Browsers of the office's people at the whole application, and cases in any state made by one call."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from litestar import Litestar

from permits.accounts import service as accounts
from permits.accounts.model import Account
from permits.cases import documents
from permits.cases.model import Case
from permits.db.crypto import Keys
from permits.db.database import Database
from permits.files import service as files
from permits.files.storage import open_storage
from permits.office import Office
from permits.rules import law
from permits.settings import Settings
from tests.built import whole
from tests.cases.samples import REGION, Desk
from tests.files.uploads import pdf

PASSWORD = "a long enough password"
PEOPLE = {
    "clerk": ("clerk",), "colleague": ("clerk",), "reviewer": ("reviewer",), "decider": ("decider",),
    "legal": ("legal",), "both": ("reviewer", "decider"), "employer": ("employer",), "manager": ("manager",),
    "inspector": ("inspector",),
}  # fmt: skip


class Person:
    """One person at a browser: every form sent carries what its page gave it."""

    def __init__(self, account: Account, client: httpx.AsyncClient, csrf: str) -> None:
        self.account, self.client, self.csrf = account, client, csrf

    async def get(self, path: str, lang: str = "zh") -> httpx.Response:
        """A page."""
        return await self.client.get(path, headers={"accept-language": lang})

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """A form; `a__b` is the field a.b, and a list is a field with several values."""
        named = {name.replace("__", "."): value for name, value in fields.items()}
        return await self.client.post(path, data={"csrf": self.csrf, **named})

    async def click(self, path: str, **fields: Any) -> httpx.Response:
        """A form, and the page that its redirect leads to."""
        answer = await self.post(path, **fields)
        assert answer.status_code == 303, (answer.status_code, words(answer.text)[:600])
        return await self.get(answer.headers["location"])


class Town:
    """The office with its people and its cases."""

    def __init__(
        self, database: Database, office: Office, people: dict[str, Account], folder: Path, app: Litestar
    ) -> None:
        self.database, self.office, self.people, self.app = database, office, people, app
        self.storage = open_storage("", folder, office.keys)
        self.clients: list[httpx.AsyncClient] = []
        self.seed = 0

    async def enter(self, name: str) -> Person:
        """Somebody signed in at a browser of their own."""
        visit = await accounts.sign_in(self.database, f"{name}@demo.example", PASSWORD, "192.0.2.7", "a browser")
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app),  # type: ignore[arg-type]
            base_url="https://city.example",
            cookies={"__Host-session": visit.secret},
        )
        self.clients.append(client)
        return Person(self.people[name], client, visit.session.csrf)

    async def case(self, state: str = "submitted", outcome: str = "grant") -> str:
        """The number of a new case in a state."""
        self.seed += 1
        async with self.database.transaction(REGION) as tx:
            desk = Desk(self.office, tx, self.seed)
            for name in ("employer", "clerk", "reviewer", "decider", "legal"):
                setattr(desk, name, self.people[name])
            await desk.until(state, outcome)
            return desk.number

    async def act(self, who: str, number: str, action: str, **body: Any) -> Case:
        """An action taken some other way than by a page."""
        async with self.database.transaction(REGION) as tx:
            desk = Desk(self.office, tx)
            desk.number = number
            return await desk.act(self.people[who], action, **body)

    async def look(self, number: str) -> Case:
        """A case as it is."""
        async with self.database.transaction(REGION) as tx:
            desk = Desk(self.office, tx)
            desk.number = number
            return await desk.look(self.people["clerk"])

    async def upload(self, number: str, kind: str, pages: int = 2) -> None:
        """Put a real file in the place of a sample's document."""
        up = await files.take_in(self.storage, REGION, pdf(pages), "合同.pdf", ("pdf",), 1_000_000)
        case = await self.look(number)
        async with self.database.transaction(REGION) as tx:
            at = case.row.created_at
            who = self.people["employer"].id
            await files.record(
                tx, self.office.keys, REGION, up, case_id=case.row.id, kind=kind, uploaded_by=who, received_at=at
            )
            held = next(document for document in case.documents if document.kind == kind)
            real = msgspec.structs.replace(
                held, file_id=up.id, pages=pages, media="application/pdf", digest=up.checked.digest, size=up.size
            )
            await documents.put_document(tx, case, real, self.people["employer"])

    async def audit(self, action: str) -> list[dict[str, Any]]:
        """The detail of every entry of an action."""
        async with self.database.transaction(REGION) as tx:
            rows = await tx.fetch("SELECT detail FROM audit WHERE region = $1 AND action = $2", REGION, action)
        return [row["detail"] for row in rows]


@asynccontextmanager
async def town_of(database: Database, keys: Keys, folder: Path) -> AsyncIterator[Town]:
    """A town on a fresh database, with the whole application over it."""
    people = {
        name: await accounts.create_account(
            database, f"{name}@demo.example", f"{name}（虚构）", PASSWORD, roles, REGION, certificate="DEMO-1"
        )
        for name, roles in PEOPLE.items()
    }
    app = whole(Settings(data=folder, demo=True), keys, database=database)
    town = Town(database, Office(law.load(), keys), people, folder, app)
    try:
        yield town
    finally:
        for client in town.clients:
            await client.aclose()


def words(html: str) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", html[html.find("<main") :]).split())


def version(html: str) -> str:
    """The version that a page's forms carry."""
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]
