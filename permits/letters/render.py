"""Makes a letter's PDF from its facts: PDF/A-2b, the same bytes for the same facts, nothing read from the machine.

Facts reach the templates as JSON and are placed as strings, so nothing in them can become markup.
"""

import datetime as dt
import functools
import io
import unicodedata
from pathlib import Path
from typing import Any

import msgspec
import segno
import typst
from pylopdf_fonts_zh_cn import sans_path

from permits.clock import CITY
from permits.letters.model import Letter, kind_of

TEMPLATES = Path(__file__).parent / "templates"
GETA = "〓"
"""Printer's mark for a character that no font here has."""


def render(letter: Letter) -> bytes:
    """The letter as PDF/A-2b. About 10 ms of CPU, 50 ms the first time: call it in a thread from asynchronous code.

    A character that no font has is printed as 〓, as printers do, rather than the letter failing.
    """
    return document(kind_of(letter), msgspec.to_builtins(letter), letter.issued_on)


def document(template: str, facts: dict[str, Any], issued_on: dt.date) -> bytes:
    """Another document of the office on the same paper, from a template beside the letters'; as `render`."""
    facts, issued = _cleaned(facts), dt.datetime.combine(issued_on, dt.time(), CITY)
    try:
        return _compiled(template, facts, issued)
    except typst.TypstError:
        return _compiled(template, _printable(facts), issued)


def _compiled(kind: str, facts: dict[str, Any], issued: dt.datetime) -> bytes:
    url = facts["verification_url"]
    inputs = {"letter": msgspec.json.encode(facts).decode(), "qr": _qr(url) if url else ""}
    return _compile(kind, inputs, issued)


def _compile(template: str, inputs: dict[str, str], issued: dt.datetime) -> bytes:
    pdf: bytes = typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        sys_inputs=inputs,
        pdf_standards="a-2b",
        timestamp=int(issued.timestamp()),
    )
    return pdf


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[sans_path().parent])


def _qr(url: str) -> str:
    drawn = io.BytesIO()
    segno.make(url, error="m", micro=False).save(drawn, kind="svg", border=0, dark="#16252b", xmldecl=False)
    return drawn.getvalue().decode()


def _cleaned(value: Any) -> Any:
    """The facts without control and formatting characters, which no font shows; line breaks stay."""
    if isinstance(value, str):
        plain = unicodedata.normalize("NFC", value.replace("\r\n", "\n"))
        return "".join(c for c in plain if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return _walked(_cleaned, value)


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(c if c.isascii() or _has_glyph(c) else GETA for c in value)
    return _walked(_printable, value)


def _walked(change: Any, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: change(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [change(inner) for inner in value]
    return value


@functools.lru_cache(4096)
def _has_glyph(character: str) -> bool:
    """Whether a font has the character: the engine itself is asked, since its fallback decides."""
    try:
        _compile("glyph", {"character": character}, dt.datetime(2000, 1, 1, tzinfo=dt.UTC))
    except typst.TypstError:
        return False
    return True
