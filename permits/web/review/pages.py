"""The addresses of review and decision: lists, the review of a case, the decision, and the steps around them."""

import datetime as dt
from typing import Any

from litestar import get, post
from litestar.params import FromPath
from litestar.response import Response
from litestar.router import Router

from permits.cases.guards import needs_clearance
from permits.cases.lifecycle import STAFF
from permits.cases.words import outcome
from permits.errors import NotFound
from permits.i18n import Text
from permits.rules import working_days
from permits.rules.validity import NotPossible
from permits.web.auth import require
from permits.web.forms import Filled, Form
from permits.web.pages import page
from permits.web.review import basis, sheet
from permits.web.review.eyes import eyes, gates
from permits.web.review.queue import REVIEW
from permits.web.window import parties, queue
from permits.web.window.acting import NO_ACTION, Show, act
from permits.web.window.casepage import surroundings
from permits.web.window.limits import current
from permits.web.window.opened import Asked, Opened, open_case, signing
from permits.web.window.pages import back, neighbour
from permits.web.window.papers import papers
from permits.web.window.steps import shows, step_page
from permits.web.window.words import SPECIAL

STEPS = ("not-accept", "terminate", "take-over", "extend-limit", "approve-extension", "return", "reopen",
         "approve-reopening")  # fmt: skip
"""What has a page of its own here."""
EXPECTED = "5"
"""Working days a special procedure is expected to take, until somebody says otherwise."""


async def review_page(
    request: Asked, number: str, *, f: Filled | None = None, sent: Form | None = None, status: int = 200
) -> Response[str]:
    """A case under review: points with their sources, validity, special procedure, recommendation."""
    opened = await open_case(request, number, "review")
    runs, suggested = basis.runs(opened), _suggested(opened)
    special = f is not None and bool(f.value("procedure"))
    return page(
        request,
        "review/review.html",
        status=status,
        f=f or suggested,
        fr=suggested if special or f is None else f,
        fs=f if special and f else suggested,
        suggested=_reasons(opened),
        points=parties.points(opened),
        items=basis.items(opened),
        grounds=basis.other_grounds(opened),
        lifts=basis.lifts(opened),
        runs=None if isinstance(runs, NotPossible) else runs,
        impossible=runs.text if isinstance(runs, NotPossible) else None,
        special=SPECIAL,
        suspended=_suspended(opened),
        shift=_shift(opened, f),
        papers=papers(opened),
        recommends="recommend" in opened.may,
        suspends="suspend" in opened.may,
        events=parties.happened(opened),
        ends=basis.ends(opened),
        **_both(request, opened),
    )


def _both(request: Asked, opened: Opened) -> dict[str, Any]:
    """What the review and the decision both show."""
    procedure = opened.case.row.procedure
    return {
        "outcome": _outcome(opened),
        "outcomes": {said: outcome(procedure, said) for said in ("grant", "refuse")},
        "by_office": opened.case.filing.by_office,
        "writes": opened.case.filing.writes,
        "said": opened.case.row.recommendation,
        "extension": opened.case.row.extension,
        "eyes": eyes(opened),
        "agencies": parties.agencies(opened),
        "news": parties.since_last_look(opened),
        "looked": parties.looked(opened),
        **surroundings(opened, request.query_params.get("done", "")),
    }


def _suggested(opened: Opened) -> Filled:
    """The form as the rules would fill it in."""
    longest = parties.longest_of(opened)
    dates = {} if longest is None or isinstance(longest, NotPossible) else {
        "valid_from": str(longest.valid_from), "valid_until": str(longest.valid_until),
    }  # fmt: skip
    rest = {"outcome": "grant", "category": opened.view.category or "", "reasons": _reasons(opened)}
    return Filled({**rest, **dates, "procedure": "expert-review", "expected_working_days": EXPECTED})


def _reasons(opened: Opened) -> str:
    """Reasons for a grant as far as the rules know them: they go into the letter, so in Chinese."""
    found = parties.classified(opened)
    if found is None:
        return ""
    ground = next((g.text.zh for g in found.grounds if g.category == found.category), f"积分 {found.points} 分")
    committed = [d.title for d in opened.view.documents if d.status == "committed"]
    said = f"{ground}，属 {found.category} 类；材料齐全。"
    return said if not committed else f"{said[:-1]}；{len(committed)} 项材料采用承诺，事后核验。"


