"""The one door to time in this package. It never decides anything."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

CITY = ZoneInfo("Asia/Shanghai")


def machine_now() -> datetime:
    """Machine time in UTC: signatures, retries, time-outs. It never moves with the office's clock."""
    return datetime.now(UTC)


def office_now(offset_seconds: float) -> datetime:
    """Office time in the city's zone: machine time plus the office's offset in seconds. Books are dated by it."""
    return (machine_now() + timedelta(seconds=offset_seconds)).astimezone(CITY)
