"""`python -m tests.identity.fuzz TARGET [--into=FOLDER] [libFuzzer's options]`: one target, guided by coverage.

What is new is kept in the corpus, or in FOLDER.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris  # type: ignore[import-untyped]  # it has no types

with atheris.instrument_imports(include=["sidecar"]):
    from tests.identity.fuzz.harness import CORPUS, TARGETS, seeds

INTO = "--into="


def main() -> None:
    """Run until libFuzzer's options say to stop; a crash leaves its input in the folder of the call."""
    name, *rest = sys.argv[1:]
    into = next((option for option in rest if option.startswith(INTO)), "")
    folder = Path(into.removeprefix(INTO)) if into else CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as begin:  # keys are new in each run, and so are good tokens
        for number, octets in enumerate(seeds(name)):
            (Path(begin) / str(number)).write_bytes(octets)
        options = [option for option in rest if option != into]
        atheris.Setup([sys.argv[0], *options, str(folder), begin], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
