"""Use cases of people: sessions, API tokens, accounts and roles, each in one transaction with its audit entry.

A secret (session, token, password) is handed out once and stored as a digest only; hashing a password never happens
while a transaction is open.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Sequence
from typing import Any, NoReturn

import asyncpg

from permits import clock
from permits.accounts import passwords, store, throttle
from permits.accounts.audit import AUDIT, audit_row
from permits.accounts.model import ROLES, Account, RoleGrant, Session, SignedIn, normal_email
from permits.db.database import Database
from permits.db.ids import new_id
from permits.errors import BadInput, Conflict, FieldError, NotFound
from permits.i18n import Text
from permits.settings import settings

TOKEN_PREFIX = "permits_"  # noqa: S105
"""How every API token begins, so that a leaked one is recognised by scanners."""

_AGENT = 200
"""Characters kept of what a browser calls itself."""


def digest_of(secret: str) -> bytes:
    """SHA-256 of a session's or token's secret: 256 random bits need no slower hash."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()


def home(account: Account) -> str:
    """The city in whose audit an account's own acts stand: of its first role, else the deployment's."""
    return account.regions[0] if account.roles else settings().region


async def _note(tx: asyncpg.Connection, account: Account, action: str, by: Account | None, **detail: Any) -> None:
    row = audit_row(home(account), by.id if by else None, action, subject=str(account.id), detail=detail)
    await AUDIT.run(tx, **row)


# Signing in and out


async def sign_in(db: Database, email: str, password: str, address: str, agent: str = "") -> SignedIn:
    """A new session for the right e-mail and password.

    NotSignedIn (`wrong-password`) says how many tries are left; TooMany (`locked-out`) until when to wait. An unknown
    e-mail costs the same time and is told the same. `address` is the visitor's IP address.
    """
    left, found = await _attempt(db, email, address)
    account, stored = found or (None, None)
    right = await passwords.is_right(stored, password)
    if account is None or stored is None or not right:
        await _refuse(db, account, left)
    fresh = await passwords.make_hash(password) if passwords.is_outdated(stored) else None
    return await _begin(db, account, fresh, address, agent)


async def _attempt(db: Database, email: str, address: str) -> tuple[int, tuple[Account, str] | None]:
    normal = normal_email(email)
    async with db.transaction(None) as tx:
        left = await throttle.count(tx, email, address, clock.machine_now())
        return left, await store.by_email(tx, normal) if normal else None


async def _refuse(db: Database, account: Account | None, left: int) -> NoReturn:
    if account is not None:
        async with db.transaction(home(account)) as tx:
            await _note(tx, account, "sign-in-refused", None, left=left)
    if left == 0:
        raise throttle.locked_out(clock.machine_now() + throttle.LOCKED)
    raise throttle.wrong(left)


async def _begin(db: Database, account: Account, fresh_hash: str | None, address: str, agent: str) -> SignedIn:
    secret, now = secrets.token_urlsafe(32), clock.machine_now()
    expires_at = now + dt.timedelta(hours=settings().session_hours)
    session = Session(digest_of(secret), account, secrets.token_urlsafe(32), now, expires_at)
    async with db.transaction(home(account)) as tx:
        await throttle.give_back(tx, account.email, address)
        if fresh_hash:
            await store.SET_PASSWORD.run(tx, account_id=account.id, new_password=fresh_hash)
        await _add_session(tx, session, address, agent)
        await _note(tx, account, "signed-in", account)
    return SignedIn(secret, session)


async def _add_session(tx: asyncpg.Connection, session: Session, address: str, agent: str) -> None:
    await store.ADD_SESSION.run(
        tx,
        digest=session.digest,
        account_id=session.account.id,
        csrf=session.csrf,
        created_at=session.created_at,
        seen_at=session.created_at,
        expires_at=session.expires_at,
        ended_at=None,
        address=_kept(address, 45),
        agent=_kept(agent, _AGENT),
    )


def _kept(text: str, longest: int) -> str:
    return "".join(c for c in text[:longest] if c.isprintable() and not "\ud800" <= c <= "\udfff")


