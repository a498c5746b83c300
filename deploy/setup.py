"""Prepares this folder for running: .venv with the locked packages, `permits` in it, and the front-end files.

Python's standard library only. What was done is not done again, so that a second start takes seconds; two at once wait
for each other. It changes nothing outside this folder.

    python3 deploy/setup.py [--dev]      (--dev: also what the tests need)
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

LAUNCHER = """\
#!{python}
import sys
sys.path.insert(0, {root!r})
from permits.cli import main
raise SystemExit(main())
"""


class SetUpError(Exception):
    """This folder cannot be prepared; the message says what to do."""


def say(text: str) -> None:
    """Tell how far we are."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def require_python() -> None:
    """The service needs Python 3.11."""
    if sys.version_info < (3, 11):  # noqa: UP036 -- read by the Python that is there
        raise SetUpError("Python 3.11 or newer is needed: name one, as in `make run PYTHON=python3.12`.")


def make_environment() -> None:
    """Make .venv where there is none that works."""
    if (
        PYTHON.exists()
        and subprocess.run([PYTHON, "-c", "import pip"], capture_output=True, check=False).returncode == 0
    ):
        return
    if importlib.util.find_spec("ensurepip") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise SetUpError(
            "This Python cannot make a virtual environment. "
            f"On Debian or Ubuntu: apt-get install python3-venv (or python{version}-venv)."
        )
    run("Virtual environment", [sys.executable, "-m", "venv", "--clear", str(VENV)])


def install(lock: str, holds: str = "") -> None:
    """Install the packages of a lock unless they are: the stamp is the digest of the lock and of the environment.

    `holds` is another lock, which needs no installing of its own where this one has all that it has.
    """
    stamp = VENV / f"{lock}.sha256"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == digest(lock):
        return
    make_environment()
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    run(
        f"Packages of {lock} (a minute or two the first time)",
        [str(PYTHON), "-m", "pip", "install", *quiet, "--no-compile", "--require-hashes", "-r", str(ROOT / lock)],
    )
    compile_packages()
    stamp.write_text(digest(lock))
    if holds and lines(holds) <= lines(lock):
        (VENV / f"{holds}.sha256").write_text(digest(holds))


def compile_packages() -> None:
    """Compile what was installed, on all processors, which pip does on one; what cannot be is no loss."""
    command = [str(PYTHON), "-m", "compileall", "-qq", "-j", "0", str(VENV / "lib")]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=False)


def lines(lock: str) -> set[str]:
    """The versions and digests of a lock."""
    return {line.strip(" \\") for line in (ROOT / lock).read_text().splitlines()}


def digest(lock: str) -> str:
    """A fingerprint of the lock and of the environment that it is installed into."""
    content = (ROOT / lock).read_bytes() + (VENV / "pyvenv.cfg").read_bytes()
    return hashlib.sha256(content).hexdigest()


def make_launcher() -> None:
    """Put `permits` into .venv/bin, so that it can be called from any folder."""
    launcher = VENV / "bin" / "permits"
    text = LAUNCHER.format(python=PYTHON, root=str(ROOT))
    if not launcher.exists() or launcher.read_text() != text:
        launcher.write_text(text)
        launcher.chmod(0o755)


def fetch_front_end() -> None:
    """Fetch and prepare what the pages load; it looks by itself whether there is something to do."""
    run("Front-end files", [str(PYTHON), "-m", "permits.web.assets"])


def run(what: str, command: list[str]) -> None:
    """Run one step in the project's folder and say how long it took."""
    began = time.monotonic()
    say(f"{what} …")
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        raise SetUpError(f"{what}: failed; the reason stands above. Start again when it is gone.")
    say(f"  {time.monotonic() - began:.1f} s")


def main() -> int:
    """Prepare the folder; 0 when it is ready, 1 with a sentence on stderr when it cannot be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="install what the tests need, too")
    given = parser.parse_args()
    try:
        require_python()
        with open(ROOT / ".setup.lock", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if given.dev:
                install("requirements-dev.txt", holds="requirements.txt")
            install("requirements.txt")
            make_launcher()
            fetch_front_end()
    except SetUpError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
