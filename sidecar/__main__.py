"""`sidecar` and `python -m sidecar`."""

from sidecar.cli.root import main

if __name__ == "__main__":
    main()
