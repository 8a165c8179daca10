"""A grant of one domain's issuer that another domain's redeems for a token of its own, once.

ID-JAG (draft-ietf-oauth-identity-assertion-authz-grant): who a person signed in with vouches to the issuer of a
resource that this client may act there for the person; MCP's enterprise-managed authorization is this. Both issuers
are trusted to sign, and held to what they were asked, by R1 to R7 of identity-spec 2.3 as far as two domains allow:
the person keeps the subject unless a map says otherwise, and whoever acted before stays in `act`; a client that
nobody acted before may be named by `client_id` alone. Nothing here does I/O or remembers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.errors import TokenError
from sidecar.identity.claims import Registered, addressed, in_time, registered
from sidecar.identity.exchanges.exchange import (
    Claims,
    Proven,
    Wish,
    check_actors,
    check_key,
    check_within,
    levels,
    words,
)
from sidecar.identity.jws import check_signature, claims_of, parsed
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier
from sidecar.model.atoms import canonical
from sidecar.model.chain import VerifiedChain

TYP: Final = "oauth-id-jag+jwt"
MAX_LIFETIME: Final = 300  # seconds (identity-spec 2.10)
REQUIRED: Final = ("iss", "sub", "aud", "client_id", "jti", "exp", "iat")
REQUIRED_ID: Final = ("iss", "sub", "aud", "exp", "iat")  # of an ID token (OpenID Connect Core, section 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Abroad:
    """What is asked for in another domain: `wish` of `issuer`, where we are the client `client`."""

    wish: Wish
    issuer: str
    client: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acts for whom at home, by a token that verified: an ID token, or one with a `chain`."""

    issuer: str
    subject: str
    claims: Claims = field(repr=False)
    chain: VerifiedChain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An ID-JAG that verified, and is for the issuer that it is redeemed at."""

    token: Registered
    claims: Claims = field(repr=False)


def signed_in(text: str, client: str, at: float, by: Verifier) -> Person:
    """Return who an ID token says has signed in to us, the client `client` at home.

    Raises `TokenError` with the reasons of steps 2 to 19.
    """
    issuer, claims = _signed(text, ("", "jwt"), by)
    token = registered({"jti": "-", **claims}, REQUIRED_ID, by.limits)
    in_time(token, at, issuer.max_ttl, by.limits)
    addressed(token, frozenset({client}), single=True, limits=by.limits)
    return Person(issuer=token.issuer, subject=token.subject, claims=_without_actors(claims))


def granted(text: str, abroad: Abroad, at: float, by: Verifier) -> Grant:
    """Return what an ID-JAG grants. Raises `TokenError` with the reasons of steps 2 to 19."""
    issuer, claims = _signed(text, (TYP,), by)
    token = registered(claims, REQUIRED, by.limits)
    in_time(token, at, min(issuer.max_ttl, MAX_LIFETIME), by.limits)
    addressed(token, frozenset({abroad.issuer}), single=True, limits=by.limits)
    return Grant(token=token, claims=claims)


def check_granted(person: Person, grant: Grant, abroad: Abroad) -> None:
    """Return where `grant` is what was asked for of `person`'s token.

    Raises `TokenError` exchange_subject_changed, exchange_act_truncated, exchange_act_forged, exchange_scope_widened,
    exchange_aud_changed, exchange_lifetime_widened, exchange_cnf_changed or chain_context_changed.
    """
    wish, claims = abroad.wish, grant.claims
    if (grant.token.issuer, grant.token.subject) != (person.issuer, person.subject):
        raise TokenError("the grant is for another subject", reason="exchange_subject_changed")
    before, after = levels(person.claims), levels(claims)
    if before or after:
        check_actors(before, after, wish.us)
    if grant.token.client != abroad.client:
        raise TokenError("the grant is for another client than us", reason="exchange_act_forged")
    _check_words(words(claims), wish.words)
    if claims.get("resource", wish.resource) not in (wish.resource, [wish.resource], (wish.resource,)):
        raise TokenError("the grant is for another resource than was asked for", reason="exchange_aud_changed")
    if person.chain and grant.token.expires_at > person.chain.expires_at:
        raise TokenError("the grant outlives the token it was given for", reason="exchange_lifetime_widened")
    if "cnf" in claims:
        check_key(claims, wish)
    _check_transaction(person.claims, claims)


def check_redeemed(person: Person, grant: Grant, result: Proven, abroad: Abroad) -> None:
    """Return where `result` is what `grant` was redeemed for. Raises as `check_granted`."""
    wish, claims = abroad.wish, result.claims
    asked = (grant.token.issuer, grant.token.subject)
    given = (result.chain.principal.issuer, result.chain.principal.subject)
    if given != wish.subjects.get(asked, (abroad.issuer, grant.token.subject)):
        raise TokenError("the new token is for another subject", reason="exchange_subject_changed")
    _check_who_acts(grant, result, abroad)
    _check_words(words(claims), wish.words)
    if "scope" in grant.claims and not words(claims) <= words(grant.claims):
        raise TokenError("an OAuth scope came that was not granted", reason="exchange_scope_widened")
    check_within(result.chain.scope, person.chain.scope if person.chain else None, wish.scope)
    if result.chain.audience != {wish.resource}:
        raise TokenError("the new token is for another audience than was asked for", reason="exchange_aud_changed")
    if person.chain and result.chain.expires_at > person.chain.expires_at:
        raise TokenError("the new token outlives the one it was given for", reason="exchange_lifetime_widened")
    check_key(claims, wish)
    _check_transaction(grant.claims, claims)


def _signed(text: str, types: Sequence[str], by: Verifier) -> tuple[Issuer, Claims]:
    """Return a token's issuer and claims, once its signature holds; steps 2 to 15."""
    jws = parsed(text, by.limits)
    claims = claims_of(jws, by.limits)
    name = claims.get("iss")
    issuer = by.trust.issuer(name if isinstance(name, str) else "")
    if jws.typ not in types or issuer.shape.actor_only:
        raise TokenError("`typ` is not what was asked for", reason="typ_unexpected")
    if jws.algorithm not in issuer.algorithms:
        raise TokenError("this issuer does not sign with this `alg`", reason="alg_not_allowed")
    if jws.own_keys:
        raise TokenError("the header brings a key of its own", reason="header_forbidden_param")
    check_signature(jws, issuer.key(jws.key_id))
    return issuer, claims


