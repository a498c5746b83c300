"""`permits serve`, `permits migrate`, `permits simulate`: the processes of one machine, each started by itself."""

import os
import sys
from pathlib import Path


def serve(host: str, port: int, at: str | None) -> int:
    """Serve until told to stop. A clock that was moved is the demonstration's alone."""
    import uvicorn

    demonstration = os.environ.get("PERMITS_DEMO") == "1"
    moved = float(os.environ.get("PERMITS_CLOCK_OFFSET_SECONDS") or 0) != 0
    if at is not None or (moved and not demonstration):
        print("permits serve runs on the true time: only `permits demo --at` moves the clock.", file=sys.stderr)
        return 2
    uvicorn.run(
        "permits.app:create",
        factory=True,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        workers=1,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return 0


def migrate() -> int:
    """Run the migrations that the database lacks, as its owner."""
    from permits.db.migrate import upgrade
    from permits.settings import settings

    url = settings().migration_url or settings().database_url
    if not url:
        print("Say which database: set PERMITS_MIGRATION_URL or PERMITS_DATABASE_URL.", file=sys.stderr)
        return 1
    upgrade(url)
    return 0


def simulate(agency: str, port: int, data: Path, office_url: str, keys: Path, folder: Path | None) -> None:
    """Stand in for an agency until told to stop, on the office's time."""
    from integrations import simulation

    offset = float(os.environ.get("PERMITS_CLOCK_OFFSET_SECONDS") or 0)
    simulation.main(agency, port=port, data=data, office_url=office_url, keys=keys, offset=offset, folder=folder)
