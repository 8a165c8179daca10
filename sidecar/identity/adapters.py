"""How the tokens that issuers really send differ from RFC 9068, as data (identity-spec 2.3).

A preset fills an issuer's settings; each of them can be set otherwise. What differs in the payload is a `Shape`: where
the client's name and the token's id stand, and what must be in the token. A shape renames and compares; it never adds
an actor that the issuer did not name.

Choices: Auth0 must be set to its RFC 9068 token profile, for its own has no `jti`. Google signs no access tokens; its
ID tokens name service accounts: they tell who acts and grant nothing. Tokens of a Kubernetes service account and
SPIFFE's JWT-SVIDs are about workloads and never about users.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from sidecar.errors import TokenError
from sidecar.model.strict_json import Json

SPIFFE: Final = "spiffe://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Where things stand in an issuer's tokens.

    `id_claim` empty: the digest of what was signed stands for the token's id. `require` maps claims to the values that
    they must have. `actor_only`: the tokens say who acts, and grant nothing.
    """

    client_claim: str = "client_id"
    id_claim: str = "jti"
    scope_claim: str = "scope"
    require: Mapping[str, Json] = field(default_factory=dict)
    actor_only: bool = False


RFC_9068: Final = Shape()


def adapted(claims: Mapping[str, Json], shape: Shape, digest: str) -> Mapping[str, Json]:
    """Return `claims` under the names of RFC 9068; a claim that stands elsewhere is not looked for where it should.

    `digest` is that of the signing input.
    """
    moved = (("client_id", shape.client_claim), ("jti", shape.id_claim), ("scope", shape.scope_claim))
    if all(ours == theirs for ours, theirs in moved):
        return claims
    renamed = dict(claims)
    for ours, theirs in moved:
        if ours != theirs:
            renamed[ours] = claims.get(theirs) if theirs else digest
    scope = renamed.get("scope")
    if isinstance(scope, list | tuple):  # Okta sends an array
        renamed["scope"] = " ".join(word for word in scope if isinstance(word, str) and " " not in word)
    elif scope is None:
        renamed.pop("scope", None)
    return renamed


def check_required(claims: Mapping[str, Json], shape: Shape) -> None:
    """Return where the claims that tell this issuer's access tokens apart have their values; step 17.

    Raises `TokenError` token_use_mismatch.
    """
    for name, value in shape.require.items():
        found = claims.get(name)
        if type(found) is not type(value) or found != value:
            message = f"the token is not one of those that this issuer was configured for: see its `{name}`"
            raise TokenError(message, reason="token_use_mismatch")


def preset(name: str, issuer: str) -> dict[str, object]:
    """Return the settings of `[[identity.issuers]]` that fit what `name` sends; nothing where it is not known."""
    filled: dict[str, object] = dict(PRESETS.get(name, {}))
    if name in {"keycloak", "okta", "auth0"}:
        filled["actor_issuer_default"] = issuer  # their `act` has `sub` alone
    if name == "entra" and (tenant := _tenant(issuer)):
        filled["require_claims"] = {"tid": tenant}
    return filled


def _tenant(issuer: str) -> str:
    """Return the tenant that Entra's issuer names: https://login.microsoftonline.com/TENANT/v2.0."""
    try:
        segments = urlsplit(issuer).path.split("/")
    except ValueError:
        return ""
    return segments[1] if len(segments) > 1 else ""


_HOUR: Final = 3600
_DAY: Final = 86_400

# Each value is one of the settings, under its name there.
PRESETS: Final[Mapping[str, Mapping[str, object]]] = {
    # Header `typ` JWT on every kind of token; the payload's `typ` tells them apart. No `act` in standard exchange.
    "keycloak": {
        "algs": ("RS256", "ES256", "PS256"),
        "typ": ("JWT", "at+jwt"),
        "profiles": ("at-jwt-act@1",),
        "token_use": {"claim": "typ", "equals": "Bearer"},
        "client_claim": "azp",
        "audience_policy": "contains",
    },
    # `uti` instead of `jti`, `azp` (version 2.0) or `appid`, `scp`; `xms_*` name agents and are not RFC 8693's `act`.
    "entra": {
        "algs": ("RS256",),
        "typ": ("JWT",),
        "profiles": ("at-jwt-act@1",),
        "client_claim": "azp",
        "id_claim": "uti",
        "scope_claim": "scp",
        "max_ttl_seconds": _DAY,
    },
    # No `typ` at all; an ID token has no `cid`.
    "okta": {
        "algs": ("RS256",),
        "typ": ("", "at+jwt", "okta-internal-at+jwt"),
        "profiles": ("at-jwt-act@1",),
        "client_claim": "cid",
        "scope_claim": "scp",
        "max_ttl_seconds": _DAY,
    },
    "auth0": {
        "algs": ("RS256", "PS256"),
        "typ": ("at+jwt",),
        "profiles": ("at-jwt-act@1",),
        "audience_policy": "contains",
        "max_ttl_seconds": _DAY,
    },
    "google": {
        "algs": ("RS256",),
        "typ": ("JWT",),
        "profiles": ("at-jwt-act@1",),
        "client_claim": "azp",
        "id_claim": "",
        "require_claims": {"email_verified": True},
        "role": "actor",
    },
    "kubernetes": {
        "algs": ("RS256", "ES256"),
        "typ": ("", "JWT"),
        "profiles": ("at-jwt-act@1",),
        "id_claim": "",
        "max_ttl_seconds": _DAY,
        "role": "actor",
    },
    "spiffe": {
        "algs": ("RS256", "ES256", "ES384", "PS256"),
        "typ": ("", "JWT", "JOSE", "wit+jwt"),
        "profiles": ("at-jwt-act@1",),
        "id_claim": "",
        "max_ttl_seconds": _HOUR,
        "role": "actor",
    },
}
