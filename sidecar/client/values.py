"""What goes into the client and what comes out of it: plain values, no protobuf."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal, TypedDict

# A recursive type: JSON as Python's own parser gives it.
Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]

Direction = Literal["inbound", "outbound"]


class Message(TypedDict):
    """One message of a prompt. Roles: system, developer, user, assistant, tool."""

    role: str
    content: str


class Result(IntEnum):
    """How a call to a tool or a model went. The numbers are the contract's."""

    OK = 1
    ERROR = 2
    TIMEOUT = 3
    RATE_LIMITED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a call went, and how long it took in seconds."""

    result: Result = Result.OK
    latency: float = 0.0
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The tokens that a model counted for one call."""

    input_tokens: int = 0
    output_tokens: int = 0
    cached_input_tokens: int = 0


class LlmCall(TypedDict, total=False):
    """Which model a request goes to, or an output comes from; `call_id` pairs the two."""

    provider: str
    model: str
    call_id: str


class SessionOptions(TypedDict, total=False):
    """What a session is for, and what it shall have less of than its chain grants.

    `tools` are the tools it may call at most; leave it out for all that the chain grants. `scope` is a scope
    object that narrows further. `residency` is where the person concerned lives, as ISO 3166-1 alpha-2 or
    "EU". `parent` is the session that this one is part of, `proof` an RFC 9449 proof of the last token's key.
    """

    task: str
    task_type: str
    tools: Sequence[str]
    scope: Mapping[str, Json]
    residency: str
    parent: str
    proof: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A session as the sidecar granted it. `actors` are the root's delegate first, the caller last."""

    session_id: str
    subject: str
    actors: tuple[str, ...]
    agent: str
    tools: tuple[str, ...]
    expires_at: datetime  # in UTC
    autonomy: int  # 0 to 4
    policy_version: str
    record_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegatedToken:
    """One more link of the session's chain, signed by the sidecar. `unnarrowed`: it hands on all that is held."""

    token: str = field(repr=False)
    expires_at: datetime  # in UTC
    unnarrowed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a session did, told when it was closed. `cost_usd` is a decimal number as text."""

    crossings: int
    denied: int
    input_tokens: int
    output_tokens: int
    cost_usd: str
