"""How often one may be wrong at signing in: counted by account and by address, in the database, in machine time.

An attempt is counted before the password is looked at, so that many at once gain nothing; a right one is given back.
While the lock-out lasts nothing is counted, so that no attempt makes it longer.
"""

import datetime as dt
import hashlib
import ipaddress

import asyncpg
from sqlalchemy import ColumnElement, Integer, and_, bindparam, case, delete, func, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from permits import clock
from permits.accounts.tables import throttle
from permits.db.statements import statement
from permits.errors import NotSignedIn, TooMany
from permits.i18n import Text

ACCOUNT_TRIES = 5
"""Wrong passwords in a row after which an account rests."""

ADDRESS_TRIES = 100
"""Wrong passwords from one address, whose people may be a whole office, after which the address rests."""

LOCKED = dt.timedelta(minutes=5)
"""How long it rests."""

REMEMBERED = dt.timedelta(minutes=15)
"""Wrong passwords older than this no longer count."""

_INSTANT = throttle.c.since.type
_now = bindparam("now", type_=_INSTANT)
_tries = bindparam("tries", type_=Integer)
_fresh = or_(throttle.c.since < bindparam("remembered_since", type_=_INSTANT), throttle.c.locked_until <= _now)
_failures: ColumnElement[int] = case((_fresh, 1), else_=throttle.c.failures + 1)

_COUNT = statement(
    insert(throttle)
    .values(key=bindparam("key"), failures=1, since=_now, locked_until=null())
    .on_conflict_do_update(
        index_elements=[throttle.c.key],
        set_={
            "failures": _failures,
            "since": case((_fresh, _now), else_=throttle.c.since),
            "locked_until": case((_failures >= _tries, bindparam("until", type_=_INSTANT)), else_=null()),
        },
        where=or_(throttle.c.locked_until.is_(None), throttle.c.locked_until <= _now),
    )
    .returning(throttle.c.failures)
)
_UNTIL = statement(select(throttle.c.locked_until).where(throttle.c.key == bindparam("key")))
_FORGET = statement(delete(throttle).where(throttle.c.key == bindparam("key")))
_GIVE_BACK = statement(
    update(throttle)
    .where(and_(throttle.c.key == bindparam("key"), throttle.c.failures > 0))
    .values(failures=func.greatest(throttle.c.failures - 1, 0), locked_until=null())
)
FORGET_OLD = statement(
    delete(throttle).where(
        throttle.c.since < bindparam("before"),
        or_(throttle.c.locked_until.is_(None), throttle.c.locked_until < bindparam("before")),
    )
)


def account_key(email: str) -> str:
    """The key under which an account's failures are counted, whether or not there is such an account."""
    return "account:" + hashlib.sha256(email.strip().lower().encode(errors="replace")).hexdigest()


def address_key(address: str) -> str:
    """The key of an address; an IPv6 network of 64 bits counts as one, since a household has that many."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return "address:unknown"
    place = ipaddress.ip_network((ip, 64), strict=False) if ip.version == 6 else ip
    return "address:" + hashlib.sha256(str(place).encode()).hexdigest()


async def count(tx: asyncpg.Connection, email: str, address: str, now: dt.datetime) -> int:
    """Count this attempt as wrong until it proves right; how many more the account has. TooMany during a lock-out."""
    failures = await _count(tx, account_key(email), ACCOUNT_TRIES, now)
    await _count(tx, address_key(address), ADDRESS_TRIES, now)
    return max(ACCOUNT_TRIES - failures, 0)


async def _count(tx: asyncpg.Connection, key: str, tries: int, now: dt.datetime) -> int:
    failures: int | None = await _COUNT.value(
        tx, key=key, tries=tries, now=now, until=now + LOCKED, remembered_since=now - REMEMBERED
    )
    if failures is None:
        until = await _UNTIL.value(tx, key=key)
        raise locked_out(until or now + LOCKED)
    return failures


async def give_back(tx: asyncpg.Connection, email: str, address: str) -> None:
    """The attempt was right: the account's failures are forgotten, the address gets this one back."""
    await forget(tx, email)
    await _GIVE_BACK.run(tx, key=address_key(address))


async def forget(tx: asyncpg.Connection, email: str) -> None:
    """Forget an account's failures and end its lock-out: for a new password given by the office."""
    await _FORGET.run(tx, key=account_key(email))


def locked_out(until: dt.datetime) -> TooMany:
    """What somebody is told who was wrong too often; the time is the office's, as on every page."""
    at = (until + clock.offset()).astimezone(clock.CITY).strftime("%H:%M:%S")
    return TooMany(
        Text(
            f"试错次数太多，请在 {at} 以后再登录。等候期间再试不会延长时间。忘了密码，请找本单位管理员或窗口重设。",
            f"Too many wrong attempts. Sign in again after {at}; trying meanwhile does not make it longer. "
            "If you have forgotten the password, ask your administrator or the window for a new one.",
        ),
        type="locked-out",
        title=Text("登录暂停", "Signing in is paused"),
        extra={"until": until.isoformat()},
    )


def wrong(left: int) -> NotSignedIn:
    """What somebody is told whose e-mail or password is wrong, the same for both; `left` attempts remain."""
    minutes = int(LOCKED.total_seconds() // 60)
    return NotSignedIn(
        Text(
            f"邮箱或密码不对。还可以试 {left} 次，之后要等 {minutes} 分钟。",
            f"The e-mail or the password is wrong. Tries left: {left}; after that, a wait of {minutes} minutes.",
        ),
        type="wrong-password",
        extra={"left": left},
    )
