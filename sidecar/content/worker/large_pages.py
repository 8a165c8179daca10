"""What a process holds on large pages, so that it is found again at once after others had the processor.

Who looks at a text now and then sleeps between, and its hundred megabytes are 25,000 pages whose places the processor
has forgotten when it wakes up: on pages of 2 MB they are fifty. Linux (6.1 and later) moves them where it is asked to,
which takes half a second, once; elsewhere, or where there is no room, all stays as it is.
"""

import ctypes
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

SIZE: Final = 2 << 20  # bytes, of x86-64 and of ARM64 with pages of 4 kB
COLLAPSE: Final = 25  # MADV_COLLAPSE, asm-generic/mman-common.h
_MAPS: Final = Path("/proc/self/maps")
_OWN: Final = frozenset({"", "[heap]"})  # of no file


def collapse() -> None:
    """Ask for large pages for all that this process alone can write."""
    if sys.platform != "linux":
        return
    advise = ctypes.CDLL(None).madvise
    advise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    with suppress(OSError):
        for start, end in regions(_MAPS.read_text(encoding="utf-8", errors="replace").splitlines()):
            advise(start, end - start, COLLAPSE)  # what cannot be moved is left, and what it answers tells no more


def regions(maps: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the addresses of whole large pages of private memory that is of no file; `maps` are proc_pid_maps(5)."""
    for line in maps:
        place, how, _, _, _, *name = line.split(maxsplit=5)
        low, high = (int(address, 16) for address in place.split("-"))
        start, end = low + -low % SIZE, high - high % SIZE
        if how == "rw-p" and "".join(name) in _OWN and start < end:
            yield start, end
