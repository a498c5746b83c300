"""The lists of reviewers, legal reviewers and deciders."""

import datetime as dt

from permits.cases.desk import Filter
from permits.i18n import Text
from permits.web.window.facets import Desk, Queue
from permits.web.window.queue import REVIEW_TO_CLAIM, SIGNING, due_today, mine, to_claim

STATES = (*REVIEW_TO_CLAIM, "recommended")


def _lists(today: dt.date) -> tuple[Queue, ...]:
    return (
        mine(STATES),
        Queue("decide", Text("待决定", "To decide"), Filter(states=("recommended",)), frozenset(("decider", "legal"))),
        to_claim(REVIEW_TO_CLAIM, "reviewer"),
        Queue("all", Text("全部在审", "All under review"), Filter(states=STATES)),
        due_today(STATES, today),
    )


REVIEW = Desk("/review/", "/review/{}", SIGNING, Text("审查决定", "Review"), STATES, _lists)
