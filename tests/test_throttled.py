"""N242: a peer that sends rubbish is refused unheard after a while; others are heard as ever."""

from dataclasses import replace

import pytest

from sidecar.enforcer import Enforcer
from sidecar.identity.opening import Opener, Opening
from sidecar.model.session import Peer
from sidecar.model.throttle import FAILURES
from tests.identity.crafting import VERIFIER, T, token_a
from tests.test_enforcer import Kept, enforcer

BAD = Peer(pid=1, uid=1000, gid=1000)
GOOD = Peer(pid=2, uid=1001, gid=1001)


def serving() -> tuple[Enforcer, Kept]:
    audit = Kept()
    return replace(enforcer([], audit, []), opener=Opener(verifier=VERIFIER)), audit


async def opened(path: Enforcer, token: str, peer: Peer | None, at: float = T) -> str:
    """Return why no session was opened, or nothing."""
    result = await path.open(Opening(tokens=(token,), peer=peer), at)
    return result.findings[0].reason if result.findings else ""


@pytest.mark.parametrize("others", [GOOD, None], ids=["another process", "nobody that is known"])
async def test_n242_who_fails_too_often_is_not_heard_and_others_are(others: Peer | None) -> None:
    path, audit = serving()
    told = [await opened(path, "rubbish", BAD) for _ in range(FAILURES + 5)]
    assert told == ["token_malformed"] * FAILURES + ["limit_rate"] * 5
    assert len(audit.entries) == len(told)
    assert await opened(path, token_a(), BAD) == "limit_rate"
    assert await opened(path, token_a(), replace(BAD, pid=77)) == "limit_rate"  # a new process is the same user
    assert await opened(path, token_a(), others) != "limit_rate"
    assert await opened(path, token_a(), BAD, T + 1) != "limit_rate"


async def test_what_verifies_is_never_counted() -> None:
    path, _ = serving()
    assert {await opened(path, token_a(), BAD) for _ in range(FAILURES + 5)}.isdisjoint({"limit_rate"})
