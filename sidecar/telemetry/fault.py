"""What is logged when something broke that should not: the error's type and where, never its text.

A parser's error quotes its input, and a traceback shows local values' reprs: so only names of types, files
and lines are written.
"""

import traceback
from typing import Final

import structlog

MAX_FRAMES: Final = 12  # the innermost; more of them says nothing more

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


def fault(what: str, error: BaseException, **where: str) -> None:
    """Log that `what` failed, by the type and the frames of `error` alone."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    at = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
    _log.error(what, error=type(error).__name__, frames=at, **where)
