"""Long work in parts between which others have their turn."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
AT_ONCE: Final = 8  # steps that only let others in; whoever has more of them rests between them
REST_S: Final = 0.001  # a call takes several rounds of the loop: it must not pay a step of somebody else's for each


async def rest(done: int) -> None:
    """Give others a turn after step number `done` of a long work: after many, until they had time for a whole call."""
    await asyncio.sleep(REST_S if done >= AT_ONCE else 0)


async def by_turns(items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """Yield all of `items`, `size` at a time; between two parts the loop goes round."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size]
