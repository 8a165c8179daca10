import asyncio

from sidecar.content.turns import LONG_S, Turns, by_turns


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


async def test_a_turn_is_given_behind_a_long_step_alone() -> None:
    seen: list[str] = []
    now = 0.0
    turns = Turns(lambda: now)
    other = asyncio.create_task(said(seen))
    await turns.given()
    seen.append("a short step")
    now = LONG_S
    await turns.given()
    seen.append("a long one")
    await turns.given()
    seen.append("and a short one behind it")
    await other

    assert seen == ["a short step", "other", "a long one", "and a short one behind it"]


async def said(seen: list[str]) -> None:
    seen.append("other")
