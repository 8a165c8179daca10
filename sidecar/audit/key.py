"""The audit key: pseudonyms, payload digests, and the seals of records and of the head are made with it.

Without it nobody can verify a log or find a person in it, so it is kept as long as the log is. Who has it and can
write to the log can forge records: it is readable by the sidecar's user alone.
"""

import errno
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from sidecar.errors import ConfigError

KEY_BYTES: Final = 32  # as long as the digest: RFC 2104, section 3


def key_path(log: Path, configured: Path | None = None) -> Path:
    """Return where the key of the log at `log` is: as the setting audit.key says, or beside it."""
    return configured or log.with_name("audit.key")


def load_key(path: Path, *, create: bool = False, dry: bool = False, setting: str = "audit.key") -> bytes:
    """Return the key kept at `path`; with `create`, make it with mode 0600 where there is none.

    With `dry` none is made: who only asks whether all is good may be another user than who serves, and a key of his
    would keep the sidecar from starting. `setting` is what the problems are told of.

    Raises `ConfigError` where it cannot be read or made, is not 32 bytes, or can be read by others.
    """
    try:
        if create and not path.exists():
            if dry:
                return _unkept(path)
            _make(path)
        return _read(path, setting)
    except FileNotFoundError:
        remedy = "make the folder" if create else "set it to the key that was used before"
        raise ConfigError([f"{setting}: `{path}` does not exist: {remedy}"]) from None
    except OSError as error:
        raise ConfigError([f"{setting}: `{path}` cannot be used: {error.strerror}"]) from None


def _make(path: Path) -> None:
    """Write the whole key under another name first: no crash leaves half a key, and no rival's key is replaced."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        pass  # another sidecar was first; its key is the key
    finally:
        draft.unlink()


def _unkept(path: Path) -> bytes:
    """Return a key for now. Raises `OSError` where `_make` would: where the folder is not there, or not for us."""
    folder = path.parent if path.parent.exists() else path.parent.parent
    folder.stat()
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return secrets.token_bytes(KEY_BYTES)


def _read(path: Path, setting: str) -> bytes:
    with path.open("rb") as file:
        mode = os.fstat(file.fileno()).st_mode
        key = file.read(KEY_BYTES + 1)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigError([f"{setting}: `{path}` can be read by others: run `chmod 600 {path}`"])
    if len(key) != KEY_BYTES:
        raise ConfigError(
            [f"{setting}: `{path}` does not hold {KEY_BYTES} bytes: restore it, or remove it if it is new"]
        )
    return key
