"""Exchanges a token at its issuer (RFC 8693): asks for one resource and less, and holds the answer to it.

What comes back is a stranger's token until the verifier has accepted it, and then still not what was asked for until
`exchange` says so. When anything fails there is no token: the wider one that was sent is never a way out.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from sidecar.errors import EvidenceError, JsonError, TokenError
from sidecar.identity.exchanges.exchange import Claims, Proven, Wish, check_exchanged, check_may_exchange
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.jws import claims_of, parsed
from sidecar.identity.trust import FORM_A
from sidecar.identity.verifier import Verifier
from sidecar.model.strict_json import Json, parse

GRANT: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"  # noqa: S105 - the name of a type
MAX_REPLY: Final = 64 * 1024  # octets
TIMEOUT: Final = 5.0  # seconds, for the whole exchange
MAX_DEPTH: Final = 16
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

_OK: Final = 200
_ID_OCTETS: Final = 16
FAILED: Final = "exchange_failed"
# What the verifier says of a token that is not what was asked for, in the words of the exchange.
_MEANT: Final[Mapping[str, str]] = {
    "aud_mismatch": "exchange_aud_changed",
    "aud_too_broad": "exchange_aud_changed",
    "act_missing": "exchange_act_truncated",
    "act_cnf_mismatch": "exchange_cnf_changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a token endpoint answered."""

    status: int
    media_type: str
    body: bytes = field(repr=False)


class Poster(Protocol):
    """Sends a form, and follows nothing."""

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """Return the answer. Raises `TokenError` exchange_failed where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """Exchanges tokens at one issuer's `endpoint`. `holder` is the key that the result is to be bound to, if any."""

    verifier: Verifier
    endpoint: str
    poster: Poster
    holder: SigningKey | None = None
    authorization: str = field(default="", repr=False)  # how we prove to the issuer who we are, if by a header

    async def exchanged(self, token: str, wish: Wish, at: float, *, actor: str = "") -> str:
        """Return the token that the issuer gives for `token` by `wish`; `actor` is our own token, if it wants one.

        Raises `TokenError` or `ScopeError`: of a token that is not fit to be sent before anything is sent, and
        exchange_* for what came back.
        """
        subject = self._proven(self.verifier, token, at)
        check_may_exchange(subject, self._proven(self.verifier, actor, at) if actor else None, wish.us)
        wish = replace(wish, thumbprint=self.holder.public.thumbprint if self.holder else "")
        reply = await self.poster.post(
            self.endpoint, _form(token, actor, wish), headers(self.endpoint, self.authorization, self.holder, at)
        )
        given = access_token(reply)
        if given == token:
            raise TokenError("the issuer gave the same token back", reason=FAILED)
        receiver = replace(self.verifier, audiences=frozenset({wish.resource}))
        check_exchanged(subject, self._result(receiver, given, at), wish)
        return given

    def _proven(self, verifier: Verifier, token: str, at: float) -> Proven:
        chain = verifier.verify([token], at)
        if chain.profile != FORM_A:
            raise TokenError("only a single token can be exchanged", reason="typ_unexpected")
        return Proven(chain=chain, claims=claims_of(parsed(token, verifier.limits), verifier.limits))

    def _result(self, verifier: Verifier, token: str, at: float) -> Proven:
        try:
            return self._proven(verifier, token, at)
        except EvidenceError as error:
            reason = _MEANT.get(error.reason)
            if reason is None:
                raise
            raise TokenError(f"the new token is not what was asked for ({error.reason})", reason=reason) from None


def headers(endpoint: str, authorization: str, holder: SigningKey | None, at: float) -> dict[str, str]:
    """Return the headers of a request to a token endpoint: who we are there, and the key to bind the new token to."""
    told = {"accept": "application/json", "accept-encoding": "identity"}
    if authorization:
        told["authorization"] = authorization
    if holder is not None:  # RFC 9449, section 5: what the issuer binds the new token to
        claims: Claims = {"jti": secrets.token_urlsafe(_ID_OCTETS), "iat": int(at), "htm": "POST", "htu": endpoint}
        told["dpop"] = holder.sign(claims, "dpop+jwt", header={"jwk": holder.members()})
    return told


def _form(token: str, actor: str, wish: Wish) -> dict[str, str]:
    form = {
        "grant_type": GRANT,
        "subject_token": token,
        "subject_token_type": ACCESS_TOKEN,
        "requested_token_type": ACCESS_TOKEN,
        "resource": wish.resource,
    }
    if wish.words:
        form["scope"] = " ".join(wish.words)
    if actor:
        form |= {"actor_token": actor, "actor_token_type": ACCESS_TOKEN}
    return form


def access_token(reply: Reply) -> str:
    """Return the access token in a successful answer to an exchange. Raises `TokenError` exchange_failed."""
    return issued_token(reply, ACCESS_TOKEN)


def issued_token(reply: Reply, wanted: str) -> str:
    """Return the token of type `wanted` in a successful answer (RFC 8693, section 2.2.1).

    `wanted` empty: the answer to another grant, which tells no type. Raises `TokenError` exchange_failed.
    """
    if reply.status != _OK or reply.media_type != "application/json" or len(reply.body) > MAX_REPLY:
        raise TokenError("the issuer did not exchange the token", reason=FAILED)
    try:
        body: Json = parse(reply.body.decode("utf-8"), max_depth=MAX_DEPTH)
    except (JsonError, UnicodeDecodeError):
        raise TokenError("the issuer's answer is not strict JSON", reason=FAILED) from None
    if not isinstance(body, Mapping) or "error" in body:
        raise TokenError("the issuer did not exchange the token", reason=FAILED)
    token, kind = body.get("access_token"), body.get("issued_token_type", "")
    if not isinstance(token, str) or not token or kind != wanted:
        raise TokenError("the issuer gave something else than the token that was asked for", reason=FAILED)
    return token
