"""Every error the sidecar raises on purpose.

    SidecarError
    ├── CallerError                the request cannot be judged    → INVALID_ARGUMENT
    ├── EvidenceError              evidence did not hold           → a DENY finding
    │   ├── JsonError              not one well-formed JSON value
    │   ├── TokenError             a token or a chain did not verify
    │   ├── ScopeError             a scope is malformed or wider than it may be
    │   └── SessionError           no such session, or it has ended
    ├── FetchError                 an issuer's keys cannot be had  → its health; the keys held stay
    ├── OverloadError              more than the limits allow      → RESOURCE_EXHAUSTED
    ├── UnavailableError           a store or the audit log is out → UNAVAILABLE
    └── ConfigError                raised at start and reload only → exit code 2

A refusal is not an error: it is a `Verdict` whose decision is DENY. Messages start in lower case, hold no
line break, and never hold payload, tokens, keys or personal data.
"""

from collections.abc import Sequence


class SidecarError(Exception):
    """Base of all errors below; `reason` is a stable token for logs and replies."""

    reason = "internal_error"

    def __init__(self, message: str = "", *, reason: str = "") -> None:
        super().__init__(message)
        if reason:
            self.reason = reason


class CallerError(SidecarError):
    """The request itself cannot be judged."""

    reason = "bad_request"


class EvidenceError(SidecarError):
    """What the caller presented does not hold. `path` is a JSON Pointer (RFC 6901) to the place."""

    reason = "evidence_invalid"

    def __init__(self, message: str = "", *, reason: str = "", path: str = "") -> None:
        super().__init__(message, reason=reason)
        self.path = path


class JsonError(EvidenceError):
    """The text is not one JSON value that every parser reads alike."""

    reason = "json_malformed"


class TokenError(EvidenceError):
    """A token or a delegation chain did not verify."""

    reason = "token_malformed"


class ScopeError(EvidenceError):
    """A scope is malformed, or wider than what it must be within."""

    reason = "scope_malformed"


class SessionError(EvidenceError):
    """The session was never opened, was closed, or has expired."""

    reason = "session_unknown"


class FetchError(SidecarError):
    """An issuer's keys could not be fetched or used."""

    reason = "jwks_unavailable"


class OverloadError(SidecarError):
    """The sidecar holds as much as it may."""

    reason = "overload"


class UnavailableError(SidecarError):
    """A store or the audit log cannot answer."""

    reason = "unavailable"


class ConfigError(SidecarError):
    """The configuration or a rule pack cannot be used. `problems` lists everything that is wrong."""

    reason = "config_invalid"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)
