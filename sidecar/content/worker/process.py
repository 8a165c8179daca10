"""The worker process: reads batches of texts from its standard input, answers with what it finds in them.

Where no kinds are asked for it only inspects for injections, and imports none of the libraries that recognise.

It stands behind the wall (`content.worker.wall`): it may do nothing else, and ends when it must.
"""

import gc
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from sidecar.content.detection import Wanted
from sidecar.content.injection.signals import concealed, suspicious
from sidecar.content.presidio.model_files import BUNDLED, located, reviewed, verify
from sidecar.content.worker import large_pages
from sidecar.content.worker.frames import (
    FOUND,
    INSPECTED,
    SETUP,
    Found,
    Inspected,
    Inspection,
    Request,
    Setup,
    found_to_bytes,
    request_from_bytes,
)
from sidecar.content.worker.rank import go_last
from sidecar.content.worker.spawning import INSPECTING
from sidecar.content.worker.wall import Limit, behind_the_wall, die_with, read, started, write

if TYPE_CHECKING:
    from sidecar.content.presidio.recognition import Recognition

WARM_UP: Final = (
    "My name is Ada, ada@example.org, phone 020 7946 0018, card 4111 1111 1111 1111, from London, since May 3rd. "
    "GB82 WEST 1234 5698 7654 32, https://example.org, 192.0.2.1"
)
START_S: Final = 120.0  # to import and load everything on a busy machine


def main() -> None:
    """Serve until the other side closes."""
    gc.disable()  # until all is imported: nothing of it is garbage
    behind_the_wall(_serve)


def _serve(reader: BinaryIO, writer: BinaryIO) -> None:
    if INSPECTING not in sys.argv:
        with suppress(Exception):  # it is imported while nobody asks yet; what is wrong is told to who asks
            import sidecar.content.presidio.recognition  # noqa: F401, PLC0415 - behind the wall that `main` has built
    setup = SETUP.validate_json(read(reader))
    die_with(setup.parent)
    recognition = started(writer, lambda: _prepared(setup), START_S, "the detector does not start")
    gc.freeze()
    gc.enable()
    if setup.goes_last:
        go_last()
    while True:
        asked = request_from_bytes(read(reader))
        with Limit(setup.batch_s):
            body = (
                _found(recognition, asked)
                if asked.inspection is None
                else INSPECTED.dump_json(_inspected(asked, asked.inspection))
            )
        write(writer, body)
        if recognition:
            with Limit(setup.batch_s):
                recognition.rest()  # behind the answer, so that who asked does not wait for it


def _prepared(setup: Setup) -> "Recognition | None":
    if not setup.thresholds:
        return None
    from sidecar.content.presidio.recognition import NAMED, Recognition  # noqa: PLC0415 - behind the wall that `main` has built

    wanted = Wanted(thresholds=setup.thresholds, recognizers=setup.recognizers, installed=setup.installed)
    models = {}
    if not NAMED.isdisjoint(wanted.thresholds):
        for language, model in setup.models.items():
            models[language] = located(model or BUNDLED)
            if not model:
                verify(models[language], reviewed())
    recognition = Recognition(wanted, models)
    recognition.find([WARM_UP])
    if models:
        large_pages.collapse()
    return recognition


def _found(recognition: "Recognition | None", asked: Request) -> bytes:
    if recognition is None:
        return FOUND.dump_json(Found(failed="no kinds were asked for"))
    try:
        return found_to_bytes(recognition.find(asked.texts, asked.entities))
    except Exception as error:  # noqa: BLE001 - no finding is an answer, too, and it is never "nothing found"
        return FOUND.dump_json(Found(failed=type(error).__name__))


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


if __name__ == "__main__":
    main()
