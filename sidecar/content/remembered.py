"""What was found in texts that were seen before, since agents send their whole history again at every turn.

A text itself is never kept: its place is a keyed digest that nobody without this process's memory can compute, and
what is kept are offsets. Bounded by entries and by bytes; what was asked for longest ago goes first. What was just
found is known at once and put in its place later (`settle`), while somebody waits for the worker anyway.
"""

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from aiocache import SimpleMemoryCache

from sidecar.content.detection import Span

MAX_ENTRIES: Final = 4_096  # segments of about 1,200 characters: the histories of a hundred busy sessions
MAX_BYTES: Final = 4 << 20
ENTRY_BYTES: Final = 350  # of a digest, a tuple and the books about them
SPAN_BYTES: Final = 150
_DIGEST_BYTES: Final = 16
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
        kept: list[Spans | None] = await self._cache.multi_get(keys)
        found = [self._fresh.get(key, spans) for key, spans in zip(keys, kept, strict=True)]
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
        await self._cache.multi_set(list(fresh.items()))
        for key in fresh:
            self._fresh.pop(key, None)
        while len(self._sizes) > self._most or self._size > self._most_bytes:
            oldest, size = self._sizes.popitem(last=False)
            self._size -= size
            self._fresh.pop(oldest, None)
            await self._cache.delete(oldest)
