"""Ids in the addresses of the board."""

import uuid

from permits.errors import NotFound
from permits.i18n import Text

NO_SUCH = Text("没有这一项。", "There is no such thing.")


def known(id: str) -> uuid.UUID:
    """An id of the address. Raises NotFound."""
    try:
        return uuid.UUID(id)
    except ValueError as wrong:
        raise NotFound(NO_SUCH) from wrong
