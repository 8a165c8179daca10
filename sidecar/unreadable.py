"""No core file and no debugger: what a process of ours holds in memory is for nobody of the same user to read.

Every process that sees payloads asks for it first: the one that decides, and those that recognise. Elsewhere than on
Linux only core files are forbidden.
"""

import ctypes
import resource
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4  # linux/prctl.h


def become_unreadable() -> None:
    """Write no core file, and let no process of the same user attach or read the memory (prctl(2), ptrace(2))."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
