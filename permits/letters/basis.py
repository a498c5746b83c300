"""What a letter stands on, read from the law on the day it is issued: articles, remedies, the office's name."""

import datetime as dt
from typing import Any

import msgspec

from permits.i18n import Text
from permits.letters.model import Office, Remedies
from permits.rules.law import Law


def articles(law: Law, kind: str, *, on: dt.date, region: str) -> tuple[Text, ...]:
    """The articles that letters of this kind name. Raises `NoRule`."""
    return msgspec.convert(law.setting(f"letter.articles.{kind}", on=on, region=region).value, tuple[Text, ...])


def remedies(law: Law, *, on: dt.date, region: str) -> Remedies:
    """Who may be asked, and by when, against a decision (Administrative Licensing Law, Art. 38). Raises `NoRule`."""
    limits: dict[str, Any] = law.setting("letter.remedies", on=on, region=region).value
    body = law.setting("letter.reconsideration_body", on=on, region=region).value
    return msgspec.convert(limits | {"reconsideration_body": body}, Remedies)


def office(law: Law, *, on: dt.date, region: str, demo: bool) -> Office:
    """The authority as its letters name it; a demonstration never uses a real authority's name. Raises `NoRule`."""
    key = "letter.office_in_demonstrations" if demo else "letter.office"
    return msgspec.convert(law.setting(key, on=on, region=region).value, Office)
