"""Handing out a result: who came, what is given, signed for or posted. It closes the case when nothing is awaited."""

import datetime as dt

import msgspec
from litestar.response import Response

from permits import clock
from permits.i18n import Text
from permits.letters.kinds import TITLES
from permits.web.forms import Filled, Form
from permits.web.pages import page
from permits.web.parts import Light
from permits.web.window import queue
from permits.web.window.casepage import surroundings
from permits.web.window.opened import Asked, Opened, open_case
from permits.web.window.words import RESIDENCE

WHO = (
    ("agent", Text("单位经办人", "The employer's agent")),
    ("holder", Text("本人", "The foreigner")),
    ("other", Text("受托人", "Somebody with authority")),
)


class Given(msgspec.Struct, frozen=True):
    """One thing that is handed out."""

    title: Text
    number: str
    form: Text
    light: Light
    state: Text
    href: str = ""


async def hand_out_page(
    request: Asked, number: str, *, f: Filled | None = None, sent: Form | None = None, status: int = 200
) -> Response[str]:
    """The page on which a result is handed out."""
    opened = await open_case(request, number)
    holder = opened.case.beneficiary
    name = holder.chinese_name or " ".join(filter(None, (holder.surname, holder.given_names)))
    return page(
        request,
        "window/handout.html",
        status=status,
        f=f or Filled({"who": "agent", "how": "window"}),
        who=WHO,
        agent=opened.case.employer.contact_name or "",
        phone=opened.case.employer.contact_phone or "",
        employer_name=opened.case.employer.name or "",
        holder=name,
        lists=await queue.beside(request, queue.HAND_OUT),
        given=_given(opened),
        trips=_trips(opened),
        possible="hand-out" in opened.may,
        handed=opened.case.row.hand_out,
        **surroundings(opened, request.query_params.get("done", "")),
    )


def _given(opened: Opened) -> list[Given]:
    things = [_permit(opened), _residence(opened)]
    letters = [
        Given(
            TITLES[letter.kind],
            letter.number,
            Text("PDF", "PDF"),
            "done",
            _on(letter.issued_at.astimezone(clock.CITY).date()),
            f"/window/{opened.view.number}/letters/{letter.id}.pdf",
        )
        for letter in opened.letters
        if letter.kind in ("grant", "refusal")
    ]
    return [thing for thing in things if thing] + letters


def _on(day: dt.date) -> Text:
    return Text(f"{day:%m-%d} 出具", f"issued {day:%m-%d}")


def _permit(opened: Opened) -> Given | None:
    part = opened.view.components["work_permit"]
    if part["status"] != "granted":
        return None
    runs = Text(f"到 {part['valid_until']}", f"until {part['valid_until']}")
    form = Text("电子，载入社会保障卡", "Electronic, in the social security card")
    pdf = next(
        (f"/window/{opened.view.number}/letters/{one.id}.pdf" for one in opened.letters if one.kind == "permit"), ""
    )
    return Given(Text("外国人工作许可", "Work permit"), str(part["permit_number"]), form, "done", runs, pdf)


def _residence(opened: Opened) -> Given | None:
    part = opened.view.components["residence_permit"]
    if part["status"] == "not-wanted":
        return None
    lights: dict[str, Light] = {"granted": "done", "refused": "no", "stopped": "no"}
    number = str(part.get("number") or "—")
    form = Text("护照贴页，公安送到窗口", "Sticker in the passport, brought by the police")
    return Given(
        Text("居留许可（公安）", "Residence permit (police)"),
        number,
        form,
        lights.get(part["status"], "half"),
        RESIDENCE[part["status"]],
    )


def _trips(opened: Opened) -> list[tuple[str, Text, bool]]:
    """The foreigner's visits: once to the police, and the hand-out, which the agent may fetch."""
    visits = [
        (
            str(event.detail.get("when", ""))[:16].replace("T", " "),
            Text("本人到公安，一次", "To the police, once"),
            True,
        )
        for event in opened.case.timeline
        if event.kind == "police-appointment"
    ][-1:]
    given = opened.case.row.hand_out
    when = f"{(given.at if given else opened.at).astimezone(clock.CITY):%m-%d %H:%M}"
    return [*visits, (when, Text("取证，经办人可代领", "Fetching the result; the agent may"), False)]
