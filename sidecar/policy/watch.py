"""Tells when a file of a rule pack changes."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from watchfiles import awatch

SETTLE_MS = 400  # an editor, or a Kubernetes ConfigMap, replaces several files in quick succession


async def changes(packs: Sequence[Path], stop: asyncio.Event) -> AsyncIterator[None]:
    """Yield each time something below one of `packs` has changed and is quiet again, until `stop`.

    Follows a pack that is a symbolic link to where it points, and notices when it points elsewhere, as the
    link `..data` of a mounted ConfigMap does.
    """
    watched = {path for pack in packs for path in (pack.parent, pack.resolve())}
    async for changed in awatch(*watched, stop_event=stop, step=SETTLE_MS // 2, debounce=4 * SETTLE_MS):
        roots = [root for pack in packs for root in (pack.absolute(), pack.resolve())]
        if any(Path(path) == root or root in Path(path).parents for _, path in changed for root in roots):
            yield
