"""The one door to time: office time, which `--at` may move, and machine time, which never moves.

Nothing else in the service reads a clock.
"""

import datetime as dt
import os
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Asia/Shanghai")

_offset = dt.timedelta(seconds=float(os.environ.get("PERMITS_CLOCK_OFFSET_SECONDS", "0")))


def machine_now() -> dt.datetime:
    """The machine's instant in UTC: for signatures, sessions, retries and idempotency."""
    return dt.datetime.now(dt.UTC)


def now() -> dt.datetime:
    """The office's instant in the city's time zone: for the law, the ledger and the timeline."""
    return (machine_now() + _offset).astimezone(CITY)


def today() -> dt.date:
    """The office's date in the city's time zone."""
    return now().date()


def offset() -> dt.timedelta:
    """How far office time stands from machine time."""
    return _offset


def set_offset(seconds: float) -> None:
    """Move office time; for tests and demonstrations only."""
    global _offset
    _offset = dt.timedelta(seconds=seconds)
