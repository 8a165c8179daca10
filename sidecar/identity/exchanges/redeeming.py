"""Gets a token of another domain for a person of ours: an ID-JAG from home, redeemed there, once (`id_jag`).

Two requests: at home an exchange (RFC 8693) of the person's token for the grant, there the grant (RFC 7523) for an
access token. A grant is taken from the store before it is sent: what becomes of it then, it is sent no second time.
When anything fails there is no token.
"""

from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from sidecar.errors import EvidenceError, TokenError
from sidecar.identity.exchanges.exchange import Proven, check_may_exchange
from sidecar.identity.exchanges.exchanging import ACCESS_TOKEN, GRANT, Poster, headers, issued_token
from sidecar.identity.exchanges.id_jag import Abroad, Grant, Person, check_granted, check_redeemed, granted, signed_in
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.jws import claims_of, parsed
from sidecar.identity.trust import FORM_A
from sidecar.identity.verifier import Verifier

ID_JAG: Final = "urn:ietf:params:oauth:token-type:id-jag"
ID_TOKEN: Final = "urn:ietf:params:oauth:token-type:id_token"  # noqa: S105 - the name of a type
BEARER: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ONCE: Final = "id-jag "  # stands before the issuer in the store: no key's thumbprint holds a space
_CHANGED: Final = {"aud_mismatch": "exchange_aud_changed", "aud_too_broad": "exchange_aud_changed"}


class Once(Protocol):
    """Remembers what counts once: the port `Proofs`."""

    async def take(self, thumbprint: str, token_id: str, until: float, at: float) -> None:
        """Take `token_id` of `thumbprint`, here of an issuer. Raises `TokenError` replay_detected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An issuer's token endpoint, and the header that says there who we are."""

    url: str
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeemer:
    """Redeems grants of the issuer at `home` in another domain, `there`. `client` is what we are called at home.

    `proofs` remembers which were redeemed. `holder` is the key that the new token is to be bound to, if any.
    """

    verifier: Verifier
    home: Endpoint
    there: Endpoint
    client: str
    poster: Poster
    proofs: Once
    holder: SigningKey | None = None

    async def exchanged(self, token: str, abroad: Abroad, at: float, *, kind: str = ID_TOKEN) -> str:
        """Return the other domain's token for the person of `token`, an ID token, or by `kind` an access token.

        Raises as `granted` and `redeemed`.
        """
        return await self.redeemed(token, await self.granted(token, abroad, at, kind=kind), abroad, at, kind=kind)

    async def granted(self, token: str, abroad: Abroad, at: float, *, kind: str = ID_TOKEN) -> str:
        """Return the ID-JAG that the issuer at home gives for `token` by `abroad`.

        Raises `TokenError` or `ScopeError`: of a token that is not fit to be sent before anything is sent, and
        exchange_* for what came back.
        """
        person = self._person(token, abroad, at, kind)
        form = {
            "grant_type": GRANT,
            "subject_token": token,
            "subject_token_type": kind,
            "requested_token_type": ID_JAG,
            "audience": abroad.issuer,
            "resource": abroad.wish.resource,
        }
        if abroad.wish.words:
            form["scope"] = " ".join(abroad.wish.words)
        reply = await self.poster.post(self.home.url, form, headers(self.home.url, self.home.authorization, None, at))
        given = issued_token(reply, ID_JAG)
        self._grant(person, given, abroad, at)
        return given

    async def redeemed(self, token: str, grant: str, abroad: Abroad, at: float, *, kind: str = ID_TOKEN) -> str:
        """Return the other domain's token for `grant`, which was given for `token`.

        Raises as `granted`, and `TokenError` replay_detected where the grant was sent before.
        """
        person = self._person(token, abroad, at, kind)
        read = self._grant(person, grant, abroad, at)
        await self.proofs.take(_ONCE + read.token.issuer, read.token.token_id, float(read.token.expires_at), at)
        told = headers(self.there.url, self.there.authorization, self.holder, at)
        reply = await self.poster.post(self.there.url, {"grant_type": BEARER, "assertion": grant}, told)
        given = issued_token(reply, "")
        check_redeemed(person, read, self._result(given, abroad, at), self._ours(abroad))
        return given

    def _person(self, token: str, abroad: Abroad, at: float, kind: str) -> Person:
        if kind == ID_TOKEN:
            return signed_in(token, self.client, at, self.verifier)
        if kind != ACCESS_TOKEN:
            raise TokenError("an ID token or an access token is exchanged for a grant", reason="typ_unexpected")
        proven = _proven(self.verifier, token, at)
        check_may_exchange(proven, None, abroad.wish.us)
        who = proven.chain.principal
        return Person(issuer=who.issuer, subject=who.subject, claims=proven.claims, chain=proven.chain)

    def _grant(self, person: Person, text: str, abroad: Abroad, at: float) -> Grant:
        try:
            read = granted(text, abroad, at, self.verifier)
        except EvidenceError as error:
            raise _meant(error) from None
        check_granted(person, read, self._ours(abroad))
        return read

    def _result(self, token: str, abroad: Abroad, at: float) -> Proven:
        receiver = replace(self.verifier, audiences=frozenset({abroad.wish.resource}))
        try:
            return _proven(receiver, token, at)
        except EvidenceError as error:
            raise _meant(error) from None

    def _ours(self, abroad: Abroad) -> Abroad:
        thumbprint = self.holder.public.thumbprint if self.holder else ""
        return replace(abroad, wish=replace(abroad.wish, thumbprint=thumbprint))


def _meant(error: EvidenceError) -> EvidenceError:
    """Return `error` in the words of the exchange: what came is for another than it was asked for."""
    if error.reason not in _CHANGED:
        return error
    return TokenError("what came is not for whom it was asked for", reason=_CHANGED[error.reason])


def _proven(verifier: Verifier, token: str, at: float) -> Proven:
    chain = verifier.verify([token], at)
    if chain.profile != FORM_A:
        raise TokenError("only a single token can be exchanged", reason="typ_unexpected")
    return Proven(chain=chain, claims=claims_of(parsed(token, verifier.limits), verifier.limits))
