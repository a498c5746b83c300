"""`permits demo` keeps what it starts alive, and leaves nothing behind, whoever is killed."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from permits.demo import ready
from tests.journeys.demonstration import strangers_environment

PROGRAMS = ("web", "worker", "postgres", "police", "approval-bureau")
ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60
"""How long a busy machine may take; the promise of two and five seconds is measured, not asserted."""


class Demo:
    """A demonstration without cases, started as a stranger's script would."""

    def __init__(self, folder: Path) -> None:
        self.file, self.port = folder / "ready.json", free_port()
        self.command = [sys.executable, "-m", "permits", "demo", "--empty", "--data", str(folder / "var")]
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        """Start it in a group of its own; until it is ready or ends."""
        self.file.unlink(missing_ok=True)
        options = ["--port", str(self.port), "--ready-file", str(self.file)]
        self.process = subprocess.Popen(
            [*self.command, *options],
            cwd=ROOT,
            env=strangers_environment(),
            text=True,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            process_group=0,
        )
        assert until(lambda: self.file.exists() or self.process.poll() is not None, 600)
        return self.process

    def says(self) -> dict[str, Any]:
        """What the ready file says now."""
        return json.loads(self.file.read_text())

    def pid(self, name: str) -> int:
        """The process of this name in the ready file."""
        found = self.says()["processes"][name]
        return found[0] if isinstance(found, list) else found

    def pids(self) -> list[int]:
        """Every process in the ready file."""
        return [self.pid(name) for name in PROGRAMS]

    def answers(self) -> bool:
        """Whether web and both agencies answer."""
        agencies = [agency["url"] + "/healthz" for agency in self.says()["agencies"].values()]
        return all(map(ready.answers, [self.says()["url"] + "/readyz", *agencies]))


def until(holds: Callable[[], bool], limit_s: float) -> bool:
    """Whether something holds within a time."""
    limit = time.monotonic() + limit_s
    while not holds() and time.monotonic() < limit:
        time.sleep(0.02)
    return holds()


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """One demonstration for this file; pytest's own folders are closed to the database's user."""
    folder = Path(tempfile.mkdtemp(prefix="permits-"))
    folder.chmod(0o711)
    found = Demo(folder)
    try:
        assert found.process.poll() is None, found.process.communicate()[1]
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(found.process.pid, signal.SIGTERM)
        found.process.wait(PATIENCE_S)
        shutil.rmtree(folder)


def test_the_ready_file_names_everything_a_script_needs(demo: Demo) -> None:
    said = demo.says()
    assert said["url"] == f"http://127.0.0.1:{demo.port}"
    assert set(said["agencies"]) == {"police", "approval-bureau"}
    assert set(said["processes"]) == set(PROGRAMS)
    assert all(map(alive, demo.pids()))
    assert demo.answers()


@pytest.mark.parametrize("name", [*PROGRAMS, "postgres"])
def test_what_is_killed_runs_again_and_serves(demo: Demo, name: str) -> None:
    before, written = demo.pid(name), demo.says()["at"]
    os.kill(before, signal.SIGKILL)
    assert until(lambda: demo.pid(name) != before and alive(demo.pid(name)), PATIENCE_S)
    assert demo.says()["at"] >= written
    assert until(lambda: demo.answers() and all(map(alive, demo.pids())), PATIENCE_S)


def test_everything_killed_at_once_runs_again(demo: Demo) -> None:
    before = demo.pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    assert until(lambda: not set(before) & set(demo.pids()) and all(map(alive, demo.pids())), PATIENCE_S)
    assert until(demo.answers, PATIENCE_S)


def test_a_second_start_on_the_same_data_says_so(demo: Demo) -> None:
    second = subprocess.run(
        [*demo.command, "--port", str(free_port())], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    assert str(demo.process.pid) in second.stderr
    assert demo.process.poll() is None


def test_killed_itself_it_leaves_nothing_and_starts_again(demo: Demo) -> None:
    left = demo.pids()
    demo.process.kill()
    demo.process.wait()
    assert until(lambda: not any(map(alive, left)), PATIENCE_S)
    assert demo.start().poll() is None
    assert demo.answers()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_ends_all_and_starts_nothing_again(demo: Demo, how: signal.Signals) -> None:
    if demo.process.poll() is not None:
        demo.start()
    running = demo.pids()
    os.killpg(demo.process.pid, how)
    assert demo.process.wait(PATIENCE_S) == 0
    assert not any(map(alive, running))
    assert not demo.file.exists()
