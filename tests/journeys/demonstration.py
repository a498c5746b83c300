"""The demonstration as a stranger starts it, from outside: `permits demo`, its ready file, its accounts, its end."""

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from permits.demo import ready

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("web", "worker", "police", "approval-bureau", "postgres")
START_S = 600.0
"""How long the first start may take, in seconds: a busy machine lays a whole city."""


class Demo:
    """A running demonstration with a data folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.file, self.port = folder, folder / "ready.json", free_port()
        self.said = folder / "said.txt"
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        options = ["--port", str(self.port), "--data", str(self.folder / "var"), "--ready-file", str(self.file)]
        with self.said.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "permits", "demo", *options],
                cwd=ROOT,
                env=strangers_environment(),
                stdout=out,
                stderr=subprocess.STDOUT,
                process_group=0,
                preexec_fn=ends_with_us if sys.platform == "linux" else None,
            )
        if not until(lambda: self.file.exists() or process.poll() is not None, START_S) or process.poll() is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            raise AssertionError(self.said.read_text())
        return process

    def says(self) -> dict[str, Any]:
        """What the ready file says now."""
        found: dict[str, Any] = json.loads(self.file.read_text())
        return found

    @property
    def url(self) -> str:
        """Where the service is."""
        return f"http://127.0.0.1:{self.port}"

    def account(self, role: str, nth: int = 0) -> dict[str, str]:
        """The nth account of a role."""
        found: list[dict[str, str]] = [one for one in self.says()["accounts"] if one["role"] == role]
        return found[nth]

    def pid(self, name: str) -> int:
        """The process of this name."""
        found = self.says()["processes"][name]
        return int(found[0] if isinstance(found, list) else found)

    def answers(self) -> bool:
        """Whether the service is ready and both agencies are alive."""
        agencies = [agency["url"] + "/healthz" for agency in self.says()["agencies"].values()]
        return all(map(ready.answers, [f"{self.url}/readyz", f"{self.url}/healthz", *agencies]))

    def stop(self) -> int:
        """End it as a service manager would; its exit status."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextlib.contextmanager
def demonstration() -> Iterator[Demo]:
    """A demonstration while the block runs; at the end it must leave no process, no open port and no ready file."""
    folder = Path(tempfile.mkdtemp(prefix="permits-journey-"))
    folder.chmod(0o711)  # the database's own user has to reach its folder
    found = Demo(folder)
    try:
        yield found
        started = [found.process.pid, *descendants(found.process.pid)]
        assert found.stop() == 0, found.said.read_text()
        assert not [pid for pid in started if alive(pid)]
        assert not mentioning(folder)
        assert not found.file.exists()
        assert not listening(found.port)
    finally:
        if found.process.poll() is None:
            found.stop()
        shutil.rmtree(folder)


# Waiting and looking


def strangers_environment() -> dict[str, str]:
    """Our environment without settings of the service, which other tests of this process may have made."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PERMITS_")}


def ends_with_us() -> None:
    """Have this process told to stop when the one that started it is killed (prctl, PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def until(holds: Callable[[], object], limit_s: float, pause_s: float = 0.02) -> bool:
    """Whether something holds within a time."""
    limit = time.monotonic() + limit_s
    while not (seen := holds()) and time.monotonic() < limit:
        time.sleep(pause_s)
    return bool(seen)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    """Whether somebody takes connections at a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> list[int]:
    """The processes that a process started, and those they started."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
    children = [child for child, parent in parents.items() if parent == pid]
    return [each for child in children for each in (child, *descendants(child))]


def mentioning(folder: Path) -> list[str]:
    """The command lines that name a folder."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            command = line.read_bytes().replace(b"\0", b" ").decode(errors="replace")
            found += [command] if str(folder) in command else []
    return found


# The JSON interface


class Caller:
    """One account on the JSON interface."""

    def __init__(self, demo: Demo, role: str, nth: int = 0) -> None:
        token = demo.account(role, nth)["token"]
        self._http = httpx.Client(base_url=demo.url, headers={"Authorization": f"Bearer {token}"}, trust_env=False)

    def get(self, path: str) -> Any:
        """What is there."""
        answer = self._http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text)
        return answer.json()

    def may_see(self, path: str) -> bool:
        """Whether there is something for this account."""
        return self._http.get(path).status_code == 200

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """The answer to a call that must go well."""
        sent = more or {"json": body or {}}
        answer = self._http.post(path, headers={"Idempotency-Key": str(uuid.uuid4())}, **sent)
        assert answer.status_code in (200, 201), (path, answer.status_code, answer.text)
        return answer.json()
