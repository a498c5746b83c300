"""What a self-check stated, carried into the draft that is begun from it. What is out of bounds is left behind."""

from collections.abc import Iterable, Mapping
from typing import Any

from permits import decoding
from permits.cases.application import Application
from permits.cases.words import FIELDS
from permits.errors import BadInput
from permits.i18n import Text
from permits.web.labels import OPTIONS

WHOLE = {"annual_salary_cny": "employment", "experience_years": "employment", "months_per_year": "employment"}
CODES = {"education": "beneficiary", "chinese": "beneficiary"}
OTHER = "other"
LONGEST = 20
"""Characters of one answer."""


def read(values: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """The answers among an address's or a form's values, as they are sent on."""
    found = {name: tuple(values[name])[:1] for name in (*WHOLE, *CODES) if name in values}
    if OTHER in values:
        found[OTHER] = tuple(values[OTHER])[: len(OPTIONS["employment.other"])]
    return {name: given for name, given in found.items() if given and all(len(one) <= LONGEST for one in given)}


def application(procedure: str, joint: bool, carried: Mapping[str, tuple[str, ...]]) -> Application:
    """A new application with what was stated; whatever the form would refuse is left out."""
    raw: dict[str, Any] = {"procedure": procedure, "joint": joint, "beneficiary": {}, "employment": {}}
    for name, given in carried.items():
        if name == OTHER:
            raw["employment"][name] = list(given)
        elif name in CODES:
            raw[CODES[name]][name] = given[0]
        elif given[0].isascii() and given[0].isdecimal():
            raw[WHOLE[name]][name] = int(given[0])
    try:
        return decoding.convert(raw, Application)
    except BadInput as wrong:
        return decoding.convert(decoding.without(raw, [error.pointer for error in wrong.errors]), Application)


def labels(carried: Mapping[str, tuple[str, ...]]) -> list[Text]:
    """What the answers are called."""
    places = {**WHOLE, **CODES, OTHER: "employment"}
    return [FIELDS[f"{places[name]}.{name}"] for name in carried]
