"""Every command and its options: what `--help` says, and which part does it."""

import argparse
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

import permits


class Option(msgspec.Struct, frozen=True):
    """An argument of a command: its names, and what argparse is to know of it."""

    names: tuple[str, ...]
    rules: Mapping[str, Any]


class Command(msgspec.Struct, frozen=True):
    """A command: its words, what it does in one line, the function that does it."""

    words: str
    help: str
    target: str
    """`module:function`, called with the options by name; what it returns is the exit status, None being 0."""
    options: tuple[Option, ...] = ()


def option(*names: str, **rules: Any) -> Option:
    """An argument, written as argparse's own `add_argument`."""
    return Option(names, rules)


def instant(text: str) -> datetime:
    """An RFC 3339 instant; without an offset it is the city's time. ValueError when it is none."""
    from permits.clock import CITY

    given = datetime.fromisoformat(text)
    return given if given.tzinfo else given.replace(tzinfo=CITY)


def port(text: str) -> int:
    """A port number. ValueError when it is none."""
    if not 1 <= int(text) <= 65535:
        raise ValueError
    return int(text)


def place(text: str) -> str:
    """A region's code of six digits (GB/T 2260). ValueError when it is none."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise ValueError
    return text


def sizes(text: str) -> list[int]:
    """Sizes in ascending order, comma separated; ValueError for what is none, or above a hundred million."""
    found = sorted({int(size) for size in text.split(",")})
    if not 1000 <= found[0] <= found[-1] <= 100_000_000:
        raise ValueError
    return found


PORT = option("--port", type=port, default=8000, metavar="N", help="port to listen on (default: 8000)")
HOUSE = Path(permits.__file__).parent
RULES = HOUSE / "rules" / "data"
CONTRACT = option(
    "--to",
    type=Path,
    default=HOUSE.parent / "integrations" / "schemas",
    metavar="DIR",
    help="folder of the documents (default: our own)",
)
LANG = option("--lang", choices=("zh", "en"), default="zh", help="the language to print in (default: zh)")
EMAIL = option("--email", required=True, help="the account's e-mail address")

KEYS = option("--keys", type=Path, metavar="DIR", help="folder of signing keys (default: that of the settings)")
OWNER = option("--owner", required=True, metavar="NAME", help="whose key it is: office, or the agency's name")
ALGORITHM = option("--algorithm", choices=("ed25519", "hmac-sha256"), default="ed25519", help="default: ed25519")
TOWARDS = option("--with", dest="towards", metavar="AGENCY", help="the only side it is used towards: a shared secret")
START = option("--from", dest="start", type=instant, metavar="DAY", help="the first moment with it (default: always)")
UNTIL = option("--until", type=instant, metavar="DAY", help="the first moment without it (default: open)")

COMMANDS = (
    Command(
        "demo",
        "Start everything on this machine, with a synthetic city, until Ctrl-C.",
        "permits.demo.start:demo",
        (
            PORT,
            option("--data", type=Path, default=Path("var"), metavar="DIR", help="folder of all data (default: ./var)"),
            option("--ready-file", type=Path, metavar="FILE", help="written as JSON when ready, and at each change"),
            option("--empty", action="store_true", help="load no demonstration cases"),
            option("--at", type=instant, metavar="INSTANT", help="the office's time to begin with, RFC 3339"),
            option(
                "--by-files",
                choices=("police", "approval-bureau"),
                metavar="AGENCY",
                help="police or approval-bureau takes batch files only, in exchange/ of the data folder",
            ),
        ),
    ),
    Command(
        "serve",
        "Serve pages and the JSON interface.",
        "permits.cli.serving:serve",
        (
            option("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)"),
            PORT,
            option("--at", help=argparse.SUPPRESS),
        ),
    ),
    Command("worker", "Do what runs later or by the clock: messages, letters, limits.", "permits.worker:main"),
    Command("migrate", "Bring the database to this version's shape.", "permits.cli.serving:migrate"),
    Command(
        "doctor",
        "Say how the service is, and what is stuck.",
        "permits.doctor:main",
        (
            option("--evidence", action="store_true", help="verify the chain of evidence, on from where it ended"),
            option("--from-start", action="store_true", help="with --evidence: verify it from its first entry"),
            option("--count", action="store_true", help="only recount the register, on several days, as known then"),
        ),
    ),
    Command(
        "reconcile",
        "Compare our book with each agency's now, and say what was covered and what differs.",
        "permits.cli.reconcile:main",
        (option("--region", type=place, metavar="R", help="six digits of GB/T 2260 (default: the first one served)"),),
    ),
    Command("ledger rebuild", "Sum up the ledger anew, from its rows alone.", "permits.register.rebuilding:main"),
    Command(
        "simulate",
        "Stand in for another agency, with a server and a book of its own.",
        "permits.cli.serving:simulate",
        (
            option("agency", choices=("police", "approval-bureau"), help="whom to stand in for"),
            option("--port", type=port, required=True, metavar="N", help="port to listen on"),
            option("--data", type=Path, required=True, metavar="DIR", help="folder of the book"),
            option("--office-url", required=True, metavar="URL", help="where the office takes messages"),
            option("--keys", type=Path, required=True, metavar="DIR", help="folder of the signing keys"),
            option("--folder", type=Path, metavar="DIR", help="exchange batch files there instead of calling"),
        ),
    ),
    Command(
        "keys make",
        "Make a signing key and enter it in trust.toml; its public part is printed for the other side.",
        "permits.cli.keys:make",
        (KEYS, option("id", metavar="ID", help="its name"), OWNER, ALGORITHM, TOWARDS, START, UNTIL),
    ),
    Command(
        "keys rotate",
        "Make an owner's next key, which signs from a week on, and end those before after an overlap.",
        "permits.cli.keys:rotate",
        (
            KEYS,
            option("owner", metavar="OWNER", help="office, or the agency's name"),
            ALGORITHM,
            TOWARDS,
            option("--from", dest="start", type=instant, metavar="DAY", help="when it begins (default: in 7 days)"),
            option("--overlap", type=int, default=14, metavar="DAYS", help="both are good so long (default: 14)"),
        ),
    ),
    Command(
        "keys trust",
        "Enter the public key that an agency gave us.",
        "permits.cli.keys:trust",
        (
            KEYS,
            option("id", metavar="ID", help="the name under which the agency signs"),
            option("file", type=Path, metavar="FILE", help="its public key in PEM"),
            OWNER,
            START,
            UNTIL,
        ),
    ),
    Command(
        "keys retire",
        "End a key, now or at a moment.",
        "permits.cli.keys:retire",
        (
            KEYS,
            option("id", metavar="ID", help="its name"),
            option("--at", type=instant, metavar="INSTANT", help="when (default: now)"),
            option("--even-last", action="store_true", help="though no other key would hold: it leaked"),
        ),
    ),
    Command("keys list", "List all keys with their times and fingerprints.", "permits.cli.keys:show", (KEYS,)),
    Command(
        "contract write",
        "Write the contract with the agencies: JSON Schemas and an AsyncAPI document.",
        "permits.cli.contract:write",
        (CONTRACT,),
    ),
    Command(
        "contract check",
        "Say which documents of that contract are out of date.",
        "permits.cli.contract:check",
        (CONTRACT,),
    ),
    Command(
        "token create",
        "Make a token for the JSON interface; it is shown once.",
        "permits.cli.accounts:create_token",
        (
            EMAIL,
            option("--label", default="command line", help="what it is for; an earlier one of this label ends"),
            option("--days", type=int, default=90, help="how long it is good (1 to 366, default: 90)"),
        ),
    ),
    Command(
        "user create",
        "Make an account; its password is asked for, or read from standard input.",
        "permits.cli.accounts:create_user",
        (
            EMAIL,
            option("--name", required=True, help="the person's name"),
            option("--role", action="append", required=True, dest="roles", help="a role; may be given several times"),
            option("--region", help="the city's code (GB/T 2260); by default the first one served"),
        ),
    ),
    Command(
        "rules check",
        "Look through the law's files: sources, dates, both languages, gaps, overlaps, keys.",
        "permits.cli.rules:check",
        (
            LANG,
            option("--data", type=Path, default=RULES, metavar="DIR", help="folder of the files (default: our own)"),
        ),
    ),
    Command(
        "rules explain",
        "Print what holds for a service item on a day, and from where.",
        "permits.cli.rules:explain_item",
        (
            option("item", metavar="ITEM", help="the item's code, such as issue-in-china"),
            option("--on", type=date.fromisoformat, metavar="DATE", help="the day (default: today)"),
            option("--region", type=place, metavar="R", help="six digits of GB/T 2260 (default: the first one served)"),
            LANG,
        ),
    ),
    Command(
        "bench submit",
        "Measure what submitting an application costs, beside pgbench doing the same.",
        "permits.bench:submit",
        (option("--cases", type=int, default=2000, help="how many to submit (default: 2000)"),),
    ),
    Command(
        "bench count",
        "Measure counts of valid permits in registers of any size, beside a plain scan and DuckDB.",
        "permits.bench.count:main",
        (
            option(
                "--permits", type=sizes, default=[10_000, 100_000], metavar="N,N", help="sizes (default: 10000,100000)"
            ),
        ),
    ),
    Command(
        "bench import",
        "Measure what taking over an old register costs, in time and memory.",
        "permits.bench.take_over:main",
        (
            option("--rows", type=int, default=10_000, metavar="N", help="rows of the file (default: 10000)"),
            option("--form", choices=("xlsx", "csv"), default="xlsx", help="of the file (default: xlsx)"),
        ),
    ),
    Command(
        "bench pages",
        "Measure how long every page takes with a city's data, role by role, on a real server.",
        "permits.bench.pages:main",
        (
            option("--permits", type=int, default=100_000, metavar="N", help="in the register (default: 100000)"),
            option("--cases", type=int, default=3_000, metavar="N", help="submitted and further (default: 3000)"),
            option("--times", type=int, default=20, metavar="N", help="how often each page is asked (default: 20)"),
        ),
    ),
    Command(
        "bench routing",
        "Measure what a message to an agency costs, at which rate they go, and what an agency away does.",
        "permits.bench.routing:main",
        (
            option("--messages", type=int, default=2000, help="how many of each kind (default: 2000)"),
            option("--minutes", type=float, default=1.0, help="how long the agency is away (default: 1)"),
        ),
    ),
    Command(
        "bench rules",
        "Measure what a classification and a deadline cost.",
        "permits.bench.rules:main",
        (option("--rounds", type=int, default=20, help="how often to measure (default: 20)"),),
    ),
    Command(
        "register import",
        "Check a file of the old system, every problem by row and column; with --write take over all of it or nothing.",
        "permits.cli.register:take_over",
        (
            option("file", type=Path, metavar="FILE", help="XLSX or CSV; CONTRIBUTING.md says with which columns"),
            option("--region", type=place, metavar="R", help="six digits of GB/T 2260 (default: the first one served)"),
            option("--sheet", metavar="NAME", help="the sheet, where several look alike"),
            option("--write", action="store_true", help="write, if nothing is wrong; run again it goes on"),
        ),
    ),
    Command(
        "register export",
        "Write the register of a day for national reports, or case records for the case library, into a new file.",
        "permits.cli.register:hand_out",
        (
            option("kind", choices=("permits", "cases"), help="permits (XLSX or CSV), or cases (JSON lines)"),
            option("--out", type=Path, required=True, metavar="FILE", help="the new file; readable by its owner only"),
            option("--on", type=date.fromisoformat, metavar="DATE", help="the day, or the last (default: today)"),
            option("--since", type=date.fromisoformat, metavar="DATE", help="of cases the first (default: 1 January)"),
            option("--region", type=place, metavar="R", help="six digits of GB/T 2260 (default: the first one served)"),
        ),
    ),
    Command(
        "calendar load",
        "Take the State Council's calendar of a year in; open deadlines are recomputed.",
        "permits.own_law.files:load_calendar",
        (option("file", type=Path, metavar="FILE", help="the notice as text, or one [[calendar]] as .toml"),),
    ),
)
