"""Views: the figures a person looks at again, each an address of a figures page under a name of their own, per city."""

import datetime as dt
import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

import asyncpg
import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.expression import bindparam

from permits import clock
from permits.db.ids import new_id
from permits.db.statements import statement
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.statistics.model import DIMENSIONS
from permits.statistics.shares import SHARES
from permits.statistics.tables import saved_view

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_VALUE = 60, 500, 60
"""In characters."""
MOST = 50
"""Views a person may keep in a city."""
PAGES = {"/office/", "/office/times", "/office/compare", "/office/permits", "/office/expiring", "/office/changes"}
ONE_OF = (("/office/by/", DIMENSIONS), ("/office/shares/", SHARES))
"""Pages of one dimension, of one share."""
DAYS = ("on", "to")
"""What a view leaves out that is to follow the calendar."""
ASKED = {"on", "as_known_on", "from", "to", "by", "kind", "days", "nationalities", "part", *DIMENSIONS}
"""What of an address a view keeps."""


class View(msgspec.Struct, frozen=True):
    """A view of one person."""

    id: uuid.UUID
    name: str
    address: str
    saved_at: dt.datetime


_insert = insert(saved_view)
_SAVE = statement(
    _insert.on_conflict_do_update(
        index_elements=["region", "account_id", "name"],
        set_={"address": _insert.excluded.address, "saved_at": _insert.excluded.saved_at},
    )
)
_OWN = (saved_view.c.region == bindparam("region"), saved_view.c.account_id == bindparam("account_id"))
_LIST = statement(
    select(*(saved_view.c[name] for name in View.__struct_fields__)).where(*_OWN).order_by(saved_view.c.name)
)
_OTHERS = statement(select(func.count()).where(*_OWN, saved_view.c.name != bindparam("name")))
_FORGET = statement(delete(saved_view).where(*_OWN, saved_view.c.id == bindparam("id")))


async def of_account(tx: asyncpg.Connection, region: str, account_id: uuid.UUID) -> list[View]:
    """A person's views in a city, by name."""
    return await _LIST.structs(tx, View, region=region, account_id=account_id)


async def save(
    tx: asyncpg.Connection, region: str, account_id: uuid.UUID, name: str, address: str, *, follow: bool
) -> None:
    """Keep a view under a name; one of the same name is replaced. `follow` counts the day it is opened on.

    Raises BadInput for a name that is none, an address that is no figures page, or one view too many.
    """
    kept = checked_address(address, follow=follow)
    name = checked_name(name)
    others = await _OTHERS.value(tx, region=region, account_id=account_id, name=name)
    if others >= MOST:
        text = Text(f"最多存 {MOST} 个，请先删去一个。", f"{MOST} views at most; delete one first.")
        raise BadInput(errors=[FieldError("/name", text)])
    given = {"id": new_id(), "account_id": account_id, "name": name, "address": kept, "saved_at": clock.now()}
    await _SAVE.run(tx, region=region, **given)


async def forget(tx: asyncpg.Connection, region: str, account_id: uuid.UUID, view_id: uuid.UUID) -> bool:
    """Drop one's own view; whether there was one."""
    return bool(await _FORGET.run(tx, region=region, account_id=account_id, id=view_id))


def checked_name(name: str) -> str:
    """A name, tidied. Raises BadInput."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME or not tidy.isprintable():
        text = Text(f"起个名字，最多 {LONGEST_NAME} 字。", f"Give it a name of {LONGEST_NAME} characters at most.")
        raise BadInput(errors=[FieldError("/name", text)])
    return tidy


def checked_address(address: str, *, follow: bool) -> str:
    """The address of a figures page with what it asks, and nothing else. Raises BadInput."""
    parts = urlsplit(address[: LONGEST_ADDRESS + 1]) if address.isprintable() else urlsplit("")
    page = parts.path in PAGES or any(parts.path == f"{prefix}{name}" for prefix, names in ONE_OF for name in names)
    if len(address) > LONGEST_ADDRESS or parts.scheme or parts.netloc or not page:
        text = Text("只能存统计的页面。", "Only pages of figures can be kept.")
        raise BadInput(errors=[FieldError("/address", text)])
    asked = [(name, value[:LONGEST_VALUE]) for name, value in parse_qsl(parts.query, max_num_fields=20)]
    kept = [(name, value) for name, value in asked if name in ASKED and not (follow and name in DAYS)]
    return f"{parts.path}?{urlencode(kept)}" if kept else parts.path
