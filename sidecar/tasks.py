"""Tasks that go on beside the calls, and the end of them."""

import asyncio


async def ended(*tasks: "asyncio.Task[None] | None") -> None:
    """Cancel `tasks`, those of them that there are, and return when all have ended, however they did."""
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
