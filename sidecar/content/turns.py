"""Long work in parts between which others have their turn."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")
AT_ONCE: Final = 8  # steps that only let others in; whoever has more of them rests between them
LONG_S: Final = 0.002  # of a step, behind which others have their turn; a call without text takes less in all
REST_S: Final = 0.001  # a call takes several rounds of the loop: it must not pay a step of somebody else's for each


async def rest(done: int) -> None:
    """Give others a turn after step number `done` of a long work: after many, until they had time for a whole call."""
    await asyncio.sleep(REST_S if done >= AT_ONCE else 0)


class Turns:
    """Turns that are given to others between steps of a work, where a step took long. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._since = clock()

    async def given(self) -> None:
        """Let others go first, where the step that ends here took long, waiting for others included."""
        if self._clock() - self._since >= LONG_S:
            await asyncio.sleep(0)
            self._since = self._clock()


async def by_turns(items: Sequence[T], size: int) -> AsyncIterator[Sequence[T]]:
    """Yield all of `items`, `size` at a time; between two parts the loop goes round."""
    for start in range(0, len(items), size):
        if start:
            await asyncio.sleep(0)
        yield items[start : start + size]
