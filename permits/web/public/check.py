"""The self-check (自查): what somebody states without signing in, read within bounds, ready for the rules.

Nothing of it is kept: it lives in the page's address, holds no name and no number, and decides no application.
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from litestar.datastructures.multi_dicts import MultiDict

from permits.errors import FieldError
from permits.i18n import Text
from permits.rules import classification
from permits.rules.classification import Profile
from permits.rules.law import Law
from permits.web.forms import Filled
from permits.web.labels import OPTIONS

WAN = 10_000
"""Pay is said in 10,000 yuan in Chinese, in yuan in English: two fields, so that an address means the same in both."""
LONGEST = 20
"""Characters of a number; longer ones are not looked at."""
EXAMPLE = Profile(
    annual_salary_cny=300_000, education="bachelor", experience_years=17, months_per_year=12,
    chinese="none", place="ordinary", age=42,
)  # fmt: skip
"""A published example of the provisional edition, which the front page shows: 74 points."""
ASKED = ("annual_salary_cny", "salary_wan", "education", "experience_years", "age")
"""Fields that show that the check was asked for."""
NO_NUMBER = Text("请填一个数。", "Give a number.")
NO_WHOLE_NUMBER = Text("请填整数。", "Give a whole number.")

Query = MultiDict[Any]


class Asked(msgspec.Struct, frozen=True):
    """What was stated: as a form is filled, and as the rules take it."""

    filled: Filled
    profile: Profile | None
    """None where something is wrong; `filled` says what."""


def is_asked(query: Query) -> bool:
    """Whether an address asks for the check."""
    return any(name in query for name in ASKED)


def example() -> Filled:
    """The form as it first stands: the published example, to be typed over."""
    return Filled(_values(EXAMPLE))


def read(law: Law, query: Query, on: dt.date, region: str) -> Asked:
    """The check that an address asks for; every wrong field is named at once."""
    stated, unread = _stated(query)
    profile = msgspec.convert(stated, Profile)
    found = [FieldError(*problem) for problem in classification.problems(law, profile, on, region)]
    pointers = {error.pointer for error in unread}
    errors = [*unread, *(error for error in found if error.pointer not in pointers)]
    named = [_where_typed(error, query) for error in errors]
    values = {**_values(profile), **{name: str(query[name])[:LONGEST] for name in ASKED if name in query}}
    return Asked(Filled.of(values if errors else _values(profile), named), None if errors else profile)


def _stated(query: Query) -> tuple[dict[str, Any], list[FieldError]]:
    numbers = {
        "annual_salary_cny": (_yuan(query), NO_NUMBER),
        "experience_years": (_whole(query.get("experience_years", "")), NO_WHOLE_NUMBER),
        "age": (_whole(query.get("age", "")), NO_WHOLE_NUMBER),
        "months_per_year": (_whole(query.get("months_per_year", "12")), NO_WHOLE_NUMBER),
    }
    errors = [FieldError(f"/{name}", text) for name, (number, text) in numbers.items() if number is None]
    known = OPTIONS["employment.other"]
    return {
        **{name: number or 0 for name, (number, _) in numbers.items()},
        "education": str(query.get("education", ""))[:60],
        "chinese": str(query.get("chinese", "none"))[:60],
        "place": "ordinary",
        "other": tuple(code for code in known if code in query.getall("other", [])),
    }, errors


def _yuan(query: Query) -> int | None:
    """Yearly pay in whole yuan, from whichever field was sent."""
    if "salary_wan" in query:
        wan = _decimal(query["salary_wan"])
        return None if wan is None else int(wan * WAN)
    return _whole(query.get("annual_salary_cny", ""))


def _whole(typed: str) -> int | None:
    number = _decimal(typed)
    return int(number) if number is not None and number == number.to_integral_value() else None


def _decimal(typed: str) -> Decimal | None:
    """A number as people type it: full-width digits, spaces and thousands' commas are fine."""
    plain = unicodedata.normalize("NFKC", str(typed)).replace(",", "").replace(" ", "")
    if len(plain) > LONGEST:
        return None
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < WAN**3 else None


def _where_typed(error: FieldError, query: Query) -> FieldError:
    """The error at the field that was on the page."""
    in_wan = error.pointer == "/annual_salary_cny" and "salary_wan" in query
    return FieldError("/salary_wan", error.text) if in_wan else error


def _values(profile: Profile) -> Mapping[str, Any]:
    """A form's values; both fields of the pay, whichever the language shows."""
    wan = Decimal(profile.annual_salary_cny) / WAN
    values = {name: getattr(profile, name) for name in ("education", "experience_years", "age", "months_per_year")}
    pay = {"annual_salary_cny": f"{profile.annual_salary_cny:,}", "salary_wan": f"{wan.normalize():f}"}
    more = {"chinese": profile.chinese, "other": profile.other}
    return {**{name: str(value) for name, value in values.items()}, **pay, **more}
