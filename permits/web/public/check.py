"""The self-check (自查): what somebody states without signing in, read within bounds, ready for the rules.

Nothing of it is kept: it lives in the page's address, holds no name and no number, and decides no application.
"""

import datetime as dt
import unicodedata
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

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
SITUATIONS = {
    "issue-in-china": Text("已经在中国，签证或居留许可还有效", "In China already, on a valid visa or residence permit"),
    "issue-abroad": Text("还在国外", "Still abroad"),
    "extend": Text("已有工作许可，快到期了", "A work permit that will run out"),
}
"""Where the person stands now: the service item that it leads to."""
FARTHEST_YEARS = 20
NO_DAY = Text("请写成年-月-日，例如 2027-03-31。", "Give the date as year-month-day, such as 2027-03-31.")
FAR_DAY = Text("日期应在前后二十年内。", "The date lies within twenty years.")
NO_SITUATION = Text("请从列出的情形里选。", "Choose one of those listed.")
NO_NUMBER = Text("请填一个数。", "Give a number.")
STANDING = ("situation", "until")
"""Fields that say where the person stands now."""
NO_WHOLE_NUMBER = Text("请填整数。", "Give a whole number.")

Query = MultiDict[Any]


class Asked(msgspec.Struct, frozen=True):
    """What was stated: as a form is filled, and as the rules take it."""

    filled: Filled
    profile: Profile | None
    """None where something is wrong; `filled` says what."""
    item: str = "issue-in-china"
    """The service item that the situation leads to."""
    until: dt.date | None = None
    """The last day of what the person holds, or the day of entry; None while it is not stated."""


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
    item, until, wrong = _situation(query, on)
    found = [FieldError(*problem) for problem in classification.problems(law, profile, on, region)]
    pointers = {error.pointer for error in unread}
    errors = [*unread, *(error for error in found if error.pointer not in pointers), *wrong]
    named = [_where_typed(error, query) for error in errors]
    typed = {name: str(query[name])[:LONGEST] for name in (*ASKED, *STANDING) if name in query}
    values = {**_values(profile), **typed} if errors else {**typed, **_values(profile)}
    return Asked(Filled.of(values, named), None if errors else profile, item, until)


def _situation(query: Query, on: dt.date) -> tuple[str, dt.date | None, list[FieldError]]:
    """Where the person stands, until when, and what is wrong with either."""
    item, typed = str(query.get("situation", "issue-in-china")), str(query.get("until", "")).strip()
    errors = [] if item in SITUATIONS else [FieldError("/situation", NO_SITUATION)]
    try:
        until = dt.date.fromisoformat(_plain_day(typed)) if typed else None
    except ValueError:
        return item, None, [*errors, FieldError("/until", NO_DAY)]
    if until and abs(until.year - on.year) > FARTHEST_YEARS:
        errors.append(FieldError("/until", FAR_DAY))
    return item, until, errors


def _plain_day(typed: str) -> str:
    """A day as people type it: full-width digits, slashes, points, and 年月日 are fine."""
    text = unicodedata.normalize("NFKC", typed[:LONGEST]).translate(_MARKS).strip("-")
    return "-".join(part.zfill(2) for part in text.split("-"))


_MARKS = str.maketrans({"/": "-", ".": "-", "年": "-", "月": "-", "日": None, " ": None})


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


def address(profile: Profile, asked: Asked) -> str:
    """What was stated as the end of an address: of the same result on paper, or of an application begun from it."""
    named = ("annual_salary_cny", "education", "experience_years", "age", "months_per_year", "chinese")
    pairs = [(name, str(getattr(profile, name))) for name in named]
    pairs += [("other", one) for one in profile.other]
    pairs += [("situation", asked.item), *([("until", str(asked.until))] if asked.until else [])]
    return urlencode(pairs)
