"""The people of a case and what the rules say of them: foreigner, employer, work, points, agencies, what happened."""

import datetime as dt

import msgspec

from permits import clock
from permits.cases import assessment, timeline
from permits.i18n import Text
from permits.rules.classification import Classification
from permits.rules.validity import NotPossible, Validity
from permits.web import parts
from permits.web.parts import Light
from permits.web.points import ITEMS, edition_of
from permits.web.window.fields import NOTHING, value
from permits.web.window.opened import Opened
from permits.web.window.words import RESIDENCE, WINDOW

Pairs = list[tuple[Text, Text]]


def person(opened: Opened, *, unmasked: bool) -> Pairs:
    """The foreigner, besides the passport's number, which the page shows by itself."""
    view = opened.view
    birth = opened.case.beneficiary.birth_date
    born = value(view, "beneficiary.birth_date", unmasked=unmasked)
    age = assessment.age_on(birth, opened.today) if birth else 0
    return [
        (Text("有效期至", "Valid until"), value(view, "beneficiary.passport_expiry")),
        (Text("出生", "Born"), Text(f"{born.zh}，{age} 岁", f"{born.en}, aged {age}") if birth else NOTHING),
        (Text("国籍", "Nationality"), value(view, "beneficiary.nationality")),
        (Text("学历", "Education"), value(view, "beneficiary.education")),
        (Text("中文", "Chinese"), value(view, "beneficiary.chinese")),
        (Text("签证、居留", "Visa or permit"), value(view, "beneficiary.visa_type")),
        (Text("到期", "Runs out"), _stay(opened)),
        (Text("入境", "Entered"), value(view, "beneficiary.entry_date")),
    ]


def _stay(opened: Opened) -> Text:
    permit = value(opened.view, "beneficiary.residence_permit_expiry")
    return permit if permit != NOTHING else value(opened.view, "beneficiary.visa_expiry")


def employer(opened: Opened) -> Pairs:
    """The employer and its agent."""
    view = opened.view
    industry, district = value(view, "employer.industry"), value(view, "employer.district")
    agent = " ".join(filter(None, (opened.case.employer.contact_name, opened.case.employer.contact_phone)))
    return [
        (Text("名称", "Name"), value(view, "employer.name")),
        (Text("代码", "Credit code"), value(view, "employer.credit_code")),
        (Text("行业、区", "Industry"), Text(f"{industry.zh}，{district.zh}", f"{industry.en}, {district.en}")),
        (Text("经办人", "Agent"), Text(agent or "—", agent or "—")),
        (Text("邮箱", "E-mail"), value(view, "employer.contact_email")),
    ]


def work(opened: Opened) -> Pairs:
    """The post, and how long a permit could run."""
    view = opened.view
    start, end = value(view, "employment.contract_start"), value(view, "employment.contract_end")
    longest = longest_of(opened)
    bound = longest.text if isinstance(longest, NotPossible) else longest and _until(longest)
    years = value(view, "employment.experience_years")
    return [
        (Text("岗位", "Position"), value(view, "employment.position")),
        (Text("种类", "Kind"), value(view, "employment.position_kind")),
        (Text("职业", "Occupation"), value(view, "employment.occupation")),
        (Text("年薪", "Salary"), value(view, "employment.annual_salary_cny")),
        (Text("经验", "Experience"), Text(f"{years.zh} 年", f"{years.en} years") if years != NOTHING else NOTHING),
        (Text("合同期", "Contract"), Text(f"{start.zh} 至 {end.zh}", f"{start.en} to {end.en}")),
        (Text("许可最长", "Longest permit"), bound or NOTHING),
    ]


def _until(longest: Validity) -> Text:
    why = longest.bound_by
    return Text(f"{longest.valid_until}，{why.zh}", f"{longest.valid_until}, {why.en}")


def longest_of(opened: Opened, category: str | None = None) -> Validity | NotPossible | None:
    """The longest the permit may run from today on, or why it cannot; None while the dates are not there."""
    letter, work = category or opened.view.category, opened.case.employment
    if not (letter and work.contract_start and work.contract_end and opened.case.beneficiary.passport_expiry):
        return None
    try:
        return assessment.longest(opened.office.law, opened.case, letter, opened.today)
    except NotPossible as why:
        return why


