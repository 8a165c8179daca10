"""The worker process: reads batches of texts from its standard input, answers with what it finds in them.

Where no kinds are asked for it only inspects for injections, and imports none of the libraries that recognise.

It reads strangers' texts with a great deal of other people's code, so it holds nothing else and may do
nothing else: no network, no children, no core file, no word on its output and error streams. It ends when the
other side closes, when its parent dies (on Linux the kernel tells it), and when one batch takes longer than
it may, even inside a regular expression that never returns. Signals from a terminal are not its business.
"""

import ctypes
import gc
import logging
import os
import signal
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from sidecar.content.detection import Wanted
from sidecar.content.frames import (
    FOUND,
    HEADER,
    INSPECTED,
    SETUP,
    STARTED,
    Found,
    Inspected,
    Inspection,
    Request,
    Setup,
    Started,
    framed,
    length,
    request_from_bytes,
)
from sidecar.content.injection.signals import concealed, suspicious
from sidecar.content.model_files import BUNDLED, located, reviewed, verify
from sidecar.content.spawning import INSPECTING
from sidecar.errors import ConfigError
from sidecar.unreadable import become_unreadable

if TYPE_CHECKING:
    from sidecar.content.presidio import Recognition

WARM_UP: Final = (
    "My name is Ada, ada@example.org, phone 020 7946 0018, card 4111 1111 1111 1111, from London, since May 3rd. "
    "GB82 WEST 1234 5698 7654 32, https://example.org, 192.0.2.1"
)
START_S: Final = 120.0  # to import and load everything on a busy machine
NICENESS: Final = 5  # where processors are short, who decides goes first: it has little to do, and is waited for
FORBIDDEN: Final = frozenset(
    {"socket.bind", "socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendmsg", "socket.sendto"}
    | {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "subprocess.Popen"}
)
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


def main() -> None:
    """Serve until the other side closes."""
    gc.disable()  # until all is imported: nothing of it is garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)  # ends the process, whatever it is doing
    os.nice(NICENESS)
    if sys.platform == "linux":  # it wakes up for each batch, and must not push who decides off the processor then
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    become_unreadable()
    sys.addaudithook(_refuse)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    with suppress(EOFError, BrokenPipeError, ConnectionResetError):
        _serve(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(0), "wb"))
    os._exit(0)  # nothing to tidy up


def _serve(reader: BinaryIO, writer: BinaryIO) -> None:
    if INSPECTING not in sys.argv:
        with suppress(Exception):  # it is imported while nobody asks yet; what is wrong is told to who asks
            import sidecar.content.presidio  # noqa: F401, PLC0415 - behind the wall that `main` has built
    setup = SETUP.validate_json(_read(reader))
    _die_with(setup.parent)
    try:
        with _limit(START_S):
            recognition = _prepared(setup)
    except ConfigError as error:
        _write(writer, STARTED.dump_json(Started(problems=error.problems)))
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the other side is told its kind and no more
        problem = f"the detector does not start: {type(error).__name__}"
        _write(writer, STARTED.dump_json(Started(problems=(problem,))))
        return
    _write(writer, STARTED.dump_json(Started()))
    gc.freeze()
    gc.enable()
    while True:
        asked = request_from_bytes(_read(reader))
        with _limit(setup.batch_s):
            body = (
                FOUND.dump_json(_found(recognition, asked))
                if asked.inspection is None
                else INSPECTED.dump_json(_inspected(asked, asked.inspection))
            )
        _write(writer, body)


def _prepared(setup: Setup) -> "Recognition | None":
    if not setup.thresholds:
        return None
    from sidecar.content.presidio import NAMED, Recognition  # noqa: PLC0415 - behind the wall that `main` has built

    wanted = Wanted(thresholds=setup.thresholds, recognizers=setup.recognizers, installed=setup.installed)
    models = {}
    if not NAMED.isdisjoint(wanted.thresholds):
        for language, model in setup.models.items():
            models[language] = located(model or BUNDLED)
            if not model:
                verify(models[language], reviewed())
    recognition = Recognition(wanted, models)
    recognition.find([WARM_UP])
    return recognition


def _found(recognition: "Recognition | None", asked: Request) -> Found:
    if recognition is None:
        return Found(failed="no kinds were asked for")
    try:
        spans = recognition.find(asked.texts, asked.entities)
        return Found(spans=tuple(tuple((s.start, s.end, s.entity, s.score) for s in row) for row in spans))
    except Exception as error:  # noqa: BLE001 - no finding is an answer, too, and it is never "nothing found"
        return Found(failed=type(error).__name__)


def _inspected(asked: Request, how: Inspection) -> Inspected:
    pieces = list(zip(asked.texts, asked.edges, strict=True))
    try:
        if how.conceals:
            told = [concealed(text, how.reader, begins=edges[0]) for text, edges in pieces]
            rows = tuple(tuple((s.kind.value, s.start, s.end, s.score, s.detail) for s in row) for row in told)
            return Inspected(signals=rows)
        found = [suspicious(text, how.reader, edges) for text, edges in pieces]
        return Inspected(passages=tuple(tuple((p.start, p.end, p.score, p.signs) for p in row) for row in found))
    except Exception as error:  # noqa: BLE001 - as of what is found
        return Inspected(failed=type(error).__name__)


def _write(writer: BinaryIO, body: bytes) -> None:
    writer.write(framed(body))
    writer.flush()


def _read(reader: BinaryIO) -> bytes:
    """Return the next frame. Raises `EOFError` where the other side has closed."""
    return _exactly(reader, length(_exactly(reader, HEADER.size)))


def _exactly(reader: BinaryIO, size: int) -> bytes:
    data = reader.read(size)
    if len(data) < size:
        raise EOFError
    return data


@contextmanager
def _limit(seconds: float) -> Iterator[None]:
    """End the process unless the block is done in time: code that holds the interpreter hears nothing else."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def _refuse(event: str, _arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN:
        raise PermissionError(f"`{event}` is not for the detector")


def _die_with(parent: int) -> None:
    """End when `parent` does, even within a batch. Elsewhere than on Linux, the end of the stream is seen after it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it died before it could be told
        raise EOFError


if __name__ == "__main__":
    main()
