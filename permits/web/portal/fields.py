"""How a field is asked, what a page sent of it as a patch, and its value in words. It judges no value.

Names are those of the JSON interface with dots; what a field is called and its codes stand in `web/labels.py`.
"""

import re
import unicodedata
from collections.abc import Collection
from typing import Any, Literal

import msgspec

from permits.i18n import Text
from permits.rules.nationality import NATIONALITIES
from permits.web.forms import Form
from permits.web.labels import LABELS, OPTIONS

Kind = Literal["text", "number", "date", "select", "radios", "checkboxes", "lines"]
Options = list[tuple[str, Text]]


class Field(msgspec.Struct, frozen=True):
    """One thing that is asked."""

    name: str
    kind: Kind = "text"
    hint: Text = Text("", "")
    width: str = "ow-w20"
    code: bool = False
    """Whether it is a number people read aloud: capitals and digits, no spaces."""
    live: str = ""
    """Address that checks it while one types."""
    inputmode: str = ""
    autocomplete: str = "off"
    suffix: Text = Text("", "")
    maxlength: int = 200

    @property
    def label(self) -> Text:
        """What it is called."""
        return LABELS[self.name]

    @property
    def pointer(self) -> str:
        """Its place in an application, as a JSON pointer."""
        return "/" + self.name.replace(".", "/")

    @property
    def options(self) -> Options:
        """Its codes with their words, in order."""
        if self.name == "beneficiary.nationality":
            return list(NATIONALITIES.items())
        return list(OPTIONS.get(self.name, {}).items())


class Section(msgspec.Struct, frozen=True):
    """One page of the form."""

    key: str
    """The last part of its address."""
    group: Text
    title: Text
    question: Text
    """The heading of its page."""
    lead: Text
    fields: tuple[Field, ...]
    template: str = "portal/section.html"

    @property
    def names(self) -> frozenset[str]:
        """The names of its fields."""
        return frozenset(field.name for field in self.fields)


def patch(section: Section, sent: Form, opened: Collection[str]) -> dict[str, Any]:
    """What a page sent as a merge patch (RFC 7396): empty fields remove, fields that are locked are left out."""
    out: dict[str, Any] = {}
    for field in section.fields:
        if field.name in opened:
            part, key = field.name.split(".")
            value = _value(field, sent)
            out.setdefault(part, {})[key] = None if value in ("", []) else value
    return out


def _value(field: Field, sent: Form) -> Any:
    if field.kind == "lines":
        lines = [capitals(line) for line in sent.all(field.name)]
        return lines if any(lines) else None
    if field.kind == "checkboxes":
        return [one for one in sent.all(field.name) if one]
    if field.kind == "number":
        return _number(sent.get(field.name))
    return capitals(sent.get(field.name)) if field.code else sent.get(field.name)


def capitals(typed: str) -> str:
    """Letters and digits as machines write them: half-width capitals, no spaces, «‹＜ as <."""
    plain = unicodedata.normalize("NFKC", typed).upper().replace("«", "<<").replace("‹", "<")
    return re.sub(r"\s", "", plain)


def _number(typed: str) -> int | str:
    """A whole number, its thousands apart or not; what is none as it was typed, so that the rules refuse it."""
    plain = re.sub(r"[\s,，]", "", unicodedata.normalize("NFKC", typed))
    return int(plain) if re.fullmatch(r"[0-9]{1,12}", plain) else typed


def shown(field: Field, value: Any, lang: str, options: Options | None = None) -> str:
    """A value as a person reads it; empty where there is none. `options`: the field's codes, where the law has them."""
    if value is None or value == "":
        return ""
    if isinstance(value, list | tuple):
        return ("、" if lang == "zh" else ", ").join(shown(field, one, lang, options) for one in value)
    if isinstance(value, int):
        return f"{value:,} {field.suffix.of(lang)}".strip()
    found = dict(options or field.options).get(str(value))
    return found.of(lang) if found else str(value)
