"""Structured logs on standard error: JSON for machines, short lines on a terminal."""

import io
import logging
import sys
from contextlib import suppress
from typing import Final

import structlog


class _StandardError(io.TextIOBase):
    """Standard error as it is at the moment of writing. A log that nobody can read takes no verdict with it."""

    def write(self, text: str) -> int:
        with suppress(OSError, ValueError):  # a closed pipe, a full disk
            return sys.stderr.write(text)
        return 0

    def flush(self) -> None:
        with suppress(OSError, ValueError):
            sys.stderr.flush()


_STANDARD_ERROR: Final = _StandardError()


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
        logger_factory=lambda *_: structlog.PrintLogger(_STANDARD_ERROR),  # type: ignore[arg-type]  # it is only written to and flushed
        cache_logger_on_first_use=False,
    )
