"""Writes machine readable zones (ICAO Doc 9303) of cards, passports and visas: for tests and the demonstration.

Nothing it makes is a document; reading and checking stand in `mrz`.
"""

import re
import unicodedata
from datetime import date

import msgspec

from permits.rules.mrz_layouts import DOCUMENT_NUMBER, LAYOUTS, RUNNING_ON, SEXES, Layout, check_digit

_LETTERS = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "Ĳ": "IJ", "Ł": "L", "Ñ": "N", "Ö": "OE", "Ø": "OE",
    "Œ": "OE", "Þ": "TH", "Ŧ": "T", "Ü": "UE", "ẞ": "SS",
}  # fmt: skip
"""Latin letters that a machine readable zone writes otherwise (Doc 9303-3, section 6, table A)."""


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine readable zone is made of. Codes are ISO's (DEU is printed as D)."""

    code: str
    """The document's code, such as `P`, `V`, `I` or `PD`."""
    issuer: str
    surname: str
    given: str
    nationality: str
    number: str
    """On cards it may have more than nine characters: it then runs on into the optional data."""
    birth: date
    sex: str
    """F, M or X."""
    expiry: date
    optional: str = ""
    optional_2: str = ""
    """TD1 only."""


def build(name: str, document: Document) -> tuple[str, ...]:
    """The lines of a zone in the format of a `Layout` name. Names are transliterated and cut to fit.

    ValueError where a part cannot be written: no such format, a document code or sex that is none, a letter that is not
    Latin, a number or data too long.
    """
    layout = next((each for each in LAYOUTS if each.name == name), None)
    fitting = layout is not None and document.code != "" and document.code[0] in layout.letters
    if layout is None or not fitting or document.sex not in SEXES:
        raise ValueError("no such format, or its documents have another code or sex")
    zone = [["<"] * layout.length for _ in range(layout.lines)]
    for part, text in _parts(layout, document).items():
        row, start, end = layout.places[part]
        zone[row][start:end] = text
        if part in layout.checked and not (part == "document_number" and _runs_on(layout, document)):
            zone[row][end] = check_digit(text)
    if layout.composite:
        covered = "".join("".join(zone[row][start:end]) for row, start, end in layout.composite)
        zone[1][-1] = check_digit(covered)
    return tuple("".join(line) for line in zone)


def _parts(layout: Layout, document: Document) -> dict[str, str]:
    """Each part as the zone writes it, filled up to its length."""
    number, optional = _bare(document.number), _bare(document.optional)
    if _runs_on(layout, document):
        rest = number[DOCUMENT_NUMBER:]
        number, optional = number[:DOCUMENT_NUMBER], f"{rest}{check_digit(number)}<{optional}"
    names = "<<".join(filter(None, (_latin(document.surname), _latin(document.given))))
    _, first, last = layout.places["names"]
    told = {
        "document_code": document.code,
        "issuer": _code(document.issuer),
        "names": names[: last - first],
        "document_number": number,
        "nationality": _code(document.nationality),
        "birth": f"{document.birth:%y%m%d}",
        "sex": "<" if document.sex == "X" else document.sex,
        "expiry": f"{document.expiry:%y%m%d}",
        "optional": optional.rstrip("<"),
        "optional_2": document.optional_2,
    }
    return {part: _filled(told[part], end - start) for part, (row, start, end) in layout.places.items()}


def _runs_on(layout: Layout, document: Document) -> bool:
    """Whether the number is longer than its place, which cards allow (Doc 9303-5, 4.2.2)."""
    return layout.name in RUNNING_ON and len(_bare(document.number)) > DOCUMENT_NUMBER


def mrz_td3(
    surname: str, given: str, *, issuer: str, nationality: str, number: str, birth: date, sex: str, expiry: date,
    optional: str = "",
) -> tuple[str, str]:  # fmt: skip
    """The two lines of a passport. ValueError as `build`."""
    first, second = build("TD3", Document(
        code="P", issuer=issuer, surname=surname, given=given, nationality=nationality, number=number, birth=birth,
        sex=sex, expiry=expiry, optional=optional,
    ))  # fmt: skip
    return first, second


def _code(code: str) -> str:
    return "D" if code == "DEU" else code


def _bare(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()


def _filled(text: str, length: int) -> str:
    bare = _bare(text)
    if not re.fullmatch(rf"[A-Z0-9<]{{0,{length}}}", bare):
        raise ValueError(f"at most {length} capital letters and digits stand here")
    return bare.ljust(length, "<")


def _latin(name: str) -> str:
    """A name as the zone writes it: capitals, the filler between its parts, no apostrophes (Doc 9303-3, 4.6)."""
    composed = unicodedata.normalize("NFC", re.sub(r"['’.]", "", name)).upper()
    spelled = "".join(_LETTERS.get(letter, letter) for letter in composed)
    bare = "".join(c for c in unicodedata.normalize("NFD", spelled) if not unicodedata.combining(c))
    joined = re.sub(r"[\s,-]+", "<", bare.strip())
    if not re.fullmatch(r"[A-Z<]*", joined):
        raise ValueError("a name in the machine readable zone is written in Latin letters")
    return joined
