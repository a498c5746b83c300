"""What the values of a figure's dimensions are called. It counts nothing."""

import datetime as dt
from collections.abc import Mapping

from permits.cases.words import CATEGORIES
from permits.i18n import Text
from permits.rules import procedures
from permits.rules.law import Law, NoRule
from permits.rules.nationality import NATIONALITIES
from permits.web.labels import words

KINDS = {
    "granted": Text("新发", "Granted"),
    "expired": Text("到期失效", "Expired"),
    "cancelled": Text("注销", "Cancelled"),
    "revoked": Text("撤销", "Revoked"),
    "withdrawn-by-authority": Text("撤回", "Withdrawn"),
    "corrected": Text("事后补录", "Recorded late"),
}
"""What makes permits more or fewer; the last is what took effect and was recorded only after the day."""
AMENDED = {
    "extended": Text("延期", "Extended"),
    "changed": Text("变更", "Changed"),
    "replaced": Text("换发", "Reissued"),
}
"""Versions of permits that change no total."""
FIELDS = {
    "sex": "beneficiary.sex",
    "industry": "employer.industry",
    "district": "employer.district",
    "position_kind": "employment.position_kind",
}
"""The form field whose codes a dimension counts by."""


def value(dimension: str, code: str, law: Law, on: dt.date, region: str, employers: Mapping[str, str]) -> Text:
    """What one value is called; the code itself where it has no words."""
    match dimension:
        case "category":
            name = CATEGORIES.get(code, Text("", ""))
            return Text(f"{code} 类 {name.zh}", f"{code}, {name.en}")
        case "nationality":
            return nationality(code)
        case "age_band":
            return Text(f"{code} 岁", f"aged {code}")
        case "employer":
            name_or_code = employers.get(code, code)
            return Text(name_or_code, name_or_code)
        case "permit_kind":
            return _procedure(law, code, on, region)
        case _:
            return words(FIELDS[dimension], code)


def nationality(code: str) -> Text:
    """A nationality by its code; the code itself where it is none we know."""
    return NATIONALITIES.get(code) or Text(code, code)


def short_district(code: str) -> Text:
    """A district without 区 or 市, as it stands on the map."""
    name = words(FIELDS["district"], code)
    return Text(name.zh.rstrip("区市"), name.en)


def _procedure(law: Law, code: str, on: dt.date, region: str) -> Text:
    try:
        return procedures.procedure(law, code, on, region).title
    except NoRule:
        return Text(code, code)
