"""The page for whoever was second: the case as it is now beside what was typed, and a button for the latter."""

from collections.abc import Iterator

import msgspec
from litestar.response import Response

from permits.errors import Conflict
from permits.i18n import Text
from permits.web.forms import Form
from permits.web.pages import error_page
from permits.web.portal.fields import Section, patch, shown
from permits.web.portal.ground import Asked, Looked, looked


class Difference(msgspec.Struct, frozen=True):
    """A field as it is now and as it was typed."""

    label: Text
    now: str
    typed: str


async def stale(request: Asked, number: str, here: Section, sent: Form, problem: Conflict) -> Response[str]:
    """The case changed after the page was opened: both versions, and a button for the one that was typed."""
    found = await looked(request, number)
    return error_page(
        request,
        problem,
        held=sent,
        template="portal/stale.html",
        version=found.case.row.version,
        differences=list(differences(found, here, sent)),
        back=f"{found.href}/{here.key}",
    )


def differences(found: Looked, here: Section, sent: Form) -> Iterator[Difference]:
    """The fields in which the two versions differ."""
    change = patch(here, sent, frozenset(here.names))
    for field in here.fields:
        part, key = field.name.split(".")
        now, typed = getattr(found.seen, part).get(key), change.get(part, {}).get(key)
        if now != typed:
            lang = found.desk.lang
            yield Difference(field.label, shown(field, now, lang) or "—", shown(field, typed, lang) or "—")
