"""The office's own numbers (case, letter, permit, verification code) and the electronic licence's, made and checked.

Each ends in a check character that finds any one wrong character. Nothing here knows which numbers were given out: the
counters are the database's.
"""

import re
from collections.abc import Sequence
from datetime import date

from stdnum.iso7064 import mod_37_36

from permits.rules.checks import Check, Problem, checked, problem
from permits.rules.credit_code import ALPHABET, credit_code
from permits.rules.mrz import mrz

KINDS = ("credit-code", "mrz", "licence-identifier", "case-number")
LONGEST = 200
"""No identifier is longer, in characters; longer text is not looked at."""
LICENCE_ROOT = "1.2.156.3005.2"
"""The object identifier under which electronic licences stand (GB/T 36904-2018)."""
SECRET_CHARACTERS = 12
SECRET_BYTES = 12

_BASE = len(ALPHABET)
_LICENCE = re.compile(r"([0-9A-Z]{21})\.([0-9A-Z]{1,18})\.([0-9A-Z]{1,40})\.([0-9A-Z]{3})\.([0-9A-Z])")
_CASE = re.compile(r"(\d{4})-(\d{2})-(\d{6,12})-([0-9A-Y])", re.ASCII)
_LETTER = re.compile(r"(\d{4})-(\d{2})-L(\d{6,12})-([0-9A-Y])", re.ASCII)
_PERMIT = re.compile(r"(\d{6})(\d{6,12})([0-9A-Y])", re.ASCII)
_CODE = re.compile(rf"(\d{{4}})((?:-[{ALPHABET}]{{4}}){{3}})-([0-9A-Y])", re.ASCII)


def check(kind: str, value: str | Sequence[str], today: date) -> Check:
    """Check an identifier of one of `KINDS`, as text or lines, while one types. ValueError: no such kind."""
    text = value if isinstance(value, str) else "\n".join(value)
    if len(text) > LONGEST:
        return checked({}, [problem("length", "内容过长。", "This is too long.")])
    match kind:
        case "credit-code":
            return credit_code(text)
        case "mrz":
            return mrz(tuple(text.splitlines()), today)
        case "licence-identifier":
            return licence_identifier(text)
        case "case-number":
            return case_number(text)
    raise ValueError("no such kind of identifier")


def check_character(body: str) -> str:
    """The character that closes a number of ours: weights 3^n modulo 31, as in GB 32100-2015, over any length."""
    total = sum(ALPHABET.index(character) * pow(3, at, _BASE) for at, character in enumerate(body))
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


def case_number(value: str) -> Check:
    """Check a case number. `fields`: region (city), year, serial, check."""
    text = _typed(value)
    found = _CASE.fullmatch(text)
    if found is None:
        form = problem("form", "编号形如 3212-26-000001-C。", "A case number looks like 3212-26-000001-C.")
        return checked({}, [form])
    city, year, serial, given = found.groups()
    fields = {"region": f"{city}00", "year": f"20{year}", "serial": serial, "check": given}
    if _body(text) is not None:
        return checked(fields, [])
    return checked(fields, [_wrong_check(check_character(city + year + serial))])


def licence_identifier(value: str) -> Check:
    """Check an electronic licence's identifier (GB/T 36904-2018; check character ISO 7064 MOD 37,36).

    `fields`: type, issuer, serial, version, check.
    """
    text = value.strip().upper()
    if not text.startswith(f"{LICENCE_ROOT}."):
        return checked({}, [problem("root", f"标识应以 {LICENCE_ROOT}. 开头。", f"It begins with {LICENCE_ROOT}.")])
    found = _LICENCE.fullmatch(text.removeprefix(f"{LICENCE_ROOT}."))
    if found is None:
        return checked({}, [problem(
            "form",
            "应为五段：类型代码 21 位、颁发机构代码、流水号、版本号 3 位、校验位，以点相隔。",
            "It has five parts between dots: type (21), issuer, serial, version (3), check character.",
        )])
    fields = dict(zip(("type", "issuer", "serial", "version", "check"), found.groups(), strict=True))
    expected = mod_37_36.calc_check_digit("".join(found.groups()[:4]))
    return checked(fields, [] if fields["check"] == expected else [_wrong_check(expected)])


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
