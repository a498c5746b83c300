"""`permits keys`: makes, rotates, trusts, retires and lists signing keys. It prints public parts only."""

import datetime as dt
import sys
from pathlib import Path

from integrations import keymaking
from integrations.clock import CITY, machine_now
from integrations.keymaking import NotDone, fingerprint
from integrations.keyring import KeyEntry, Keyring, holds, read_trust
from permits.settings import settings

NOTICE = dt.timedelta(days=7)
"""A rotated key signs from so long after it was made: time for the other side to enter it."""
PRIVATE = (".key.pem", ".secret")


def make(
    keys: Path | None,
    id: str,
    owner: str,
    algorithm: str,
    towards: str | None,
    start: dt.datetime | None,
    until: dt.datetime | None,
) -> int:
    """Make a key and enter it in trust.toml; 1 where that is not possible."""
    return _made(keys or settings().agency_keys_path, KeyEntry(id, owner, algorithm, start, until, towards))


def rotate(
    keys: Path | None, owner: str, algorithm: str, towards: str | None, start: dt.datetime | None, overlap: int
) -> int:
    """Make the next key of an owner, and end the ones before when the overlap is over."""
    folder, begins = keys or settings().agency_keys_path, start or machine_now() + NOTICE
    name = f"{owner}-{towards}" if towards else owner
    entry = KeyEntry(f"{name}-{begins.astimezone(CITY):%Y%m%d}", owner, algorithm, begins, None, towards)
    before = keymaking.older(folder, entry)
    if status := _made(folder, entry):
        return status
    return _ended(folder, before, begins + dt.timedelta(days=overlap), even_last=False)


def trust(
    keys: Path | None, id: str, file: Path, owner: str, start: dt.datetime | None, until: dt.datetime | None
) -> int:
    """Enter the public key that an agency gave us."""
    folder, entry = keys or settings().agency_keys_path, KeyEntry(id, owner, "ed25519", start, until)
    try:
        found = keymaking.take_over(folder, entry, file.read_bytes())
    except (NotDone, OSError) as error:
        return _not_done(error)
    _say(f"已采信 trusted: {id}, {owner}\nSHA256:{fingerprint(found)}\n请与对方电话核对指纹。 Compare it by telephone.")
    return 0


def retire(keys: Path | None, id: str, at: dt.datetime | None, even_last: bool) -> int:
    """End a key now, or at a moment."""
    return _ended(keys or settings().agency_keys_path, [id], at or machine_now(), even_last=even_last)


def show(keys: Path | None) -> int:
    """Every key with its time and fingerprint; 1 where others than the owner can read a private part."""
    folder, now = keys or settings().agency_keys_path, machine_now()
    try:
        ring, entries = Keyring(folder), read_trust(folder).key
        plain = {path.name.removesuffix(".pub.pem") for path in folder.glob("*.pub.pem")} - {one.id for one in entries}
        known = [*entries, *(KeyEntry(name, name) for name in sorted(plain) if not _owned(entries, name))]
        for entry in known:
            stands = "holds" if holds(entry, now) else "over" if (entry.valid_until or now) <= now else "not yet"
            mark = fingerprint(ring.trusted(entry.owner)[entry.id])
            times = f"{_day(entry.valid_from)} – {_day(entry.valid_until)}"
            said = f"{entry.id:<28} {entry.owner:<16} {entry.algorithm:<12} {times}  {stands:<8}"
            _say(f"{said} SHA256:{mark}" if mark else said)
    except (OSError, ValueError) as error:
        return _not_done(error)
    return _modes(folder)


def _owned(entries: tuple[KeyEntry, ...], name: str) -> bool:
    return any(entry.owner == name for entry in entries)


def _modes(folder: Path) -> int:
    loose = [path for ending in PRIVATE for path in folder.glob(f"*{ending}") if path.stat().st_mode & 0o077]
    for path in loose:
        _say(f"他人可读 readable by others: {path} (chmod 600)")
    return 1 if loose else 0


def _made(folder: Path, entry: KeyEntry) -> int:
    try:
        found = keymaking.make(folder, entry)
    except (NotDone, OSError) as error:
        return _not_done(error)
    if entry.algorithm == "hmac-sha256":
        _say(f"已生成共享密钥 shared secret in {folder / f'{entry.id}.secret'}，请当面交给对方 hand it over in person.")
        return 0
    _say(f"已生成 made: {entry.id}\nSHA256:{fingerprint(found)}\n请交给对方 for the other side:\n")
    _say(f"{found.public}\n{keymaking.block(entry)}")
    return 0


def _ended(folder: Path, ids: list[str], until: dt.datetime, *, even_last: bool) -> int:
    try:
        keymaking.end(folder, ids, until, even_last=even_last)
    except (NotDone, OSError) as error:
        return _not_done(error)
    for id_ in ids:
        _say(f"到期 ends {until.astimezone(CITY):%Y-%m-%d %H:%M}: {id_}")
    return 0


def _not_done(error: Exception) -> int:
    sys.stderr.write(f"没有执行 not done: {error}\n")
    return 1


def _day(at: dt.datetime | None) -> str:
    return f"{at.astimezone(CITY):%Y-%m-%d %H:%M}" if at else "…"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
