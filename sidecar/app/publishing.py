"""What the sidecar shows of its own key: the public half, in the log and in a file, so that a chain can end at it."""

import json
from pathlib import Path
from typing import Final

import structlog

from sidecar.app.whole_file import put
from sidecar.identity.holders.holder import SigningKey

HOLDER_FILE: Final = "holder.jwk.json"  # beside the control socket
MODE: Final = 0o644  # for everybody to read

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


def publish(holder: SigningKey | None, control_socket: Path) -> None:
    """Tell the public JWK of `holder`. A file that cannot be written is told, too, and nothing else depends on it."""
    if holder is None:
        return
    jwk = json.dumps(holder.public_jwk())
    path = control_socket.with_name(HOLDER_FILE)
    _log.info("delegates with a key of this start", jwk=jwk, file=str(path))
    try:
        put(path, f"{jwk}\n".encode(), mode=MODE)
    except OSError as error:
        _log.warning("the public key is not in its file", file=str(path), problem=error.strerror)
