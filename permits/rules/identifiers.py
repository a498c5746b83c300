"""The office's own numbers (case, letter, permit, verification code) and the electronic licence's, made and checked.

Each ends in a check character that finds any one wrong character. Nothing here knows which numbers were given out: the
counters are the database's.
"""

import itertools
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from stdnum.iso7064 import mod_37_36

from permits.i18n import Text
from permits.rules import item_codes, regions
from permits.rules.checks import Check, Problem, checked, problem
from permits.rules.credit_code import ALPHABET, credit_code
from permits.rules.mrz import mrz
from permits.rules.nationality import NATIONALITIES, icao_to_iso, why_not
from permits.rules.permanent_residence import permanent_residence

KINDS = (
    "credit-code", "mrz", "licence-identifier", "case-number", "letter-number", "permit-number", "verification-code",
    "item-code", "permanent-residence", "region", "nationality",
)  # fmt: skip
LONGEST = 200
"""No identifier is longer, in characters; longer text is not looked at."""
LICENCE_ROOT = "1.2.156.3005.2"
"""The object identifier under which electronic licences stand (GB/T 36904-2018)."""
MOST_VERSIONS = 999
ITEM_CODE_PARTS = {
    "credit_code": ("前 18 位不是实施机构的统一社会信用代码。", "The first 18 characters are no body's credit code."),
    "level": ("第 19 位是行使层级，1 至 6。", "Character 19 is the level, 1 to 6."),
    "basic_code": ("第 20 位起是基本编码，应为数字。", "From character 20 on stands the basic code, digits only."),
}
"""What is wrong with each part of an item code."""
SECRET_CHARACTERS = 12
SECRET_BYTES = 12

_BASE = len(ALPHABET)
_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, at, _BASE) for at in range(_BASE - 1))
"""They begin anew after these (Fermat)."""
_LICENCE = re.compile(r"([0-9A-Z]{21})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,40})\.([0-9A-Z]{3})\.([0-9A-Z])")
_CASE = re.compile(r"\d{4}-(?P<year>\d{2})-(?P<serial>\d{6,12})-[0-9A-Y]", re.ASCII)
_LETTER = re.compile(r"\d{4}-(?P<year>\d{2})-L(?P<serial>\d{6,12})-[0-9A-Y]", re.ASCII)
_PERMIT = re.compile(r"\d{6}(?P<serial>\d{6,12})[0-9A-Y]", re.ASCII)
_CODE = re.compile(rf"\d{{4}}(?:-[{ALPHABET}]{{4}}){{3}}-[0-9A-Y]", re.ASCII)


def check(kind: str, value: str | Sequence[str], today: date) -> Check:
    """Check an identifier of one of `KINDS`, as text or lines, while one types. ValueError: no such kind."""
    text = value if isinstance(value, str) else "\n".join(value)
    if len(text) > LONGEST:
        return checked({}, [problem("length", "内容过长。", "This is too long.")])
    if kind == "mrz":
        return mrz(tuple(text.splitlines()), today)
    if kind == "permanent-residence":
        return permanent_residence(text, today)
    if kind not in CHECKS:
        raise ValueError("no such kind of identifier")
    return CHECKS[kind](text)


def check_character(body: str) -> str:
    """The character that closes a number of ours: weights 3^n modulo 31, as in GB 32100-2015, over any length."""
    if unknown := set(body) - _VALUES.keys():
        raise ValueError(f"characters that stand in no number of ours: {sorted(unknown)}")
    total = sum(map(operator.mul, map(_VALUES.__getitem__, body), itertools.cycle(_WEIGHTS)))
    return ALPHABET[-total % _BASE]


def make_case_number(region: str, year: int, n: int) -> str:
    """The number of a case: city, year, counter, check character; `n` counts a city's cases of the year from 1."""
    return _closed(f"{_city(region)}-{year % 100:02d}-{_counter(n)}", "-")


