"""What the sidecar shows of its own key: the public half, in the log and in a file, so that a chain can end at it."""

import json
import os
import secrets
from pathlib import Path

import structlog

from sidecar.identity.holder import SigningKey

HOLDER_FILE = "holder.jwk.json"  # beside the control socket
MODE = 0o644

_log: structlog.stdlib.BoundLogger = structlog.get_logger("sidecar")


def publish(holder: SigningKey | None, control_socket: Path) -> None:
    """Tell the public JWK of `holder`. A file that cannot be written is told, too, and nothing else depends on it."""
    if holder is None:
        return
    jwk = json.dumps(holder.public_jwk())
    path = control_socket.with_name(HOLDER_FILE)
    _log.info("delegates with a key of this start", jwk=jwk, file=str(path))
    try:
        write_whole(path, jwk + "\n", mode=MODE)
    except OSError as error:
        _log.warning("the public key is not in its file", file=str(path), problem=error.strerror)


def write_whole(path: Path, text: str, *, mode: int) -> None:
    """Replace the file at `path` by `text`, whole or not at all. Raises `OSError`."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as file:
            file.write(text)
            os.fchmod(file.fileno(), mode)  # whatever the umask
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
