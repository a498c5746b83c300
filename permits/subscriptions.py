"""The one table of subscriptions: which feature does something, later, upon which event of a case.

What happens in a case is named in `cases`; whoever subscribes is named here, so that no feature hears of another.
"""

from collections.abc import Awaitable, Callable, Mapping

from permits.cases.outbox import Happening
from permits.db.database import Database
from permits.letters import jobs as letters
from permits.office import Office
from permits.routing import jobs as routing
from permits.settings import Settings

Job = Callable[[Database, Office, Settings, Happening], Awaitable[None]]

SUBSCRIBERS: Mapping[str, Job] = {letters.SUBSCRIBER: letters.on_event, routing.SUBSCRIBER: routing.on_event}

PRIORITIES: Mapping[str, int] = {letters.SUBSCRIBER: 1}
"""Whose jobs go first, by how much: routing waits for letters, and those that wait are looked at again and again."""

SUBSCRIPTIONS: Mapping[str, tuple[str, ...]] = {
    "submitted": ("routing",),
    "accepted": ("letters",),
    "not-accepted": ("letters",),
    "correction-requested": ("letters", "routing"),
    "granted": ("letters",),
    "refused": ("letters",),
    "terminated": ("letters",),
    "letter-issued": ("routing",),
    "corrected": ("routing",),
    "suspended": ("routing",),
    "resumed": ("routing",),
    "limit-extended": ("routing",),
    "recommended": ("routing",),
    "not-cleared": ("routing",),
    "returned": ("routing",),
    "withdrawn": ("routing",),
    "handed-out": ("routing",),
    "closed": ("routing",),
    "police-granted": ("routing",),
    "police-refused": ("routing",),
    "bureau-registered": ("routing",),
    "bureau-handed-out": ("routing",),
}
