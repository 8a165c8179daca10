"""What a child process that reads strangers' texts stands behind, and how it speaks to its parent.

It holds nothing else and may do nothing else: no network, no children, no core file, no word on its output streams, no
more memory than its work needs; where the machine has none left, it goes before its parent does. It
ends when the other side closes, when its parent dies (on Linux the kernel tells it), and when one piece of work takes
longer than it may, even inside a regular expression that never returns. Signals from a terminal are not its business.
"""

import ctypes
import logging
import os
import resource
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Final, TypeVar

from sidecar.content.worker.frames import HEADER, STARTED, Started, framed, length
from sidecar.errors import ConfigError
from sidecar.unreadable import become_unreadable

NICENESS: Final = 5  # where processors are short, who decides goes first: it has little to do, and is waited for
FORBIDDEN: Final = frozenset(
    {"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendmsg", "socket.sendto"}
    | {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"}
)
ROOM_BYTES: Final = 1 << 30  # that a piece of work may take beyond what is held before it; a few megabytes are usual
OUT_OF_MEMORY: Final = "500"  # of 1,000: half of all memory counts against it when the kernel chooses whom to end
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h

T = TypeVar("T")


def behind_the_wall(serve: Callable[[BinaryIO, BinaryIO], None]) -> None:
    """Build the wall, `serve` what comes on standard input until the other side closes, and end the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever it is doing
    os.nice(NICENESS)
    if sys.platform == "linux":  # it wakes up for each batch, and must not push who decides off the processor then
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
        with suppress(OSError):  # /proc may be out of reach
            Path("/proc/self/oom_score_adj").write_text(OUT_OF_MEMORY, encoding="ascii")
    become_unreadable()
    sys.addaudithook(refuse)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        serve(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(0), "wb"))
    os._exit(0)  # nothing to tidy up


def started(writer: BinaryIO, prepare: Callable[[], T], seconds: float, trouble: str) -> T:
    """Return what the work is done with, made within `seconds`, and tell the parent that it can begin.

    Where it cannot be made the parent is told why, by `trouble` and an error's kind, and `EOFError` ends the process.
    """
    problems: tuple[str, ...]
    try:
        with Limit(seconds):
            made = prepare()
    except ConfigError as error:
        problems = error.problems
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side is told its kind and no more
        problems = (f"{trouble}: {type(error).__name__}",)
    else:
        hold_down()
        write(writer, STARTED.dump_json(Started()))
        return made
    write(writer, STARTED.dump_json(Started(problems=problems)))
    raise EOFError


def refuse(event: str, _arguments: tuple[object, ...]) -> None:
    """Raise `PermissionError` for what is not for such a process: an audit hook (PEP 578)."""
    if event in FORBIDDEN:
        raise PermissionError(f"`{event}` is not for a process that reads strangers' texts")


def hold_down(room: int = ROOM_BYTES) -> None:
    """Take at most `room` bytes more than are held now: whoever asks for more gets a `MemoryError`. On Linux only."""
    if sys.platform != "linux":
        return
    with suppress(OSError, StopIteration):  # /proc may be out of reach
        status = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
        held = next(int(line.split()[1]) for line in status if line.startswith("VmData:"))
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        most = (held << 10) + room
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def die_with(parent: int) -> None:
    """End when `parent` does, even within a batch. Elsewhere than on Linux, the end of the stream is seen after it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be told
        raise EOFError


class Limit:
    """Ends the process unless its block is done in time: code that holds the interpreter hears nothing else."""

    __slots__ = ("_seconds",)

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)


def write(writer: BinaryIO, body: bytes) -> None:
    """Send one frame."""
    writer.write(framed(body))
    writer.flush()


def read(reader: BinaryIO) -> bytes:
    """Return the next frame. Raises `EOFError` where the other side has closed."""
    return _exactly(reader, length(_exactly(reader, HEADER.size)))


def _exactly(reader: BinaryIO, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise EOFError
    return data
