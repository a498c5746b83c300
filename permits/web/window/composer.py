"""The list of corrections being written: everything at once, each item a field or a document and what is wanted.

Nothing is kept on the server until the list is sent; what is typed travels with the form.
"""

import msgspec

from permits.cases.view import CaseView
from permits.i18n import Text
from permits.web.forms import Form
from permits.web.window.fields import correctable

BLANKS = 2
"""Empty rows offered on a fresh list."""
MOST = 50
"""Items of one list (bodies.RequestCorrection)."""


class Row(msgspec.Struct, frozen=True):
    """One row of the list."""

    what: str = ""
    """The pointer of a field, or the kind of a document."""
    text: str = ""
    error: Text | None = None


def rows(sent: Form | None, errors: dict[str, Text] | None = None) -> list[Row]:
    """The rows to show: what was typed, what was just added, and a blank one."""
    if sent is None:
        return [Row() for _ in range(BLANKS)]
    typed = [Row(what, text, _error(errors or {}, at)) for at, (what, text) in enumerate(_typed(sent))]
    if "add" in sent.values:
        typed.append(Row(what=sent.get("add")))
    return [*typed, Row()][:MOST]


def items(sent: Form) -> list[dict[str, str]]:
    """The items as the action takes them."""
    return [_item(what, text) for what, text in _typed(sent)]


def _item(what: str, text: str) -> dict[str, str]:
    place = {"pointer": what} if what.startswith("/") else {"document": what} if what else {}
    return {"text": text, **place}


def _typed(sent: Form) -> list[tuple[str, str]]:
    """What and text of each row in which something stands."""
    pairs = ((sent.get(f"items.{at}.what"), sent.get(f"items.{at}.text")) for at in range(MOST))
    return [(what, text) for what, text in pairs if what or text]


def _error(errors: dict[str, Text], at: int) -> Text | None:
    found = [text for name, text in errors.items() if name == f"items.{at}" or name.startswith(f"items.{at}.")]
    return found[0] if found else None


def options(view: CaseView) -> tuple[list[tuple[str, Text | str]], list[tuple[str, Text | str]]]:
    """What a row may name: documents, and fields."""
    documents: list[tuple[str, Text | str]] = [
        (document.kind, document.title) for document in view.documents if document.status != "on-register"
    ]
    return documents, list(correctable())
