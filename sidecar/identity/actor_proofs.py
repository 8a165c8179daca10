"""Did each actor sign for its own part in the delegation? (identity-spec 2.6, step 24).

In one token with nested `act` the issuer says who acted. Where an issuer is set to `require_actor_proofs`, each actor
has signed that it did: one proof for each, the newest first, in `actor_proofs`. A proof covers who signed (`sub`),
for whom the token is (`target`), where the delegation began (`origin_jti`, the same in all), and the proof before it
(`prh`, the SHA-256 of its signing input, absent in the oldest). The key is the one that the issuer's `act` names in
`cnf`; where that is a thumbprint, the proof brings the key in its header.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.claims import Registered
from sidecar.identity.jws import LEGACY_ALGORITHM, Jws, is_identifier, parsed, verified
from sidecar.identity.keys import TrustedKey, admit
from sidecar.identity.limits import Limits
from sidecar.identity.links import digest
from sidecar.model.strict_json import Json

PROOF_TYPE: Final = "actor-proof+jwt"


def check_actor_proofs(claims: Mapping[str, Json], token: Registered, limits: Limits) -> None:
    """Return where every actor of a verified token has signed; a token without actors needs no proof.

    Raises `TokenError` act_proof_missing or act_proof_invalid.
    """
    levels = list(_levels(claims.get("act")))
    proofs = _proofs(claims.get("actor_proofs"), len(levels))
    try:
        signed = [_signed(text, level, token, limits) for text, level in zip(proofs, levels, strict=True)]
    except EvidenceError:
        raise _invalid() from None
    for index, (_, body) in enumerate(signed):
        before = digest(signed[index + 1][0]) if index + 1 < len(signed) else None
        if body["origin_jti"] != signed[0][1]["origin_jti"] or not _links(body.get("prh"), before):
            raise _invalid()


def _levels(act: Json) -> Sequence[Mapping[str, Json]]:
    """Return the levels of `act`, the current actor first; what they may be was checked in steps 20 and 21."""
    found: list[Mapping[str, Json]] = []
    while isinstance(act, Mapping):
        found.append(act)
        act = act.get("act")
    return found


def _proofs(value: Json, wanted: int) -> list[str]:
    listed = [] if value is None else value
    if not isinstance(listed, list | tuple):
        raise _invalid()
    texts = [text for text in listed if isinstance(text, str)]
    if len(texts) != len(listed) or len(texts) > wanted:
        raise _invalid()
    if len(texts) < wanted:
        raise TokenError("an actor has not signed for its part: have each make a proof", reason="act_proof_missing")
    return texts


def _signed(text: str, level: Mapping[str, Json], token: Registered, limits: Limits) -> tuple[Jws, Mapping[str, Json]]:
    """Return one proof and its claims, once the actor of `level` has signed it for this token's audience."""
    jws = parsed(text, limits)
    if jws.typ != PROOF_TYPE or jws.algorithm == LEGACY_ALGORITHM:
        raise _invalid()
    body = verified(jws, _key(jws, level.get("cnf")), limits)
    issued, origin = body.get("iat"), body.get("origin_jti")
    whole = isinstance(issued, int) and not isinstance(issued, bool) and 0 <= issued <= token.issued_at + limits.skew
    meant = token.audience is not None and body.get("target") in token.audience
    if not whole or not meant or body.get("sub") != level.get("sub") or not is_identifier(origin, limits.token_id):
        raise _invalid()
    return jws, body


def _key(jws: Jws, confirmation: Json) -> TrustedKey:
    """Return the key that the issuer has bound to the actor."""
    bound = confirmation if isinstance(confirmation, Mapping) else {}
    if "jwk" in bound:
        return admit(bound["jwk"])
    key, thumbprint = admit(jws.header.parameters.get("jwk")), bound.get("jkt")
    if not isinstance(thumbprint, str) or not hmac.compare_digest(key.thumbprint.encode(), thumbprint.encode()):
        raise _invalid()
    return key


def _links(named: Json, before: str | None) -> bool:
    if before is None or named is None:
        return named is None and before is None
    return isinstance(named, str) and hmac.compare_digest(named.encode(), before.encode())


def _invalid() -> TokenError:
    return TokenError("an actor's proof does not hold: have each actor sign anew", reason="act_proof_invalid")
