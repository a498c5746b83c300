"""Processes that we start ourselves: each in a group of its own, with its output in a log, ending when we end.

Nothing here looks for a process by its name, and nothing ends a process that we did not start.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

PR_SET_PDEATHSIG = 1
"""Linux' prctl: the signal a process gets when the thread that started it ends."""

LOG_BYTES = 5_000_000
"""A log longer than this is put aside before a process starts to write to it again."""


class Account(msgspec.Struct, frozen=True):
    """An account of the operating system, other than ours, to run a process as."""

    name: str
    uid: int
    gid: int


def spawn(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path,
    account: Account | None = None,
    when_we_die: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Start a process that outlives neither us nor, by itself, a signal to our group.

    The terminal's Ctrl-C reaches only us, so that we can end things in their order. Call it from the main thread:
    Linux ends the child, by the signal `when_we_die`, with the thread that started it. OSError when it cannot start.
    """
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old.log"))
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            process_group=0,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            preexec_fn=_ending_with(os.getpid(), when_we_die),
        )


def _ending_with(parent: int, how: int) -> Callable[[], None] | None:
    """What the child does before its program begins, after it gave up its rights (which would undo it)."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def end(process: subprocess.Popen[bytes], by: int = signal.SIGTERM, limit_s: float = 3.0) -> None:
    """Ask a process to end by a signal, and kill it when it has not ended after `limit_s` seconds."""
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for a message that says why something did not start."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 4000))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
