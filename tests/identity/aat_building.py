"""How a public vector of linked tokens is made in our claims, and how it is judged: `aat_vectors` has the vectors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sidecar.errors import EvidenceError
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import REQUIRED, Presented, proved
from sidecar.identity.keys import decoded
from sidecar.identity.limits import Limits
from sidecar.identity.trial import parent_hash
from sidecar.model.scope import permits
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    RES,
    VERIFIER,
    Change,
    Claims,
    Step,
    T,
    chain_b,
    signed_octets,
)

PERMIT = "permit"
AGENTS = ("agent-a", "agent-b", "agent-c", "agent-d")
ELSEWHERE = "https://elsewhere.example"
LIVES = ((T - 300, T + 3300), (T - 240, T + 660), (T - 180, T + 600), (T - 120, T + 600))  # of each link: iat, exp

Tools = Mapping[str, Json]
Call = tuple[str, Claims]


@dataclass(frozen=True, kw_only=True)
class Vector:
    """One vector: what it shows, what is presented for which call, and what must come of it.

    `expected` is `permit` or our reason. `step` is where the draft's own algorithm refuses it, empty where it permits.
    `at_call` is our reason for its steps 6b: what the scope alone says of the call. `stricter` names the section of
    identity-spec by which we refuse what the draft permits.
    """

    id: str
    shows: str
    chain: Sequence[str]
    proof: str
    call: Call
    expected: str
    step: str
    at_call: str
    stricter: str
    nonces: frozenset[str]


def judged(vector: Vector) -> str:
    """Return `permit`, or why the chain, the proof or the call is refused: in the order of identity-spec 2.6."""
    tool, arguments = vector.call
    expected = Expected(audiences=frozenset({RES}), tool=tool, arguments=arguments, nonces=vector.nonces)
    try:
        chain = VERIFIER.verify(vector.chain, T)
        proved(chain, Presented(vector.chain, vector.proof), expected, T, Limits(), REQUIRED)
    except EvidenceError as error:
        return error.reason
    return at_call(vector)


def at_call(vector: Vector) -> str:
    """Return what the scope of a chain that holds says of the call."""
    refusal = permits(VERIFIER.verify(vector.chain, T).scope, *vector.call)
    return refusal.reason if refusal else PERMIT


# ---- making them -----------------------------------------------------------------------------------------


def c(kind: str, **members: Json) -> Claims:
    """Return a constraint."""
    return {"constraint_type": kind, **members}


def grown(*links: Tools, change: Change | None = None, step: Step | None = None) -> list[str]:
    """Return a chain that grants `links`, root first. `change` and `step` are how the last link differs."""
    steps = [as_step(index, tools) for index, tools in enumerate(links)]
    last = as_step(len(links) - 1, links[-1], change)
    steps[-1] = replace(step, change=last.change, scope=last.scope) if step else last
    return chain_b(*steps, agents=AGENTS[: len(links)])


def as_step(index: int, tools: Tools, change: Change | None = None) -> Step:
    """Return the link at depth `index` that grants `tools`, with one change of its claims."""
    issued, expires = LIVES[index]

    def changed(claims: Claims) -> None:
        claims.update(iat=issued, exp=expires, del_max_depth=2 if index else 3)
        if change:
            change(claims)

    return Step(change=changed, scope={"tools": {name: {"args": args} for name, args in tools.items()}})


def headed(token: str, header: Mapping[str, Json], by: SigningKey) -> str:
    """Return `token` with exactly `header`, signed anew."""
    return signed_octets(json.dumps(header).encode(), decoded(token.split(".")[1]) or b"", by.private_key)


def proof(chain: Sequence[str], call: Call, change: Change | None = None, **how: Json) -> Claims:
    """Return the claims of the proof that the last holder of `chain` makes for `call`."""
    leaf = json.loads(decoded(chain[-1].split(".")[1]) or b"")
    claims: Claims = {
        "jti": "proof",
        "iat": T,
        "aat_id": leaf["jti"],
        "aat_hash": parent_hash(chain[-1]),
        "aat_tool": call[0],
        "aat_aud": RES,
        "hta": call[1],
        **how,
    }
    if change:
        change(claims)
    return claims


def shown(claims: Claims, by: SigningKey, header: Mapping[str, Json] | None = None) -> str:
    """Return a proof, signed."""
    head = {"alg": "Ed25519", "typ": "aat-pop+jwt"} if header is None else header
    return signed_octets(json.dumps(head).encode(), json.dumps(claims).encode(), by.private_key)


def vector(
    name: str,
    shows: str,
    chain: Sequence[str],
    call: Call,
    expected: str = PERMIT,
    step: str = "",
    *,
    sent: str = "",
    at_call: str = "",
    stricter: str = "",
    nonces: frozenset[str] = frozenset(),
) -> Vector:
    """Return a row. Where no proof is `sent`, the last holder makes one as it should."""
    made = sent or shown(proof(chain, call), HOLDERS[len(chain) - 1])
    return Vector(
        id=name,
        shows=shows,
        chain=chain,
        proof=made,
        call=call,
        expected=expected,
        step=step,
        at_call=at_call,
        stricter=stricter,
        nonces=nonces,
    )


# ---- the chains that most of them start from -------------------------------------------------------------

ANY = c("wildcard")
SPRING, SUMMER, SECRET = "/reports/spring", "/reports/summer", "/reports/merger"
ROOT: Tools = {
    "read": {"file": c("one_of", values=[SPRING, SUMMER])},
    "search": {"words": ANY, "most": c("range", max=100)},
}
MIDDLE: Tools = {
    "read": {"file": c("one_of", values=[SPRING])},
    "search": {"words": c("exact", value="annual accounts"), "most": c("range", max=20)},
}
LEAF: Tools = {"read": {"file": c("exact", value=SPRING)}}
WHOLE = grown(ROOT, MIDDLE, LEAF)
READ: Call = ("read", {"file": SPRING})
SEARCH: Call = ("search", {"words": "annual accounts", "most": 5})
HELD = HOLDERS[2]  # whoever holds the end of WHOLE
NONCE = "nonce-of-today"
