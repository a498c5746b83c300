"""Logs as one JSON object a line; they hold numbers, kinds and references, never a name, a passport or a value."""

import logging
import sys
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer
from structlog.typing import ExcInfo

_TRACE = ExceptionDictTransformer(show_locals=False)


def set_up_logs() -> None:
    """Send the log of this process to standard error."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.ExceptionRenderer(where_only),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def where_only(exc_info: ExcInfo) -> list[dict[str, Any]]:
    """Which errors happened and where; their own words are left out, for libraries quote in them what was typed."""
    return [_wordless(stack) for stack in _TRACE(exc_info)]


def _wordless(stack: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in stack.items() if name not in ("exc_value", "exc_notes", "syntax_error")}
    return kept | {"exceptions": [[_wordless(one) for one in group] for group in stack["exceptions"]]}
