"""A count of the JSON interface as a file, where the caller accepts one: the same file as the managers' pages send."""

import datetime as dt

import asyncpg
from litestar.response import Stream

from permits.statistics.sheets import MEDIA, Format
from permits.web.api.call import Asked, Call
from permits.web.office import asked as asking
from permits.web.office import files


def accepted(request: Asked) -> Format | None:
    """The kind of file that a call accepts before JSON; None where it names none."""
    accept = request.headers.get("accept", "")
    return next((form for form, media in MEDIA.items() if media.partition(";")[0] in accept), None)


async def count_file(
    call: Call,
    tx: asyncpg.Connection,
    region: str,
    on: dt.date,
    as_known_on: dt.date | None,
    by: tuple[str, ...],
    form: Format,
) -> Stream:
    """Valid permits of a day as CSV or XLSX, small figures left out, written down in the list of exports."""
    asker = files.Asker(call.office, region, call.account, call.lang)
    return files.sent(await files.count_file(tx, asker, asking.Asked(on, as_known_on), by, form))
