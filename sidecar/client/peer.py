"""Saying who we are: a ticket from the sidecar's peer socket, which goes with OpenSession.

The kernel tells the sidecar which process connects there; the ticket brings that over to gRPC. Without one the sidecar
decides by its settings whether a session may be opened, so a ticket that cannot be had is no error here.
"""

import asyncio
import socket
from contextlib import suppress
from pathlib import Path
from typing import Final

METADATA: Final = "sidecar-peer-ticket"
NAME: Final = "peer.sock"  # beside the data socket
PATIENCE: Final = 1.0  # seconds; the sidecar answers at once or not at all
MAX_TICKET: Final = 128  # characters

Metadata = tuple[tuple[str, str], ...]


def socket_of(address: str, chosen: str | None) -> str:
    """Return the path of the peer socket: `chosen`, else the one beside the data socket, empty beside a port."""
    if chosen is not None:
        return chosen
    if not address.startswith("unix:"):
        return ""
    return str(Path(address.removeprefix("unix:").removeprefix("//")).with_name(NAME))


def ticket(path: str) -> Metadata:
    """Return the metadata that says who we are, empty where the peer socket does not answer."""
    if not path:
        return ()
    with suppress(OSError), socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(PATIENCE)
        wire.connect(path)
        with wire.makefile("rb") as answer:
            return _read(answer.readline(MAX_TICKET + 1))
    return ()


async def aio_ticket(path: str) -> Metadata:
    """Return the same as `ticket`, for asyncio."""
    if not path:
        return ()
    with suppress(OSError, TimeoutError, ValueError):
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_unix_connection(path, limit=MAX_TICKET)
            try:
                return _read(await reader.readline())
            finally:
                writer.close()
    return ()


def _read(line: bytes) -> Metadata:
    text = line.strip().decode("ascii", "replace")
    return ((METADATA, text),) if text.isascii() and text.isprintable() and 0 < len(text) <= MAX_TICKET else ()
