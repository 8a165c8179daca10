"""`sidecar` and `python -m sidecar`."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sidecar.content.worker import spawning


def main() -> None:
    """Run the command line. A sidecar that will serve starts its detector's process first: both import meanwhile."""
    if sys.argv[1:2] == ["serve"]:
        spawning.prepare()
        with _without("rich"), _uncollected():
            from sidecar.cli.serve import main as run  # noqa: PLC0415 - it takes longer than all that comes after it
    else:
        from sidecar.cli.root import main as run  # noqa: PLC0415 - as above

    run()


@contextmanager
def _without(package: str) -> Iterator[None]:
    """Import without `package`: libraries take it where it is there, for a terminal that a service has not.

    It would be 84 modules and 4 MB of a process that is held to 120.
    """
    sys.modules[package] = None  # type: ignore[assignment]  # so the import system is told that there is none
    try:
        yield
    finally:
        del sys.modules[package]


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without looking for garbage: there is none to speak of, and looking takes a tenth of the time.

    What was imported stays, so that nothing of it is looked at again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


if __name__ == "__main__":
    main()
