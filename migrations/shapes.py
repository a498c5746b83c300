"""What every migration says right after it has made a table: where its rows lie, and who may touch them.

On plain PostgreSQL `distribute` and `reference` only guard the rows; on Citus they also spread them.
"""

from alembic import op
from sqlalchemy import text

APP, PROVINCE = "permits_app", "permits_province"


def _citus() -> bool:
    found = op.get_bind().execute(text("SELECT 1 FROM pg_extension WHERE extname = 'citus'"))
    return found.first() is not None


def distribute(table: str, *, append_only: bool = False) -> None:
    """A table of the city's work: spread by region, each city sees its own rows, a province reads its cities'."""
    if _citus():
        op.execute(f"SELECT create_distributed_table('{table}', 'region', colocate_with => 'default')")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    mine = "region = current_setting('app.region', true)"
    op.execute(f"CREATE POLICY city ON {table} TO {APP} USING ({mine}) WITH CHECK ({mine})")
    asked = "current_setting('app.province', true)"
    below = f"{asked} ~ '^[0-9]{{2,6}}$' AND starts_with(region, {asked})"
    op.execute(f"CREATE POLICY province ON {table} FOR SELECT TO {PROVINCE} USING ({below})")
    op.execute(f"GRANT SELECT ON {table} TO {PROVINCE}")
    grant(table, append_only=append_only)


def grant(table: str, *, append_only: bool = False) -> None:
    """What the application may do with a table; nobody changes or deletes what is append-only."""
    rights = "SELECT, INSERT" if append_only else "SELECT, INSERT, UPDATE, DELETE"
    op.execute(f"GRANT {rights} ON {table} TO {APP}")


def reference(table: str, *, append_only: bool = False) -> None:
    """A small table without region that every node needs whole."""
    if _citus():
        op.execute(f"SELECT create_reference_table('{table}')")
    grant(table, append_only=append_only)