def _suspended(opened: Opened) -> dict[str, Any] | None:
    """The special procedure under way."""
    if opened.case.row.state != "special-procedure":
        return None
    last = next((event for event in reversed(opened.case.timeline) if event.kind == "suspended"), None)
    return None if last is None else {**last.detail, "name": SPECIAL[last.detail["procedure"]], "at": last.at}


def _shift(opened: Opened, f: Filled | None) -> list[tuple[Text, dt.date, dt.date]]:
    """Where the two due dates would move to."""
    typed = f.value("expected_working_days") if f else EXPECTED
    days = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else int(EXPECTED)
    names = {"promised": Text("承诺", "Promised"), "legal": Text("法定", "By law")}
    found = [(names[basis], current(opened.case, basis)) for basis in names]
    return [
        (name, held.due, working_days.add(opened.office.law, held.due, days).due)
        for name, held in found
        if held and held.state == "running" and days <= working_days.MOST_DAYS
    ]


async def decide_page(
    request: Asked, number: str, *, f: Filled | None = None, sent: Form | None = None, status: int = 200
) -> Response[str]:
    """The decision: every condition of signing, the letter before it is signed, and the signature."""
    opened = await open_case(request, number, "review")
    return page(
        request,
        "review/decide.html",
        status=status,
        f=f or Filled(),
        gates=gates(opened),
        sheet=sheet.preview(opened) if opened.case.row.state == "recommended" else None,
        papers=[paper for paper in papers(opened) if paper.to_check],
        cleared=opened.case.row.clearance,
        decided=opened.case.row.decision,
        wants_clearance=needs_clearance(opened.case),
        signing=signing(opened),
        signs="decide" in opened.may,
        clears="clear" in opened.may,
        returns="return" in opened.may,
        joint=opened.case.row.joint,
        **_both(request, opened),
    )


def _outcome(opened: Opened) -> Text | None:
    """What is decided, else recommended, in words."""
    said = opened.case.row.decision or opened.case.row.recommendation
    return outcome(opened.case.row.procedure, said.outcome) if said and said.outcome else None


ACTIONS: dict[str, Show] = {
    "claim": shows("review", "take-over"),
    "release": review_page,
    "recommend": review_page,
    "suspend": review_page,
    "resume": review_page,
    "clear": decide_page,
    "decide": decide_page,
    **{action: shows("review", action) for action in STEPS if action != "take-over"},
}
"""What is done here, and the page that shows its form again."""


@get("/")
async def cases(request: Asked) -> Response[str]:
    """The list of cases to review and decide."""
    return await queue.show(request, REVIEW)


@post("/claim-next")
async def claim_next(request: Asked) -> Response[Any]:
    """Claim the case that is due first."""
    return await queue.claim_next(request, REVIEW)


@post("/selected", status_code=200)
async def selected(request: Asked) -> Response[str]:
    """Claim or put back several cases."""
    return await queue.selected(request, REVIEW)


@get(["/selected", "/claim-next"])
async def after_selected(request: Asked) -> Response[None]:
    """The list again, in the other language."""
    return back(request, "/review/")


@get("/{number:str}")
async def one_case(request: Asked, number: FromPath[str]) -> Response[str]:
    """A case under review."""
    return await review_page(request, number)


@get("/{number:str}/{step:str}")
async def one_step(request: Asked, number: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """A step that has a page of its own; anything else is prepared on the review page."""
    if step in ("next", "previous"):
        return await neighbour(request, REVIEW, number, step)
    if step in ("decide", "clear"):
        return await decide_page(request, number)
    if step in STEPS:
        return await step_page(request, number, "review", step)
    if step in ACTIONS:
        return back(request, f"/review/{number}")
    raise NotFound(NO_ACTION)


@post("/{number:str}/{step:str}", status_code=200)
async def take_step(request: Asked, number: FromPath[str], step: FromPath[str]) -> Response[Any]:
    """Take a step."""
    return await act(request, number, step, "review", ACTIONS)


def review_router() -> Router:
    """Every page of review and decision."""
    handlers = [cases, claim_next, selected, after_selected, one_case, one_step, take_step]
    return Router("/review", route_handlers=handlers, guards=[require(*STAFF)])
