"""The settings: what may be set, and how it is read."""

from sidecar.config.identity import (
    CardSettings,
    IdentitySettings,
    IntrospectionSettings,
    IssuerSettings,
    KeySettings,
    PeerSettings,
    RefreshSettings,
    TokenUse,
    TransmitterSettings,
)
from sidecar.config.reading import load_settings
from sidecar.config.settings import (
    AuditSettings,
    LimitSettings,
    LogSettings,
    PrivacySettings,
    RulesSettings,
    ServerSettings,
    Settings,
    StateSettings,
    TlsSettings,
)

__all__ = [
    "AuditSettings",
    "CardSettings",
    "IdentitySettings",
    "IntrospectionSettings",
    "IssuerSettings",
    "KeySettings",
    "LimitSettings",
    "LogSettings",
    "PeerSettings",
    "PrivacySettings",
    "RefreshSettings",
    "RulesSettings",
    "ServerSettings",
    "Settings",
    "StateSettings",
    "TlsSettings",
    "TokenUse",
    "TransmitterSettings",
    "load_settings",
]
