"""What was found in texts that were seen before, since agents send their whole history again at every turn.

A text itself is never kept: its place is a keyed digest that nobody without this process's memory can compute, and
what is kept are offsets, packed, which takes a fifth of the room. Bounded by entries and by bytes; what was asked for
longest ago goes first. What was just found is known at once and put in its place later (`settle`), while somebody
waits for the worker anyway.
"""

import hashlib
import marshal
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aiocache import SimpleMemoryCache

from sidecar.content.detection import Span

MAX_ENTRIES: Final = 2_048  # segments of about 1,200 characters: the histories of fifty busy sessions
MAX_BYTES: Final = 2 << 20
ENTRY_BYTES: Final = 350  # of a digest, what is packed and the books about them
SPAN_BYTES: Final = 30
_DIGEST_BYTES: Final = 16
_USUAL_BYTES: Final = 128  # of four findings, packed
_KEY_BYTES: Final = 32

Spans = tuple[Span, ...]


class Remembered:
    """Findings by text and by what was asked for, in an aiocache."""

    def __init__(self, *, entries: int = MAX_ENTRIES, size: int = MAX_BYTES) -> None:
        self._cache = SimpleMemoryCache(timeout=None)  # bounded here: it has no bounds of its own
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._fresh: dict[str, Spans] = {}  # not yet in the cache
        self._sizes: OrderedDict[str, int] = OrderedDict()  # by key, what was asked for last at the end
        self._size = 0
        self._most = entries
        self._most_bytes = size

    async def reserve(self) -> None:
        """Take the room for all entries, by some that nobody asks for: memory is not to grow with the texts."""
        for number in range(self._most):
            key = f"{number:0{2 * _DIGEST_BYTES}x}"
            self._sizes[key] = ENTRY_BYTES
            self._size += ENTRY_BYTES
            await self._cache.set(key, bytes(_USUAL_BYTES))

    def keys(self, texts: Iterable[str], entities: Iterable[str]) -> list[str]:
        """Return the key of each text, where `entities` are asked for."""
        about = "\0".join(sorted(entities)).encode() + b"\0\0"
        asked = hashlib.blake2b(about, digest_size=_DIGEST_BYTES, key=self._key)
        keys = []
        for text in texts:
            digest = asked.copy()
            digest.update(text.encode("utf-8", "surrogatepass"))
            keys.append(digest.hexdigest())
        return keys

    async def get(self, keys: Sequence[str]) -> list[Spans | None]:
        """Return what is known for each of `keys`."""
        if self._sizes.keys().isdisjoint(keys):
            return [None] * len(keys)
        kept: list[bytes | None] = await self._cache.multi_get(keys)
        found = [
            self._fresh[key] if key in self._fresh else None if packed is None else _unpacked(packed)
            for key, packed in zip(keys, kept, strict=True)
        ]
        for key, spans in zip(keys, found, strict=True):
            if spans is not None:
                self._sizes.move_to_end(key)
        return found

    def put(self, found: Mapping[str, Spans]) -> None:
        """Keep `found`."""
        self._fresh |= found
        for key, spans in found.items():
            self._size += ENTRY_BYTES + SPAN_BYTES * len(spans) - self._sizes.pop(key, 0)
            self._sizes[key] = ENTRY_BYTES + SPAN_BYTES * len(spans)

    async def settle(self) -> None:
        """Bring what was found to its place, and keep as much of what was there before as there is room for."""
        if not self._fresh:
            return
        fresh = self._fresh.copy()
        await self._cache.multi_set([(key, _packed(spans)) for key, spans in fresh.items()])
        for key in fresh:
            self._fresh.pop(key, None)
        while len(self._sizes) > self._most or self._size > self._most_bytes:
            oldest, size = self._sizes.popitem(last=False)
            self._size -= size
            self._fresh.pop(oldest, None)
            await self._cache.delete(oldest)


def _packed(spans: Spans) -> bytes:
    return marshal.dumps([(span.start, span.end, span.entity, span.score) for span in spans]) if spans else b""


def _unpacked(packed: bytes) -> Spans:
    return tuple([Span(*row) for row in marshal.loads(packed)]) if packed else ()  # noqa: S302 - of our own, in memory
