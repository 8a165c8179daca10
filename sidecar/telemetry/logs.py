"""Structured logs on standard error: JSON for machines, short lines on a terminal."""

import logging
import sys

import structlog


def configure(level: str, form: str) -> None:
    """Set up logging once, at start. `form` is json, text, or auto (text on a terminal)."""
    terminal = sys.stderr.isatty()
    text = form == "text" or (form == "auto" and terminal)
    # gRPC logs a handler's exception with its text and traceback; what breaks is told by `fault`, without them.
    for name in ("grpc", "asyncio"):
        library = logging.getLogger(name)
        library.handlers, library.propagate = [logging.NullHandler()], False
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(colors=terminal) if text else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
