"""What has to be corrected, item by item, with the page where each is put right."""

import msgspec

from permits.cases.model import Correction
from permits.cases.words import field_at
from permits.i18n import Text
from permits.web.portal.ground import Looked
from permits.web.portal.plan import FIELDS, section_of

ASKERS = {
    "office": Text("本局", "The office"),
    "police": Text("公安", "The police"),
    "approval-bureau": Text("行政审批局", "The approval bureau"),
}


class Item(msgspec.Struct, frozen=True):
    """One thing that is asked for, and where it is put right."""

    id: str
    text: str
    asker: Text
    what: Text | str
    """The field or document it is about."""
    href: str
    """The page where it is changed; empty where there is none."""
    answered: bool
    done: bool
    """Whether a document came in after it was asked for."""


def asked_of(found: Looked) -> list[Item]:
    """The list, as the applicant works through it."""
    return [_asked(found, item) for item in found.case.corrections]


def _asked(found: Looked, item: Correction) -> Item:
    what, href = _place(found, item)
    held = next((one for one in found.case.documents if one.kind == item.document), None)
    again = held is not None and held.received_at is not None and held.received_at > item.asked_at
    return Item(str(item.id), item.text, ASKERS[item.asker], what, href, item.answered_at is not None, again)


def _place(found: Looked, item: Correction) -> tuple[Text | str, str]:
    if item.document:
        titles = {one.kind: one.title for one in found.seen.documents}
        return titles.get(item.document, item.document), f"{found.href}/documents/{item.document}"
    name = field_at(item.pointer or "")
    pages = found.sections
    here = section_of(name, pages) or next((section_of(n, pages) for n in FIELDS if n.startswith(f"{name}.")), None)
    label = FIELDS[name].label if name in FIELDS else here.title if here else ""
    return label, f"{found.href}/{here.key}" if here else ""
