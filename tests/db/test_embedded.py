"""The embedded PostgreSQL keeps its promises: its own user, no port, roles that own nothing, recovery after a kill."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from permits.db import host
from permits.db.embedded import Embedded, temporary

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root starts it as another user")


@pytest.fixture(scope="module")
def server() -> Iterator[Embedded]:
    """A server of this file's own, so that it may be looked at and killed."""
    with temporary() as found:
        yield found


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user may pass through, unlike pytest's."""
    made = Path(tempfile.mkdtemp(prefix="permits-"))
    made.chmod(host.PASSABLE)
    yield made
    shutil.rmtree(made)


def started(data: Path, fast: bool = True) -> Embedded:
    """A server on a data folder, ready and with its roles."""
    server = Embedded(data, fast=fast)
    server.initialise()
    server.start()
    server.wait_ready(60)
    server.bootstrap()
    return server


async def ask(server: Embedded, question: str, role: str = "postgres", database: str = "permits") -> object:
    """The one value that a statement gives."""
    connection = await asyncpg.connect(server.url(role, database))
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_it_opens_no_port(server: Embedded) -> None:
    assert await ask(server, "show listen_addresses") == ""


def test_only_its_own_user_may_enter_its_folders(server: Embedded) -> None:
    owner = server.account.uid if server.account else os.geteuid()
    for closed in (server.cluster, server.socket_folder):
        assert (stat.S_IMODE(closed.stat().st_mode), closed.stat().st_uid) == (0o700, owner)


@as_root
def test_started_by_root_it_does_not_run_as_root(server: Embedded) -> None:
    assert server.process is not None
    assert Path(f"/proc/{server.process.pid}").stat().st_uid != 0


async def test_it_keeps_every_language_and_checksums(server: Embedded) -> None:
    encoding = "select pg_encoding_to_char(encoding) || ' ' || datlocale from pg_database where datname = 'permits'"
    assert await ask(server, encoding) == "UTF8 C.UTF-8"
    assert await ask(server, "show data_checksums") == "on"


async def test_the_migrator_owns_the_database_and_may_make_others(server: Embedded) -> None:
    owner = "select pg_get_userbyid(datdba) from pg_database where datname = 'permits'"
    assert await ask(server, owner) == "permits_migrator"
    await ask(server, "create database another", role="permits_migrator")
    await ask(server, "drop database another", role="permits_migrator")


@pytest.mark.parametrize("statement", ["create table t (n int)", "create schema s", "create temporary table t (n int)"])
@pytest.mark.parametrize("role", ["permits_app", "permits_province"])
async def test_the_application_and_the_province_may_make_nothing(server: Embedded, role: str, statement: str) -> None:
    with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
        await ask(server, statement, role=role)


async def test_making_the_roles_again_changes_nothing(server: Embedded) -> None:
    count = "select count(*) from pg_roles where rolname like 'permits%'"
    server.bootstrap()
    assert await ask(server, count) == 3


async def test_killed_hard_it_recovers_what_was_committed(folder: Path) -> None:
    server = started(folder, fast=False)
    await ask(server, "create table kept as select 7 as n", role="permits_migrator")
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    server.start()
    server.wait_ready(60)
    assert await ask(server, "select n from kept", role="permits_migrator") == 7
    server.stop()


async def test_a_server_left_over_is_ended_before_the_next_starts(folder: Path) -> None:
    left_over = started(folder)
    server = started(folder)
    assert left_over.process is not None
    assert left_over.process.poll() is not None
    assert await ask(server, "select 1") == 1
    server.stop()


async def test_a_mark_that_names_somebody_elses_process_does_not_keep_it_from_starting(folder: Path) -> None:
    server = started(folder)
    mark = (server.cluster / "postmaster.pid").read_text().splitlines()
    server.stop()
    stranger = str(os.getpid())
    (server.cluster / "postmaster.pid").write_text("\n".join([stranger, *mark[1:]]) + "\n")
    again = started(folder)
    assert await ask(again, "select 1") == 1
    again.stop()


def test_stopping_ends_it_and_its_marks(folder: Path) -> None:
    server = started(folder)
    server.stop()
    assert server.process is not None
    assert server.process.poll() == 0
    assert not (server.cluster / "postmaster.pid").exists()
    assert host.working_in(server.cluster) == []


@as_root
async def test_a_folder_closed_to_its_user_stays_closed(folder: Path) -> None:
    folder.chmod(0o700)
    server = started(folder)
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [str(server.home) in remark for remark in server.remarks] == [True]
        server.stop()
        again = started(folder)
        assert again.home == server.home
        again.stop()
    finally:
        shutil.rmtree(server.home)


async def test_a_path_too_long_for_a_socket_is_shortened(folder: Path) -> None:
    server = started(folder / ("x" * 120))
    assert len(str(server.socket_folder)) < 80
    assert await ask(server, "select 1") == 1
    short = server.socket_folder
    server.stop()
    assert not short.exists()


def test_it_ends_with_the_process_that_started_it(folder: Path) -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[2:]; from test_embedded import *; started(Path(sys.argv[1])); os.abort()"
    )
    subprocess.run([sys.executable, "-c", program, str(folder), str(Path(__file__).parent)], check=False)
    host.signal_until_gone(folder / "postgres" / "cluster", signal.SIGCONT, None, 10)
    assert host.working_in(folder / "postgres" / "cluster") == []
