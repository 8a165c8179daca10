"""Tells when a file of a rule pack changes.

The folder that a pack stands in is watched, too, but nothing below it except the pack: it may hold the sidecar's own
state, which changes with every call, or be the root of all files.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from watchfiles import awatch

SETTLE_MS: Final = 400  # an editor, or a Kubernetes ConfigMap, replaces several files in quick succession


async def watching(packs: Sequence[Path], stop: asyncio.Event, changed: Callable[[], Awaitable[object]]) -> None:
    """Call `changed` each time something below one of `packs` has changed and is quiet again, until `stop`.

    Follows a pack that is a symbolic link to where it points, and notices when it points elsewhere, as the
    link `..data` of a mounted ConfigMap does. It may be called again before it has returned.
    """

    async def told(folders: Collection[Path], *, recursive: bool) -> None:
        every = awatch(*folders, stop_event=stop, step=SETTLE_MS // 2, debounce=4 * SETTLE_MS, recursive=recursive)
        async for found in every:
            roots = [root for pack in packs for root in (pack.absolute(), pack.resolve())]
            if any(Path(path) == root or root in Path(path).parents for _, path in found for root in roots):
                await changed()

    async with asyncio.TaskGroup() as group:
        group.create_task(told({pack.parent for pack in packs}, recursive=False))
        group.create_task(told({pack.resolve() for pack in packs}, recursive=True))
