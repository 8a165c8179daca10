"""Who we are to those who issue tokens, and whom we trust: `[identity]`."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from sidecar.config.section import OptionalPath, Section
from sidecar.identity.adapters import SPIFFE, preset


class TokenUse(Section):
    """A claim and the value that it must have."""

    claim: str
    equals: str


# What belongs to one source of keys only.
_BELONGING: Final = frozenset({"ca", "server", "token", "trust_domain", "endpoint", "bootstrap"})


class KeySettings(Section):
    """Where an issuer's keys come from: exactly one of the first seven, and what belongs to it."""

    file: Path | None = None  # a JWKS or a PEM file
    url: str = ""  # of a JWKS; https
    discovery: Literal["", "rfc8414", "oidc"] = ""  # the metadata below `issuer` names the JWKS
    spiffe_bundle: Path | None = None  # a file
    spiffe_socket: Path | None = None  # of a Workload API
    spiffe_url: str = ""  # of a SPIFFE bundle; https
    kubernetes: bool = False  # the cluster's service-account tokens, asked for with the pod's own
    ca: Path | None = None  # url, discovery, kubernetes: PEM of the authorities to trust instead of the usual
    endpoint: str = ""  # spiffe_url: the SPIFFE ID that its server shows; empty: the server is known as on the web
    bootstrap: Path | None = None  # spiffe_url with endpoint: the bundle to know the server by at first
    trust_domain: str = ""  # spiffe_socket: `spiffe://…`, where it is not the issuer itself
    server: str = "https://kubernetes.default.svc"  # kubernetes
    token: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")  # kubernetes

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (
            *(self.file, self.url, self.discovery, self.spiffe_bundle, self.spiffe_socket, self.spiffe_url),
            self.kubernetes,
        )
        if sum(map(bool, sources)) != 1:
            told = "must name one of file, url, discovery, spiffe_bundle, spiffe_socket, spiffe_url and kubernetes"
            raise ValueError(told)
        if useless := (self.model_fields_set & _BELONGING) - self._useful():
            raise ValueError(f"`{min(useless)}` does not belong to this source")
        if bool(self.endpoint) != bool(self.bootstrap) or (self.endpoint and not self.endpoint.startswith(SPIFFE)):
            raise ValueError("`endpoint` is a SPIFFE ID, as spiffe://td/server, and needs `bootstrap`")
        return self

    def _useful(self) -> AbstractSet[str]:
        """Return what belongs to the source that is named."""
        if self.kubernetes:
            return {"ca", "server", "token"}
        if self.spiffe_url:
            return {"endpoint", "bootstrap"} if self.endpoint else {"ca", "endpoint", "bootstrap"}
        if self.spiffe_socket:
            return {"trust_domain"}
        return {"ca"} if self.url or self.discovery else set()


class IntrospectionSettings(Section):
    """Where an issuer is asked about its tokens (RFC 7662), and as whom."""

    url: Annotated[str, Field(min_length=1)]  # https
    credentials: Path  # a file with one line, client_id:client_secret
    signed: bool = False  # its replies must be signed, for us (RFC 9701)


class IssuerSettings(Section):
    """One issuer of tokens whose word counts, and how far (identity-spec 2.1)."""

    name: Annotated[str, Field(min_length=1)]
    issuer: Annotated[str, Field(min_length=1)]
    # Fills what follows for an issuer's own kind of token; each can be set besides.
    preset: Literal["", "keycloak", "entra", "okta", "auth0", "google", "kubernetes", "spiffe"] = ""
    keys: Path | KeySettings  # a path alone is a JWKS or a PEM file
    algs: tuple[Literal["Ed25519", "ES256", "ES384", "PS256", "RS256", "EdDSA"], ...] = ("Ed25519", "ES256")
    typ: tuple[str, ...] = ("at+jwt",)
    profiles: tuple[Literal["at-jwt-act@1", "aat-02@1", "txn@1"], ...] = ("at-jwt-act@1", "aat-02@1")
    audience_policy: Literal["single", "contains"] = "single"
    max_ttl_seconds: Annotated[int, Field(gt=0, le=86_400)] = 3600
    actor_source: Literal["act", "act_or_client"] = "act_or_client"
    actor_issuer_default: str = ""
    tool_authority: Literal["authorization_details", "scope_map"] = "authorization_details"
    scope_map: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # OAuth scope → tools
    token_use: TokenUse | None = None  # how this issuer's access tokens differ from its others
    namespaces: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)  # start of a name → who may name it
    tolerate_headers: tuple[str, ...] = ()  # as ["jku"]: present but never looked at
    require_actor_proofs: bool = False  # each actor of `act` must have signed for its part
    client_claim: str = "client_id"
    id_claim: str = "jti"  # empty: the digest of the token stands for its id
    scope_claim: str = "scope"
    require_claims: Mapping[str, str | bool | int] = Field(default_factory=dict)  # claims and their only values
    role: Literal["grant", "actor"] = "grant"  # actor: its tokens say which workload acts, and grant nothing

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, values: object) -> object:
        if not isinstance(values, dict):
            return values
        return {**preset(str(values.get("preset", "")), str(values.get("issuer", ""))), **values}

    status: Literal["off", "if_present", "required"] = "off"  # whether a token must stand well in a status list
    status_origins: tuple[str, ...] = ()  # where its lists are, as https://sts.example; empty: that of `issuer`
    introspection: IntrospectionSettings | None = None  # asked when a session is opened


