"""What every proof of possession has in common: what it must be for, its signature, and how old it may be.

Steps 33 and the end of 34 of identity-spec 2.6. Whatever is wrong with a proof as a token is one reason, pop_invalid:
who made it knows why, and nobody else should learn it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.claims import LATEST_DATE
from sidecar.identity.jws import LEGACY_ALGORITHM, Jws, is_identifier, parsed, verified
from sidecar.identity.keys import TrustedKey
from sidecar.identity.limits import Limits
from sidecar.model.chain import Proof
from sidecar.model.strict_json import Json

MAX_NONCE: Final = 256  # characters
INVALID: Final = "the proof of possession is malformed or not signed with the key that the token is bound to"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a proof must have been made for.

    `audiences` name us. `tool` and `arguments` are what is asked for, as it came. `since` is from when on proofs are
    remembered (seconds since the epoch): an older one may have been taken before a restart. Where `nonces` are given,
    a proof must hold one of them. `certificate` is the DER of the client certificate that TLS verified.
    """

    audiences: frozenset[str]
    tool: str
    arguments: Mapping[str, Json] = field(repr=False)
    since: float = 0.0
    nonces: frozenset[str] = field(default=frozenset(), repr=False)
    certificate: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a signed proof says, its common claims of the right types."""

    issued_at: int
    token_id: str
    claims: Mapping[str, Json] = field(repr=False)


def proof_token(text: str, typ: str, limits: Limits) -> Jws:
    """Return the parts of a proof, its signature unseen. Raises `TokenError` pop_invalid."""
    if len(text) > limits.proof:
        raise TokenError(f"a proof is longer than {limits.proof} characters", reason="pop_invalid")
    try:
        token = parsed(text, limits)
    except EvidenceError:
        raise TokenError(INVALID, reason="pop_invalid") from None
    if token.typ != typ or token.algorithm == LEGACY_ALGORITHM:
        raise TokenError(INVALID, reason="pop_invalid")
    return token


def proof_claims(token: Jws, key: TrustedKey, texts: tuple[str, ...], limits: Limits) -> Claimed:
    """Return what a proof says that `key` signed; `texts` must be strings in it.

    Raises `TokenError` pop_invalid.
    """
    try:
        claims = verified(token, key, limits)
    except EvidenceError:
        raise TokenError(INVALID, reason="pop_invalid") from None
    issued, token_id = claims.get("iat"), claims.get("jti")
    if not isinstance(issued, int) or isinstance(issued, bool) or not 0 <= issued <= LATEST_DATE:
        raise TokenError("the proof needs `iat` as whole seconds", reason="pop_invalid")
    if not isinstance(token_id, str) or not is_identifier(token_id, limits.token_id):
        raise TokenError("the proof needs `jti` as a short string", reason="pop_invalid")
    if any(not isinstance(claims.get(name), str) for name in texts):
        raise TokenError("the proof lacks a claim that it needs", reason="pop_invalid")
    return Claimed(issued, token_id, claims)


def fresh(said: Claimed, thumbprint: str, expected: Expected, at: float, limits: Limits) -> Proof:
    """Return the proof, once it is for us and this moment; the end of step 34.

    Raises `TokenError` pop_stale or pop_nonce.
    """
    if not max(at - limits.proof_window, expected.since) <= said.issued_at <= at + limits.skew:
        message = f"a proof is good for {limits.proof_window} s and not across a restart: make a new one"
        raise TokenError(message, reason="pop_stale")
    nonce = said.claims.get("nonce")
    if expected.nonces and not (isinstance(nonce, str) and len(nonce) <= MAX_NONCE and nonce in expected.nonces):
        raise TokenError("make a proof with the nonce that this sidecar gives", reason="pop_nonce")
    until = said.issued_at + limits.proof_window + limits.skew
    return Proof(thumbprint=thumbprint, token_id=said.token_id, issued_at=said.issued_at, until=until)
