"""Issuers, holders and tokens for the conformance list: each vector changes one thing of a good credential."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import OKPAlgorithm

from sidecar.errors import EvidenceError
from sidecar.identity.keys import KeySet, admit, encoded
from sidecar.identity.trial import Order, SigningKey, TrialIssuer, linked
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import VerifiedChain
from sidecar.model.strict_json import Json

T = 1_800_000_000
RES = "https://planner.example/a2a"
USER, A, B, C = "ann", "agent-a", "agent-b", "agent-c"
SCOPE: dict[str, Json] = {
    "tools": {
        "transfer": {
            "args": {
                "amount": {"constraint_type": "range", "min": 0, "max": 100},
                "memo": {"constraint_type": "wildcard", "optional": True},
            }
        },
        "read": {},
    },
    "data": {"read": ["public", "internal"]},
    "egress": ["*.pay.example"],
    "budgets": {"calls": 20, "cost:EUR:2": 100},
    "autonomy": 3,
    "approval": ["transfer"],
    "mission": "m-1",
}

STS = TrialIssuer.generate("https://sts.example")
STS2 = TrialIssuer.generate("https://sts2.example")
EVIL = TrialIssuer.generate("https://evil.example")
HOLDERS = [SigningKey.generate() for _ in range(4)]
RSA = rsa.generate_private_key(65537, 2048)
P256 = ec.generate_private_key(ec.SECP256R1())
P384 = ec.generate_private_key(ec.SECP384R1())

_ANY = jwt.PyJWS(algorithms=["ES256", "ES384", "PS256", "RS256"])
_ANY.register_algorithm("Ed25519", OKPAlgorithm())
_ANY.register_algorithm("EdDSA", OKPAlgorithm())

Claims = dict[str, Json]
Change = Callable[[Claims], None]


def trusted(issuer: TrialIssuer = STS, **changes: object) -> Issuer:
    """Return `issuer` as configured, with `changes` to its settings."""
    return replace(issuer.issuer(), **changes)  # type: ignore[arg-type]  # the fields of a table's row


def verifier(*issuers: Issuer, **changes: object) -> Verifier:
    """Return a verifier that trusts `issuers` (STS and STS2 where none is given), for our resource."""
    made = Verifier.of(issuers or (trusted(), trusted(STS2)), [RES])
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields of a table's row


VERIFIER = verifier()


def claims_a(agents: Sequence[str] = (A, B)) -> Claims:
    """Return the claims of GOOD-A: the user, then the agents, the caller last."""
    return STS.claims(Order(user=USER, agents=agents, scope=SCOPE, at=T, audience=RES))


def token_a(change: Change | None = None, *, header: Mapping[str, Json] | None = None, by: TrialIssuer = STS) -> str:
    """Return GOOD-A with one change of its claims or of its header; a header parameter of None is dropped."""
    claims = claims_a()
    if change:
        change(claims)
    head: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": by.key.public.thumbprint, **(header or {})}
    return signed({k: v for k, v in head.items() if v is not None}, claims, by.key.private_key)


def signed(header: Mapping[str, Json], claims: Json, key: object, *, algorithm: str = "Ed25519") -> str:
    """Return a compact JWS with exactly `header`, signed with `key` by `algorithm`."""
    return signed_octets(json.dumps(header).encode(), json.dumps(claims).encode(), key, algorithm=algorithm)


def signed_octets(header: bytes, payload: bytes, key: object, *, algorithm: str = "Ed25519") -> str:
    """Return a compact JWS over exactly these octets."""
    text = f"{encoded(header)}.{encoded(payload)}"
    return f"{text}.{encoded(_signature(text.encode(), key, algorithm))}"


def values(*items: Json) -> tuple[Json, ...]:
    """Return `items`, all of them JSON to the type checker."""
    return items


def _signature(text: bytes, key: object, algorithm: str) -> bytes:
    if algorithm == "HS256":
        assert isinstance(key, bytes)
        return hmac.digest(key, text, "sha256")
    signer = _ANY.get_algorithm_by_name(algorithm)
    return signer.sign(text, signer.prepare_key(key))


def drop(*names: str) -> Change:
    """Return the change that takes claims away."""

    def change(claims: Claims) -> None:
        for name in names:
            del claims[name]

    return change


def put(**members: Json) -> Change:
    """Return the change that sets claims."""
    return lambda claims: claims.update(members)


@dataclass(frozen=True)
class Step:
    """How one link of a chain differs from a good one."""

    change: Change | None = None
    scope: Mapping[str, Json] | None = None
    signer: SigningKey | None = None
    header: Mapping[str, Json] | None = None
    parent: str = ""  # the token whose digest is named instead of the parent's


def chain_b(*steps: Step, agents: Sequence[str] = (A, B, C)) -> list[str]:
    """Return GOOD-B: STS → A → B → C, each link with the changes of its step."""
    tokens: list[str] = []
    for index, agent in enumerate(agents):
        step = steps[index] if index < len(steps) else Step()
        order = Order(user=USER, agents=[agent], scope=step.scope or SCOPE, at=T, audience=RES)
        claims = STS.root_claims(order, HOLDERS[index], deepest=len(agents) - 1)
        claims["jti"] = f"jti-{index}"
        signer = STS.key if index == 0 else HOLDERS[index - 1]
        if index:
            claims = linked(claims, step.parent or tokens[-1], signer, index)
        if step.change:
            step.change(claims)
        signer = step.signer or signer
        head: Claims = {"alg": "Ed25519", "typ": "aat+jwt", **(step.header or {})}
        if index == 0:
            head = {"kid": STS.key.public.thumbprint, **head}
        tokens.append(signed(head, claims, signer.private_key))
    return tokens


def reason_of(tokens: object, at: float = T, by: Verifier = VERIFIER, *, from_agent: bool = False) -> str:
    """Return why `tokens` are refused, `accepted` where they are not."""
    try:
        chain = by.verify(tokens, at, from_agent=from_agent)  # type: ignore[arg-type]  # wrong types are vectors too
    except EvidenceError as error:
        return error.reason
    assert isinstance(chain, VerifiedChain)
    return "accepted"


def key_set(*jwks: Json) -> KeySet:
    """Return the keys that `jwks` are."""
    return KeySet(keys=tuple(admit(jwk, rsa_algorithm="RS256") for jwk in jwks))


def rsa_jwk(key: rsa.RSAPrivateKey = RSA, **members: Json) -> Claims:
    """Return the public JWK of an RSA key."""
    numbers = key.public_key().public_numbers()
    return {"kty": "RSA", "n": octets(numbers.n), "e": octets(numbers.e), **members}


def ec_jwk(key: ec.EllipticCurvePrivateKey, **members: Json) -> Claims:
    """Return the public JWK of a key of P-256 or P-384."""
    numbers, size = key.public_key().public_numbers(), key.curve.key_size // 8
    x, y = encoded(numbers.x.to_bytes(size)), encoded(numbers.y.to_bytes(size))
    return {"kty": "EC", "crv": f"P-{key.curve.key_size}", "x": x, "y": y, **members}


def octets(value: int) -> str:
    """Return a number as minimal base64url."""
    return encoded(value.to_bytes((value.bit_length() + 7) // 8))
