"""A key that is missing, and one that is taken back: who waits, who is refused, and what they are told."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from _pytest.mark import ParameterSet

from sidecar.checks.sender import SenderCheck
from sidecar.checks.session import SessionCheck
from sidecar.enforcer import Enforcer
from sidecar.errors import TokenError
from sidecar.identity.issuers.renewal import not_renewed
from sidecar.identity.keys import KeySet
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trust import Issuer, MissingKeyError, TrustStore, trust_store
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import VerifiedChain
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.session import Session
from sidecar.model.verdict import Decision
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.proofs import MemoryProofs
from tests import test_enforcer_holder
from tests.identity.crafting import RES, STS, STS2, VERIFIER, T, chain_b, trusted, verifier

EMPTY = verifier(trusted(keys=KeySet(keys=()), live=True), trusted(STS2))
TOKENS = tuple(STS.mint(user="ann", agents=["a"], scope={"tools": {"t": {}}}, at=T, audience=RES))
CHAIN = VERIFIER.verify(TOKENS, T)
ID = STS.key.public.thumbprint


@dataclass
class Renewing:
    """Answers a missing key with `answer`; `asked` is what was missing."""

    answer: Verifier | TokenError | None
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    async def __call__(self, missing: MissingKeyError) -> Verifier | None:
        self.asked.append((missing.issuer, missing.key_id, missing.reason))
        if isinstance(self.answer, TokenError):
            raise self.answer
        return self.answer


DOWN = TokenError("down", reason="jwks_unavailable")
WAITS = [
    pytest.param(VERIFIER, "", id="the key comes"),
    pytest.param(EMPTY, "key_unknown_kid", id="it does not come"),
    pytest.param(None, "key_unknown_kid", id="no use in trying"),
    pytest.param(DOWN, "jwks_unavailable", id="N241 the endpoint is down"),
]


def enforcer(renewing: Renewing, opening: Opener) -> Enforcer:
    return replace(test_enforcer_holder.enforcer(), opener=opening, renewed=renewing, explain=True)


@pytest.mark.parametrize(("answer", "reason"), WAITS)
async def test_open_session_waits_once_for_a_missing_key(answer: Verifier | TokenError | None, reason: str) -> None:
    renewing = Renewing(answer)
    opened = await enforcer(renewing, Opener(verifier=EMPTY)).open(Opening(tokens=TOKENS), T)

    assert [finding.reason for finding in opened.findings] == [reason] * bool(reason)
    assert (opened.session is not None) == (not reason)
    assert renewing.asked == [("trial", ID, "key_unknown_kid")]


@pytest.mark.parametrize(
    "tokens",
    [
        pytest.param(("x.y.z",), id="no token"),
        pytest.param((TOKENS[0][:-4] + "AAAA",), id="another signature"),
        pytest.param((), id="nothing"),
    ],
)
async def test_nothing_else_is_waited_for(tokens: tuple[str, ...]) -> None:
    renewing = Renewing(VERIFIER)
    opened = await enforcer(renewing, Opener(verifier=VERIFIER)).open(Opening(tokens=tokens), T)
    assert (opened.session, renewing.asked) == (None, [])


def inbound() -> Crossing:
    return Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="s",
        at=T,
        body={},
        is_json=True,
        peer="a",
        direction=Direction.INBOUND,
        tokens=TOKENS,
        session=Session(id="ses_1", chain=CHAIN, scope=CHAIN.scope, opened_at=T, expires_at=T + 60),
    )


@pytest.mark.parametrize(("answer", "reason"), WAITS)
async def test_a_senders_missing_key_is_waited_for_once(answer: Verifier | TokenError | None, reason: str) -> None:
    renewing = Renewing(answer)
    check = SenderCheck(EMPTY, MemoryRevocations(), MemoryProofs(), renewed=renewing)
    found = await check(inbound())

    assert (found.decision is Decision.ALLOW, len(renewing.asked)) == (reason == "", 1)


async def test_where_nobody_fetches_keys_nothing_is_tried_again() -> None:
    assert await not_renewed(MissingKeyError("", issuer="trial", key_id="k")) is None


def stores() -> Iterator[ParameterSet]:
    good, other = trusted(), trusted(STS2)
    renamed = KeySet(keys=tuple(replace(key, key_id="else") for key in good.keys.keys))
    yield pytest.param([good, other], "", id="all are there")
    yield pytest.param([good], "", id="another issuer is gone")
    yield pytest.param([replace(good, keys=KeySet(keys=()), live=True)], "key_unknown_kid", id="N206 the key is gone")
    yield pytest.param([replace(good, keys=renamed)], "key_unknown_kid", id="its id is another")
    yield pytest.param([replace(other, issuer=STS.url)], "key_unknown_kid", id="another key")
    yield pytest.param([other], "iss_untrusted", id="the issuer is gone")
    yield pytest.param([replace(good, withheld="jwks_stale", live=True)], "jwks_stale", id="N202 too old")
    yield pytest.param([replace(good, withheld="bundle_empty", live=True)], "bundle_empty", id="N209 emptied")


@pytest.mark.parametrize(("issuers", "reason"), list(stores()))
@pytest.mark.parametrize(
    "chain", [pytest.param(CHAIN, id="form A"), pytest.param(VERIFIER.verify(chain_b(), T), id="form B")]
)
async def test_a_session_ends_with_a_key_that_it_stands_on(
    chain: VerifiedChain, issuers: list[Issuer], reason: str
) -> None:
    sessions, store = MemorySessions(), trust_store(issuers)
    session = Session(id="ses_1", chain=chain, scope=chain.scope, opened_at=T, expires_at=T + 60)
    handle = await sessions.open(session, "secret")
    crossing = Crossing(boundary=Boundary.USER_INPUT, session_id=handle, at=T, body="hello")
    found = await SessionCheck(sessions, MemoryRevocations(), store)(crossing)

    assert (found.findings[0].check, found.findings[0].reason) == ("session", reason)
    assert (found.decision is Decision.ALLOW) == (reason == "")


def test_a_chain_without_hops_stands_on_nothing() -> None:
    assert TrustStore({}).lost(replace(CHAIN, hops=())) == "key_unknown_kid"


def test_a_withheld_key_may_be_waited_for() -> None:
    with pytest.raises(MissingKeyError) as missing:
        trusted(live=True, withheld="trust_not_loaded").key(ID)
    assert (missing.value.reason, missing.value.key_id) == ("trust_not_loaded", ID)
    assert ID not in str(missing.value)
