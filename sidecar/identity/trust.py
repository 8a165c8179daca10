"""Whom we trust for what: the configured issuers and their keys (identity-spec 2.1).

A token's `iss` and `kid` are look-up keys into this value and nothing else; no request causes I/O. Every change of an
issuer's keys builds a new store. One key belongs to one issuer, else a signature would not say who made it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import ConfigError, TokenError
from sidecar.identity.adapters import RFC_9068, Shape
from sidecar.identity.jws import media_type
from sidecar.identity.keys import THUMBPRINT_URI, KeySet, TrustedKey
from sidecar.model.chain import VerifiedChain, Workload

FORM_A: Final = "at-jwt-act@1"
FORM_B: Final = "aat-02@1"
TRANSACTION: Final = "txn@1"
AUDIENCE_POLICIES: Final = frozenset({"single", "contains"})
ACTOR_SOURCES: Final = frozenset({"act", "act_or_client"})
TOOL_AUTHORITIES: Final = frozenset({"authorization_details", "scope_map"})


class MissingKeyError(TokenError):
    """The key that a token names is not there. A refresh may bring it: `issuer` is the name in the settings."""

    reason = "key_unknown_kid"

    def __init__(self, message: str, *, issuer: str, key_id: str, reason: str = "") -> None:
        super().__init__(message, reason=reason)
        self.issuer = issuer
        self.key_id = key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer whose word counts, and how far. `shape` is how its tokens differ from RFC 9068.

    `algorithms` are compared as they stand. `token_use` is a claim and the value that it must have.
    `namespaces` maps the beginning of actors' names to the authorities that may name them; without an entry an
    issuer names its own actors only. `scope_map` maps OAuth scope strings to tools, where that is the issuer's one
    source of authority: adding both sources up would widen. `live`: its keys come and go while the sidecar runs, so
    that it may have none. `withheld` is why none of its keys may be used at the moment; empty where they may.
    """

    name: str
    issuer: str
    keys: KeySet
    algorithms: frozenset[str] = frozenset({"Ed25519", "ES256"})
    typ: frozenset[str] = frozenset({"at+jwt"})
    profiles: frozenset[str] = frozenset({FORM_A, FORM_B})
    token_use: tuple[str, str] | None = None
    audience_policy: str = "single"
    max_ttl: int = 3600  # seconds
    actor_source: str = "act_or_client"
    actor_issuer_default: str = ""
    namespaces: Mapping[str, frozenset[str]] = field(default_factory=dict)
    tool_authority: str = "authorization_details"
    scope_map: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tolerated_headers: frozenset[str] = frozenset()
    shape: Shape = RFC_9068
    require_actor_proofs: bool = False
    live: bool = False
    withheld: str = ""

    def key(self, key_id: str) -> TrustedKey:
        """Return the key that a token names; step 12. No id is enough where there is one usable key.

        Raises `MissingKeyError` key_unknown_kid or why the issuer's keys are withheld; `TokenError` key_ambiguous, or
        the reason why that key is not usable.
        """
        if self.withheld:
            message = "the issuer's keys cannot be used at the moment: see the sidecar's status"
            raise MissingKeyError(message, issuer=self.name, key_id=key_id, reason=self.withheld)
        if not key_id:
            if len(self.keys.keys) != 1:
                raise TokenError("name the key in `kid`: the issuer has several", reason="key_ambiguous")
            return self.keys.keys[0]
        if reason := self.keys.refused.get(key_id):
            raise TokenError("the key that the token names cannot be used", reason=reason)
        for key in self.keys.keys:
            if key.key_id == key_id:
                return key
        raise MissingKeyError("the issuer has no key of this id: ask for a new token", issuer=self.name, key_id=key_id)


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All issuers, by the exact string that they call themselves. `generation` counts the changes of their keys."""

    issuers: Mapping[str, Issuer]
    held: Mapping[str, frozenset[tuple[str, str]]] = field(default_factory=dict)  # issuer → ids and thumbprints
    generation: int = 0

    def issuer(self, name: str) -> Issuer:
        """Return the issuer called `name`, byte by byte. Raises `TokenError` iss_untrusted."""
        issuer = self.issuers.get(name)
        if issuer is None:
            raise TokenError("the issuer is not among those trusted here", reason="iss_untrusted")
        return issuer

    def lost(self, chain: VerifiedChain) -> str:
        """Return why a key that `chain` was verified with may be used no more; empty where all of them may.

        A link is signed with a key that its parent names, so an issuer's key is what the rest hangs on.
        """
        for hop in chain.hops:
            issuer = self.issuers.get(hop.issuer)
            if issuer is not None:
                if issuer.withheld:
                    return issuer.withheld
                if (hop.key_id, hop.signed_with) not in self.held[hop.issuer]:
                    return "key_unknown_kid"
            elif not hop.issuer.startswith(THUMBPRINT_URI):
                return "iss_untrusted"
        if chain.workload and (reason := self._lost_workload(chain.workload)):
            return reason
        return "" if chain.hops else "key_unknown_kid"

    def _lost_workload(self, shown: Workload) -> str:
        issuer = self.issuers.get(shown.authority)
        if issuer is None:
            return "iss_untrusted"
        held = (shown.key_id, shown.signed_with) in self.held[shown.authority]
        return issuer.withheld or ("" if held else "key_unknown_kid")

    def tolerates(self, parameters: frozenset[str]) -> bool:
        """Return whether some issuer sends these header parameters without our looking at them."""
        return not parameters or any(parameters <= issuer.tolerated_headers for issuer in self.issuers.values())

    def expects(self, typ: str) -> bool:
        """Return whether some issuer marks the tokens that grant something with `typ`; empty is none at all."""
        return any(typ in issuer.typ and not issuer.shape.actor_only for issuer in self.issuers.values())

    def names_workloads(self, typ: str) -> bool:
        """Return whether some issuer marks the tokens that name workloads with `typ`."""
        return any(typ in issuer.typ and issuer.shape.actor_only for issuer in self.issuers.values())

    def claims(self, actor: str) -> bool:
        """Return whether some issuer has set aside a namespace that `actor` lies in."""
        return any(actor.startswith(prefix) for issuer in self.issuers.values() for prefix in issuer.namespaces)


def trust_store(issuers: Iterable[Issuer], generation: int = 0) -> TrustStore:
    """Return the store of `issuers`. Raises `ConfigError` with every problem."""
    problems: list[str] = []
    by_name: dict[str, Issuer] = {}
    owners: dict[str, str] = {}
    for issuer in issuers:
        if issuer.issuer in by_name:
            problems.append(f"issuer {issuer.name}: `issuer` is configured twice")
        # `typ` is a media type: neither its case nor `application/` tells two apart (RFC 7515, section 4.1.9).
        by_name[issuer.issuer] = replace(issuer, typ=frozenset(map(media_type, issuer.typ)))
        problems += [f"issuer {issuer.name}: {problem}" for problem in _problems(issuer)]
        for key in issuer.keys.keys:
            if owners.setdefault(key.thumbprint, issuer.issuer) != issuer.issuer:
                problems.append(
                    f"issuer {issuer.name}: a key belongs to another issuer already: use one key per issuer"
                )
    if problems:
        raise ConfigError(problems)
    held = {name: frozenset((k.key_id, k.thumbprint) for k in issuer.keys.keys) for name, issuer in by_name.items()}
    return TrustStore(issuers=by_name, held=held, generation=generation)


def _problems(issuer: Issuer) -> Iterable[str]:
    if not issuer.issuer:
        yield "`issuer` is empty"
    if not issuer.keys.keys and not issuer.live:
        yield "no usable key"
    if not issuer.profiles <= {FORM_A, FORM_B, TRANSACTION}:
        yield f"`profiles` knows {FORM_A}, {FORM_B} and {TRANSACTION}"
    if issuer.audience_policy not in AUDIENCE_POLICIES:
        yield "`audience_policy` is single or contains"
    if issuer.actor_source not in ACTOR_SOURCES:
        yield "`actor_source` is act or act_or_client"
    if issuer.tool_authority not in TOOL_AUTHORITIES:
        yield "`tool_authority` is authorization_details or scope_map"
