"""The number of a foreign permanent resident's identity card (外国人永久居留身份证), as given since 2023-12-01.

18 characters: 9, place (2 digits), nationality (3 digits, ISO 3166-1 numeric), birth date, serial (3), check character
(ISO 7064 MOD 11-2, GB 11643). It never says whether a card was given out.
"""

import re
from datetime import date

from stdnum.iso7064 import mod_11_2

from permits.rules.checks import Check, Problem, checked, problem
from permits.rules.nationality import alpha_3
from permits.rules.regions import PROVINCES

_FORM = re.compile(r"9(\d{2})(\d{3})(\d{8})(\d{3})([0-9X])", re.ASCII)


def permanent_residence(value: str, today: date) -> Check:
    """Check a number. `fields`: place (first two digits of GB/T 2260), nationality (alpha-3), birth, serial, check."""
    text = re.sub(r"[\s-]", "", value).upper()
    found = _FORM.fullmatch(text)
    if found is None:
        zh = "永久居留身份证号码为 18 位，以 9 开头，末位可为 X。"
        return checked({}, [problem("form", zh, "The number has 18 characters, begins with 9 and may end in X.")])
    place, country, birth, serial, check = found.groups()
    fields = {"place": place, "nationality": alpha_3(country) or "", "birth": birth, "serial": serial, "check": check}
    day = _day(birth)
    if day is not None:
        fields["birth"] = day.isoformat()
    return checked(fields, [*_problems(fields, day, today), *_check_character(text)])


def _problems(fields: dict[str, str], birth: date | None, today: date) -> list[Problem]:
    wrong = []
    if fields["place"] not in PROVINCES:
        wrong.append(problem("place", "第 2、3 位不是省级代码。", "Characters 2 and 3 are no province."))
    if not fields["nationality"]:
        wrong.append(problem("nationality", "第 4 至 6 位不是国籍代码。", "Characters 4 to 6 are no nationality."))
    if birth is None or birth > today:
        wrong.append(problem("birth", "第 7 至 14 位不是出生日期。", "Characters 7 to 14 are no date of birth."))
    return wrong


def _check_character(text: str) -> list[Problem]:
    expected = mod_11_2.calc_check_digit(text[:-1])
    if text[-1] == expected:
        return []
    return [
        problem(
            "check_character",
            f"校验不符：按前 17 位计算，末位应为 {expected}；若末位没有写错，则前面有一位写错。",
            f"The check fails: the first 17 characters call for {expected}, or one of them is wrong.",
        )
    ]


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None
