"""A file that is whole at any time, as it was or as it is: whoever reads it meanwhile, or after a crash, finds one."""

import os
from pathlib import Path


def put(path: Path, octets: bytes, *, mode: int = 0o600, is_synced: bool = False) -> None:
    """Put a file that holds `octets` in the place of the one at `path`; with `is_synced` it is on the disk first.

    `mode` holds whatever the umask. Raises `OSError`, and then the old file is as it was.
    """
    part = path.with_name(f".{path.name}.new")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(octets)
            if is_synced:
                file.flush()
                os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
