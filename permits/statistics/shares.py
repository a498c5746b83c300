"""Shares of cases over the year up to a day, and the cases behind each: promises kept, one visit, commitments, ratings.

It only reads. A part is a subset of its whole by construction: the same rows, narrowed by whether they count.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import Boolean, DateTime, Integer, Select, String, and_, case, cast, func, literal_column, or_, select
from sqlalchemy import Date as DateType
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import ColumnElement, bindparam, union_all

from permits.cases.tables import cases, clock, commitment, component, event
from permits.credit.tables import credit_record
from permits.db.statements import Statement, office_day, statement
from permits.errors import BadInput, FieldError
from permits.i18n import Text
from permits.statistics.checks import one_of
from permits.statistics.inference import is_small
from permits.statistics.taken import year_before, year_of

RATED = "bureau-rating"
GOOD = 3
"""The worst grade that is good: 1 very satisfied, 2 satisfied, 3 mostly satisfied; 4, 5 are bad (GB/T 39735-2020)."""


class Share(msgspec.Struct, frozen=True):
    """What a share says, in words."""

    name: Text
    about: Text
    """What its whole is, and what counts as the part."""
    part: Text
    """What the list of those that count is called."""
    rest: Text
    """What the list of the others is called."""
    value: Text | None = None
    """What each case's own value is."""


SHARES: Mapping[str, Share] = {
    "kept": Share(
        Text("按承诺办结", "Done as promised"),
        Text("这一年结束的承诺时限，和其中按时的。", "Promised limits that ended within the year; those met."),
        Text("按时", "In time"),
        Text("超承诺", "Beyond the promise"),
        Text("环节", "Step"),
    ),
    "visits": Share(
        Text("最多来一次", "One visit at most"),
        Text(
            "这一年发出结果的案件，和其中要人来的日子不超过一天的：到公安的那天，在窗口取证的那天；邮寄的不用来。",
            "Cases handed out within the year; those for which somebody had to come on one day at most: to the police, "
            "or to the window for the result. By post nobody comes.",
        ),
        Text("最多一天", "One day at most"),
        Text("不止一天", "More days"),
        Text("来的天数", "Days"),
    ),
    "committed": Share(
        Text("用了承诺", "With a commitment"),
        Text(
            "这一年提交的申请，和其中至少以一项承诺代替材料的。",
            "Applications of the year; those with at least one commitment in place of a document.",
        ),
        Text("用了承诺", "With a commitment"),
        Text("没有用", "Without one"),
    ),
    "false": Share(
        Text("承诺不实", "False commitments"),
        Text(
            "这一年提交、用了承诺的申请，和其中被认定不实或没有兑现的。",
            "Applications of the year with a commitment; those found false or broken.",
        ),
        Text("不实", "False or broken"),
        Text("没有发现", "Nothing found"),
    ),
    "rated": Share(
        Text("好评", "Good ratings"),
        Text(
            "这一年收到的评价（一等最好，五等最差），和其中一至三等的。",
            "Ratings of the year, 1 the best to 5 the worst; those from 1 to 3.",
        ),
        Text("一至三等", "1 to 3"),
        Text("四等、五等", "4 and 5"),
        Text("等级", "Grade"),
    ),
}


class Counted(msgspec.Struct, frozen=True):
    """One share: its part is of its whole."""

    whole: int
    part: int

    @property
    def percent(self) -> float:
        """Of the whole; 0 where there is none."""
        return 100 * self.part / self.whole if self.whole else 0.0


Leaving = tuple[int | None, int | None]
"""A whole and its part as they may leave the office; None for what stays."""
OFFICES_OWN = frozenset({"kept"})
"""Shares of limits, not of people: whole wherever they go."""


def leaving(found: Mapping[str, Counted], smallest: int) -> dict[str, Leaving]:
    """Shares as they may leave: no part below a bound, none whose rest is, and no whole that tells of such a part."""
    said: dict[str, Leaving] = {name: (one.whole, one.part) for name, one in found.items()}
    for name, one in found.items():
        if name not in OFFICES_OWN and is_small(one.whole, smallest):
            said[name] = (None, None)
        elif name not in OFFICES_OWN and (is_small(one.part, smallest) or is_small(one.whole - one.part, smallest)):
            said[name] = (one.whole, None)
    if {"committed", "false"} <= said.keys() and said["committed"][1] is None:  # the same figure
        said["false"] = (None, None)
    return said


class SharedCase(msgspec.Struct, frozen=True):
    """A case in the whole of a share."""

    key: str
    number: str
    on: dt.date
    value: str
    counts: bool


_REGION = bindparam("region", type_=String)
_SINCE, _ON = bindparam("since", type_=DateType), bindparam("on", type_=DateType)
_FROM, _UNTIL = (bindparam(name, type_=DateTime(timezone=True)) for name in ("from_at", "until_at"))


def _within(at: ColumnElement[Any]) -> ColumnElement[bool]:
    return and_(at >= _FROM, at < _UNTIL)


def _rows(key: ColumnElement[Any], on: ColumnElement[Any], value: ColumnElement[Any], counts: Any) -> Select[Any]:
    """Cases of the city that were not deleted, each with its day, its value and whether it counts."""
    return select(
        cast(key, String).label("key"), cases.c.number, on.label("on"), cast(value, String).label("value"),
        cast(counts, Boolean).label("counts"),
    ).where(cases.c.region == _REGION, cases.c.deleted_at.is_(None))  # fmt: skip


