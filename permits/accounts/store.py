"""The questions asked about accounts, sessions and tokens, one function each; nothing is decided here."""

import datetime as dt
import uuid

import asyncpg
from sqlalchemy import ScalarSelect, and_, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from permits.accounts.model import Account, RoleGrant, Session, SessionLine
from permits.accounts.tables import account, account_role, session, token
from permits.db.statements import statement
from permits.settings import settings

TOUCH = dt.timedelta(minutes=1)
"""A click is noted to the minute: within one, a session is only read."""

KEPT = dt.timedelta(hours=24)
"""So long an ended session is kept, to know whose form it was that arrives late."""

_now = bindparam("now", type_=session.c.created_at.type)


def _roles() -> ScalarSelect[list[str]]:
    granted = account_role.c.role + " " + account_role.c.region
    mine = select(func.array_agg(granted)).where(account_role.c.account_id == account.c.id)
    return mine.correlate(account).scalar_subquery()


_PERSON = (
    account.c.id,
    account.c.email,
    account.c.name,
    account.c.locale,
    account.c.certificate,
    _roles().label("roles"),
)


def _account(row: asyncpg.Record) -> Account:
    grants = tuple(RoleGrant(*grant.split(" ")) for grant in sorted(row["roles"] or ()))
    return Account(row["id"], row["email"], row["name"], row["locale"], grants, row["certificate"])


_LIVE = and_(
    session.c.digest == bindparam("digest"),
    session.c.ended_at.is_(None),
    session.c.expires_at > _now,
    session.c.seen_at > bindparam("idle_since", type_=session.c.seen_at.type),
)
_touched = (
    update(session)
    .where(_LIVE, session.c.seen_at < bindparam("touch_before", type_=session.c.seen_at.type))
    .values(seen_at=_now)
    .returning(session.c.digest)
    .cte("touched")
)
_SESSION_OF = statement(
    select(*_PERSON, session.c.digest, session.c.csrf, session.c.created_at, session.c.expires_at)
    .join(session, session.c.account_id == account.c.id)
    .where(_LIVE, account.c.closed.is_(False))
    .add_cte(_touched)
)


async def session_of(tx: asyncpg.Connection, digest: bytes, now: dt.datetime) -> Session | None:
    """The living session of this digest with its account and roles, and the click noted, in one statement."""
    idle_since = now - dt.timedelta(minutes=settings().session_idle_minutes)
    row = await _SESSION_OF.one(tx, digest=digest, now=now, idle_since=idle_since, touch_before=now - TOUCH)
    if row is None:
        return None
    return Session(row["digest"], _account(row), row["csrf"], row["created_at"], row["expires_at"])


_TOKEN_OF = statement(
    select(*_PERSON)
    .join(token, token.c.account_id == account.c.id)
    .where(token.c.digest == bindparam("digest"), token.c.expires_at > _now, account.c.closed.is_(False))
)


async def token_of(tx: asyncpg.Connection, digest: bytes, now: dt.datetime) -> Account | None:
    """Whose token this is, with the roles, in one statement; None where it is unknown, revoked or past its day."""
    row = await _TOKEN_OF.one(tx, digest=digest, now=now)
    return _account(row) if row else None


_OWNER_OF_FORM = statement(
    select(*_PERSON)
    .join(session, session.c.account_id == account.c.id)
    .where(
        session.c.csrf == bindparam("csrf"),
        session.c.expires_at > bindparam("since", type_=session.c.expires_at.type),
        account.c.closed.is_(False),
    )
)


async def owner_of_form(tx: asyncpg.Connection, csrf: str, now: dt.datetime) -> Account | None:
    """Whose form carries this CSRF value, though the session may have ended within the last day."""
    row = await _OWNER_OF_FORM.one(tx, csrf=csrf, since=now - KEPT)
    return _account(row) if row else None


_BY_EMAIL = statement(
    select(*_PERSON, account.c.password).where(account.c.email == bindparam("email"), ~account.c.closed)
)


async def by_email(tx: asyncpg.Connection, email: str) -> tuple[Account, str] | None:
    """The open account of a normal e-mail address and its password's hash."""
    row = await _BY_EMAIL.one(tx, email=email)
    return (_account(row), row["password"]) if row else None


_BY_ID = statement(select(*_PERSON).where(account.c.id == bindparam("id")))


async def by_id(tx: asyncpg.Connection, account_id: uuid.UUID) -> Account | None:
    """The account, open or closed: for names in timelines and letters."""
    row = await _BY_ID.one(tx, id=account_id)
    return _account(row) if row else None


_SESSIONS = statement(
    select(session.c.digest, session.c.created_at, session.c.seen_at, session.c.address, session.c.agent)
    .where(
        session.c.account_id == bindparam("account_id"),
        session.c.ended_at.is_(None),
        session.c.expires_at > _now,
        session.c.seen_at > bindparam("idle_since", type_=session.c.seen_at.type),
    )
    .order_by(session.c.seen_at.desc())
    .limit(50)
)


async def sessions_of(tx: asyncpg.Connection, account_id: uuid.UUID, now: dt.datetime) -> list[SessionLine]:
    """Where the person is signed in, the latest click first, at most 50."""
    idle_since = now - dt.timedelta(minutes=settings().session_idle_minutes)
    rows = await _SESSIONS.all(tx, account_id=account_id, now=now, idle_since=idle_since)
    return [SessionLine(*row) for row in rows]


ADD_ACCOUNT = statement(
    upsert(account)
    .values({column.name: bindparam(column.name) for column in account.c})
    .on_conflict_do_nothing()
    .returning(account.c.id)
)
"""A new account; no row comes back where the address is taken."""

GRANT = statement(
    upsert(account_role)
    .values({column.name: bindparam(column.name) for column in account_role.c})
    .on_conflict_do_nothing()
)

REVOKE = statement(
    delete(account_role).where(
        account_role.c.account_id == bindparam("account_id"),
        account_role.c.role == bindparam("role"),
        account_role.c.region == bindparam("region"),
    )
)

SET_PASSWORD = statement(
    update(account).where(account.c.id == bindparam("account_id")).values(password=bindparam("new_password"))
)

CLOSE_ACCOUNT = statement(update(account).where(account.c.id == bindparam("account_id")).values(closed=True))

ADD_SESSION = statement(insert(session).values({column.name: bindparam(column.name) for column in session.c}))

_ended = update(session).values(ended_at=_now).where(session.c.ended_at.is_(None))

END_SESSION = statement(
    _ended.where(session.c.account_id == bindparam("account_id"), session.c.digest == bindparam("digest"))
)
"""End one session of this account; another account's digest ends nothing."""

END_SESSIONS = statement(_ended.where(session.c.account_id == bindparam("account_id")))
"""End all sessions of an account."""

_new_token = upsert(token).values({column.name: bindparam(column.name) for column in token.c})
PUT_TOKEN = statement(
    _new_token.on_conflict_do_update(
        index_elements=[token.c.account_id, token.c.label],
        set_={name: _new_token.excluded[name] for name in ("id", "digest", "created_at", "expires_at")},
    )
)
"""A token under its label; an earlier one of the same label ends with it."""

DROP_TOKEN = statement(
    delete(token).where(token.c.account_id == bindparam("account_id"), token.c.label == bindparam("label"))
)

FORGET_SESSIONS = statement(delete(session).where(session.c.expires_at < bindparam("before")))

FORGET_TOKENS = statement(delete(token).where(token.c.expires_at < bindparam("before")))
