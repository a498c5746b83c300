"""What anybody may ask: service items, classification, identifiers, working days, whether a permit is good."""

import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from msgspec import Meta

from permits import clock
from permits.cases import holding
from permits.cases.application import Chinese, Education, Other, Place
from permits.errors import BadInput, FieldError, NotFound
from permits.i18n import Text
from permits.rules import classification, commitments, identifiers, procedures, time_limits, working_days
from permits.rules.classification import Profile
from permits.rules.law import Law, NoRule
from permits.settings import settings
from permits.web.api import items
from permits.web.api.call import Asked, Strict, json
from permits.web.api.problems import language
from permits.web.i18n import Lang
from permits.web.state import database_of, office_of

FURTHEST_DAYS = 400
FIRST_DAY, LAST_DAY = dt.date(1949, 10, 1), dt.date(2199, 12, 31)
"""Between which days limits are reckoned, as figures are."""
Region = Annotated[str, Meta(pattern=r"^\d{6}$")]
AskedRegion = Annotated[str | None, QueryParameter(pattern=r"^\d{6}$")]
Line = Annotated[str, Meta(max_length=44)]
Word = Annotated[str, Meta(max_length=60)]


def _region(region: str | None) -> str:
    return region or settings().region


def _within(day: dt.date, pointer: str) -> None:
    """Raises BadInput for a day on which nothing is reckoned."""
    if not FIRST_DAY <= day <= LAST_DAY:
        text = Text(f"{FIRST_DAY} 到 {LAST_DAY} 之间的日期。", f"A day between {FIRST_DAY} and {LAST_DAY}.")
        raise BadInput(errors=[FieldError(pointer, text)])


@get("/procedures")
async def read_procedures(
    request: Asked,
    region: AskedRegion = None,
    on: FromQuery[dt.date | None] = None,
) -> Response[bytes]:
    """The service items open on a day: who, when, result."""
    law, lang, day = office_of(request).law, language(request), on or clock.today()
    found = procedures.procedures(law, day, _region(region))
    return json({"items": [_head(item, lang) for item in found]})


def _head(item: procedures.Procedure, lang: Lang) -> dict[str, Any]:
    return {
        "code": item.key,
        "title": item.title.of(lang),
        "who": item.who.of(lang),
        "when": item.when.of(lang),
        "result": item.result.of(lang),
        "joint": item.joint,
        "law": [text.of(lang) for text in item.law],
        "effective_from": item.effective_from,
        "source": item.source,
    }


@get("/procedures/{code:str}")
async def read_procedure(
    request: Asked,
    code: FromPath[str],
    region: AskedRegion = None,
    on: FromQuery[dt.date | None] = None,
) -> Response[bytes]:
    """One service item whole: documents, limits, law, notice and commitment texts with their versions."""
    law, lang, day, city = office_of(request).law, language(request), on or clock.today(), _region(region)
    try:
        item = procedures.procedure(law, code, day, city)
    except NoRule as unknown:
        raise NotFound(Text("没有这个事项。", "There is no such procedure.")) from unknown
    facts = items.facts(law, item, lang, day, city)
    return json(_head(item, lang) | facts | _rest(law, code, item.joint, lang, day, city))


def _rest(law: Law, code: FromPath[str], joint: bool, lang: Lang, day: dt.date, city: str) -> dict[str, Any]:
    most = law.setting("document.max_bytes", on=day, region=city).value
    limits = [
        {"joint": together, "step": one.step, "basis": one.basis, "working_days": one.working_days,
         "source": one.source, "article": one.article}
        for together in ((False, True) if joint else (False,))
        for one in time_limits.limits(law, code, together, None, day, city)
    ]  # fmt: skip
    documents = [
        items.document(rule, lang) | {"max_bytes": most} for rule in procedures.every_document(law, code, day, city)
    ]
    return {"documents": documents, "limits": limits, **_notice(law, code, lang, day, city)}


def _notice(law: Law, code: FromPath[str], lang: Lang, day: dt.date, city: str) -> dict[str, Any]:
    try:
        notice = commitments.notice(law, code, day, city)
    except NoRule:
        return {"notice": None, "commitments": []}
    kinds = dict.fromkeys(line.document for line in commitments.committable(law, code, day, city))
    texts = [commitments.commitment(law, kind, day, city) for kind in kinds]
    sections = [{"heading": heading.of(lang), "text": body.of(lang)} for heading, body in notice.sections]
    return {
        "notice": {"text_version": notice.version, "title": notice.title.of(lang), "sections": sections},
        "commitments": [
            {"document": text.document, "text_version": text.version, "text": text.text.of(lang),
             "questions": [{"key": q.key, "text": q.text.of(lang)} for q in text.questions]}
            for text in texts
        ],
    }  # fmt: skip


class ProfileBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the points table asks about."""

    annual_salary_cny: Annotated[int, Meta(ge=0, le=100_000_000)]
    education: Education
    experience_years: Annotated[int, Meta(ge=0, le=70)]
    months_per_year: Annotated[int, Meta(ge=0, le=12)]
    age: Annotated[int, Meta(ge=0, le=120)]
    chinese: Chinese = "none"
    place: Place = "ordinary"
    other: Annotated[list[Other], Meta(max_length=4)] = []
    local_bonus: Annotated[int, Meta(ge=0, le=10)] = 0
    grounds: Annotated[list[Word], Meta(max_length=20)] = []


class ClassificationBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A profile, a day and a city; the edition in force on the day unless one is named."""

    profile: ProfileBody
    on: FromQuery[dt.date | None] = None
    region: Region | None = None
    edition: Word | None = None


@post("/classification", status_code=200, dto=Strict[ClassificationBody], return_dto=None)
async def classify(request: Asked, data: JSONBody[ClassificationBody]) -> Response[bytes]:
    """Category and points of a profile, each item and ground with its source."""
    law, lang = office_of(request).law, language(request)
    day, city, asked = data.on or clock.today(), _region(data.region), data.profile
    values = {name: getattr(asked, name) for name in asked.__struct_fields__}
    profile = Profile(**values | {"other": tuple(asked.other), "grounds": tuple(asked.grounds)})
    _within(day, "/on")
    try:
        wrong = classification.problems(law, profile, day, city, data.edition)
        if wrong:
            raise BadInput(errors=[FieldError(f"/profile{pointer}", text) for pointer, text in wrong])
        found = classification.classify(law, profile, day, city, data.edition)
    except NoRule as unknown:
        field = "/edition" if data.edition else "/on"
        text = Text("这一天没有适用的计分表。", "No points table of that name is in force on that day.")
        raise BadInput(errors=[FieldError(field, text)]) from unknown
    return json(
        {
            "category": found.category,
            "points": found.points,
            "items": found.items,
            "edition": found.edition,
            "grounds": [
                {"key": g.key, "category": g.category, "text": g.text.of(lang), "source": g.source}
                for g in found.grounds
            ],
            **items.explanation(found, lang),
        }
    )


class IdentifierBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An identifier to check while one types: text, or the lines of a machine-readable zone."""

    kind: Word
    value: (
        Annotated[str, Meta(max_length=400)] | Annotated[list[Annotated[str, Meta(max_length=44)]], Meta(max_length=3)]
    )


@post("/identifiers", status_code=200, dto=Strict[IdentifierBody], return_dto=None)
async def check_identifier(request: Asked, data: JSONBody[IdentifierBody]) -> Response[bytes]:
    """Whether an identifier is well formed, what it says, and every problem of it."""
    if data.kind not in identifiers.KINDS:
        allowed = "、".join(identifiers.KINDS)
        text = Text(f"只能是：{allowed}。", f"Must be one of: {', '.join(identifiers.KINDS)}.")
        raise BadInput(errors=[FieldError("/kind", text)])
    lang = language(request)
    found = identifiers.check(data.kind, data.value, clock.today())
    problems = [{"field": p.field, "text": p.text.of(lang)} for p in found.problems]
    return json({"valid": found.valid, "fields": found.fields, "problems": problems})


@get("/working-days")
async def read_working_days(
    request: Asked,
    from_: Annotated[dt.date, QueryParameter(name="from")],
    days: Annotated[int, QueryParameter(ge=0, le=FURTHEST_DAYS)],
) -> Response[bytes]:
    """The last day of so many working days after an event; the day of the event does not count."""
    _within(from_, "/from")
    lang = language(request)
    found = working_days.add(office_of(request).law, from_, days)
    skipped = [{"date": one.date, "why": one.why.of(lang)} for one in found.skipped]
    return json({"due": found.due, "provisional": found.provisional, "skipped": skipped})


@get("/verify/{code:str}")
async def verify(request: Asked, code: FromPath[str]) -> Response[bytes]:
    """Whether the permit with this code is good today; the name is masked."""
    region = identifiers.region_of(code.strip().upper())
    if region is None:
        raise NotFound(Text("核验码不对，请对照许可。", "The code is mistyped; compare it with the permit."))
    async with database_of(request).transaction(region) as tx:
        found = await holding.verify(tx, office_of(request), code)
    return json(found)


def router() -> Router:
    """The public calls."""
    handlers = [read_procedures, read_procedure, classify, check_identifier, read_working_days, verify]
    return Router("/", route_handlers=handlers, tags=["public"])
