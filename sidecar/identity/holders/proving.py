"""The holder's side: makes the proofs that `proofs` judges. For trials, tests, and whoever calls other sidecars."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.identity.holders import dpop, proofs, wpt
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import decoded, encoded
from sidecar.identity.opening import OPEN_SESSION, Opening
from sidecar.identity.verifier import DEFAULT_AUDIENCE
from sidecar.model.chain import chain_digest
from sidecar.model.strict_json import Json, parse

WPT_SECONDS: Final = 60
_ID_OCTETS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a proof is for: whom it is shown to, and what is asked of it. `at` is in seconds since the epoch."""

    audience: str
    tool: str
    arguments: Mapping[str, Json] = field(repr=False)
    at: float
    nonce: str = field(default="", repr=False)


def proof(holder: SigningKey, tokens: Sequence[str], asked: Asked) -> str:
    """Return the proof that `holder`, to whose key `tokens` are bound, asks for this now.

    DPoP for one token of form A, which names the target only; else `aat-pop+jwt` over all that is asked for. Raises
    `JsonError` for what is no token.
    """
    common: dict[str, Json] = {"jti": secrets.token_urlsafe(_ID_OCTETS), "iat": int(asked.at)}
    if asked.nonce:
        common["nonce"] = asked.nonce
    leaf = tokens[-1]
    head, payload = (parse((decoded(part) or b"").decode("utf-8")) for part in leaf.split(".")[:2])
    if not isinstance(head, Mapping) or head.get("typ") != "aat+jwt" or not isinstance(payload, Mapping):
        body = {**common, "htm": dpop.METHOD, "htu": asked.audience, "ath": dpop.token_hash(leaf)}
        return holder.sign(body, dpop.TYP, header={"jwk": holder.members()})
    bound: dict[str, Json] = {
        "aat_id": payload.get("jti"),
        "aat_hash": encoded(hashlib.sha256(leaf.rpartition(".")[0].encode("ascii")).digest()),
        "aat_tool": asked.tool,
        "aat_aud": asked.audience,
        "hta": asked.arguments,
    }
    return holder.sign({**common, **bound}, proofs.TYP)


def proof_to_open(
    holder: SigningKey, tokens: Sequence[str], opening: Opening, at: float, *, audience: str = DEFAULT_AUDIENCE
) -> str:
    """Return the proof to send with `tokens` for a session as `opening` asks for it, at `at`."""
    return proof(holder, tokens, Asked(audience=audience, tool=OPEN_SESSION, arguments=opening.asked, at=at))


def workload_proof(workload: SigningKey, wit: str, tokens: Sequence[str], asked: Asked) -> str:
    """Return a WIT and its WPT as `proof` holds them: the workload of `wit`, whose key that is, presents `tokens`.

    Put it behind the proof that `tokens` need, with a space between. Raises `JsonError` for what is no token.
    """
    claims: dict[str, Json] = {
        "jti": secrets.token_urlsafe(_ID_OCTETS),
        "iat": int(asked.at),
        "exp": int(asked.at) + WPT_SECONDS,
        "aud": asked.audience,
        "wth": dpop.token_hash(wit),
    }
    if asked.nonce:
        claims["nonce"] = asked.nonce
    kind = _kind(tokens[-1])
    if kind == "aat+jwt":
        marks = [encoded(hashlib.sha256(token.rpartition(".")[0].encode("ascii")).digest()) for token in tokens]
        claims["oth"] = {wpt.CHAIN: encoded(bytes.fromhex(chain_digest(marks)))}
    else:
        claims["tth" if kind == "txntoken+jwt" else "ath"] = dpop.token_hash(tokens[-1])
    return f"{wit} {workload.sign(claims, wpt.TYP)}"


def _kind(token: str) -> str:
    head = parse((decoded(token.partition(".")[0]) or b"").decode("utf-8"))
    return str(head.get("typ")) if isinstance(head, Mapping) else ""