def _without_actors(claims: Claims) -> Claims:
    """Return an ID token's claims: whom somebody acted through is no part of one."""
    return {name: value for name, value in claims.items() if name != "act"}


def _check_who_acts(grant: Grant, result: Proven, abroad: Abroad) -> None:
    """R2: those of the grant and us, in that order; by `client_id` alone where there is none but us."""
    before, after = levels(grant.claims), levels(result.claims)
    if not before and not after:
        if result.chain.principal.agent != abroad.client:
            raise TokenError("the new token is for another client than us", reason="exchange_act_forged")
        return
    if [canonical(dict(one)) for one in before[:1]] == [canonical(dict(one)) for one in after[:1]]:
        return  # a level holds all that are behind it
    check_actors([one for one in before if not abroad.wish.us.is_named_in(one)], after, abroad.wish.us)


def _check_words(given: frozenset[str], allowed: Sequence[str]) -> None:
    """R3 for OAuth scope strings; none asked for is none to be held to."""
    if allowed and not given <= frozenset(allowed):
        raise TokenError("an OAuth scope came that was not asked for", reason="exchange_scope_widened")


def _check_transaction(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """R7."""
    if "txn" in before and after.get("txn") != before["txn"]:
        raise TokenError("the new token leaves the transaction of the first", reason="chain_context_changed")
