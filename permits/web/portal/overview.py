"""A case by its number: the task list of a draft, afterwards how it is getting on."""

from typing import Any

from litestar import get
from litestar.params import FromPath
from litestar.response import Response

from permits import clock
from permits.cases import overtaken
from permits.i18n import Text
from permits.letters import store
from permits.letters.kinds import TITLES as LETTERS
from permits.web.forms import Filled
from permits.web.pages import page
from permits.web.parts import Light
from permits.web.portal import progress as way
from permits.web.portal.asked import asked_of
from permits.web.portal.ground import AGENT, Asked, Looked, looked
from permits.web.portal.tasks import forecast, tasks_of
from permits.web.portal.turns import BECAME, GRANTED, ON_THE_WAY, RESIDENCE, TO_DELIVER, WINDOW, WORK, title


@get("/{number:str}", guards=[AGENT])
async def overview(request: Asked, number: FromPath[str]) -> Response[Any]:
    """The page of a case."""
    found = await looked(request, number)
    return tasks(request, found) if found.draft else await progress(request, found, Filled())


def tasks(request: Asked, found: Looked) -> Response[str]:
    """The task list of a draft."""
    all_tasks = tasks_of(found)
    return page(
        request,
        "portal/tasks.html",
        looked=found,
        groups=[
            (group, [t for t in all_tasks if t.group == group]) for group in dict.fromkeys(t.group for t in all_tasks)
        ],
        done=sum(task.state == "done" for task in all_tasks),
        total=len(all_tasks),
        held=[one.title for one in found.seen.documents if one.status == "on-register"],
        forecast=forecast(found),
    )


async def progress(request: Asked, found: Looked, f: Filled, status: int = 200) -> Response[str]:
    """How a submitted case is getting on; `f` holds what was typed beside the corrections."""
    law, today, row = found.desk.office.law, clock.today(), found.case.row
    async with found.desk.database.transaction(found.desk.region) as tx:
        letters = await store.letters_of_case(tx, found.desk.region, row.id)
        ended = await overtaken.ended(tx, found.desk.region, found.case)
    pair, visit = way.pair_of(found), way.visit_of(found)
    return page(
        request,
        "portal/progress.html",
        status=status,
        looked=found,
        title=title(row.state, row.joint),
        promised=way.shown_clock(law, pair.promised, today) if pair else None,
        legal=way.shown_clock(law, pair.legal, today) if pair else None,
        days=way.strip_of(law, pair, today, visit.date() if visit else None) if pair else [],
        events=way.events_of(found),
        asked=asked_of(found),
        visit=visit,
        residence=found.seen.components["residence_permit"],
        standing=[WORK[row.state], residence_of(found), window_of(found)],
        letters=[(one, LETTERS[one.kind]) for one in letters],
        permit=way.permit_of(found),
        became=BECAME.get(row.procedure, GRANTED),
        ended=ended,
        f=f,
    )


def residence_of(found: Looked) -> tuple[Light, Text]:
    """How far the residence permit is."""
    status = found.case.status("residence_permit")
    return ON_THE_WAY if status == "queued" and found.case.row.accepted_at else RESIDENCE[status]


def window_of(found: Looked) -> tuple[Light, Text]:
    """How far the hand-out is."""
    refused = found.case.row.state == "refused" and not found.case.row.hand_out
    return TO_DELIVER if refused else WINDOW[str(found.seen.components["window"]["status"])]
