"""Whom we trust for what: the configured issuers and their keys (identity-spec 2.1).

A token's `iss` and `kid` are look-up keys into this value and nothing else; no request causes I/O. A reload builds a
new store. One key belongs to one issuer, else a signature would not say who made it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.errors import ConfigError, TokenError
from sidecar.identity.jws import media_type
from sidecar.identity.keys import KeySet, TrustedKey

FORM_A: Final = "at-jwt-act@1"
FORM_B: Final = "aat-02@1"
AUDIENCE_POLICIES: Final = frozenset({"single", "contains"})
ACTOR_SOURCES: Final = frozenset({"act", "act_or_client"})
TOOL_AUTHORITIES: Final = frozenset({"authorization_details", "scope_map"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """One issuer whose word counts, and how far.

    `algorithms` are compared as they stand. `token_use` is a claim and the value that it must have.
    `namespaces` maps the beginning of actors' names to the authorities that may name them; without an entry an
    issuer names its own actors only. `scope_map` maps OAuth scope strings to tools, where that is the issuer's one
    source of authority: adding both sources up would widen.
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

    def key(self, key_id: str) -> TrustedKey:
        """Return the key that a token names; step 12. No id is enough where there is one usable key.

        Raises `TokenError` key_unknown_kid, key_ambiguous, or the reason why that key is not usable.
        """
        if not key_id:
            if len(self.keys.keys) != 1:
                raise TokenError("name the key in `kid`: the issuer has several", reason="key_ambiguous")
            return self.keys.keys[0]
        if reason := self.keys.refused.get(key_id):
            raise TokenError("the key that the token names cannot be used", reason=reason)
        for key in self.keys.keys:
            if key.key_id == key_id:
                return key
        raise TokenError("the issuer has no key of this id: ask for a new token", reason="key_unknown_kid")


@dataclass(frozen=True, slots=True)
class TrustStore:
    """All issuers, by the exact string that they call themselves."""

    issuers: Mapping[str, Issuer]

    def issuer(self, name: str) -> Issuer:
        """Return the issuer called `name`, byte by byte. Raises `TokenError` iss_untrusted."""
        issuer = self.issuers.get(name)
        if issuer is None:
            raise TokenError("the issuer is not among those trusted here", reason="iss_untrusted")
        return issuer

    def tolerates(self, parameters: frozenset[str]) -> bool:
        """Return whether some issuer sends these header parameters without our looking at them."""
        return not parameters or any(parameters <= issuer.tolerated_headers for issuer in self.issuers.values())

    def expects(self, typ: str) -> bool:
        """Return whether some issuer marks its tokens with `typ`."""
        return any(typ in issuer.typ for issuer in self.issuers.values())

    def claims(self, actor: str) -> bool:
        """Return whether some issuer has set aside a namespace that `actor` lies in."""
        return any(actor.startswith(prefix) for issuer in self.issuers.values() for prefix in issuer.namespaces)


def trust_store(issuers: Iterable[Issuer]) -> TrustStore:
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
    return TrustStore(by_name)


def _problems(issuer: Issuer) -> Iterable[str]:
    if not issuer.issuer:
        yield "`issuer` is empty"
    if not issuer.keys.keys:
        yield "no usable key"
    if not issuer.profiles <= {FORM_A, FORM_B}:
        yield f"`profiles` knows {FORM_A} and {FORM_B}"
    if issuer.audience_policy not in AUDIENCE_POLICIES:
        yield "`audience_policy` is single or contains"
    if issuer.actor_source not in ACTOR_SOURCES:
        yield "`actor_source` is act or act_or_client"
    if issuer.tool_authority not in TOOL_AUTHORITIES:
        yield "`tool_authority` is authorization_details or scope_map"
