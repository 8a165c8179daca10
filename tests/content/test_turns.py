import asyncio

from sidecar.content.turns import by_turns


async def test_others_have_their_turn_between_two_parts() -> None:
    seen: list[object] = []

    async def other() -> None:
        for number in range(2):
            seen.append(number)
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    async for part in by_turns("abcde", 2):
        seen += [part]
    await task

    assert seen == ["ab", 0, "cd", 1, "e"]
