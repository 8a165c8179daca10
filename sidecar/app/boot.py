"""Which start of the machine is this? Its clock since then, and what it had not written, are of that start alone."""

from pathlib import Path
from typing import Final

BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id(path: Path = BOOT) -> str:
    """Return the name of this start of the machine; empty where nobody knows it."""
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
