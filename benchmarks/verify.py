"""What it costs to verify a delegation: beside PyJWT's own `decode` of the same tokens, in one run.

PyJWT gets the same key objects, the one algorithm, the audience, the issuer and the required claims; it reads no
scope, holds no link to its parent, and takes what `sidecar/identity` refuses. The sidecar does all of it, on chains
whose every link narrows the one before. Each round takes other tokens. What may be remembered is a holder's key, as
PyJWT's is; in the rows of new holders each is new, and is loaded and admitted beside a PyJWT that has it already.

A call in an open session pays for the checks `session` and `scope`; that is measured last, beside one decode.
"""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import cycle
from typing import Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import OKPAlgorithm
from measure import FULL, QUICK, Row, options, report, rows, side_by_side

from sidecar.checks.scope import ScopeCheck
from sidecar.checks.session import SessionCheck
from sidecar.identity.keys import KEPT_KEYS, THUMBPRINT_URI, KeySet, TrustedKey, admit, encoded, with_ids
from sidecar.identity.limits import Limits
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.stores.memory import MemoryRevocations, MemorySessions

ISSUER: Final = "https://sts.bench.example"
AUDIENCE: Final = "https://agent.bench.example"
ALGORITHMS: Final = ("Ed25519", "ES256", "ES384", "RS256", "PS256")
STRANGE: Final = ("Ed25519", "ES256")  # of which many keys are quickly made
LINKS: Final = (1, 2, 4, 8)
VARIANTS: Final = 16  # chains that take turns
STRANGERS: Final = KEPT_KEYS + 1  # chains of holders that were never seen, or not for so long that they are forgotten
CALL: Final = "session and scope of a call"

# The name of RFC 9864: the module's own list has the older one only.
jwt.register_algorithm("Ed25519", OKPAlgorithm())


CURVES: Final[Mapping[str, ec.EllipticCurve]] = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1()}

PrivateKey = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key and what verifies it."""

    private: PrivateKey = field(repr=False)
    jwk: Mapping[str, Json]
    public: TrustedKey

    @classmethod
    def make(cls, algorithm: str) -> "Signer":
        """Return a new key for `algorithm`."""
        if algorithm in {"RS256", "PS256"}:
            private: PrivateKey = rsa.generate_private_key(65537, 2048)
        elif algorithm in CURVES:
            private = ec.generate_private_key(CURVES[algorithm])
        else:
            private = ed25519.Ed25519PrivateKey.generate()
        members = jwt.get_algorithm_by_name(algorithm).to_jwk(private.public_key(), as_dict=True)
        jwk = {name: value for name, value in members.items() if name != "key_ops"} | {"alg": algorithm}
        return cls(private, jwk, admit(jwk))

    def sign(self, claims: Mapping[str, Json], typ: str, key_id: str = "") -> str:
        """Return a token."""
        header = {"typ": typ, **({"kid": key_id} if key_id else {})}
        return jwt.encode(dict(claims), self.private, algorithm=self.public.algorithm, headers=header)


@dataclass(frozen=True, slots=True)
class Chain:
    """Tokens, root first, and by what each of them is verified."""

    tokens: tuple[str, ...]
    keys: tuple[TrustedKey, ...]
    issuers: tuple[str, ...]


def tools(ceiling: int) -> dict[str, Json]:
    """Return what is granted: narrower with a lower `ceiling`."""
    amount: Json = {"constraint_type": "range", "min": 0, "max": ceiling}
    currency: Json = {"constraint_type": "one_of", "values": ["EUR", "USD"]}
    memo: Json = {"constraint_type": "wildcard", "optional": True}
    return {
        "https://pay.example/mcp#tools/transfer": {"amount": amount, "currency": currency, "memo": memo},
        "read": {},
    }


def entry(ceiling: int) -> dict[str, Json]:
    """Return what both forms limit besides tools; a `ceiling` of 0 leaves out what no session can hold yet."""
    return {
        "type": "https://agent-sidecar.dev/ns/ad/session/v1",
        "egress": ["api.pay.example", "*.svc.pay.example"],
        "approval": [],
        "autonomy": 4,
        **({"budgets": {"bytes_out": ceiling}} if ceiling else {}),
    }


def agent(index: int) -> str:
    """Return a workload's name."""
    return f"spiffe://prod.example/ns/shop/sa/agent-{index}"


def common(at: int) -> dict[str, Json]:
    """Return what every token holds: registered claims, and what issuers add about the login."""
    return {
        "aud": AUDIENCE,
        "iat": at,
        "exp": at + 900,
        "jti": secrets.token_urlsafe(16),
        "sub": "auth|8f14e45fceea167a5a36dedd4bea2543",
        "sid": "0f8fad5b-d9cb-469f-a165-70867728950e",
        "auth_time": at - 60,
        "acr": "urn:mace:incommon:iap:silver",
    }


def form_a(actors: int, keys: Sequence[Signer], at: int, ceiling: int) -> Chain:
    """Return one token with `actors` nested actors."""
    act: dict[str, Json] | None = None
    for index in range(actors):
        act = {"sub": agent(index), "iss": ISSUER, **({"act": act} if act else {})}
    granted: Json = {name: {"args": arguments} for name, arguments in tools(ceiling).items()}
    claims = {**common(at), "iss": ISSUER, "client_id": agent(actors - 1), "act": act}
    claims["authorization_details"] = [{**entry(ceiling), "tools": granted}]
    root = keys[0]
    return Chain((root.sign(claims, "at+jwt", root.public.thumbprint),), (root.public,), (ISSUER,))


