"""Writes a message to an agency into the log, numbered; sending is another's work."""

import datetime as dt
import uuid

import asyncpg

from integrations.agencies import AGENCIES
from integrations.contract import Agency, Body, encode, write
from permits import clock
from permits.db.ids import new_id
from permits.office import Office
from permits.routing import streams
from permits.routing.model import Stream, context_of
from permits.settings import settings


def agency_of(name: str) -> Agency:
    """An agency, written to in the version of its schema that the settings name."""
    return AGENCIES[name].speaking(settings().schema_versions[name])


async def queue(
    tx: asyncpg.Connection,
    office: Office,
    agency: Agency,
    of: Stream,
    number: str,
    kind: str,
    body: Body,
    *,
    sequence: int | None = None,
    next_at: dt.datetime | None = None,
) -> uuid.UUID:
    """Write a message to be sent; its id. Raises Malformed where a value is out of its bounds.

    `sequence` is the next of the stream unless given: the place of a message that was refused. `next_at` is machine
    time before which it is not tried.
    """
    message_id, at, now = new_id(), clock.now(), clock.machine_now()
    if sequence is None:
        sequence = await streams.next_out(tx, of, number)
    envelope = write(agency, kind, body, case=number, sequence=sequence, sent_at=at, id=str(message_id))
    await streams.add_out(
        tx,
        of,
        id=message_id,
        sequence=sequence,
        kind=kind,
        schema=agency.schema,
        body=office.keys.seal(encode(envelope), context_of(of.region, message_id)),
        at=at,
        created_at=now,
        next_at=next_at or now,
    )
    return message_id
