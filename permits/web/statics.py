"""Serves the files of static/: style sheets, small scripts, the mark. It serves nothing that a person uploaded."""

from litestar.router import Router
from litestar.static_files import create_static_files_router

from permits.web.templates import STATIC


def static_router() -> Router:
    """The router of /static; headers.py says how long a file is kept."""
    return create_static_files_router(path="/static", directories=[STATIC], name="static", include_in_schema=False)
