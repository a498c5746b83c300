"""Keeps a few programs running: one that ends is started again at once, until we are told to stop.

It knows nothing of what the programs do. Once stopping, it starts nothing again.
"""

import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType

import msgspec

SETTLED_S = 5.0
"""A process that lived shorter than this, in seconds, has failed; after several such in a row the next start waits."""
PAUSE_S = 0.1
LONGEST_PAUSE_S = 0.8
LOOK_EVERY_S = 0.1


class Stopping(Exception):
    """We were told to stop."""


class Program(msgspec.Struct, frozen=True):
    """Something to keep running."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    """Starts it and returns at once."""
    end: Callable[[subprocess.Popen[bytes]], None]
    """Ends it and returns when it has ended."""


class Child:
    """A program and the process that runs it now."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.failures = 0
        """How often in a row it has ended within SETTLED_S."""
        self._started = self._due = 0.0

    @property
    def pid(self) -> int:
        """The number of the process that runs, or ran last."""
        return self.process.pid if self.process else 0

    def look(self) -> bool:
        """Start it where it does not run and its pause is over; True when a new process runs."""
        if self.process is not None and self.process.poll() is None:
            return False
        now = time.monotonic()
        if self._due == 0:
            self._due = now + self._pause(now - self._started)
        if now < self._due:
            return False
        self._started, self._due = now, 0.0
        try:
            self.process = self.program.start()
        except OSError:  # no memory or no process to spare: as if it had ended at once
            return False
        return True

    def _pause(self, lived_s: float) -> float:
        """Nothing after the first end, then longer with each that follows soon."""
        self.failures = self.failures + 1 if lived_s < SETTLED_S else 0
        return min(PAUSE_S * 2 ** (self.failures - 2), LONGEST_PAUSE_S) if self.failures > 1 else 0.0

    def end(self) -> None:
        """End the process."""
        if self.process is not None:
            self.program.end(self.process)


class Signals:
    """The signals that tell us to stop, and those of children that end, while the `with` block lasts."""

    STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.stop = False
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def __enter__(self) -> "Signals":
        for number in self.STOP:
            signal.signal(number, self._told)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)

    def _told(self, number: int, frame: FrameType | None) -> None:
        self.stop = True

    def wait(self) -> None:
        """Return at the next signal, after LOOK_EVERY_S at the latest."""
        if select.select([self._read], [], [], LOOK_EVERY_S)[0]:
            os.read(self._read, 4096)


class Supervisor:
    """The programs kept running, in the order of their start."""

    def __init__(self, signals: Signals) -> None:
        self.children: list[Child] = []
        self._signals = signals

    def add(self, program: Program) -> Child:
        """Keep a program running from now on."""
        child = Child(program)
        self.children.append(child)
        child.look()
        return child

    def watch(self, done: Callable[[], bool], changed: Callable[[], None] = lambda: None) -> None:
        """Keep everything running until `done()`; `changed()` is called after new processes were started.

        Raises Stopping as soon as we are told to stop.
        """
        while not done():
            self._signals.wait()
            if self._signals.stop:
                raise Stopping
            if sum(child.look() for child in self.children):
                changed()

    def end_all(self, order: Iterable[str]) -> None:
        """End every program, those named in `order` first and in that order."""
        ranks = {name: rank for rank, name in enumerate(order)}
        for child in sorted(self.children, key=lambda child: ranks.get(child.program.name, len(ranks))):
            child.end()
