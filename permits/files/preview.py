"""Pages of uploaded documents as pictures, so that a clerk's browser never opens a stranger's file.

The picture holds pixels only: no EXIF, no text, no colour profile of the original.
"""

import io
import threading

import pypdfium2
from PIL import Image, ImageOps

from permits.errors import NotFound
from permits.i18n import Text

MAX_WIDTH = 2000
"""Pixels across; more than a desk's screen shows."""
MAX_RATIO = 4
"""Height by width at most; what is longer is made narrower."""

_PDFIUM = threading.Lock()  # the library may be in use by one thread at a time


def page_png(data: bytes, media: str, page: int, width: int) -> bytes:
    """A page (the first is 1) as PNG, `width` pixels across. Raises NotFound for a page that is not there.

    The bytes must have passed `check`. Takes some tenths of a second of CPU: call it in a thread.
    """
    across = max(1, min(width, MAX_WIDTH))
    picture = _pdf_page(data, page, across) if media == "application/pdf" else _picture(data, page, across)
    drawn = io.BytesIO()
    picture.save(drawn, "PNG", compress_level=3)
    return drawn.getvalue()


def _pdf_page(data: bytes, page: int, width: int) -> Image.Image:
    with _PDFIUM, pypdfium2.PdfDocument(data) as document:
        if not 1 <= page <= len(document):
            raise _no_page()
        shown = document[page - 1]
        across, up = shown.get_size()
        scale = (width - 0.5) / max(across, up / MAX_RATIO, 1)  # half a pixel less: the library rounds up
        drawn: Image.Image = shown.render(scale=scale, may_draw_forms=False).to_pil()
        return drawn.convert("RGB")


def _picture(data: bytes, page: int, width: int) -> Image.Image:
    if page != 1:
        raise _no_page()
    with Image.open(io.BytesIO(data), formats=["JPEG", "PNG"]) as opened:
        opened.draft("RGB", (width, width * MAX_RATIO))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((width, width * MAX_RATIO))
    plain = Image.new("RGB", upright.size, "white")
    plain.paste(upright, mask=upright)
    return plain


def _no_page() -> NotFound:
    return NotFound(Text("没有这一页。", "There is no such page."))
