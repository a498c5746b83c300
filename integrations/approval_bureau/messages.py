"""The words between office and approval bureau: case records after GB/T 39046-2020, ratings after GB/T 39735-2020.

They never carry the foreigner's passport, salary or documents: the bureau needs none of them.
"""

from typing import Annotated, Literal

from msgspec import Meta

from integrations.contract import Agency, Body, Instant, Line, Paragraph, Status, StatusRequest, Word

Stamp = Annotated[str, Meta(pattern=r"^\d{8}T\d{6}$")]  # YYYYMMDDThhmmss, the city's time
Day = Annotated[str, Meta(pattern=r"^\d{8}$")]  # YYYYMMDD
Code50 = Annotated[str, Meta(min_length=1, max_length=50)]
Channel = Annotated[int, Meta(ge=1, le=4)]  # 1 window, 2 web, 3 mobile, 4 post


class Register(Body, frozen=True, kw_only=True):
    """Acceptance (受理): the case enters the bureau's book and gets its unified number."""

    item_code: Annotated[str, Meta(max_length=60)]  # implementation code of the service item (实施编码)
    item_name: Line
    applicant: Line  # the employer, who is the applicant in law
    applicant_code: Word  # its credit code
    unit: Line  # the accepting office
    unit_code: Word  # its credit code
    clerk: Line
    accepted_at: Stamp
    acceptance_number: Code50  # of the acceptance paper
    promised_finish: Stamp
    region: Annotated[str, Meta(pattern=r"^\d{6}$")]
    channel: Channel = 2


class Special(Body, frozen=True, kw_only=True):
    """A special procedure, during which the clock stands still (特别程序)."""

    type: Annotated[int, Meta(ge=1, le=2)]  # 1 extension of the limit (延长审批), 2 other
    reason: Paragraph
    started: Stamp
    ended: Stamp | None = None
    result: Paragraph | None = None


class Progress(Body, frozen=True, kw_only=True):
    """One step (过程): who did what from when to when."""

    step: Line
    action: Literal["通过", "退回", "其他"]
    person: Line
    opinion: Paragraph = ""
    started: Stamp
    ended: Stamp | None = None
    unit: Line
    state: Annotated[int, Meta(ge=1, le=2)]  # 1 waiting, 2 done
    special: Special | None = None


class Licence(Body, frozen=True, kw_only=True):
    """A licence among the results (证照)."""

    name: Line
    number: Word
    valid_from: Day | None = None
    valid_until: Day | None = None
    issuer: Line


class ReadyForHandOut(Body, frozen=True, kw_only=True):
    """All results are there: hand them out once, at the window or by post."""

    licences: Annotated[tuple[Licence, ...], Meta(max_length=10)] = ()
    how: Literal["window", "post"] = "window"


class Closed(Body, frozen=True, kw_only=True):
    """The finish (办结)."""

    person: Line
    closed_at: Stamp
    outcome: Literal["granted", "refused", "withdrawn", "terminated"]
    licences: Annotated[tuple[Licence, ...], Meta(max_length=10)] = ()
    region: Annotated[str, Meta(pattern=r"^\d{6}$")]
    mailed: bool = False
    fee_cny: Annotated[int, Meta(ge=0)] = 0  # the work permit is free (Administrative Licensing Law Art. 58)


class Registered(Body, frozen=True, kw_only=True):
    """The bureau's number for the case (统一受理编号): opaque text of at most 50 characters."""

    unified_number: Code50


class HandedOut(Body, frozen=True, kw_only=True):
    """The results were handed out at the bureau's window or posted."""

    to: Line = ""
    how: Literal["window", "post"] = "window"
    tracking: Word | None = None
    at: Instant | None = None


class Rating(Body, frozen=True, kw_only=True):
    """A rating (好差评): 1 very satisfied to 5 very dissatisfied. Who gave it is protected and does not travel."""

    grade: Annotated[int, Meta(ge=1, le=5)]
    channel: Channel = 1
    text: Paragraph = ""


APPROVAL_BUREAU = Agency(
    name="approval-bureau",
    schema="approval-bureau.case-record/1",
    to_agency={
        "register": Register,
        "progress": Progress,
        "ready-for-hand-out": ReadyForHandOut,
        "closed": Closed,
        "status-request": StatusRequest,
    },
    from_agency={
        "registered": Registered,
        "handed-out": HandedOut,
        "rating": Rating,
        "status": Status,
    },
)
