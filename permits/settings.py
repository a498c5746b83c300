"""Every setting with its unit, default and reason; read from the environment and from nowhere else."""

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """The service's settings; each field names its environment variable."""

    database_url: str = ""
    """PERMITS_DATABASE_URL: PostgreSQL 16 or newer, as the application's role, which owns nothing."""
    migration_url: str = ""
    """PERMITS_MIGRATION_URL: the same database as the migrator's role, which owns the tables."""
    regions: tuple[str, ...] = ("321200",)
    """PERMITS_REGIONS: city codes (GB/T 2260) served here, the first is the default; comma separated."""
    data: Path = Path("var")
    """PERMITS_DATA: folder for uploaded documents, keys and logs."""
    key_file: Path | None = None
    """PERMITS_KEY_FILE: keys that encrypt personal data; by default keys/data.json in the data folder."""
    agency_keys: Path | None = None
    """PERMITS_AGENCY_KEYS: folder of signing keys; by default keys/agencies in the data folder."""
    demo: bool = False
    """PERMITS_DEMO: 1 marks every page as a demonstration with invented content."""
    public_url: str = "http://127.0.0.1:8000"
    """PERMITS_PUBLIC_URL: where the public reaches us; stands in letters and QR codes."""
    police_url: str = "http://127.0.0.1:8101"
    """PERMITS_POLICE_URL: where the police take messages; file:///… is a folder for batch files."""
    bureau_url: str = "http://127.0.0.1:8102"
    """PERMITS_BUREAU_URL: where the approval bureau takes messages."""
    police_schema: Literal[1, 2] = 1
    """PERMITS_POLICE_SCHEMA: the version of their schema in which the police are written to; both are read."""
    bureau_schema: Literal[1] = 1
    """PERMITS_BUREAU_SCHEMA: the same for the approval bureau, which has one version."""
    pool_size: int = 10
    """PERMITS_POOL_SIZE: connections a process keeps at most; a desk's clicks are short, so few carry many."""
    storage_url: str = ""
    """PERMITS_STORAGE_URL: where documents lie; empty means files/ in the data folder, else an s3:// address."""
    upload_bytes: int = 10_485_760
    """PERMITS_UPLOAD_BYTES: the largest document taken, in bytes; the national system's 1 MB is too small for scans."""
    session_idle_minutes: int = 30
    """PERMITS_SESSION_IDLE_MINUTES: after so many minutes without a click one signs in again."""
    session_hours: int = 12
    """PERMITS_SESSION_HOURS: a session ends after so many hours whatever happens: a working day."""

    @property
    def region(self) -> str:
        """The city a request belongs to when nothing else says."""
        return self.regions[0]

    @property
    def keys_path(self) -> Path:
        """The file of the keys for personal data."""
        return self.key_file or self.data / "keys" / "data.json"

    @property
    def schema_versions(self) -> dict[str, int]:
        """The version of its schema in which each agency is written to."""
        return {"police": self.police_schema, "approval-bureau": self.bureau_schema}

    @property
    def agency_keys_path(self) -> Path:
        """The folder of the signing keys."""
        return self.agency_keys or self.data / "keys" / "agencies"


def read(environment: dict[str, str]) -> Settings:
    """The settings in an environment; an unreadable value raises msgspec.ValidationError naming it."""
    given: dict[str, object] = {}
    for field in msgspec.structs.fields(Settings):
        value = environment.get(f"PERMITS_{field.name.upper()}")
        if value:
            given[field.name] = value.split(",") if field.name == "regions" else value
    return msgspec.convert(given, Settings, strict=False, dec_hook=lambda kind, value: kind(value))


@lru_cache(1)
def settings() -> Settings:
    """The settings of this process."""
    return read(dict(os.environ))
