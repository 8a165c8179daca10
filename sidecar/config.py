"""The settings: a TOML file, then `SIDECAR_*` from the environment on top. An unknown key is an error.

`SIDECAR_SERVER__SOCKET` is `socket` in `[server]`. All that is wrong is reported together. Every limit of the
running sidecar that an operator may move stands here, with its unit in its name and its reason beside it.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from sidecar.errors import ConfigError
from sidecar.identity.adapters import preset

MAX_CONFIG_BYTES = 1 << 20
PREFIX = "SIDECAR_"
# Names with our prefix that are not settings: where the file is, and where the client library looks.
RESERVED = frozenset({"SIDECAR_CONFIG", "SIDECAR_ADDRESS"})
# Kubernetes puts these into every container beside a Service named `sidecar`; they are not typing errors.
SERVICE_LINKS = re.compile(r"SIDECAR_(SERVICE_(HOST|PORT(_\w+)?)|PORT(_\d+_(TCP|UDP)(_\w+)?)?)")

Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]
OptionalPath = Annotated[Path | None, BeforeValidator(lambda value: value or None)]  # an empty string is none
PackName = Annotated[str, "a bundled pack's name, or a folder: what holds a slash"]


class Section(BaseModel):
    """A table of the file: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class ServerSettings(Section):
    """Where the sidecar listens, and how much it takes at once."""

    socket: Path = Path("/run/sidecar/guard.sock")
    socket_mode: Literal["0600", "0660", "0666"] = "0660"  # the agent often runs as another user of one group
    peer_socket: OptionalPath = None  # empty: peer.sock beside `socket`; it gives out tickets that say who connects
    control_socket: Path = Path("/run/sidecar/control.sock")  # always 0600
    tcp: str = ""  # "127.0.0.1:50051" for agents that cannot open a Unix socket; loopback only
    reflection: bool = True
    max_message_bytes: Positive = 4 << 20  # gRPC's own default; a megabyte of text fits three times
    max_in_flight: Positive = 256  # calls; beyond it RESOURCE_EXHAUSTED at once
    drain_seconds: Seconds = 10.0  # what SIGTERM leaves to calls under way; below Kubernetes' 30

    @field_validator("tcp")
    @classmethod
    def _loopback_only(cls, value: str) -> str:
        host, _, port = value.rpartition(":")
        if value and not (port.isdecimal() and int(port) < 1 << 16 and _is_loopback(host)):
            raise ValueError("must be a loopback address and a port, as 127.0.0.1:50051 or [::1]:50051")
        return value


class LimitSettings(Section):
    """How much one crossing may be, and how long it may take."""

    text_characters: Positive = 1 << 20  # a long conversation; beyond it recognition takes too long
    argument_characters: Positive = 64 << 10  # of one tool call, as JSON text
    json_depth: Annotated[int, Field(gt=0, le=200)] = 64  # the parser recurses: Python's own limit is near 1000
    deadline_seconds: Seconds = 20.0  # for one verdict; names in a megabyte of text take the longest
    sessions: Positive = 10_000  # open at once; about 4 kB each


class TokenUse(Section):
    """A claim and the value that it must have."""

    claim: str
    equals: str


class KeySettings(Section):
    """Where an issuer's keys come from: exactly one of the first six, and what belongs to it."""

    file: Path | None = None  # a JWKS or a PEM file
    url: str = ""  # of a JWKS; https
    discovery: Literal["", "rfc8414", "oidc"] = ""  # the metadata below `issuer` names the JWKS
    spiffe_bundle: Path | None = None  # a file
    spiffe_socket: Path | None = None  # of a Workload API
    kubernetes: bool = False  # the cluster's service-account tokens, asked for with the pod's own
    ca: Path | None = None  # url, discovery, kubernetes: PEM of the authorities to trust instead of the usual
    trust_domain: str = ""  # spiffe_socket: `spiffe://…`, where it is not the issuer itself
    server: str = "https://kubernetes.default.svc"  # kubernetes
    token: Path = Path("/var/run/secrets/kubernetes.io/serviceaccount/token")  # kubernetes

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        sources = (self.file, self.url, self.discovery, self.spiffe_bundle, self.spiffe_socket, self.kubernetes)
        if sum(map(bool, sources)) != 1:
            told = "must name one of file, url, discovery, spiffe_bundle, spiffe_socket and kubernetes"
            raise ValueError(told)
        fetched, cluster = bool(self.url or self.discovery), {"ca", "server", "token"} if self.kubernetes else set()
        useful = cluster | ({"ca"} if fetched else set()) | ({"trust_domain"} if self.spiffe_socket else set())
        if useless := (self.model_fields_set & {"ca", "trust_domain", "server", "token"}) - useful:
            raise ValueError(f"`{min(useless)}` does not belong to this source")
        return self


class IntrospectionSettings(Section):
    """Where an issuer is asked about its tokens (RFC 7662), and as whom."""

    url: Annotated[str, Field(min_length=1)]  # https
    credentials: Path  # a file with one line, client_id:client_secret


