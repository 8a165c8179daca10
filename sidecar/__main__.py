"""`sidecar` and `python -m sidecar`."""

import sys

from sidecar.content import spawning


def main() -> None:
    """Run the command line. A sidecar that will serve starts its detector's process first: both import meanwhile."""
    if sys.argv[1:2] == ["serve"]:
        spawning.prepare()
    from sidecar.cli.root import main as run  # noqa: PLC0415 - it takes longer than all that comes after it

    run()


if __name__ == "__main__":
    main()
