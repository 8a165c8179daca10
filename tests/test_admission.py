"""One root token opens so many sessions and no more, whoever asks and however often the process ends."""

import asyncio
from dataclasses import replace
from pathlib import Path

from sidecar.app.state import State
from sidecar.config import Settings
from sidecar.config.settings import AuditSettings
from sidecar.stores.base import NO_VAULT
from sidecar.stores.memory import MemoryRevocations
from tests.housing import AT, House, house, linked, named, token

REFUSED = "refused: sessions_exhausted"


def limited(it: House, most: int) -> House:
    return House(replace(it.path, opener=replace(it.path.opener, sessions_per_token=most)), it.log)


async def told(it: House, tokens: list[str], **asked: str) -> str:
    handle = await it.open_by(tokens, **asked)
    return handle if handle.startswith("refused") else "opened"


async def test_a_token_opens_so_many_sessions_and_closing_one_gives_none_back() -> None:
    it, tokens = limited(house(), 2), token({})
    first = await it.open_by(tokens)
    await it.path.close(first, AT)

    assert [await told(it, tokens) for _ in range(3)] == ["opened", REFUSED, REFUSED]
    assert it.log.entries[-1].findings[0].reason == "sessions_exhausted"
    assert await told(it, token({})) == "opened"


async def test_of_many_at_once_so_many_are_opened() -> None:
    it, tokens = limited(house(), 3), token({})

    found = await asyncio.gather(*(told(it, tokens) for _ in range(20)))

    assert sorted(found) == ["opened"] * 3 + [REFUSED] * 17


async def test_parts_of_a_session_and_sub_agents_stand_on_the_same_token() -> None:
    it, root = limited(house(), 3), linked({})
    whole = await it.open_by(root)
    sub = await named(it, "sub", root)

    assert not sub.startswith("refused")  # the third: delegating opened the second
    assert await told(it, root, parent_session_id=whole) == REFUSED


async def test_without_a_number_a_token_opens_as_many_as_it_likes() -> None:
    it, tokens = house(), token({})

    assert {await told(it, tokens) for _ in range(20)} == {"opened"}


async def test_it_is_counted_over_a_kill(tmp_path: Path) -> None:
    tokens, found = token({}), []
    for _ in range(3):
        state = State(Settings(audit=AuditSettings(path=tmp_path / "audit.db")), MemoryRevocations(), NO_VAULT)
        state.start(AT)
        found.append(await told(limited(house(state.stores), 2), tokens))
        state.file._close()

    assert found == ["opened", "opened", REFUSED]