def make_letter_number(region: str, year: int, n: int) -> str:
    """The number of a letter or decision, with an L; `n` counts a city's letters of the year from 1."""
    return _closed(f"{_city(region)}-{year % 100:02d}-L{_counter(n)}", "-")


def make_permit_number(region: str, n: int) -> str:
    """The number a person's permits keep for life; `n` counts the persons of a city from 1."""
    return _closed(f"{_city(region)}00{_counter(n)}", "")


def make_verification_code(region: str, random_bytes: bytes) -> str:
    """A permit's public code: city, 12 characters (59 bits) made of 12 or more random bytes, check character."""
    if len(random_bytes) < SECRET_BYTES:
        raise ValueError(f"a verification code wants {SECRET_BYTES} random bytes")
    number, characters = int.from_bytes(random_bytes), ""
    for _ in range(SECRET_CHARACTERS):
        number, digit = divmod(number, _BASE)
        characters += ALPHABET[digit]
    groups = "-".join(characters[at : at + 4] for at in range(0, SECRET_CHARACTERS, 4))
    return _closed(f"{_city(region)}-{groups}", "-")


def region_of(value: str) -> str | None:
    """The city (such as 321200) of a case, letter or permit number or verification code; None if it is not ours."""
    text = _typed(value)
    for form in (_CASE, _LETTER, _PERMIT, _CODE):
        if form.fullmatch(text):
            return f"{text[:4]}00" if _body(text) is not None else None
    return None


FORMS = {
    "case": (_CASE, Text("编号形如 3212-26-000001-C。", "A case number looks like 3212-26-000001-C.")),
    "letter": (_LETTER, Text("文号形如 3212-26-L000001-C。", "A letter's number looks like 3212-26-L000001-C.")),
    "permit": (
        _PERMIT,
        Text(
            "许可编号为 13 至 19 位，前 6 位为城市代码。",
            "A permit's number has 13 to 19 characters, the city's six first.",
        ),
    ),
    "verification": (
        _CODE,
        Text(
            "核验码为四位城市代码、三组四位、一位校验。",
            "A code is the city's four digits, three groups of four, and a check character.",
        ),
    ),
}
"""Each kind of number of ours: how it looks, in an expression and in words."""


def case_number(value: str) -> Check:
    """Check a case number. `fields`: region (city), year, serial, check."""
    return _numbered("case", value)


def letter_number(value: str) -> Check:
    """Check the number of a letter or decision. `fields` as `case_number`."""
    return _numbered("letter", value)


def permit_number(value: str) -> Check:
    """Check a permit's number. `fields`: region (city), serial, check."""
    return _numbered("permit", value)


def verification_code(value: str) -> Check:
    """Check a permit's public code. `fields`: region (city), check; what stands between says nothing."""
    return _numbered("verification", value)


def _numbered(kind: str, value: str) -> Check:
    form, looks = FORMS[kind]
    text = _typed(value)
    found = form.fullmatch(text)
    if found is None:
        return checked({}, [Problem("form", looks)])
    told = found.groupdict()
    if "year" in told:
        told["year"] = f"20{told['year']}"
    expected = check_character(text[:-1].replace("-", ""))
    fields = {"region": f"{text[:4]}00", **told, "check": text[-1]}
    return checked(fields, [] if text[-1] == expected else [_wrong_check(expected)])


def item_code(value: str) -> Check:
    """Check a service item's code (GB/T 39554.1-2020). `fields`: credit_code, level, basic_code."""
    try:
        found = item_codes.parse(value.strip().upper())
    except ValueError as wrong:
        field = str(wrong).partition(":")[0]
        return checked({}, [problem(field, *ITEM_CODE_PARTS[field])])
    return checked({"credit_code": found.credit_code, "level": found.level, "basic_code": found.basic_code}, [])


