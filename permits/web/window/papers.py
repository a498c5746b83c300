"""The documents of a case as the desks check them: how each came, what it shows, whether somebody looked."""

import datetime as dt

import msgspec

from permits.cases.model import Case
from permits.cases.view import DocumentView
from permits.i18n import Text
from permits.web.parts import Light
from permits.web.window.fields import Field, fields, proved
from permits.web.window.opened import Opened

SHORT = {
    "application-form": Text("申请表", "Form"),
    "passport": Text("护照", "Passport"),
    "stay-permit": Text("居留许可", "Stay permit"),
    "photo": Text("照片", "Photo"),
    "contract": Text("合同", "Contract"),
    "experience": Text("工作资历", "Experience"),
    "degree": Text("学历", "Degree"),
    "no-criminal-record": Text("无犯罪", "No criminal record"),
    "health-certificate": Text("体检证明", "Health"),
    "cancellation-proof": Text("注销证明", "Cancellation"),
    "circumstance-proof": Text("情形证明", "Circumstance"),
    "current-permit": Text("现持许可", "Current permit"),
    "employer-registration": Text("单位登记", "Registration"),
    "accommodation": Text("住宿登记", "Accommodation"),
}
"""Names short enough for a row of tabs."""
PASSPORT_DAYS = 183
"""A passport must run for half a year (domain: passport data page)."""
SOON_DAYS = 30
"""A stay that ends within a month needs a look."""


class Paper(msgspec.Struct, frozen=True):
    """One document of the case."""

    kind: str
    title: str
    short: Text
    how: Text
    """How it came: uploaded, committed to, held already."""
    proves: Text
    light: Light
    found: Text
    """What the service could check by itself."""
    uploaded: bool
    to_check: bool
    """Whether a person has to look at it."""
    checked_by: str | None
    pages: int
    notes: tuple[str, ...]
    asked: bool
    """Whether a correction of it is asked for and not answered."""
    digest: str
    received: str

    @property
    def mark(self) -> Light:
        """The light on its tab."""
        if self.asked or self.light in ("soon", "late"):
            return "soon"
        return "done" if self.checked_by or not self.to_check else "open"


def papers(opened: Opened) -> list[Paper]:
    """Every document of the case in the order of the rules."""
    return [_paper(opened, document) for document in opened.view.documents]


def _paper(opened: Opened, document: DocumentView) -> Paper:
    light, found = _checked(opened.case, document, opened.today)
    asked = any(item.document == document.kind and not item.answered for item in opened.view.corrections)
    return Paper(
        kind=document.kind,
        title=document.title,
        short=SHORT.get(document.kind, Text(document.title, document.title)),
        how=_how(document),
        proves=proved(document.kind),
        light=light,
        found=found,
        uploaded=document.status == "uploaded" and document.pages is not None,
        to_check=document.status in ("uploaded", "committed"),
        checked_by=document.checked_by,
        pages=document.pages or 0,
        notes=document.notes,
        asked=asked,
        digest=document.digest or "",
        received=f"{document.received_at:%m-%d %H:%M}" if document.received_at else "",
    )


def _how(document: DocumentView) -> Text:
    match document.status:
        case "uploaded":
            pages = document.pages or 1
            return Text(f"上传，{pages} 页", f"Uploaded, {pages} page{'s' if pages > 1 else ''}")
        case "committed":
            due = f"{document.due:%m-%d}" if document.due else ""
            return Text(f"承诺{f'，{due} 前补交' if due else ''}", f"Committed{f', due {due}' if due else ''}")
        case "on-register":
            web = document.kind == "application-form"
            return Text("网上填写", "Filled in online") if web else Text("已有或共享", "Held or shared")
        case _:
            return Text("还没有", "Missing")


def _checked(case: Case, document: DocumentView, today: dt.date) -> tuple[Light, Text]:
    if document.status == "wanted":
        return "soon", Text("还没有交", "Not handed in")
    if document.status == "on-register":
        return "done", Text("免交", "Not asked for")
    if document.status == "committed":
        return "half", Text("承诺，事后核验", "Committed, verified later")
    match document.kind:
        case "passport":
            return _passport(case, today)
        case "stay-permit":
            return _stay(case, today)
        case "contract":
            return _contract(case)
        case _:
            return "done", Text("文件完好", "File intact")


def _passport(case: Case, today: dt.date) -> tuple[Light, Text]:
    until, mrz = case.beneficiary.passport_expiry, case.beneficiary.mrz
    if until and (until - today).days < PASSPORT_DAYS:
        return "soon", Text(f"{until} 到期，不足 6 个月", f"Runs out on {until}: less than 6 months")
    if mrz:
        return "done", Text("机读区校验位全对", "MRZ check digits right")
    return "open", Text("没有机读区，请逐项对照", "No MRZ: compare each field")


def _stay(case: Case, today: dt.date) -> tuple[Light, Text]:
    until = case.beneficiary.residence_permit_expiry or case.beneficiary.visa_expiry
    if until is None:
        return "open", Text("没有填到期日", "No expiry given")
    if until < today:
        return "late", Text(f"{until} 已过期", f"Ran out on {until}")
    if (until - today).days <= SOON_DAYS:
        return "soon", Text(f"{until} 到期", f"Runs out on {until}")
    return "done", Text(f"有效，{until} 到期", f"Valid until {until}")


def _contract(case: Case) -> tuple[Light, Text]:
    start, end = case.employment.contract_start, case.employment.contract_end
    if start is None or end is None:
        return "open", Text("没有填合同期", "No period given")
    return "done", Text(f"{start} 至 {end}", f"{start} to {end}")


class Beside(msgspec.Struct, frozen=True):
    """The document that is open, with the fields it is read for."""

    paper: Paper
    page: int
    fields: list[Field]


def beside(opened: Opened, every: list[Paper], kind: str, page: str, *, unmasked: bool) -> Beside | None:
    """The document to show: the one asked for, else the first that still wants a look."""
    shown = [paper for paper in every if paper.to_check or paper.light == "soon"]
    chosen = next((paper for paper in shown if paper.kind == kind), None)
    chosen = chosen or next((paper for paper in shown if paper.mark != "done"), shown[0] if shown else None)
    if chosen is None:
        return None
    at = int(page) if page.isascii() and page.isdigit() and len(page) < 4 else 1
    number = min(max(at, 1), max(chosen.pages, 1))
    return Beside(chosen, number, fields(opened.view, chosen.kind, unmasked=unmasked))
