"""A journal of entries in one file, written at its end only, each with its number and a checksum.

To write to the end of a file takes a tenth of the time of a transaction in a database that is not in the processor's
caches, which is as every call of an agent finds it. What is written outlives the end of the process by any signal. A
loss of power may take the newest entries: whatever does not stand there whole ends the journal, and is cut off.
"""

import errno
import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MAX_ENTRY: Final = 1 << 30  # octets
_HEAD: Final = struct.Struct("<QII")  # number, octets that follow, their CRC-32, which begins with the number
_LOW: Final = 0xFFFFFFFF


class Journal:
    """The file at `path`, for this process alone and not for two threads at once. `open` before anything else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._is_torn = False
        self.size = 0  # octets that stand there whole

    def open(self) -> list[tuple[int, bytes]]:
        """Make or open the file, and return its entries by number. Raises `OSError`."""
        self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with self._path.open("rb") as file:
            octets = file.read()
        found = list(_entries(octets))
        self.size = sum(_HEAD.size + len(entry) for _, entry in found)
        if self.size != len(octets):
            os.ftruncate(self._file, self.size)
        return found

    def append(self, number: int, entry: bytes) -> None:
        """Write one more. Raises `OSError`; then it does not stand there."""
        if len(entry) > MAX_ENTRY:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        octets = _HEAD.pack(number, len(entry), zlib.crc32(entry, number & _LOW)) + entry
        self._mend()
        self._is_torn = True  # until it is known to stand there whole: behind a part of an entry nothing is read
        if os.write(self._file, octets) != len(octets):
            self._mend()
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._is_torn = False
        self.size += len(octets)

    def clear(self) -> None:
        """Forget all entries. Raises `OSError`."""
        os.ftruncate(self._file, 0)
        self.size, self._is_torn = 0, False

    def _mend(self) -> None:
        if self._is_torn:
            os.ftruncate(self._file, self.size)
            self._is_torn = False

    def close(self) -> None:
        """Close the file; silent where it is not open."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _entries(octets: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while len(octets) - at >= _HEAD.size:
        number, length, checksum = _HEAD.unpack_from(octets, at)
        entry = octets[at + _HEAD.size : at + _HEAD.size + length]
        if len(entry) != length or zlib.crc32(entry, number & _LOW) != checksum:
            return
        yield number, entry
        at += _HEAD.size + length