class PeerSettings(Section):
    """Who may act as which agent; what is left out is not asked for (identity-spec 2.6 G)."""

    uid: Annotated[int, Field(ge=0)] | None = None  # of the process that connects, as the kernel says
    gid: Annotated[int, Field(ge=0)] | None = None
    agent: str = ""  # as its token names it
    key: str = ""  # RFC 7638 thumbprint of the agent's own key: ties that key to the name, too
    workload: str = ""  # as its platform names it, by the token that it shows: a SPIFFE ID, a service account
    issuer: str = ""  # the platform; a SPIFFE ID names its own

    @model_validator(mode="after")
    def _whose(self) -> Self:
        if self.workload and not self.issuer and not self.workload.startswith(SPIFFE):
            raise ValueError("`issuer` must say who calls the workload so: two platforms may have the same name")
        return self


class TransmitterSettings(Section):
    """Who may tell of security events (RFC 8417), and whose tokens it may revoke by them."""

    name: Annotated[str, Field(min_length=1)]
    issuer: Annotated[str, Field(min_length=1)]
    keys: Path  # a JWKS or a PEM file
    algs: tuple[Literal["Ed25519", "ES256", "ES384", "PS256", "RS256"], ...] = ("Ed25519", "ES256")
    audiences: tuple[str, ...] = ()  # what names us in its events; empty: as in tokens
    covers: tuple[str, ...] = ()  # `issuer` of those whose tokens it may revoke; empty: its own


class RefreshSettings(Section):
    """When issuers' keys are fetched again, and how old they may get (identity-spec 2.13)."""

    interval_seconds: Annotated[float, Field(ge=1, le=3600)] = 300.0  # ± a fifth; what a server asks for comes first
    max_stale_seconds: Annotated[float, Field(ge=60, le=86_400)] = 3600.0  # older keys are used no more
    unknown_key_seconds: Annotated[float, Field(ge=1, le=3600)] = 30.0  # between fetches for a key nobody knows
    wait_seconds: Annotated[float, Field(gt=0, le=2)] = 0.2  # of a request, for such a fetch
    timeout_seconds: Annotated[float, Field(gt=0, le=5)] = 5.0  # of one document


class CardSettings(Section):
    """One other agent whose Agent Card must be signed (identity-spec 2.17)."""

    peer: Annotated[str, Field(min_length=1)]  # as messages name it
    keys: Path  # a JWKS or a PEM file: what its card may be signed with
    verifies_chains: bool = False  # it is sent the chains that messages carry; others are not


class IdentitySettings(Section):
    """Who we are to those who issue tokens, and whom we trust."""

    audiences: Annotated[tuple[str, ...], Field(min_length=1)] = ("https://sidecar.local/agent",)
    trust_domain: str = ""  # what transaction tokens are for, as their `aud` names it; empty: none is taken
    agent_scope: OptionalPath = None  # a scope object (JSON) that no session of this agent goes beyond
    max_links: Annotated[int, Field(ge=1, le=8)] = 4  # of a chain of linked tokens, its root among them
    max_session_seconds: Annotated[int, Field(gt=0, le=86_400)] = 3600
    sessions_per_token: Annotated[int, Field(ge=0)] = 0  # that one root token may open in its life; 0: any number
    revocation_seconds: Annotated[int, Field(ge=86_430)] = 86_460  # the longest token there may be, and the skew
    revocations: OptionalPath = None  # a list of what is revoked (JSON or YAML), looked at each second
    events: OptionalPath = None  # a folder that security events are put into, each in a file of its own
    transmitters: tuple[TransmitterSettings, ...] = ()  # of those events
    proofs: Literal["required", "if_bound", "off"] = "if_bound"  # off: a stolen token opens sessions; for trials
    proof_nonce: bool = False  # a proof must hold the nonce of this start
    explain_failures: bool = False  # tell callers exactly what is wrong with a credential; for trials only
    peers: tuple[PeerSettings, ...] = ()  # empty: any process that reaches the data socket
    cards: tuple[CardSettings, ...] = ()  # other agents whose Agent Cards must be signed with keys that are known here
    allow_private_hosts: tuple[str, ...] = ()  # whose keys may be fetched from a private or loopback address
    refresh: RefreshSettings = RefreshSettings()
    issuers: tuple[IssuerSettings, ...] = ()
