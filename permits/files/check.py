"""Decides whether an upload may be kept, by what it really is and never by what it says it is.

Pure: bytes in, facts or a refusal in both languages out. It runs nothing that a file contains, and stores nothing.
"""

import hashlib
import io
import unicodedata
from collections.abc import Collection

import puremagic
from PIL import Image

from permits.errors import BadInput, FieldError, TooLarge
from permits.files.model import MEDIA, SUFFIX, Checked, FileKind
from permits.files.pdf import MAX_PIXELS, look_into
from permits.i18n import Text

MAX_NAME = 120
"""Characters kept of a file's name."""
FEW_PIXELS = 600
"""Below this width or height, in pixels, small print can hardly be read."""

_WORDS: dict[FileKind, str] = {"pdf": "PDF", "jpeg": "JPEG", "png": "PNG"}
_SUFFIXES: dict[FileKind, tuple[str, ...]] = {"pdf": (".pdf",), "jpeg": (".jpg", ".jpeg", ".jpe"), "png": (".png",)}
_STARTS: dict[FileKind, bytes] = {"pdf": b"%PDF-", "jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}


def check(data: bytes, filename: str, accepts: Collection[FileKind], max_bytes: int) -> Checked:
    """What the file is. Raises BadInput or TooLarge, with a sentence that tells what to do.

    Takes up to a second of CPU for a large scan: call it in a thread from asynchronous code.
    """
    _check_size(data, max_bytes)
    kind = _kind_of(data, accepts)
    name, warnings = _named(filename, kind)
    pages, width, height, more = _look_into_pdf(data) if kind == "pdf" else _look_at_picture(data, kind)
    digest = hashlib.sha256(data).hexdigest()
    return Checked(name, kind, MEDIA[kind], SUFFIX[kind], pages, width, height, digest, (*warnings, *more))


def refused(zh: str, en: str) -> BadInput:
    """A refusal of the one field a file comes in."""
    text = Text(zh, en)
    return BadInput(text, errors=(FieldError("/file", text),))


def _check_size(data: bytes, max_bytes: int) -> None:
    if not data:
        raise refused("这个文件是空的，请重新选择。", "This file is empty; choose it again.")
    if len(data) > max_bytes:
        most, here = f"{max_bytes / 2**20:.4g}", f"{len(data) / 2**20:.1f}"
        text = Text(
            f"文件有 {here} MB，最多 {most} MB。请调低扫描分辨率（300 dpi 足够）后再传。",
            f"The file has {here} MB; at most {most} MB are taken. Scan at a lower resolution (300 dpi is enough).",
        )
        raise TooLarge(text, errors=(FieldError("/file", text),), extra={"max_bytes": max_bytes})


def _kind_of(data: bytes, accepts: Collection[FileKind]) -> FileKind:
    for kind, start in _STARTS.items():
        if data.startswith(start) and kind in accepts:
            return kind
    wanted = [_WORDS[kind] for kind in _WORDS if kind in accepts]
    raise refused(
        f"这里只收 {'、'.join(wanted)}{_what_it_is(data)[0]}。请另存为其中一种再传。",
        f"Only {', '.join(wanted)} can be taken here{_what_it_is(data)[1]}. Save it as one of these and try again.",
    )


def _what_it_is(data: bytes) -> tuple[str, str]:
    """Words about what the file seems to be, for its owner to recognise it; empty where nobody can tell."""
    try:
        suffix = puremagic.from_string(data[:65536]).lstrip(".").upper()
    except (puremagic.PureError, ValueError):
        return "", ""
    return (f"，这个文件看来是 {suffix}", f"; this looks like {suffix}") if suffix.isalnum() else ("", "")


def _named(filename: str, kind: FileKind) -> tuple[str, list[Text]]:
    last = unicodedata.normalize("NFC", filename).replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if f".{ending.lower()}" in _SUFFIXES[kind] and stem:
        return stem[: MAX_NAME - len(ending) - 1] + dot + ending, []
    kept = (stem or plain or "document")[: MAX_NAME - len(SUFFIX[kind])] + SUFFIX[kind]
    warning = Text(
        f"文件名的后缀和内容不一致，已按 {_WORDS[kind]} 保存。",
        f"The name’s ending does not fit what the file is; it was kept as {_WORDS[kind]}.",
    )
    return kept, [warning]


def _look_into_pdf(data: bytes) -> tuple[int, int, int, list[Text]]:
    found = look_into(data)
    if found.refusal:
        raise refused(found.refusal.zh, found.refusal.en)
    damaged = Text(
        "这个 PDF 有小处损坏，请看一眼预览是否完整。", "This PDF is slightly damaged; see whether the preview is whole."
    )
    return found.pages, found.width, found.height, [damaged] if found.damaged else []


def _look_at_picture(data: bytes, kind: FileKind) -> tuple[int, int, int, list[Text]]:
    broken = refused(
        "这张图片打不开或不完整，请重新扫描或导出。", "This picture is broken or incomplete; scan it again."
    )
    try:
        with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
            width, height = picture.size
            moving = kind == "png" and getattr(picture, "is_animated", False)
            if width * height <= MAX_PIXELS:
                picture.verify()
                _decode(data, kind)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise broken from error
    if width * height > MAX_PIXELS or moving:
        raise refused(
            f"图片太大或是动图：最多 {MAX_PIXELS // 1_000_000} 百万像素，一幅。请按 300 dpi 重新导出。",
            f"Too many pixels, or moving: at most {MAX_PIXELS // 1_000_000} million pixels, one frame. Use 300 dpi.",
        )
    blurred = Text("图片分辨率较低，请看一眼小字是否清楚。", "The resolution is low; see whether small print is clear.")
    return 1, width, height, [blurred] if min(width, height) < FEW_PIXELS else []


def _decode(data: bytes, kind: FileKind) -> None:
    """Read every pixel once, so that a picture that breaks off is found; a JPEG at an eighth of its size."""
    with Image.open(io.BytesIO(data), formats=[kind.upper()]) as picture:
        picture.draft("RGB", (picture.width // 8, picture.height // 8))
        picture.load()
