"""The tables of the settings but for `[identity]`, and all of them together.

Every limit of the running sidecar that an operator may move stands here, with its unit in its name and its reason
beside it.
"""

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from sidecar.config.identity import IdentitySettings
from sidecar.config.section import (
    EntryPoint,
    LanguageCode,
    ModelName,
    OptionalPath,
    PackName,
    Positive,
    Seconds,
    Section,
)

PREFIX: Final = "SIDECAR_"


class TlsSettings(Section):
    """Mutual TLS on the TCP port: all three files, in PEM, or none. Clients must show a certificate of `client_ca`."""

    certificate: OptionalPath = None  # ours, with the chain above it
    key: OptionalPath = None
    client_ca: OptionalPath = None

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        if len({path is None for path in (self.certificate, self.key, self.client_ca)}) > 1:
            raise ValueError("needs certificate, key and client_ca together")
        return self


class ServerSettings(Section):
    """Where the sidecar listens, and how much it takes at once."""

    socket: Path = Path("/run/sidecar/guard.sock")
    socket_mode: Literal["0600", "0660", "0666"] = "0660"  # the agent often runs as another user of one group
    peer_socket: OptionalPath = None  # empty: peer.sock beside `socket`; it gives out tickets that say who connects
    control_socket: Path = Path("/run/sidecar/control.sock")  # always 0600
    tcp: str = ""  # "127.0.0.1:50051" for agents that cannot open a Unix socket; loopback only
    tls: TlsSettings = TlsSettings()  # of `tcp`; without, that port speaks plain text
    reflection: bool = True
    max_message_bytes: Positive = 4 << 20  # gRPC's own default; a megabyte of text fits three times
    max_in_flight: Positive = 256  # calls; beyond it RESOURCE_EXHAUSTED at once
    drain_seconds: Seconds = 10.0  # what SIGTERM leaves to calls under way; below Kubernetes' 30

    @model_validator(mode="after")
    def _tls_is_of_tcp(self) -> Self:
        if self.tls.certificate and not self.tcp:
            raise ValueError("`tls` is of the port `tcp`, which is not set")
        return self

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


class RulesSettings(Section):
    """The rule packs, by bundled name or directory; of several, the strictest answer wins."""

    packs: Annotated[tuple[PackName, ...], Field(min_length=1)] = ("baseline",)
    watch: bool = True  # reload when a file of a pack changes; SIGHUP does so always


class PrivacySettings(Section):
    """What recognises names of people and places."""

    model: str = ""  # empty: the bundled English model, digests checked; else an installed package or a path
    languages: Mapping[LanguageCode, ModelName] = Field(default_factory=dict)  # models for further ones
    recognizers: tuple[EntryPoint, ...] = ()  # installed ones of Presidio's kind, as ["package.module:Class"]
    key: OptionalPath = None  # 32 bytes for the operator `hash`; empty: a new one at each start
    vault_key: OptionalPath = None  # 32 bytes for the values behind tokens; empty: `vault.key` beside the state file


class InjectionsSettings(Section):
    """What judges texts beside our own scores."""

    classifier: str = ""  # "bundled" with the extra `classifier`; or a folder with an ONNX file and tokenizer.json


class AuditSettings(Section):
    """Where the record is kept, and how hard it is pressed to disk."""

    path: Path = Path("/var/lib/sidecar/audit.db")
    key: OptionalPath = None  # 32 bytes; empty: `audit.key` beside the log, made at the first start
    sync: Literal["commit", "disk"] = "commit"  # commit outlives the process; disk outlives the machine
    principals: Literal["pseudonym", "clear"] = "pseudonym"
    backlog: Positive = 4096  # records waiting; beyond it no verdict is given


class StateSettings(Section):
    """Where is kept what a restart must not forget: what is revoked, and beside it sessions and what they spent."""

    path: OptionalPath = None  # empty: `state.db` beside the audit log


class OperatorSettings(Section):
    """Somebody whose token answers requests for approval: the issuer as it calls itself, and the subject."""

    issuer: str = Field(min_length=1)
    subject: str = Field(min_length=1)
    uid: Annotated[int, Field(ge=0)] | None = None  # of the same person on this machine; then no other user answers
    person: str = ""  # entries with the same are one person's


class WebhookSettings(Section):
    """Who is told of requests for approval: a chat tool, by HTTP."""

    url: Annotated[str, Field(max_length=2048)] = ""  # https, or http to a loopback address; empty: nobody
    secret: OptionalPath = None  # a file whose line signs each notice; two lines while one replaces the other
    ca: OptionalPath = None  # PEM, where the server's certificate is not of a public authority
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0  # of one try, up to the status

    @field_validator("url")
    @classmethod
    def _may_be_told(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname or "", parts.port
        except ValueError:
            raise ValueError("not a URL") from None
        plain = parts.scheme == "http" and _is_loopback(host)
        if value and (not host or not (plain or parts.scheme == "https") or "@" in parts.netloc or parts.fragment):
            raise ValueError("must be https, or http to a loopback address; without user, password and fragment")
        return value

    @model_validator(mode="after")
    def _is_signed(self) -> Self:
        if bool(self.url) != bool(self.secret):
            raise ValueError("`url` and `secret` go together")
        return self


class ApprovalSettings(Section):
    """Who answers when an agent needs a person's consent, besides whom the kernel names at the control socket."""

    operators: tuple[OperatorSettings, ...] = ()
    webhook: WebhookSettings = WebhookSettings()

    @field_validator("operators")
    @classmethod
    def _are_told_apart(cls, value: tuple[OperatorSettings, ...]) -> tuple[OperatorSettings, ...]:
        names = [(one.issuer, one.subject) for one in value]
        if len(set(names)) < len(names):
            raise ValueError("one issuer and subject stand there twice: say all of them at one place")
        persons: dict[int, set[str]] = {}
        for one in value:
            if one.uid is not None:
                persons.setdefault(one.uid, set()).add(one.person or f"{one.issuer} {one.subject}")
        if any(len(who) > 1 for who in persons.values()):
            raise ValueError("one uid is of two persons: give both entries the same `person`")
        return value


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
    injections: InjectionsSettings = InjectionsSettings()
    audit: AuditSettings = AuditSettings()
    state: StateSettings = StateSettings()
    approvals: ApprovalSettings = ApprovalSettings()
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


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
