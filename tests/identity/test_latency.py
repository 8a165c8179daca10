"""T11: what the dearest credential costs, and the largest scopes.

So that a busy or slow machine turns nothing red: the least of many rounds counts, which other work can only delay, not
shorten; and beside the specification's milliseconds stands a multiple of what the same machine, in the same rounds,
needs for the bare signatures, or for reading as much JSON. A fault that counts (a second verification of each link, a
comparison that goes on after the limit) costs more than either.
"""

import json
from collections.abc import Callable, Sequence
from time import perf_counter

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA384

from sidecar.errors import ScopeError
from sidecar.identity.actor_proofs import PROOF_TYPE
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import Presented, proved
from sidecar.identity.keys import THUMBPRINT_URI, admit
from sidecar.identity.limits import Limits
from sidecar.identity.trial import Order, parent_hash
from sidecar.model.aat import AAT_TYPE, parse_aat
from sidecar.model.narrowing import narrower
from sidecar.model.scope import parse
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    RES,
    SCOPE,
    STS,
    USER,
    Claims,
    T,
    ec_jwk,
    key_set,
    signed,
    trusted,
    verifier,
)

pytestmark = pytest.mark.slow

ROUNDS = 30
LINKS, ACTORS = 8, 5
DEAREST = "ES384"
LIMITS = Limits(hops=LINKS, act_depth=ACTORS)
KEYS = [ec.generate_private_key(ec.SECP384R1()) for _ in range(LINKS + 1)]  # the first is the issuer's
MEMBERS = [ec_jwk(key) for key in KEYS]
MARKS = [admit(jwk).thumbprint for jwk in MEMBERS]
ISSUER = trusted(keys=key_set({**MEMBERS[0], "kid": "k"}), algorithms=frozenset({DEAREST}), require_actor_proofs=True)
BY = verifier(ISSUER, limits=LIMITS)
EXPECTED = Expected(audiences=frozenset({RES}), tool="t", arguments={})


def made(index: int, typ: str, claims: Claims, **header: Json) -> str:
    """Return a token signed with the key at `index`."""
    return signed({"alg": DEAREST, "typ": typ, **header}, claims, KEYS[index], algorithm=DEAREST)


def chain() -> list[str]:
    """Return as many links as there may be."""
    tokens: list[str] = []
    for index in range(LINKS):
        order = Order(user=USER, agents=[f"agent-{index}"], scope=SCOPE, at=T, audience=RES)
        claims = STS.root_claims(order, HOLDERS[0], deepest=LINKS) | {"cnf": {"jwk": MEMBERS[index + 1]}}
        if tokens:
            claims |= {"iss": THUMBPRINT_URI + MARKS[index], "par_hash": parent_hash(tokens[-1]), "del_depth": index}
        tokens.append(made(index, "aat+jwt", claims, **({} if tokens else {"kid": "k"})))
    return tokens


def pop(tokens: Sequence[str]) -> str:
    """Return the proof of the last holder."""
    last = BY.verify(tokens, T).hops[-1]
    claims: Claims = {"jti": "p", "iat": T, "aat_id": last.token_id, "aat_hash": last.digest}
    return made(LINKS, "aat-pop+jwt", {**claims, "aat_tool": "t", "aat_aud": RES, "hta": {}})


def single() -> str:
    """Return one token of as many actors as there may be, all of whom have signed."""
    names = [f"agent-{index}" for index in range(ACTORS)]
    claims = STS.claims(Order(user=USER, agents=names, scope=SCOPE, at=T, audience=RES))
    act: Claims = {}
    proofs: list[str] = []
    for index, name in enumerate(names):
        body: Claims = {"sub": name, "iat": T, "target": RES, "origin_jti": "o"}
        body |= {"prh": parent_hash(proofs[0])} if proofs else {}
        proofs.insert(0, made(index, PROOF_TYPE, body, jwk=MEMBERS[index]))
        act = {"sub": name, "iss": STS.url, "cnf": {"jkt": MARKS[index]}, **({"act": act} if act else {})}
    claims |= {"act": act, "cnf": act["cnf"], "actor_proofs": list(proofs)}
    return made(0, "at+jwt", claims, kid="k")


def least(*works: Callable[[], object]) -> list[float]:
    """Return the least seconds that each of `works` took, one after the other in each round."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for place, work in enumerate(works):
            begin = perf_counter()
            work()
            best[place] = min(best[place], perf_counter() - begin)
    return best


def test_t11_the_dearest_credentials_cost_little_more_than_their_signatures() -> None:
    tokens, token, key = chain(), single(), KEYS[0]
    shown = Presented(tokens, pop(tokens))
    signature, public = key.sign(b"x" * 1400, ec.ECDSA(SHA384())), key.public_key()
    count = (LINKS + 1) + (1 + ACTORS)
    assert count >= 14

    def judge() -> None:
        proved(BY.verify(tokens, T), shown, EXPECTED, T, LIMITS)
        BY.verify([token], T)

    def bare() -> None:
        for _ in range(count):
            public.verify(signature, b"x" * 1400, ec.ECDSA(SHA384()))

    ours, signatures = least(judge, bare)
    assert ours < max(0.010, 3 * signatures)


def leaves(nodes: int) -> Json:
    return {"constraint_type": "any", "constraints": [{"constraint_type": "exact", "value": i} for i in range(nodes)]}


def session(nodes: int) -> Json:
    return {"tools": {"t": {"args": {"a": leaves(nodes)}}}}


def aat(tools: Json) -> Json:
    return {"type": AAT_TYPE, "tools": tools}


WILD: Json = {"constraint_type": "wildcard"}
TOO_LARGE = [
    pytest.param(lambda: parse_aat(aat({str(i): {} for i in range(257)})), id="N147 257 tools"),
    pytest.param(lambda: parse_aat(aat({"t": {str(i): WILD for i in range(65)}})), id="N147 65 constraints"),
    pytest.param(lambda: parse_aat(aat({"t": {"a": leaves(2000)}})), id="N147 2,000 nodes of AAT"),
    pytest.param(lambda: parse(session(2000)), id="N147 2,000 nodes of a session"),
    pytest.param(lambda: narrower(*[parse(session(1000))] * 2), id="N147 1,000 nodes under 1,000"),
]


@pytest.mark.parametrize("judge", TOO_LARGE)
def test_t11_a_scope_that_is_too_large_is_refused_soon(judge: Callable[[], object]) -> None:
    text = json.dumps(session(2000))

    def refused() -> None:
        with pytest.raises(ScopeError) as error:
            judge()
        assert error.value.reason == "limit_scope_size"

    ours, reading = least(refused, lambda: json.loads(text))
    assert ours < max(0.020, 20 * reading)