_NONE = literal_column("''", String)
_has_commitment = cases.c.id.in_(select(commitment.c.case_id).where(commitment.c.region == _REGION))
_found_false = cases.c.id.in_(
    select(credit_record.c.case_id).where(credit_record.c.region == _REGION, credit_record.c.case_id.is_not(None))
)
_submitted = _within(cases.c.submitted_at)
_given_at = cast(cases.c.hand_out["at"].astext, DateTime(timezone=True))
_appointed = func.substr(component.c.facts["when"].astext, 1, 10)
_fetched = case((cases.c.hand_out["how"].astext == "window", func.to_char(office_day(_given_at), "YYYY-MM-DD")))
_days = cast(_appointed.is_not(None), Integer) + cast(
    and_(_fetched.is_not(None), _fetched.is_distinct_from(_appointed)), Integer
)
_grade = cast(event.c.detail["grade"].astext, Integer)
_STEPS_ENDED = (
    clock.c.region == _REGION,
    clock.c.basis == "promised",
    clock.c.ended_on > _SINCE,
    clock.c.ended_on <= _ON,
)
_QUESTIONS: Mapping[str, Select[Any]] = {
    "kept": _rows(
        cast(clock.c.case_id, String) + "-" + clock.c.step + "-" + cast(clock.c.round, String),
        clock.c.ended_on,
        clock.c.step,
        clock.c.state == "met",
    )
    .join_from(clock, cases, and_(cases.c.region == clock.c.region, cases.c.id == clock.c.case_id))
    .where(*_STEPS_ENDED),
    "visits": _rows(cases.c.id, office_day(_given_at), _days, _days <= 1)
    .join_from(
        cases,
        component,
        and_(
            component.c.region == cases.c.region,
            component.c.case_id == cases.c.id,
            component.c.kind == "residence_permit",
        ),
        isouter=True,
    )
    .where(func.jsonb_typeof(cast(cases.c.hand_out, JSONB)) == "object", _within(_given_at)),
    "committed": _rows(cases.c.id, office_day(cases.c.submitted_at), _NONE, _has_commitment).where(_submitted),
    "false": _rows(cases.c.id, office_day(cases.c.submitted_at), _NONE, _found_false).where(
        _submitted, _has_commitment
    ),
    "rated": _rows(event.c.id, office_day(event.c.at), _grade, _grade <= GOOD)
    .join_from(event, cases, and_(cases.c.region == event.c.region, cases.c.id == event.c.case_id))
    .where(event.c.region == _REGION, event.c.kind == literal_column(f"'{RATED}'", String), _within(event.c.at)),
}


_COUNTED = {**_QUESTIONS, "kept": select((clock.c.state == "met").label("counts")).where(*_STEPS_ENDED)}
"""What is counted without its list: only drafts are deleted, and no draft has a clock."""


def _count(name: str) -> Select[Any]:
    rows = _COUNTED[name].subquery(name)
    counts: list[Any] = [func.count().label("whole"), func.count().filter(rows.c.counts).label("part")]
    return select(literal_column(f"'{name}'", String).label("share"), *counts)


def _list(question: Select[Any]) -> Statement:
    rows = question.subquery("rows")
    part = bindparam("part", type_=String)
    return statement(
        select(rows)
        .where(or_(part == "", and_(part == "yes", rows.c.counts), and_(part == "no", ~rows.c.counts)))
        .where(rows.c.key > bindparam("after", type_=String))
        .order_by(rows.c.key)
        .limit(bindparam("most", type_=Integer))
    )


_COUNTS = statement(union_all(*map(_count, _QUESTIONS)))
_COUNT = {name: statement(_count(name)) for name in _QUESTIONS}
_LISTS = {name: _list(question) for name, question in _QUESTIONS.items()}


def _year(on: dt.date) -> dict[str, Any]:
    return {"since": year_before(on), "on": on} | dict(zip(("from_at", "until_at"), year_of(on), strict=True))


async def shares(tx: asyncpg.Connection, region: str, on: dt.date) -> dict[str, Counted]:
    """Every share over the year up to a day, in the order of `SHARES`, in one statement."""
    year = _year(on)
    found = {row["share"]: Counted(row["whole"], row["part"]) for row in await _COUNTS.all(tx, region=region, **year)}
    return {name: found[name] for name in SHARES}


async def counted(tx: asyncpg.Connection, region: str, on: dt.date, share: str) -> Counted:
    """One share over the year up to a day. Raises KeyError for what is none."""
    row = await _COUNT[share].one(tx, region=region, **_named(_COUNT[share], _year(on)))
    assert row is not None
    return Counted(row["whole"], row["part"])


def _named(asked: Statement, given: dict[str, Any]) -> dict[str, Any]:
    """Of some parameters those that a statement has."""
    return {name: value for name, value in given.items() if name in asked.names}


async def cases_of(
    tx: asyncpg.Connection, region: str, on: dt.date, share: str, part: str, cursor: str, size: int
) -> tuple[list[SharedCase], str]:
    """The cases behind a share, a page at a time, and where the next page begins ("" after the last).

    `part` yes takes those that count, no the others, "" all. Raises BadInput for what is no share or part.
    """
    if share not in SHARES or part not in ("", "yes", "no"):
        raise BadInput(errors=[FieldError("/share", one_of(SHARES))])
    asked = _LISTS[share]
    given = {"part": part, "after": cursor, "most": size + 1, **_year(on)}
    found = await asked.structs(tx, SharedCase, region=region, **_named(asked, given))
    return found[:size], found[size - 1].key if len(found) > size else ""
