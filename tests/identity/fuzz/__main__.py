"""`python -m tests.identity.fuzz TARGET [libFuzzer's options]`: one target, guided by coverage."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris  # type: ignore[import-untyped]  # it has no types

with atheris.instrument_imports(include=["sidecar"]):
    from tests.identity.fuzz.harness import CORPUS, TARGETS, seeds


def main() -> None:
    """Run until libFuzzer's options say to stop; a crash leaves its input in the folder of the call."""
    name, *rest = sys.argv[1:]
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as begin:  # keys are new in each run, and so are good tokens
        for number, octets in enumerate(seeds(name)):
            (Path(begin) / str(number)).write_bytes(octets)
        atheris.Setup([sys.argv[0], *rest, str(folder), begin], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
