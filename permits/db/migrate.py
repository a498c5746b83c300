"""Bringing a database to this version's shape, as the migrator, through Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config

import migrations


def upgrade(url: str, to: str = "head") -> None:
    """Run every migration that the database lacks, up to one of them; running it again does nothing."""
    folder = Path(migrations.__file__).parent
    config = Config(attributes={"url": url})
    config.set_main_option("script_location", str(folder))
    command.upgrade(config, to)
