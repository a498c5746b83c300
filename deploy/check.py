"""Runs every check of the project, one after the other, and says how long each took: what `make test` and CI run.

All run even when one fails. Nothing is installed but, by root on Debian, the browser and the Chinese font of the tests.

    .venv/bin/python deploy/check.py [lint] [arguments of pytest]
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = Path(sys.executable).parent

PROCESSES = 3
"""Of pytest: one more than the processors of the smallest machine that CI has, since tests wait at times."""
LINT: dict[str, list[str | Path]] = {
    "ruff": [TOOLS / "ruff", "check"],
    "format": [TOOLS / "ruff", "format", "--check"],
    "mypy": [TOOLS / "mypy"],
    "import-linter": [TOOLS / "lint-imports"],
}
PYTEST = [sys.executable, "-m", "pytest", "-n", str(PROCESSES), "--dist", "loadfile", "--durations", "10"]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
ADVICE = (
    "The tests need a browser: install Chromium or Chrome (Debian: apt-get install chromium fonts-noto-cjk), "
    "or name its program in PERMITS_BROWSER."
)


def say(text: str) -> None:
    """Tell how far we are."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def works(program: str) -> bool:
    """Whether a program is there and tells its version: some systems put a note in the place of a browser."""
    found = shutil.which(program)
    return found is not None and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0


def browser() -> str | None:
    """The browser of the tests: the one named in PERMITS_BROWSER, else the first that works."""
    named = os.environ.get("PERMITS_BROWSER")
    return next((shutil.which(each) for each in ([named] if named else BROWSERS) if works(each)), None)


def has_chinese_font() -> bool:
    """Whether pictures of pages will show Chinese."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=zh"], capture_output=True, check=False).stdout.strip())


def install_from_debian(packages: Sequence[str]) -> None:
    """Install packages where we may; what fails shows itself when the browser is looked for again."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    say(f"Installing {' '.join(packages)} …")
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    apt = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=600"]
    for command in ([*apt, "update"], [*apt, "install", "--no-install-recommends", *packages]):
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            say((done.stderr or done.stdout).strip()[-1000:])


def find_browser() -> str | None:
    """The browser of the tests, installed first where it lacks and we may."""
    missing = [] if browser() else ["chromium"]
    missing += [] if has_chinese_font() else ["fonts-noto-cjk", "fontconfig"]
    if missing:
        install_from_debian(missing)
    return browser()


def run(name: str, command: Sequence[str | Path], env: Mapping[str, str]) -> tuple[str, bool, float]:
    """Run one check: its name, whether it went well, and how long it took in seconds."""
    say(f"\n== {name}")
    began = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, env=env, check=False)
    return name, done.returncode == 0, time.monotonic() - began


def main(arguments: Sequence[str]) -> int:
    """Run the checks; 0 only when all went well."""
    lint_only = arguments[:1] == ["lint"]
    with ThreadPoolExecutor(1) as meanwhile:  # installing a browser mostly waits
        finding = None if lint_only else meanwhile.submit(find_browser)
        results = [run(name, command, os.environ) for name, command in LINT.items()]
    if finding is not None:
        found = finding.result()
        if found is None:
            say(ADVICE)
            return 1
        results.append(run("pytest", [*PYTEST, *arguments], os.environ | {"PERMITS_BROWSER": found}))
    say("")
    for name, well, took in results:
        say(f"{name:<14} {'ok' if well else 'FAILED':<7} {took:7.1f} s")
    return 0 if all(well for _, well, _ in results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
