"""Whether the register reaches the days a figures page asks about; what it does not reach is told beside its field."""

import datetime as dt

import asyncpg

from permits.errors import BadInput
from permits.statistics import service as statistics
from permits.web.forms import Filled, field_of
from permits.web.office.asked import Asked


async def within(tx: asyncpg.Connection, region: str, asked: Asked, today: dt.date) -> Asked:
    """The days asked about, or today as known now with what is wrong beside the fields as they were typed."""
    try:
        await statistics.require_within(tx, region, today, as_known_on=asked.known, on=asked.on)
    except BadInput as wrong:
        errors = {field_of(error.pointer): error.text for error in wrong.errors}
        return Asked(today, None, Filled(asked.filled.values, {**errors, **asked.filled.errors}))
    return asked
