"""The detector's process, started: by exec at once, never a fork that runs on, since gRPC has threads.

Most of its start is importing, which needs nothing from us: so `sidecar serve` starts it before its own imports, and
whoever needs a process first takes that one. It ends by itself when we do.
"""

import contextlib
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Spawned:
    """A process, and our end of the socket that it listens to."""

    process: subprocess.Popen[bytes]
    socket: socket.socket

    def end(self) -> None:
        """Kill the process: it holds nothing that is worth a farewell."""
        self.socket.close()
        self.process.kill()
        self.process.wait()


INSPECTING: Final = "inspecting"  # the argument of a process that imports nothing that recognises
_SPARE: Final[deque[Spawned]] = deque()  # none or one


def prepare() -> None:
    """Start a process for whoever will need one. Where it cannot be started, nobody is told: who needs one will be."""
    if not _SPARE:
        with contextlib.suppress(OSError):
            _SPARE.append(spawned())


def taken(*, inspects: bool = False) -> Spawned:
    """Return a process: the one that was prepared, or a new one; one that only inspects is new. Raises `OSError`."""
    if _SPARE and not inspects:
        spare = _SPARE.pop()
        if spare.process.poll() is None:
            return spare
        spare.end()
    return spawned(*([INSPECTING] if inspects else []))


def dismissed() -> None:
    """End the process that was prepared, where nobody needs it."""
    while _SPARE:
        _SPARE.pop().end()


def spawned(*arguments: str) -> Spawned:
    """Start a process with `arguments`. Raises `OSError`."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            process = subprocess.Popen(  # noqa: S603 - this interpreter, this package, a word of ours
                [sys.executable, "-P", "-m", "sidecar.content.worker.process", *arguments],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(os.environ),
            )
    except OSError:
        ours.close()
        raise
    return Spawned(process, ours)


def environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what the worker may know of the environment: none of the sidecar's settings.

    One thread for linear algebra: for matrices of this size more of them only wait for each other. Presidio
    gives up on a slow regular expression in silence after REGEX_TIMEOUT_SECONDS, which would let its text
    pass: the limit on batches must always come first.
    """
    kept = {name: value for name, value in inherited.items() if not name.startswith("SIDECAR_")}
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    paths = os.pathsep.join(path for path in sys.path if path)
    return kept | threads | {"PYTHONPATH": paths, "REGEX_TIMEOUT_SECONDS": str(10**6)}
