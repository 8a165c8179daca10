"""A proof for a single token that is bound to a key: DPoP (RFC 9449, section 4.3).

It binds the token, the target and the moment, but not what is asked for: that is the limit of the format
(identity-spec 2.5). Where the request itself must be bound, use linked tokens.
"""

import hashlib
import hmac
import re
from typing import Final
from urllib.parse import urlsplit

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.holders.presentation import INVALID, Expected, fresh, proof_claims, proof_token
from sidecar.identity.jws import Jws
from sidecar.identity.keys import TrustedKey, admit, encoded
from sidecar.identity.limits import Limits
from sidecar.model.chain import Proof

TYP: Final = "dpop+jwt"
METHOD: Final = "POST"  # what gRPC is over HTTP/2
_PORTS: Final = {"https": 443, "http": 80}
_UNRESERVED: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
_ESCAPE: Final = re.compile(r"%([0-9A-Fa-f]{2})")


def check_dpop(text: str, token: str, thumbprint: str, expected: Expected, at: float, limits: Limits) -> Proof:
    """Return the proof that the holder of the key of `thumbprint` presents `token` itself; steps 33 and 34.

    Raises `TokenError` pop_invalid, pop_token_mismatch, pop_target_mismatch, pop_stale or pop_nonce.
    """
    jws = proof_token(text, TYP, limits)
    key = _own_key(jws)
    if not hmac.compare_digest(key.thumbprint, thumbprint):
        raise TokenError(INVALID, reason="pop_invalid")
    said = proof_claims(jws, key, ("htm", "htu", "ath"), limits)
    claims = said.claims
    if claims["ath"] != token_hash(token):
        raise TokenError("the proof was made for another token", reason="pop_token_mismatch")
    target = claims["htu"]
    if claims["htm"] != METHOD or not isinstance(target, str) or not is_target(target, expected.audiences):
        message = f"the proof was made for another target: set `htm` to {METHOD} and `htu` to this agent's audience"
        raise TokenError(message, reason="pop_target_mismatch")
    return fresh(said, thumbprint, expected, at, limits)


def token_hash(token: str) -> str:
    """Return what `ath` must be for `token` (RFC 9449, section 4.2)."""
    return encoded(hashlib.sha256(token.encode("ascii")).digest())


def is_target(target: str, ours: frozenset[str]) -> bool:
    """Return whether `target` is one of `ours`, as the same bytes or the same URI (RFC 9449, section 4.3)."""
    uri = normalised(target)
    return target in ours or (bool(uri) and uri in map(normalised, ours))


def normalised(uri: str) -> str:
    """Return an http or https URI in one spelling (RFC 3986, 6.2.2 and 6.2.3), empty where it is none.

    Without query and fragment, which DPoP leaves out. User information is refused: a reader could take it for a host.
    """
    if not uri.isascii() or not uri.isprintable() or any(mark in uri for mark in ' \\"<>^`{|}'):
        return ""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in _PORTS or not host or "@" in parts.netloc or "%" in parts.netloc:
        return ""
    authority = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        authority = f"{authority}:{port}"
    return f"{parts.scheme}://{authority}{_path(parts.path)}"


def _path(path: str) -> str:
    """Return a path with its dots followed, and its escapes in upper case or undone where they change nothing."""
    kept: list[str] = []
    segments = _ESCAPE.sub(_escape, path or "/").split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1:] in ([".."], ["."]):
        kept.append("")
    return "/" + "/".join(kept)


def _escape(match: "re.Match[str]") -> str:
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _own_key(jws: Jws) -> TrustedKey:
    """Return the key that the header brings; it counts only where its thumbprint is the expected one."""
    if jws.own_keys != {"jwk"}:
        raise TokenError(INVALID, reason="pop_invalid")
    try:
        return admit(jws.header.parameters["jwk"], rsa_algorithm=jws.algorithm)
    except EvidenceError:
        raise TokenError(INVALID, reason="pop_invalid") from None
