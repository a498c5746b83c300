"""Forms of the pages: what came in, within bounds, and what a form is filled with when it is shown (again).

Nothing is judged here beyond size and form; what a value means is the rules' business.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Self

import msgspec
from litestar.connection import Request
from litestar.datastructures import UploadFile
from litestar.types import Scope

from permits.errors import BadInput, FieldError, TooLarge
from permits.i18n import Text

MAX_FIELDS = 300
"""More names or values than any page of ours sends."""
MAX_LENGTH = 20_000
"""The longest value in characters: reasons of a decision."""

DATE_PARTS = ("year", "month", "day")


def unreadable() -> BadInput:
    """What somebody is told whose form is no form of ours."""
    return BadInput(Text("表单读不出来，请重新打开这一页再填。", "The form could not be read. Open the page again."))


class Form(msgspec.Struct, frozen=True):
    """What a form sent: values by field name, each field with one or more, and files apart."""

    values: dict[str, tuple[str, ...]]
    files: dict[str, tuple[UploadFile, ...]]

    def get(self, name: str, default: str = "") -> str:
        """The first value of a field, or the default; the three parts of a date come as one YYYY-MM-DD."""
        if name in self.values:
            return self.values[name][0]
        parts = [self.get(f"{name}-{part}") for part in DATE_PARTS] if f"{name}-year" in self.values else []
        return joined_date(*parts) if any(parts) else default

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field: the boxes ticked."""
        return self.values.get(name, ())

    def flat(self) -> dict[str, str]:
        """First values by field name, dates joined, without the service's own fields."""
        names = {date_name(name) for name in self.values if name not in OWN_FIELDS}
        return {name: self.get(name) for name in sorted(names)}

    def nested(self, *, lists: Iterable[str] = ()) -> dict[str, Any]:
        """Values as the JSON interface takes them: employer.name becomes {"employer": {"name": …}}.

        Empty values are left out; fields in `lists` become lists of every value.
        """
        body: dict[str, Any] = {}
        many = set(lists)
        for name, value in self.flat().items():
            put(body, name.split("."), [one for one in self.all(name) if one] if name in many else value)
        return body


OWN_FIELDS = frozenset({"csrf", "then", "idempotency_key", "version"})
"""Fields of the service, not of the application."""


def put(body: dict[str, Any], path: list[str], value: Any) -> None:
    """Set a value deep in a body, unless it is empty."""
    if value in ("", []):
        return
    for step in path[:-1]:
        body = body.setdefault(step, {})
    body[path[-1]] = value


def date_name(name: str) -> str:
    """The field that a date's part belongs to, else the name itself."""
    base, _, part = name.rpartition("-")
    return base if base and part in DATE_PARTS else name


def joined_date(year: str, month: str, day: str) -> str:
    """Three parts as YYYY-MM-DD, as typed where they are no numbers, so that the rules can refuse them."""
    return f"{year.strip():0>4}-{month.strip():0>2}-{day.strip():0>2}"


def clean(value: str) -> str:
    """A value within bounds, with plain line ends and no space around; NUL and excess are refused."""
    if "\0" in value:
        raise unreadable()
    if len(value) > MAX_LENGTH:
        raise TooLarge(Text("有一项太长，最多两万字。", "One entry is too long: 20,000 characters at most."))
    return value.replace("\r\n", "\n").strip()


async def form(request: Request[Any, Any, Any]) -> Form:
    """The form a request sent; BadInput when it cannot be read, TooLarge beyond the bounds."""
    try:
        pairs = list((await request.form()).multi_items())
    except (UnicodeDecodeError, ValueError) as error:
        raise unreadable() from error
    if len(pairs) > MAX_FIELDS:
        raise unreadable()
    values: dict[str, tuple[str, ...]] = {}
    files: dict[str, tuple[UploadFile, ...]] = {}
    for name, value in pairs:
        if isinstance(value, UploadFile):
            files[name] = (*files.get(name, ()), value)
        else:
            values[clean(name)] = (*values.get(name, ()), clean(str(value)))
    request.scope["state"]["typed"] = sent = Form(values, files)
    return sent


def typed(scope: Scope) -> Form | None:
    """The form that a request brought, for a page that says why it could not be taken; None with files or a password.

    Files cannot be sent again from a page, and a password is nobody's to keep.
    """
    sent: Form | None = scope["state"].get("typed")
    return None if sent is None or sent.files or "password" in sent.values else sent


class Filled(msgspec.Struct, frozen=True):
    """What a form shows: values by field name and, beside them, what is wrong."""

    values: Mapping[str, str | tuple[str, ...]] = {}
    errors: Mapping[str, Text] = {}
    """By field name, in the order of the summary."""

    @classmethod
    def of(cls, body: Mapping[str, Any], errors: Iterable[FieldError] = ()) -> Self:
        """From a nested body, such as a draft, and its field errors."""
        return cls(dict(flattened(body)), {field_of(error.pointer): error.text for error in errors})

    @classmethod
    def again(cls, sent: Form, errors: Iterable[FieldError] = ()) -> Self:
        """From what was just sent, so that nothing typed is lost."""
        values = {name: sent.all(name) if len(sent.all(name)) > 1 else value for name, value in sent.flat().items()}
        return cls({**sent.values, **values}, {field_of(error.pointer): error.text for error in errors})

    def value(self, name: str) -> str:
        """The value of a field, empty when there is none."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else next(iter(value), "")

    def all(self, name: str) -> tuple[str, ...]:
        """The values of a field that may have several."""
        value = self.values.get(name, ())
        return (value,) if isinstance(value, str) else tuple(value)

    def date_part(self, name: str, part: str) -> str:
        """Year, month or day of a date field, as typed or out of its YYYY-MM-DD."""
        if f"{name}-{part}" in self.values:
            return self.value(f"{name}-{part}")
        parts = self.value(name).split("-")
        return parts[DATE_PARTS.index(part)] if len(parts) == len(DATE_PARTS) else ""

    def error(self, name: str) -> Text | None:
        """What is wrong with a field."""
        return self.errors.get(name)


def field_of(pointer: str) -> str:
    """The field name of a JSON pointer: /employer/credit_code is employer.credit_code."""
    return pointer.strip("/").replace("/", ".")


def element_of(name: str) -> str:
    """The id of a field's input."""
    return name.replace(".", "-")


def flattened(body: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, str | tuple[str, ...]]]:
    """Every leaf of a nested body by its field name, as the words a form shows."""
    for key, value in body.items():
        name = f"{before}{key}"
        if isinstance(value, Mapping):
            yield from flattened(value, f"{name}.")
        elif isinstance(value, list | tuple):
            yield name, tuple(str(one) for one in value)
        elif value is not None:
            yield name, str(value)
