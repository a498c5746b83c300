"""The unified social credit code (统一社会信用代码, GB 32100-2015): checks it and offers to repair one character.

It never asks a register whether the code was given to anybody.
"""

import re
from collections.abc import Iterator

from stdnum.cn import uscc

from permits.rules.checks import Check, Problem, checked, problem

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 characters of GB 32100-2015, table 1: no I, O, S, V, Z."""
LENGTH = 18
BASE = len(ALPHABET)
WEIGHTS = (*(pow(3, at, BASE) for at in range(LENGTH - 1)), 1)
"""Weights of GB 32100-2015, and 1 for the check character: the weighted sum of a good code is a multiple of 31."""
AUTHORITIES = "123456789ANY"
"""Registering authorities, table 2 with its later additions; the library knows digits only."""
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
"""Weights of the organisation code within it, characters 9 to 16 (GB 11714-1997)."""
LOOKALIKES = {"O": "0", "I": "1", "Z": "2", "S": "5", "V": "U", "B": "8", "8": "B", "D": "0", "G": "6", "Q": "0"}
MOST_REPAIRS = 3

_FORM = re.compile(f"[{AUTHORITIES}][1-9][0-9]{{6}}[{ALPHABET}]{{10}}")


def credit_code(value: str) -> Check:
    """Check a credit code: length, characters, authority, region digits and the check character (modulo 31).

    `fields`: authority, kind, region (GB/T 2260), organisation, check; and `repair`, the whole code with one character
    put right, where just one such repair exists.
    """
    code = uscc.compact(value)
    if len(code) != LENGTH:
        return checked({}, [_wrong_length(len(code))])
    problems = [*_foreign_characters(code)] or [*_form(code)] or [*_check_character(code)]
    if not problems:
        return checked(_parts(code), [])
    repairs = _repairs(code)
    return checked({"repair": _with(code, *repairs[0])} if len(repairs) == 1 else {}, problems)


def _parts(code: str) -> dict[str, str]:
    return {"authority": code[0], "kind": code[1], "region": code[2:8], "organisation": code[8:17], "check": code[17]}


def _wrong_length(length: int) -> Problem:
    return problem(
        "length",
        f"统一社会信用代码为 {LENGTH} 位，现为 {length} 位。",
        f"A unified social credit code has {LENGTH} characters; this has {length}.",
    )


def _foreign_characters(code: str) -> Iterator[Problem]:
    for at, character in enumerate(code):
        if character not in ALPHABET:
            likely = LOOKALIKES.get(character, "")
            yield problem(
                "characters",
                f"第 {at + 1} 位不能用这个字符（代码不用 I、O、S、V、Z）{f'，应为 {likely}？' if likely else '。'}",
                f"Character {at + 1} cannot stand here (the code has no I, O, S, V or Z)"
                + (f"; should it be {likely}?" if likely else "."),
            )


def _form(code: str) -> Iterator[Problem]:
    if code[0] not in AUTHORITIES:
        yield problem("authority", "第 1 位不是登记管理部门代码。", "Character 1 is no registering authority.")
    if code[1] not in "123456789":
        yield problem("kind", "第 2 位不是机构类别代码。", "Character 2 is no kind of organisation.")
    if not code[2:8].isdigit():
        yield problem(
            "region",
            "第 3 至 8 位应为登记地行政区划代码（6 位数字）。",
            "Characters 3 to 8 are the region's six digits (GB/T 2260).",
        )


def _check_character(code: str) -> Iterator[Problem]:
    expected = uscc.calc_check_digit(code[:17])
    if code[17] == expected:
        return
    repairs = [(at, character) for at, character in _repairs(code) if at != LENGTH - 1][:MOST_REPAIRS]
    zh = "、".join(f"第 {at + 1} 位为 {character}" for at, character in repairs)
    en = ", or ".join(f"character {at + 1} is {character}" for at, character in repairs)
    yield problem(
        "check_character",
        f"校验不符：按前 17 位计算，末位应为 {expected}。" + (f"若是别处写错一位，可能{zh}。" if zh else ""),
        f"The check fails: the first 17 characters call for {expected} at the end."
        + (f" If one of them is mistyped: {en}." if en else ""),
    )


def _repairs(code: str) -> list[tuple[int, str]]:
    """Each change of one character that makes the whole code hold, its organisation code too; look-alikes first."""
    foreign = [at for at, character in enumerate(code) if character not in ALPHABET]
    places = foreign if foreign else range(LENGTH)
    found = [(at, _fitting(code, at)) for at in places] if len(foreign) < 2 else []
    good = [(at, character) for at, character in found if character != code[at] and _holds(_with(code, at, character))]
    alike = [(at, character) for at, character in good if LOOKALIKES.get(code[at]) == character]
    return alike or good


def _fitting(code: str, at: int) -> str:
    """The one character that, at this place, makes the check hold: the weighted sum is then a multiple of 31."""
    values = (ALPHABET.find(character) for character in _with(code, at, "0"))
    total = sum(value * weight for value, weight in zip(values, WEIGHTS, strict=True))
    return ALPHABET[-total * pow(WEIGHTS[at], -1, BASE) % BASE]


def _with(code: str, at: int, character: str) -> str:
    return code[:at] + character + code[at + 1 :]


def _holds(code: str) -> bool:
    return bool(_FORM.fullmatch(code)) and _organisation_holds(code)


def _organisation_holds(code: str) -> bool:
    """Whether characters 9 to 17 are an organisation code of GB 11714: it chooses repairs and refuses no code."""
    values = (int(character, 36) for character in code[8:16])
    check = (11 - sum(v * w for v, w in zip(values, ORGANISATION_WEIGHTS, strict=True)) % 11) % 11
    return code[16] == ("X" if check == 10 else str(check))