class IssuerSettings(Section):
    """One issuer of tokens whose word counts, and how far (identity-spec 2.1)."""

    name: Annotated[str, Field(min_length=1)]
    issuer: Annotated[str, Field(min_length=1)]
    # Fills what follows for an issuer's own kind of token; each can be set besides.
    preset: Literal["", "keycloak", "entra", "okta", "auth0", "google", "kubernetes", "spiffe"] = ""
    keys: Path | KeySettings  # a path alone is a JWKS or a PEM file
    algs: tuple[Literal["Ed25519", "ES256", "ES384", "PS256", "RS256", "EdDSA"], ...] = ("Ed25519", "ES256")
    typ: tuple[str, ...] = ("at+jwt",)
    profiles: tuple[Literal["at-jwt-act@1", "aat-02@1"], ...] = ("at-jwt-act@1", "aat-02@1")
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
    agent_scope: OptionalPath = None  # a scope object (JSON) that no session of this agent goes beyond
    max_session_seconds: Annotated[int, Field(gt=0, le=86_400)] = 3600
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


class RulesSettings(Section):
    """The rule packs, by bundled name or directory; of several, the strictest answer wins."""

    packs: Annotated[tuple[PackName, ...], Field(min_length=1)] = ("baseline",)
    watch: bool = True  # reload when a file of a pack changes; SIGHUP does so always


class PrivacySettings(Section):
    """What recognises names of people and places."""

    model: str = ""  # empty: the bundled English model, digests checked; else an installed package or a path
    key: OptionalPath = None  # 32 bytes for the operator `hash`; empty: a new one at each start


class AuditSettings(Section):
    """Where the record is kept, and how hard it is pressed to disk."""

    path: Path = Path("/var/lib/sidecar/audit.db")
    key: OptionalPath = None  # 32 bytes; empty: `audit.key` beside the log, made at the first start
    sync: Literal["commit", "disk"] = "commit"  # commit outlives the process; disk outlives the machine
    principals: Literal["pseudonym", "clear"] = "pseudonym"
    backlog: Positive = 4096  # records waiting; beyond it no verdict is given


class StateSettings(Section):
    """Where is kept what a restart must not forget: what is revoked."""

    path: OptionalPath = None  # empty: `state.db` beside the audit log


class LogSettings(Section):
    """What is told on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["auto", "json", "text"] = "auto"  # auto: text on a terminal


class Settings(BaseSettings):
    """All settings, checked. Frozen; a change takes a restart, except for the rule packs."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    server: ServerSettings = ServerSettings()
    limits: LimitSettings = LimitSettings()
    identity: IdentitySettings = IdentitySettings()
    rules: RulesSettings = RulesSettings()
    privacy: PrivacySettings = PrivacySettings()
    audit: AuditSettings = AuditSettings()
    state: StateSettings = StateSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `load_settings` has put together, and nothing of the process's environment besides."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)


class _Environment(EnvSettingsSource):
    """pydantic's own reading of variables, of a given environment instead of the process's."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._names.items()}


def load_settings(path: Path | None = None, *, environment: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of the TOML file at `path` (or of $SIDECAR_CONFIG) and of `SIDECAR_*`.

    Relative paths in the file are taken from the file's folder. Raises `ConfigError` with every problem.
    """
    names = dict(os.environ) if environment is None else environment
    source = path or (Path(names["SIDECAR_CONFIG"]) if names.get("SIDECAR_CONFIG") else None)
    values = {} if source is None else _anchored(_toml(source), source.parent)
    problems = list(_unknown_names(names))
    try:
        settings = Settings(**_over(values, _Environment(names)()))
    except ValidationError as error:
        where = str(source) if source else "settings"
        problems += [f"{where}: {'.'.join(map(str, e['loc']))}: {_told(e['msg'], e['type'])}" for e in error.errors()]
    except ValueError:
        problems.append("environment: a SIDECAR_ variable of a table or list is not JSON")
    else:
        if not problems:
            return settings
    raise ConfigError(problems)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with what `above` sets put over it, table by table."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        merged[key] = _over(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged


def _told(message: str, kind: str) -> str:
    return "unknown key" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def _toml(path: Path) -> dict[str, object]:
    try:
        if path.stat().st_size > MAX_CONFIG_BYTES:
            raise ConfigError([f"{path}: larger than {MAX_CONFIG_BYTES} bytes"])
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path}: not TOML: {error}"]) from None
    except UnicodeDecodeError:
        raise ConfigError([f"{path}: not UTF-8"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: {error.strerror}"]) from None


def _anchored(values: dict[str, object], folder: Path) -> dict[str, object]:
    """Return `values` with each relative path of a known setting taken from `folder`."""
    anchored = _anchor(Settings, values, folder)
    assert isinstance(anchored, dict)  # noqa: S101 - a table stays a table
    return anchored


def _anchor(kind: object, value: object, folder: Path) -> object:
    if (
        isinstance(value, str)
        and value
        and (kind is Path or Path in get_args(kind) or (kind == PackName and "/" in value))
    ):
        return str(folder / value)
    table = next((one for one in (kind, *get_args(kind)) if isinstance(one, type) and issubclass(one, BaseModel)), None)
    if isinstance(value, dict) and table:
        fields = table.model_fields
        return {k: _anchor(fields[k].annotation, v, folder) if k in fields else v for k, v in value.items()}
    if isinstance(value, list):
        inner = next((arg for arg in get_args(kind) if arg is not Ellipsis), None)
        return [_anchor(inner, item, folder) for item in value]
    return value


def _unknown_names(environment: Mapping[str, str]) -> Iterator[str]:
    """Tell of each SIDECAR_ variable that names no table; keys within a table are pydantic's to refuse."""
    for name in sorted(environment):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in RESERVED or SERVICE_LINKS.fullmatch(upper):
            continue
        table = upper.removeprefix(PREFIX).split("__")[0].lower()
        if table not in Settings.model_fields:
            yield f"environment: {name}: unknown key"


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
