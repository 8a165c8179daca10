"""T5: a verdict depends neither on the order in which members are written nor on what was verified before.

The verifier keeps what it has read of headers and keys. First sight, second sight, and sight after so many others that
it was forgotten must be one.
"""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import EvidenceError
from sidecar.identity import jws, keys
from sidecar.identity.trial import SigningKey
from sidecar.model.chain import VerifiedChain
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    STS,
    VERIFIER,
    Claims,
    Step,
    T,
    chain_b,
    claims_a,
    put,
    signed,
    signed_octets,
    token_a,
)


def shuffled(value: Json, chance: random.Random) -> Json:
    """Return `value` with the members of every object in another order."""
    if isinstance(value, dict):
        names = list(value)
        chance.shuffle(names)
        return {name: shuffled(value[name], chance) for name in names}
    if isinstance(value, list):
        return [shuffled(item, chance) for item in value]
    return value


def said(tokens: list[str]) -> tuple[object, ...]:
    """Return all that `tokens` prove, without digests, or why they are refused."""
    try:
        chain = VERIFIER.verify(tokens, T)
    except EvidenceError as error:
        return (error.reason, error.path)
    hops = [(hop.actor, hop.assurance, hop.token_id, hop.thumbprint, hop.expires_at) for hop in chain.hops]
    return (chain.principal, hops, chain.scope, chain.not_before, chain.expires_at, chain.audience, chain.mission)


CHANGES: list[Claims] = [
    {},
    {"sub": "ben", "exp": T},
    {"aud": "https://other.example"},
    {"cnf": {"jkt": "x"}},
    {"act": {"sub": 7, "iss": STS.url}},
    {"authorization_details": [{"type": "x"}, 7]},
]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), change=st.sampled_from(CHANGES))
def test_t5_the_order_of_members_is_nothing_in_one_token(seed: int, change: Claims) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    claims = claims_a() | change
    head: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": STS.key.public.thumbprint, "x5t": "a"}
    found = [
        said([signed_octets(json.dumps(h).encode(), json.dumps(c).encode(), STS.key.private_key)])
        for h, c in ((head, claims), (shuffled(head, chance), shuffled(claims, chance)))
    ]
    assert found[0] == found[1]


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), change=st.sampled_from(CHANGES), place=st.integers(0, 2))
def test_t5_the_order_of_members_is_nothing_in_a_chain(seed: int, change: Claims, place: int) -> None:
    def turned(claims: Claims) -> None:
        claims.update(change)
        other = shuffled(claims, random.Random(seed))  # noqa: S311 - no secret
        assert isinstance(other, dict)
        claims.clear()
        claims.update(other)

    plain = chain_b(*[Step(put(**change)) if index == place else Step() for index in range(3)])
    other = chain_b(*[Step(turned) if index == place else Step() for index in range(3)])
    assert said(plain) == said(other)


def crowd() -> None:
    """Verify so many other headers and keys that all that was kept before is forgotten."""
    for index in range(jws._CACHED_HEADERS + 1):
        said([token_a(header={"x": index})])
    for _ in range(keys.KEPT_KEYS + 1):
        keys.admit_holder(SigningKey.generate().public_jwk())


WEAK: Json = {"kty": "OKP", "crv": "Ed25519", "x": "A" * 43}
SEEN = [
    pytest.param([token_a(header={"x": "first"})], id="good"),
    pytest.param([token_a(put(exp=T), header={"x": "second"})], id="expired"),
    pytest.param([token_a(header={"x": "third", "alg": "none"})], id="a header that is refused"),
    pytest.param([token_a(header={"x": "fourth", "crit": []})], id="another"),
    pytest.param([signed({"alg": "Ed25519", "typ": "at+jwt"}, claims_a(), HOLDERS[3].private_key)], id="a stranger's"),
    pytest.param(chain_b(Step(header={"x": "fifth"})), id="a chain"),
    pytest.param(chain_b(Step(), Step(put(cnf={"jwk": WEAK}))), id="a weak key"),
    pytest.param(chain_b(Step(), Step(put(cnf={"jwk": {**HOLDERS[3].members(), "use": "enc"}}))), id="another use"),
]


@pytest.mark.parametrize("tokens", SEEN)
def test_t5_what_is_kept_changes_no_verdict(tokens: list[str]) -> None:
    crowd()
    cold, warm = said(tokens), said(tokens)
    crowd()
    assert cold == warm == said(tokens)


def test_t5_a_good_token_vouches_for_no_other_with_its_header_or_key() -> None:
    good, chain = token_a(), chain_b()
    assert isinstance(VERIFIER.verify([good], T), VerifiedChain)
    head, _, signature = good.split(".")
    other = token_a(put(sub="ben")).split(".")[1]
    assert said([f"{head}.{other}.{signature}"]) == ("sig_invalid", "")
    assert said([*chain[:2], chain_b(Step(), Step(), Step(signer=HOLDERS[0]))[2]])[0] == "sig_invalid"
