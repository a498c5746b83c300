"""Looks into an uploaded PDF for what a paper document never has: scripts, programs, files inside, a password.

It reads the structure only; no page is drawn and nothing is run.
"""

import io
import re
from collections.abc import Iterator

import msgspec
import pikepdf

from permits.i18n import Text

MAX_PAGES = 50
"""Pages of one document."""
MAX_OBJECTS = 50_000
"""Objects of one PDF: a scan of 50 pages has a few hundred."""
MAX_DEPTH = 20
"""Nesting inside one object."""
MAX_PIXELS = 50_000_000
"""Pixels of one picture: A4 at 600 dpi has 35 million."""

_ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent"})
_ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript",
        "/Launch",
        "/ImportData",
        "/SubmitForm",
        "/GoToE",
        "/Rendition",
        "/Movie",
        "/Sound",
        "/RichMediaExecute",
    }
)
_ACTIVE_TYPES = frozenset({"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"})

_SUSPECT = re.compile("|".join((*_ACTIVE_KEYS, *_ACTIVE_ACTIONS, *_ACTIVE_TYPES, "/Image")).encode())

ENCRYPTED = Text(
    "这个 PDF 有密码或编辑限制。请打印成新的 PDF 再传。",
    "This PDF has a password or restrictions. Print it to a new PDF and try again.",
)
BROKEN = Text("这个 PDF 打不开。请重新导出后再传。", "This PDF cannot be opened. Export it again.")
EMPTY = Text("这个 PDF 没有页面。请重新导出后再传。", "This PDF has no pages. Export it again.")
LONG = Text(
    f"这个 PDF 超过 {MAX_PAGES} 页。请只传需要的页。",
    f"This PDF has more than {MAX_PAGES} pages. Send those that are wanted.",
)
ACTIVE = Text(
    "这个 PDF 里有脚本、附件或会启动程序的内容。请打印成新的 PDF 再传。",
    "This PDF holds scripts, attached files or something that starts programs. Print it to a new PDF and try again.",
)
HUGE = Text(
    "这个 PDF 的内容过于庞大。请按 300 dpi 重新扫描后再传。", "This PDF is too big inside. Scan it again at 300 dpi."
)


class PdfFacts(msgspec.Struct, frozen=True):
    """What a PDF is, or why it is not taken."""

    pages: int = 0
    width: int = 0
    """Points of the first page."""
    height: int = 0
    damaged: bool = False
    """Whether its structure had to be mended to be read."""
    refusal: Text | None = None
    """Why it is not taken."""


def look_into(data: bytes) -> PdfFacts:
    """The facts of a PDF; whatever is wrong with it comes back as `refusal`, never as an exception."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            return PdfFacts(refusal=ENCRYPTED) if pdf.is_encrypted else _facts(pdf)
    except pikepdf.PasswordError:
        return PdfFacts(refusal=ENCRYPTED)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, AttributeError):
        return PdfFacts(refusal=BROKEN)


def _facts(pdf: pikepdf.Pdf) -> PdfFacts:
    pages = len(pdf.pages)
    if refusal := _refusal(pdf, pages):
        return PdfFacts(refusal=refusal)
    left, bottom, right, top = (float(edge) for edge in pdf.pages[0].mediabox)
    return PdfFacts(pages, round(abs(right - left)), round(abs(top - bottom)), bool(pdf.get_warnings()))


def _refusal(pdf: pikepdf.Pdf, pages: int) -> Text | None:
    if pages == 0:
        return EMPTY
    if pages > MAX_PAGES:
        return LONG
    if len(pdf.objects) > MAX_OBJECTS:
        return HUGE
    for item in filter(_suspect, pdf.objects):
        for dictionary in _dictionaries(item, MAX_DEPTH):
            if _active(dictionary):
                return ACTIVE
            if _pixels(dictionary) > MAX_PIXELS:
                return HUGE
    return None


def _suspect(item: pikepdf.Object) -> bool:
    """Whether any telling name occurs in an object: quick, so that only few are looked at closely."""
    plain = item.stream_dict if isinstance(item, pikepdf.Stream) else item
    return _SUSPECT.search(plain.unparse(resolved=True)) is not None


def _dictionaries(item: pikepdf.Object, depth: int) -> Iterator[pikepdf.Object]:
    """Every dictionary in an object, itself included; what it refers to has its own turn."""
    if depth == 0:
        raise ValueError("nested too deeply")
    if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        yield item
        inner = [value for _, value in item.items()]
    elif isinstance(item, pikepdf.Array):
        inner = list(item)
    else:
        return
    for value in inner:
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            yield from _dictionaries(value, depth - 1)


def _active(dictionary: pikepdf.Object) -> bool:
    names = dictionary.keys()
    return (
        not _ACTIVE_KEYS.isdisjoint(names)
        or _name(dictionary, "/S") in _ACTIVE_ACTIONS
        or _name(dictionary, "/Type") in _ACTIVE_TYPES
        or _name(dictionary, "/Subtype") in _ACTIVE_TYPES
    )


def _name(dictionary: pikepdf.Object, key: str) -> str:
    value = dictionary.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _pixels(dictionary: pikepdf.Object) -> int:
    if _name(dictionary, "/Subtype") != "/Image":
        return 0
    return int(dictionary.get("/Width", 0)) * int(dictionary.get("/Height", 0))