def region(value: str) -> Check:
    """Check a region's code (GB/T 2260). `fields`: code, name_zh, name_en."""
    code = value.strip()
    name = regions.name_of(code)
    if name is None:
        return checked(
            {}, [problem("code", "不是行政区划代码（6 位数字）。", "This is no region's code of six digits.")]
        )
    return checked({"code": code, "name_zh": name.zh, "name_en": name.en}, [])


def nationality(value: str) -> Check:
    """Check a nationality (ISO 3166-1 alpha-3, or a passport's own code). `fields`: code, name_zh, name_en."""
    code = icao_to_iso(value.strip())
    wrong = why_not(code)
    if wrong is not None:
        return checked({}, [Problem("code", wrong)])
    name = NATIONALITIES[code]
    return checked({"code": code, "name_zh": name.zh, "name_en": name.en}, [])


def make_licence_identifier(type_code: str, issuer: str, serial: str, version: int = 1) -> str:
    """The identifier of an electronic licence (GB/T 36904-2018); a new version keeps the serial.

    ValueError: a part that cannot stand there, a version outside 1 to 999.
    """
    parts = (type_code, issuer, serial, f"{version:03d}")
    found = f"{'.'.join(parts)}.{mod_37_36.calc_check_digit(''.join(parts))}"
    if not 1 <= version <= MOST_VERSIONS or not _LICENCE.fullmatch(found):
        raise ValueError("a part of the licence's identifier cannot stand there")
    return f"{LICENCE_ROOT}.{found}"


def licence_identifier(value: str) -> Check:
    """Check an electronic licence's identifier (GB/T 36904-2018; check character ISO 7064 MOD 37,36).

    `fields`: type, issuer, serial, version, check.
    """
    text = value.strip().upper()
    if not text.startswith(f"{LICENCE_ROOT}."):
        return checked({}, [problem("root", f"标识应以 {LICENCE_ROOT}. 开头。", f"It begins with {LICENCE_ROOT}.")])
    found = _LICENCE.fullmatch(text.removeprefix(f"{LICENCE_ROOT}."))
    if found is None:
        return checked(
            {},
            [
                problem(
                    "form",
                    "应为五段：类型代码 21 位、颁发机构代码、流水号、版本号 3 位、校验位，以点相隔。",
                    "It has five parts between dots: type (21), issuer, serial, version (3), check character.",
                )
            ],
        )
    fields = dict(zip(("type", "issuer", "serial", "version", "check"), found.groups(), strict=True))
    expected = mod_37_36.calc_check_digit("".join(found.groups()[:4]))
    return checked(fields, [] if fields["check"] == expected else [_wrong_check(expected)])


CHECKS: Mapping[str, Callable[[str], Check]] = {
    "credit-code": credit_code,
    "licence-identifier": licence_identifier,
    "case-number": case_number,
    "letter-number": letter_number,
    "permit-number": permit_number,
    "verification-code": verification_code,
    "item-code": item_code,
    "region": region,
    "nationality": nationality,
}
"""The check of each kind that needs no date."""


def _wrong_check(expected: str) -> Problem:
    return problem(
        "check_character",
        f"校验不符：按前面各位计算，校验位应为 {expected}；若校验位没有写错，则前面有一位写错。",
        f"The check fails: what stands before calls for {expected}, or a character before it is wrong.",
    )


def _typed(value: str) -> str:
    return value.strip().upper() if len(value) <= LONGEST else ""


def _city(region: str) -> str:
    if not re.fullmatch(r"\d{6}", region, re.ASCII):
        raise ValueError("a region is six digits")
    return region[:4]


def _counter(n: int) -> str:
    if not 0 < n < 10**12:
        raise ValueError("a counter starts at 1 and has at most 12 digits")
    return f"{n:06d}"


def _closed(number: str, joint: str) -> str:
    return f"{number}{joint}{check_character(number.replace('-', ''))}"


def _body(text: str) -> str | None:
    """The number without its check character, or None where that is wrong."""
    body, given = text[:-1].replace("-", ""), text[-1]
    return body if check_character(body) == given else None
