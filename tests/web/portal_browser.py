"""A browser without scripts at the applicants' pages: it reads forms as a person would and sends them back changed."""

import html.parser
from typing import Any

import asyncpg
import httpx

from permits import clock
from permits.accounts import store as accounts
from permits.accounts.model import Account
from tests.accounts.people import PASSWORD
from tests.cases.samples import application

Files = dict[str, tuple[str, bytes, str]]


class Forms(html.parser.HTMLParser):
    """Every form of a page, with what it would send if one pressed its button at once."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, list[str]]]] = []
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form or what is in it."""
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((given.get("action", ""), {}))
        elif tag == "select":
            self._select = given["name"]
        elif tag == "option" and "selected" in given:
            self._add(self._select, given["value"])
        elif tag == "input" and "disabled" not in given and given.get("name"):
            boxes = given.get("type") in ("checkbox", "radio")
            if given.get("type") != "file" and (not boxes or "checked" in given):
                self._add(given["name"], given.get("value", ""))

    def _add(self, name: str, value: str) -> None:
        if self.found:
            self.found[-1][1].setdefault(name, []).append(value)


def form_of(page: str, action: str) -> dict[str, list[str]]:
    """What the form with this address would send."""
    forms = Forms()
    forms.feed(page)
    found = next((fields for at, fields in forms.found if at == action), None)
    assert found is not None, (action, [at for at, _ in forms.found])
    return found


class Browser:
    """Somebody signed in."""

    def __init__(self, client: httpx.AsyncClient, email: str) -> None:
        self.client, self.email = client, email

    async def sign_in(self) -> None:
        """Begin a session."""
        page = (await self.client.get("/sign-in")).text
        fields = form_of(page, "/sign-in") | {"email": [self.email], "password": [PASSWORD]}
        answer = await self.client.post("/sign-in", data=fields)
        assert answer.status_code == 303

    async def get(self, path: str) -> str:
        """A page that is there."""
        answer = await self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.text

    async def send(
        self, path: str, change: dict[str, Any], *, page: str = "", files: Files | None = None
    ) -> httpx.Response:
        """Open the page (or take the one that is open), change some fields and send the form to its address."""
        fields = form_of(page or await self.get(path), path) | {
            name: value if isinstance(value, list) else [value] for name, value in change.items()
        }
        kept = {name: values for name, values in fields.items() if values != [None]}
        return await self.client.post(path, data=kept, files=files)

    async def account(self, tx: asyncpg.Connection) -> Account:
        """Who this is."""
        found = await accounts.by_email(tx, self.email)
        assert found
        return found[0]

    async def begin(self) -> str:
        """A new joint draft; its address."""
        answer = await self.send("/apply/start", {})
        assert answer.status_code == 303
        return str(answer.headers["location"])

    async def fill(self, case: str, *, skip: tuple[str, ...] = (), **change: str) -> None:
        """Fill in every section as an applicant in category B would."""
        for section, fields in sections(change).items():
            if section not in skip:
                answer = await self.send(f"{case}/{section}", fields)
                assert answer.status_code == 303, (section, answer.text)


def sections(change: dict[str, str]) -> dict[str, dict[str, str]]:
    """A complete application by page and field, dates in their three parts."""
    said = application()
    flat: dict[str, str] = {}
    for part in ("employer", "beneficiary", "employment"):
        for key, value in said[part].items():
            if key.endswith(("_date", "_expiry", "contract_start", "contract_end")):
                flat |= date(f"{part}.{key}", value)
            elif value:
                flat[f"{part}.{key}"] = str(value)
    flat |= change
    pages = {
        "employer": ("employer.credit_code", "employer.name", "employer.industry", "employer.district"),
        "contact": ("employer.contact",),
        "passport": ("beneficiary.surname", "beneficiary.given", "beneficiary.sex", "beneficiary.birth",
                     "beneficiary.nationality", "beneficiary.passport"),
        "education": ("beneficiary.education", "beneficiary.chinese", "employment.experience"),
        "visa": ("beneficiary.visa", "beneficiary.residence", "beneficiary.entry"),
        "position": ("employment.position", "employment.occupation", "employment.annual", "employment.months",
                     "employment.place", "employment.contract"),
    }  # fmt: skip
    return {
        page: {name: value for name, value in flat.items() if name.startswith(starts)} for page, starts in pages.items()
    }


def date(name: str, value: str) -> dict[str, str]:
    """A date as a form sends it."""
    return {f"{name}-{part}": one for part, one in zip(("year", "month", "day"), value.split("-"), strict=True)}


def next_year() -> str:
    """A year that is still to come."""
    return str(clock.today().year + 1)
