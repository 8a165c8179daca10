"""Long work in parts between which others have their turn."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

T = TypeVar("T")


async def by_turns(items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """Yield all of `items`, `size` at a time; between two parts the loop goes round."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size]
