"""Identifiers of rows: UUIDv7, so that new rows stand together and no sequence is needed across nodes."""

import uuid

import uuid_utils.compat


def new_id() -> uuid.UUID:
    """A fresh UUIDv7."""
    return uuid_utils.compat.uuid7()
