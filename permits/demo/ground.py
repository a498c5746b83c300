"""What must hold before the demonstration starts anything: its folder is nobody else's, its ports are free."""

import contextlib
import fcntl
import os
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

HOST = "127.0.0.1"
AGENCY_PORTS = range(20000, 30000)
"""Where simulators listen: below what systems give to outgoing connections, so that a port stays free for a restart."""
LEAVING_S = 5.0
"""How long an earlier demonstration that was killed may still hold our port, in seconds."""


class Refused(RuntimeError):
    """The demonstration cannot start; the message says what to do."""


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[None]:
    """Hold the data folder; Refused while another demonstration holds it. A killed one holds nothing any more."""
    with open(data / "demo.lock", "a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Refused(
                f"A demonstration runs already on {data} (process {lock.read().strip()}): "
                "stop it, or choose another folder by --data."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


def require_free(port: int) -> None:
    """Refused when something else keeps listening on the port."""
    limit = time.monotonic() + LEAVING_S
    while not _is_free(port):
        if time.monotonic() > limit:
            raise Refused(f"Port {port} is taken by another program: stop it, or choose another by --port.")
        time.sleep(0.1)


def agency_port() -> int:
    """A free port for a simulator."""
    return next(port for port in random.sample(AGENCY_PORTS, 1000) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