async def sign_out(db: Database, session: Session) -> None:
    """End this session."""
    await end_session(db, session.account, session.digest)


async def end_session(db: Database, account: Account, digest: bytes) -> None:
    """End one of the account's own sessions, as listed by `store.sessions_of`; NotFound where it is none of theirs."""
    async with db.transaction(home(account)) as tx:
        now = clock.machine_now()
        if not await store.END_SESSION.run(tx, account_id=account.id, digest=digest, now=now):
            raise NotFound(Text("这个登录已经结束。", "That session has already ended."))
        await _note(tx, account, "signed-out", account)


async def sign_out_everywhere(db: Database, account: Account) -> int:
    """End every session of the account, this one too; how many there were."""
    async with db.transaction(home(account)) as tx:
        ended = await store.END_SESSIONS.run(tx, account_id=account.id, now=clock.machine_now())
        await _note(tx, account, "signed-out-everywhere", account, sessions=ended)
        return ended


async def forget_expired(db: Database) -> None:
    """Delete what has long ended: sessions after a day, tokens after their day, failures of yesterday. Daily job."""
    before = clock.machine_now() - store.KEPT
    async with db.transaction(None) as tx:
        await store.FORGET_SESSIONS.run(tx, before=before)
        await store.FORGET_TOKENS.run(tx, before=before)
        await throttle.FORGET_OLD.run(tx, before=before)


# API tokens


async def create_token(db: Database, account: Account, label: str, days: int, by: Account | None = None) -> str:
    """A new API token, shown once; one of the same label ends with it. `days` from now, 1 to 366."""
    if not 1 <= days <= 366 or not 1 <= len(label) <= 60 or not label.isprintable():
        raise BadInput(Text("名称 1 至 60 字，有效 1 至 366 天。", "A label of 1 to 60 characters, and 1 to 366 days."))
    secret, now = TOKEN_PREFIX + secrets.token_urlsafe(32), clock.machine_now()
    row = {"id": new_id(), "account_id": account.id, "label": label, "digest": digest_of(secret), "created_at": now}
    async with db.transaction(home(account)) as tx:
        await store.PUT_TOKEN.run(tx, **row, expires_at=now + dt.timedelta(days=days))
        await _note(tx, account, "token-created", by, label=label, days=days)
    return secret


async def revoke_token(db: Database, account: Account, label: str, by: Account | None = None) -> None:
    """End the token of this label at once; NotFound where there is none."""
    async with db.transaction(home(account)) as tx:
        if not await store.DROP_TOKEN.run(tx, account_id=account.id, label=label):
            raise NotFound(Text("没有这个名称的令牌。", "There is no token of that label."))
        await _note(tx, account, "token-revoked", by, label=label)


# Accounts and roles, by the operator or an administrator


async def create_account(
    db: Database,
    email: str,
    name: str,
    password: str,
    roles: Sequence[str],
    region: str,
    locale: str = "zh",
    certificate: str | None = None,
) -> Account:
    """A new account with roles in one city. BadInput names every wrong field; Conflict where the e-mail is taken."""
    normal = _checked(email, name, password, roles, locale)
    grants = tuple(RoleGrant(role, region) for role in sorted(set(roles)))
    account = Account(new_id(), normal, name, locale, grants, certificate)
    hashed = await passwords.make_hash(password)
    async with db.transaction(region) as tx:
        await _insert(tx, account, hashed)
        await _note(tx, account, "account-created", None, roles=[grant.role for grant in grants])
    return account


async def _insert(tx: asyncpg.Connection, account: Account, hashed: str) -> None:
    added = await store.ADD_ACCOUNT.value(
        tx,
        id=account.id,
        email=account.email,
        name=account.name,
        password=hashed,
        locale=account.locale,
        certificate=account.certificate,
        closed=False,
        created_at=clock.machine_now(),
    )
    if added is None:
        raise Conflict(Text("这个邮箱已经有账号。", "There is an account for that e-mail already."), type="email-taken")
    granted = [{"account_id": account.id, "role": grant.role, "region": grant.region} for grant in account.roles]
    await store.GRANT.many(tx, granted)


