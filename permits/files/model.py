"""What is known of an uploaded document."""

import datetime as dt
import uuid
from typing import Literal

import msgspec

from permits.i18n import Text

FileKind = Literal["pdf", "jpeg", "png"]
FileStatus = Literal["current", "replaced"]

MEDIA: dict[FileKind, str] = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
"""The media type of each kind of file we take."""

SUFFIX: dict[FileKind, str] = {"pdf": ".pdf", "jpeg": ".jpg", "png": ".png"}
"""The ending each kind of file is handed out with."""


class Checked(msgspec.Struct, frozen=True):
    """An upload that may be kept."""

    name: str
    """The name it came with, without folders and control characters, with the ending of what it really is."""
    kind: FileKind
    media: str
    extension: str
    """With its dot."""
    pages: int
    """1 for a picture."""
    width: int
    """Pixels of a picture; points of a PDF's first page."""
    height: int
    digest: str
    """SHA-256, hexadecimal."""
    warnings: tuple[Text, ...]
    """What the person should look at; nothing here stops the upload."""


class Upload(msgspec.Struct, frozen=True):
    """A checked document that lies in storage and is not yet in any case."""

    id: uuid.UUID
    size: int
    """Bytes."""
    checked: Checked


class FileLine(msgspec.Struct, frozen=True):
    """A stored document, without its bytes."""

    id: uuid.UUID
    case_id: uuid.UUID
    kind: str
    """The document it is of, such as `contract`."""
    name: str
    media: str
    size: int
    """Bytes."""
    pages: int
    digest: str
    """SHA-256, hexadecimal."""
    received_at: dt.datetime
    """Office time."""
    uploaded_by: uuid.UUID
    status: FileStatus
