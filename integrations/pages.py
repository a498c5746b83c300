"""The simulators' pages for people: the book, and one case. They only read; buttons post to simulation.py."""

from functools import partial
from pathlib import Path

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from msgspec import Struct

from integrations import words
from integrations.book import Entry
from integrations.desk import Desk
from integrations.player import CaseNow

SHOWN = 30  # cases and messages on the first page
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


class CaseRow(Struct, frozen=True, kw_only=True):
    """A case as the page shows it."""

    number: str
    name: str
    state: str
    received: str  # sequences
    sent: str
    answers: tuple[str, ...]  # kinds that the page offers
    again: tuple[Entry, ...] = ()  # messages that the office refused


def language(request: web.Request) -> str:
    """zh, or en where the address says so."""
    return "en" if request.query.get("lang") == "en" else "zh"


def response(html: str) -> web.Response:
    """A page."""
    return web.Response(text=html, content_type="text/html")


def case_row(desk: Desk, case: CaseNow) -> CaseRow:
    """A case with the sequences that came and went, and what may be answered in its state."""
    entries = desk.book.of_case(case.number)
    sequences = {way: ", ".join(str(e.sequence) for e in entries if e.direction == way) for way in ("in", "out")}
    return CaseRow(
        number=case.number,
        name=case.name,
        state=case.state,
        received=sequences["in"],
        sent=sequences["out"],
        answers=desk.player.offers.get(case.state, ()),
        again=tuple(entry for entry in entries if entry.direction == "out" and entry.status == "refused"),
    )


def book_page(desk: Desk, lang: str) -> str:
    """The first page: the newest cases and the latest messages."""
    rows = [case_row(desk, case) for case in desk.book.latest(SHOWN)]
    return _render(desk, lang, rows=rows, entries=desk.book.recent(SHOWN), total=desk.book.count(), case=None)


def case_page(desk: Desk, case: CaseNow, lang: str) -> str:
    """One case with all its messages."""
    entries = desk.book.of_case(case.number)
    return _render(desk, lang, rows=[case_row(desk, case)], entries=entries, total=1, case=case)


def _render(
    desk: Desk, lang: str, *, rows: list[CaseRow], entries: list[Entry], total: int, case: CaseNow | None
) -> str:
    nth = 0 if lang == "zh" else 1
    return TEMPLATES.get_template("simulator.html").render(
        lang=lang,
        agency=desk.player.agency.name,
        title=desk.player.title[nth],
        disclaimer=desk.player.disclaimer[nth],
        rows=rows,
        entries=entries,
        total=total,
        case=case,
        word=partial(words.of, words.WORDS, lang=lang),
        kind=partial(words.of, words.KINDS, lang=lang),
        state=partial(words.of, words.STATES, lang=lang),
        status=partial(words.of, words.STATUSES, lang=lang),
    )