def _checked(email: str, name: str, password: str, roles: Sequence[str], locale: str) -> str:
    normal = normal_email(email)
    errors = []
    if normal is None:
        errors.append(FieldError("/email", Text("不是邮箱地址。", "This is not an e-mail address.")))
    if not 1 <= len(name.strip()) <= 100 or not name.isprintable():
        errors.append(FieldError("/name", Text("姓名 1 至 100 字。", "A name has 1 to 100 characters.")))
    if not set(roles) <= set(ROLES):
        known = ", ".join(ROLES)
        errors.append(FieldError("/roles", Text(f"没有这种角色，可选：{known}", f"No such role; one of: {known}")))
    if locale not in ("zh", "en"):
        errors.append(FieldError("/locale", Text("语言是 zh 或 en。", "The language is zh or en.")))
    errors += _password_errors(password)
    if errors or normal is None:
        raise BadInput(errors=errors)
    return normal


def _password_errors(password: str) -> list[FieldError]:
    shortest, longest = passwords.SHORTEST, passwords.LONGEST
    if shortest <= len(password) <= longest:
        return []
    text = Text(f"密码 {shortest} 至 {longest} 字。", f"A password has {shortest} to {longest} characters.")
    return [FieldError("/password", text)]


async def account_of(db: Database, email: str) -> Account:
    """The open account of an e-mail address; NotFound where there is none."""
    normal = normal_email(email)
    async with db.transaction(None) as tx:
        found = await store.by_email(tx, normal) if normal else None
    if found is None:
        raise NotFound(Text("没有这个邮箱的账号。", "There is no account for that e-mail."))
    return found[0]


async def grant_role(db: Database, account: Account, role: str, region: str, by: Account | None = None) -> None:
    """Give a role in a city; nothing changes where it is held already."""
    if role not in ROLES:
        raise BadInput(errors=[FieldError("/role", Text("没有这种角色。", "There is no such role."))])
    async with db.transaction(region) as tx:
        await store.GRANT.run(tx, account_id=account.id, role=role, region=region)
        await _note_role(tx, account, "role-granted", role, region, by)


async def revoke_role(db: Database, account: Account, role: str, region: str, by: Account | None = None) -> None:
    """Take a role in a city away, from the person's next click on; NotFound where it is not held."""
    async with db.transaction(region) as tx:
        if not await store.REVOKE.run(tx, account_id=account.id, role=role, region=region):
            raise NotFound(Text("此人没有这个角色。", "The person does not hold this role."))
        await _note_role(tx, account, "role-revoked", role, region, by)


async def _note_role(
    tx: asyncpg.Connection, account: Account, action: str, role: str, region: str, by: Account | None
) -> None:
    row = audit_row(region, by.id if by else None, action, subject=str(account.id), detail={"role": role})
    await AUDIT.run(tx, **row)


async def set_password(db: Database, account: Account, password: str, by: Account | None = None) -> None:
    """A new password: every session ends and a lock-out with it."""
    if errors := _password_errors(password):
        raise BadInput(errors=errors)
    hashed = await passwords.make_hash(password)
    async with db.transaction(home(account)) as tx:
        await store.SET_PASSWORD.run(tx, account_id=account.id, new_password=hashed)
        await store.END_SESSIONS.run(tx, account_id=account.id, now=clock.machine_now())
        await throttle.forget(tx, account.email)
        await _note(tx, account, "password-set", by)


async def close_account(db: Database, account: Account, by: Account | None = None) -> None:
    """Nobody signs in by this account any more, its sessions and tokens end; its name stays in the record."""
    async with db.transaction(home(account)) as tx:
        await store.CLOSE_ACCOUNT.run(tx, account_id=account.id)
        await store.END_SESSIONS.run(tx, account_id=account.id, now=clock.machine_now())
        await _note(tx, account, "account-closed", by)
