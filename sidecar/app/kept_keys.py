"""Issuers' keys in a file beside the state, so that a restart during an outage refuses nobody, and forgets nothing.

The file is written whole after each fetch and at the end, for its owner alone. One that is damaged, or that others may
write, is as good as none: the operators are told, and keys come from their sources or not at all.
"""

import asyncio
import json
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sidecar.app.whole_file import put
from sidecar.errors import FetchError, JsonError
from sidecar.identity.issuers.keeper import Fault
from sidecar.identity.issuers.kept import Kept, as_json, from_json
from sidecar.model.strict_json import parse

SUFFIX: Final = ".keys"  # after the state file's name: nobody calls a file of their own keys so
MAX_BYTES: Final = 8 << 20  # of the file: a hundred issuers of a hundred keys, and room
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


@dataclass(slots=True)
class KeptKeys:
    """The file at `path`. Its writes follow each other."""

    path: Path
    fault: Fault
    _writing: asyncio.Lock = field(default_factory=asyncio.Lock)
    _faulty: bool = False

    def read(self) -> tuple[Kept, ...]:
        """Return what is kept; nothing where there is no file, or none that can be believed, which is told."""
        try:
            return from_json(parse(_octets(self.path).decode("utf-8")))
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError, JsonError, FetchError) as error:
            self.fault("the kept keys of issuers are not used: the file is damaged, or not the sidecar's alone", error)
            return ()

    async def keep(self, kept: Sequence[Kept]) -> None:
        """Put `kept` in the place of what was there; where it cannot be written, that is told once."""
        async with self._writing:
            try:
                await asyncio.to_thread(_write, self.path, json.dumps(as_json(kept)).encode())
            except (OSError, FetchError) as error:
                if not self._faulty:
                    self.fault("issuers' keys are not kept over a restart", error)
                self._faulty = True
            else:
                self._faulty = False


def _octets(path: Path) -> bytes:
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        if status.st_mode & _OTHERS or status.st_uid not in {0, os.geteuid()}:
            raise FetchError("others may read or write the file", reason="jwks_fetch_refused")
        octets = file.read(MAX_BYTES + 1)
    if len(octets) > MAX_BYTES:
        raise FetchError("the file is too large", reason="jwks_too_large")
    return octets


def _write(path: Path, octets: bytes) -> None:
    if len(octets) > MAX_BYTES:
        raise FetchError("the keys are too many to keep", reason="jwks_too_large")
    put(path, octets, is_synced=True)
