"""The case page: documents beside fields, the list of corrections, the people, points, agencies and what happened."""

from typing import Any

from litestar.response import Response

from permits.accounts.audit import AUDIT, audit_row
from permits.cases.view import CorrectionView
from permits.cases.words import named
from permits.clock import CITY
from permits.i18n import Text
from permits.letters.kinds import TITLES
from permits.rules.grounds import title_of
from permits.web.auth import person as visitor
from permits.web.forms import Filled, Form
from permits.web.pages import page, posted
from permits.web.state import database_of, region_of_request
from permits.web.window import composer, parties
from permits.web.window.opened import Asked, Opened, bar, open_case
from permits.web.window.papers import Paper, beside, papers
from permits.web.window.words import AGENCIES, PROCEDURES, STATES

DONE = {
    "claim": Text("已认领。", "Claimed."),
    "release": Text("已放回队列。", "Put back into the queue."),
    "accept": Text(
        "已受理。受理通知书随即出具，决定的时限开始。",
        "Accepted. The letter follows at once; the clocks of the decision run.",
    ),
    "not-accept": Text("已决定不予受理，通知书随即出具。", "Not accepted; the letter follows at once."),
    "request-correction": Text(
        "补正通知已发出，时限停下等申请人。", "The list was sent; the clock waits for the applicant."
    ),
    "terminate": Text("已终止办理，通知书随即出具。", "The procedure is ended; the letter follows at once."),
    "suspend": Text("已进入特别程序，时限暂停，申请人会收到通知。", "The clocks stand still; the applicant is told."),
    "resume": Text("特别程序结束，时限继续。", "The special procedure is over; the clocks go on."),
    "extend-limit": Text("已申请延长，等决定人批准。", "A longer limit was asked for; a decider must approve."),
    "approve-extension": Text("已批准延长，申请人会收到理由。", "The limit is extended; the applicant is told why."),
    "recommend": Text("建议已提交，由另一人决定。", "Recommended; another person decides."),
    "clear": Text("法制审核意见已记下。", "The legal opinion is recorded."),
    "return": Text("已退回审查。", "Returned to review."),
    "decide": Text("决定已签发，决定书随即出具。", "Signed; the letter follows at once."),
    "hand-out": Text("已发证。", "Handed out."),
    "close": Text("已结案。", "Closed."),
    "reopen": Text("已申请重办，等决定人批准。", "Reopening was asked for; a decider must approve."),
    "approve-reopening": Text("已批准重办，回到审查。", "Reopened; it is back in review."),
}
"""What the page says after each action."""


async def case_page(
    request: Asked,
    number: str,
    *,
    f: Filled | None = None,
    sent: Form | None = None,
    status: int = 200,
    unmasked: bool = False,
) -> Response[str]:
    """The page of a case; `sent` is what was typed into the list of corrections or the check list."""
    opened = await open_case(request, number, unmasked=unmasked)
    filled, every = f or Filled(), papers(opened)
    asked = request.query_params
    return page(
        request,
        "window/case.html",
        status=status,
        f=filled,
        rows=composer.rows(sent if sent and _composed(sent) else None, dict(filled.errors)),
        beside=beside(opened, every, *_turned(request, sent), unmasked=unmasked),
        unmasked=unmasked,
        **surroundings(opened, asked.get("done", "")),
        **shown(opened, every, unmasked=unmasked),
    )


def _turned(request: Asked, sent: Form | None) -> tuple[str, str]:
    """The document and the page to show: those just turned to, those that were open, or those of the address."""
    if sent is None:
        return request.query_params.get("doc", ""), request.query_params.get("page", "")
    kind, _, number = (sent.get("turn") or sent.get("at")).partition("/")
    return kind, number


async def turn(request: Asked, number: str) -> Response[str]:
    """The page again with another document open, every tick and word kept."""
    sent = await posted(request)
    return await case_page(request, number, f=Filled.again(sent), sent=sent)


def _composed(sent: Form) -> bool:
    return "add" in sent.values or any(name.startswith("items.") for name in sent.values)


def surroundings(opened: Opened, done: str = "") -> dict[str, Any]:
    """What every page of a case shows: the bar, and what the last click did."""
    return {"bar": bar(opened), "done": DONE.get(done), "letters": opened.letters, "titles": TITLES}


def shown(opened: Opened, every: list[Paper], *, unmasked: bool) -> dict[str, Any]:
    """Everything else on the page."""
    documents, pointers = composer.options(opened.view)
    return {
        "papers": every,
        "accepts": "accept" in opened.may,
        "asks": "request-correction" in opened.may,
        "documents": documents,
        "pointers": pointers,
        "corrections": [_correction(opened, item) for item in opened.view.corrections],
        "passport": opened.view.beneficiary.get("passport_number", "—"),
        "person": parties.person(opened, unmasked=unmasked),
        "employer": parties.employer(opened),
        "work": parties.work(opened),
        "standing": opened.case.standing,
        "points": parties.points(opened),
        "agencies": parties.agencies(opened),
        "permit": permit(opened),
        "permit_number": opened.view.components["work_permit"]["permit_number"],
        "ended": ended(opened),
        "earlier": opened.earlier,
        "procedures": PROCEDURES,
        "states": STATES,
        "events": parties.happened(opened),
        "news": parties.since_last_look(opened),
        "looked": parties.looked(opened),
    }


def _correction(opened: Opened, item: CorrectionView) -> dict[str, Any]:
    titles = {document.kind: document.title for document in opened.view.documents}
    return {
        "what": titles.get(item.document, item.document) if item.document else named(item.pointer or ""),
        "text": item.text,
        "answered": item.answered,
        "answer": item.answer,
        "asker": AGENCIES.get(item.asker, Text(item.asker, item.asker)),
    }


def permit(opened: Opened) -> parties.Pairs:
    """The permit of the case, once it is granted."""
    part = opened.view.components["work_permit"]
    if part["status"] != "granted":
        return []
    pairs = (
        (Text("编号", "Number"), part["permit_number"]),
        (Text("类别", "Category"), part["category"]),
        (Text("有效期", "Valid"), f"{part['valid_from']} – {part['valid_until']}"),
        (Text("核验码", "Code"), part["verification_code"]),
    )
    return [(name, Text(str(value), str(value))) for name, value in pairs if value]


def ended(opened: Opened) -> parties.Pairs:
    """Why the case ended without a decision: the ground of the catalogue and the reasons."""
    last = next((e for e in reversed(opened.case.timeline) if e.kind in ("not-accepted", "terminated")), None)
    if last is None or opened.case.row.state != last.kind:
        return []
    law, region = opened.office.law, opened.case.row.region
    ground = title_of(law, str(last.detail.get("ground", "")), last.at.astimezone(CITY).date(), region)
    reasons = str(last.detail.get("reasons", ""))
    return [(Text("依据", "Ground"), ground), (Text("理由", "Reasons"), Text(reasons, reasons))]


async def show_page(request: Asked, number: str) -> Response[str]:
    """The page with personal data in the clear; that it was shown is on the record."""
    sent = await posted(request)
    region, account = region_of_request(request), visitor(request)
    answer = await case_page(request, number, f=Filled.again(sent), sent=sent, unmasked=True)
    async with database_of(request).transaction(region) as tx:
        detail = {"fields": ["passport_number", "residence_permit_number", "birth_date"]}
        await AUDIT.run(tx, **audit_row(region, account.id, "show-personal", subject=number, detail=detail))
    return answer
