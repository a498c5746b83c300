"""Specimens of the documents that employers upload: a page with the case's facts as PDF, a drawn portrait as JPEG.

Every one says that it is invented; none imitates a real document.
"""

import functools
import io
import random
from collections.abc import Sequence
from pathlib import Path

import msgspec
import typst
from PIL import Image, ImageDraw
from pylopdf_fonts_zh_cn import sans_path

TEMPLATES = Path(__file__).parent / "templates"
PORTRAIT = (720, 1000)
"""Pixels of a portrait."""


class Sheet(msgspec.Struct, frozen=True):
    """What stands on a specimen."""

    title: str
    facts: Sequence[tuple[str, str]]
    lines: Sequence[str] = ()
    """Below the facts, such as a machine-readable zone."""


@functools.cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[sans_path().parent])


def pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF of one page; about 10 ms of CPU."""
    inputs = {"sheet": msgspec.json.encode(sheet).decode()}
    made: bytes = typst.compile(
        TEMPLATES / "sheet.typ", root=TEMPLATES, font_paths=_fonts(), sys_inputs=inputs, timestamp=0
    )
    return made


def portrait(r: random.Random) -> bytes:
    """A drawn head and shoulders on white, of nobody."""
    width, height = PORTRAIT
    made = Image.new("RGB", PORTRAIT, "white")
    draw = ImageDraw.Draw(made)
    skin, coat = r.choice(("#d9b79a", "#b98c6a", "#e8cdb5")), r.choice(("#33535f", "#5a4a63", "#3d5944"))
    draw.ellipse((width * 0.12, height * 0.68, width * 0.88, height * 1.5), fill=coat)
    draw.rectangle((width * 0.42, height * 0.55, width * 0.58, height * 0.72), fill=skin)
    draw.ellipse((width * 0.29, height * 0.18, width * 0.71, height * 0.64), fill=skin)
    draw.pieslice((width * 0.27, height * 0.14, width * 0.73, height * 0.48), 180, 360, fill="#3b302a")
    out = io.BytesIO()
    made.save(out, "JPEG", quality=80)
    return out.getvalue()
