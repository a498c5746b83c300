"""The simulators' pages for people: faults, book, and one case. They only read; buttons post to server.py."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader
from msgspec import Struct

from integrations import words
from integrations.desk import Desk
from integrations.entries import Entry
from integrations.faults import SWITCHES, Faults
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


def response(html: str, status: int = 200) -> web.Response:
    """A page."""
    return web.Response(text=html, content_type="text/html", status=status)


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


def book_page(desk: Desk, lang: str, *, wrong: str = "", given: Mapping[str, str] = MappingProxyType({})) -> str:
    """The first page: the faults, the newest cases and the latest messages. `wrong` says what was typed wrongly."""
    rows = [case_row(desk, case) for case in desk.book.latest(SHOWN)]
    on = [fault_row(faults, lang) for faults in desk.book.all_faults()]
    more = {"rows": rows, "entries": desk.book.recent(SHOWN), "total": desk.book.count()}
    return _render(desk, lang, **more, faults=on, given=given, wrong=wrong)


def fault_row(faults: Faults, lang: str) -> str:
    """What is on, in words."""
    said = [words.of(words.FAULTS, name, lang) for name in SWITCHES if getattr(faults, name)]
    numbers = {name: getattr(faults, name) for name in ("slow_ms", "late_s", "rate", "seed")}
    said += [f"{words.of(words.FAULTS, name, lang)} {value:g}" for name, value in numbers.items() if value]
    return f"{faults.case}: " + ("、" if lang == "zh" else ", ").join(said)


def case_page(
    desk: Desk, case: CaseNow, lang: str, *, wrong: str = "", typed: Mapping[str, str] = MappingProxyType({})
) -> str:
    """One case with all its messages, and what may be answered in words of one's own."""
    usual = {kind: desk.usual_text(case, kind) for kind in desk.player.agency.from_agency} | dict(typed)
    more = {"rows": [case_row(desk, case)], "entries": desk.book.of_case(case.number), "total": 1}
    return _render(desk, lang, **more, case=case, usual=usual, wrong=wrong, open_kind=next(iter(typed), None))


def _render(desk: Desk, lang: str, **shown: Any) -> str:
    nth = 0 if lang == "zh" else 1
    return TEMPLATES.get_template("simulator.html").render(
        lang=lang,
        agency=desk.player.agency.name,
        title=desk.player.title[nth],
        disclaimer=desk.player.disclaimer[nth],
        switches=SWITCHES,
        word=partial(words.of, words.WORDS, lang=lang),
        kind=partial(words.of, words.KINDS, lang=lang),
        state=partial(words.of, words.STATES, lang=lang),
        status=partial(words.of, words.STATUSES, lang=lang),
        fault=partial(words.of, words.FAULTS, lang=lang),
        **shown,
    )