class Points(msgspec.Struct, frozen=True):
    """The points of a case by item, with what they lead to."""

    edition: Text
    items: tuple[tuple[Text, int], ...]
    total: int
    category: str
    least_a: int
    least_b: int
    grounds: tuple[Text, ...]
    """Why it is this category."""

    @property
    def next(self) -> Text:
        """How far the next category is."""
        if self.category == "A" and self.total >= self.least_a:
            return Text(f"{self.least_a} 分以上", f"{self.least_a} points or more")
        if self.category == "A":
            return Text("凭其他条件，不看分", "by another ground, whatever the points")
        to, least = ("A", self.least_a) if self.category == "B" else ("B", self.least_b)
        missing = max(least - self.total, 0)
        return Text(f"距 {to} 类 {missing} 分", f"{missing} points short of {to}")


def points(opened: Opened) -> Points | None:
    """The points under the edition the case was filed under; None while the form does not say enough."""
    found = classified(opened)
    if found is None:
        return None
    edition = edition_of(opened.office.law, found)
    return Points(
        edition.title,
        tuple((ITEMS[item], given) for item, given in found.items.items()),
        found.points,
        found.category,
        edition.category_a,
        edition.category_b,
        tuple(ground.text for ground in found.grounds if ground.category == found.category),
    )


def classified(opened: Opened) -> Classification | None:
    """The rules' answer for this case."""
    return assessment.of_case(opened.office.law, opened.case, opened.today).classification


class Agency(msgspec.Struct, frozen=True):
    """Where one agency stands with the case."""

    light: Light
    name: Text
    status: Text
    more: Text | None = None
    code: str = ""
    """A number people read aloud."""


def agencies(opened: Opened) -> list[Agency]:
    """The police and the approval bureau."""
    police, window = (opened.view.components[name] for name in ("residence_permit", "window"))
    more = _residence_more(police)
    number = window.get("unified_number")
    return [
        Agency(_light(police["status"]), Text("公安出入境", "Police"), RESIDENCE[police["status"]], more),
        Agency(
            "done" if number else "open",
            Text("行政审批局", "Approval bureau"),
            WINDOW.get(window["status"], Text(window["status"], window["status"])),
            Text("统一受理编号", "Unified number") if number else None,
            number or "",
        ),
    ]


def _light(status: str) -> Light:
    lights: dict[str, Light] = {
        "granted": "done", "refused": "no", "stopped": "no", "not-wanted": "open", "queued": "open",
        "correction-wanted": "soon",
    }  # fmt: skip
    return lights.get(status, "half")


def _residence_more(part: dict[str, object]) -> Text | None:
    if part.get("number"):
        until = part.get("valid_until")
        return Text(f"{part['number']}，到 {until}", f"{part['number']}, until {until}")
    if part["status"] == "queued":
        return Text("受理后立即推送，同步审查。", "Sent right after acceptance, reviewed side by side.")
    return None


def happened(opened: Opened) -> list[parts.Event]:
    """The timeline, the newest first."""
    return [parts.Event(entry.text, f"{entry.at:%m-%d %H:%M}", entry.by) for entry in reversed(opened.view.timeline)]


def since_last_look(opened: Opened) -> list[tuple[str, str]]:
    """What others did since this person last looked: words and time."""
    if opened.looked is None:
        return []
    fresh = [e for e in opened.case.timeline if e.at > opened.looked and e.by_id != opened.account.id]
    return [
        (timeline.sentence(event, opened.case.row.procedure).of(opened.lang), _at(event.at, opened.today))
        for event in fresh
    ]


def _at(at: dt.datetime, today: dt.date) -> str:
    local = at.astimezone(clock.CITY)
    return f"{local:%H:%M}" if local.date() == today else f"{local:%m-%d %H:%M}"


def looked(opened: Opened) -> str:
    """When this person last looked, in few characters."""
    return _at(opened.looked, opened.today) if opened.looked else ""
