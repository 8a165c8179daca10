"""Who acts for whom in one token with nested `act` claims (RFC 8693, section 4.1; identity-spec 2.3 and 2.6 E-A).

The outermost actor is the current one, and the issuer's own word. Inner ones are history: they may make a rule deny,
never allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.errors import TokenError
from sidecar.identity.claims import Registered
from sidecar.identity.jws import is_identifier
from sidecar.identity.limits import Limits
from sidecar.identity.trust import Issuer, TrustStore
from sidecar.model.atoms import canonical
from sidecar.model.strict_json import Json

# RFC 8693: claims that are not about who the actor is, such as `exp` or `scope`, mean nothing inside `act`.
_MEMBERS: Final = frozenset({"sub", "iss", "sub_profile", "cnf", "act"})
_CONFIRMATIONS: Final = ("jkt", "x5t#S256", "jwk")


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor: its name, and the authority that gives such names."""

    subject: str
    authority: str


def actors(claims: Mapping[str, Json], token: Registered, issuer: Issuer, limits: Limits) -> tuple[Actor, ...]:
    """Return the actors of `act`, the root's delegate first, the current one last; steps 20 and 21.

    Raises `TokenError` act_depth, act_malformed, act_forbidden_claim, act_cycle or act_self.
    """
    found: list[Actor] = []
    level = claims.get("act")
    while level is not None:
        if len(found) == limits.act_depth:
            raise TokenError(f"`act` nests deeper than {limits.act_depth}", reason="act_depth")
        found.append(_actor(level, issuer, limits))
        level = level.get("act") if isinstance(level, Mapping) else None
    if len(set(found)) != len(found):
        raise TokenError("an actor acts for itself in a circle", reason="act_cycle")
    if found and found[0] == Actor(token.subject, issuer.issuer):
        raise TokenError("the actor is the subject itself", reason="act_self")
    return tuple(reversed(found))


def in_their_namespaces(found: tuple[Actor, ...], issuer: Issuer, trust: TrustStore) -> None:
    """Return where `issuer` may speak of each actor; step 22. Raises `TokenError` act_namespace."""
    for actor in found:
        authorities = {
            authority
            for prefix, allowed in issuer.namespaces.items()
            if actor.subject.startswith(prefix)
            for authority in allowed
        }
        if not authorities and not trust.claims(actor.subject):
            authorities = {issuer.issuer}
        if actor.authority not in authorities:
            raise TokenError("an actor's name is not this issuer's to give", reason="act_namespace")


def from_client(token: Registered, issuer: Issuer, *, required: bool) -> tuple[Actor, ...]:
    """Return the actors of a token without `act`; the end of 2.3.

    The client is taken for the actor only where the issuer is configured so and no other agent is asking. A subject
    that is its own client acts for itself. Raises `TokenError` act_missing.
    """
    if token.client == token.subject:
        return ()
    if required or issuer.actor_source != "act_or_client":
        raise TokenError("the token does not say who acts: ask its issuer for `act`", reason="act_missing")
    return (Actor(token.client, issuer.issuer),)


def confirmed_alike(claims: Mapping[str, Json]) -> str:
    """Return the thumbprint that the token is bound to, empty where there is none; step 32 without a proof.

    Raises `TokenError` cnf_invalid or act_cnf_mismatch.
    """
    act = claims.get("act")
    outer = act.get("cnf") if isinstance(act, Mapping) else None
    top = claims.get("cnf")
    for confirmation in (top, outer):
        if confirmation is not None:
            _understood(confirmation)
    if outer is not None and canonical(outer) != canonical(top):
        raise TokenError("the actor is bound to another key than the token", reason="act_cnf_mismatch")
    thumbprint = top.get("jkt") if isinstance(top, Mapping) else None
    return thumbprint if isinstance(thumbprint, str) else ""


def _actor(level: Json, issuer: Issuer, limits: Limits) -> Actor:
    if not isinstance(level, Mapping):
        raise TokenError("`act` must be an object", reason="act_malformed")
    if not level.keys() <= _MEMBERS:
        raise TokenError("`act` holds a claim that is not about the actor", reason="act_forbidden_claim")
    subject, authority = level.get("sub"), level.get("iss", issuer.actor_issuer_default or None)
    if not isinstance(subject, str) or not is_identifier(subject, limits.identifier):
        raise TokenError("`act` needs `sub` as a string", reason="act_malformed")
    if not isinstance(authority, str) or not is_identifier(authority, limits.identifier):
        raise TokenError("`act` needs `iss` as a string", reason="act_malformed")
    return Actor(subject, authority)


def _understood(confirmation: Json) -> None:
    if not isinstance(confirmation, Mapping) or len(confirmation) != 1:
        raise TokenError("`cnf` must name exactly one key", reason="cnf_invalid")
    method, value = next(iter(confirmation.items()))
    if method not in _CONFIRMATIONS or not isinstance(value, Mapping if method == "jwk" else str):
        raise TokenError("`cnf` names a key in a way that is not known", reason="cnf_invalid")
