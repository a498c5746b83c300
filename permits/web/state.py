"""What a request stands on: the database, the law and keys, the stored documents, the city it is about."""

from typing import Any

from litestar.connection import ASGIConnection

from permits.db.database import Database
from permits.files.storage import Storage
from permits.office import Office
from permits.rules.identifiers import region_of
from permits.settings import settings

Connection = ASGIConnection[Any, Any, Any, Any]


def database_of(request: Connection) -> Database:
    """The pool of this process."""
    found: Database = request.app.state.database
    return found


def office_of(request: Connection) -> Office:
    """The law and the keys."""
    found: Office = request.app.state.office
    return found


def storage_of(request: Connection) -> Storage:
    """Where documents lie."""
    found: Storage = request.app.state.storage
    return found


def region_of_request(request: Connection) -> str:
    """The city of a request: that of the number in its path, else the account's first, else this deployment's."""
    number = request.path_params.get("number")
    found = region_of(str(number)) if number else None
    if found:
        return found
    session = request.scope["state"].get("session")
    account = session.account if session else request.scope["state"].get("account")
    return account.regions[0] if account and account.regions else settings().region