def form_b(links: int, keys: Sequence[Signer], at: int, ceiling: int) -> Chain:
    """Return a chain of `links` tokens, each narrower than the one before."""
    tokens: list[str] = []
    issuers: list[str] = []
    for index in range(links):
        signer, holder = keys[index], keys[index + 1]
        issuers.append(THUMBPRINT_URI + signer.public.thumbprint if index else ISSUER)
        details: Json = [
            {"type": "attenuating_agent_token", "tools": tools(ceiling - index)},
            entry(ceiling - index),
        ]
        claims: dict[str, Json] = {**common(at), "iss": issuers[-1], "client_id": agent(index)}
        claims |= {"del_depth": index, "del_max_depth": links - 1, "cnf": {"jwk": holder.jwk}}
        claims["authorization_details"] = details
        if index:
            signed = tokens[-1].rpartition(".")[0].encode()
            claims["par_hash"] = encoded(hashlib.sha256(signed).digest())
        tokens.append(signer.sign(claims, "aat+jwt", "" if index else signer.public.thumbprint))
    return Chain(tuple(tokens), tuple(key.public for key in keys[:links]), tuple(issuers))


async def decoded(chains: Iterator[Chain]) -> None:
    """Have PyJWT decode each token of the next chain."""
    chain = next(chains)
    for token, key, issuer in zip(chain.tokens, chain.keys, chain.issuers, strict=True):
        jwt.decode(
            token,
            key=key.public_key,
            algorithms=[key.algorithm],
            audience=AUDIENCE,
            issuer=issuer,
            options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
        )


async def verified(verifier: Verifier, chains: Iterator[Chain]) -> None:
    """Verify the next chain."""
    verifier.verify(next(chains).tokens, time.time())


def measured(algorithm: str, rounds: int) -> list[Row]:
    """Return a row for each form and length, as a ratio to PyJWT's decodes of the same tokens."""
    keys = [Signer.make(algorithm) for _ in range(max(LINKS) + 1)]
    trusted = with_ids(KeySet(keys=(keys[0].public,)))
    issuer = Issuer(name="bench", issuer=ISSUER, keys=trusted, algorithms=frozenset({algorithm}))
    verifier = replace(Verifier.of([issuer], [AUDIENCE]), limits=Limits(hops=max(LINKS)))
    at, ceilings = int(time.time()), range(500, 500 + VARIANTS)
    cases = {"form A, 1": [form_a(2, keys, at, ceiling) for ceiling in ceilings]}
    cases |= {f"form B, {links}": [form_b(links, keys, at, ceiling) for ceiling in ceilings] for links in LINKS}
    if algorithm in STRANGE:
        new = [[keys[0], *(Signer.make(algorithm) for _ in range(2))] for _ in range(STRANGERS)]
        cases["new holders, 2"] = [form_b(2, own, at, 500) for own in new]
    found: list[Row] = []
    for case, chains in cases.items():
        name = f"{case} x {algorithm}"
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            f"PyJWT: {name}": partial(decoded, cycle(chains)),
            name: partial(verified, verifier, cycle(chains)),
        }
        found += rows(asyncio.run(side_by_side(calls, rounds)), f"PyJWT: {name}")
    return found


async def call_in_session(rounds: int) -> list[Row]:
    """Return what a tool call pays for identity once its session is open, beside one decode of its token."""
    signer, at = Signer.make("Ed25519"), time.time()
    chain = form_a(2, [signer], int(at), 0)
    issuer = Issuer(name="bench", issuer=ISSUER, keys=with_ids(KeySet(keys=chain.keys)))
    opener = Opener(verifier=Verifier.of([issuer], [AUDIENCE]))
    sessions = MemorySessions()
    scope = json.dumps({"tools": {"read": {"args": {"path": {"constraint_type": "path_under", "dir": "/data"}}}}})
    session = opener.opened(Opening(tokens=chain.tokens, scope_json=scope), "ses_bench", at)
    handle = await sessions.open(session, "secret")
    body: Json = {"path": "/data/reports/2026.csv"}
    crossing = Crossing(boundary=Boundary.TOOL_CALL, session_id=handle, at=at + 1, body=body, is_json=True, tool="read")
    first, second = SessionCheck(sessions, MemoryRevocations(), opener.verifier.trust), ScopeCheck()

    async def call() -> None:
        proven = (await first(crossing)).onward
        assert proven is not None
        assert (await second(proven)).decision is Decision.ALLOW

    decode = f"PyJWT: {CALL}"
    return rows(await side_by_side({decode: partial(decoded, cycle([chain])), CALL: call}, rounds), decode)


def main() -> None:
    """Measure, print, and write."""
    chosen = options(__doc__ or "")
    rounds = QUICK if chosen.quick else FULL
    found = [row for algorithm in ALGORITHMS for row in measured(algorithm, rounds)]
    found += asyncio.run(call_in_session(rounds))
    report(found, "python benchmarks/verify.py" + " --quick" * chosen.quick, chosen.json)


if __name__ == "__main__":
    main()
