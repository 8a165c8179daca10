"""A grant in use. It only ever gets stricter."""

from dataclasses import dataclass, field

from sidecar.model.account import Purse
from sidecar.model.chain import Principal, VerifiedChain
from sidecar.model.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The process that asked for a session, as the kernel knew it when it connected (unix(7), SO_PEERCRED)."""

    pid: int
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One verified chain in use, for one task.

    `id` is public: it stands in the audit log and in operators' lists. The handle that the agent holds is
    the id and a secret behind it, so that who reads the log cannot act in the session. `scope` is the meet
    of the chain, the agent's own policy and what OpenSession asked for. Times are seconds since the epoch.
    `tokens` are those of the chain where this sidecar may delegate on, else none: in memory only, never logged.
    `revocation_epoch` is up to where the chain was held against what is revoked. `parent_id` is of the session that
    this one is part of, `purses` what it spends from, its own scope's budgets last (`model.spending`). `restored` is
    one that was opened before the last restart. `whole_id` is of the session that it is part of in the end, `tree` the
    digest of the root token of that one; both empty where it is no part.
    """

    id: str
    chain: VerifiedChain
    scope: Scope
    opened_at: float
    expires_at: float
    task: str = ""
    task_type: str = ""
    residency: str = ""
    peer: Peer | None = None
    tokens: tuple[str, ...] = field(default=(), repr=False)
    revocation_epoch: int = 0
    parent_id: str = ""
    purses: tuple[Purse, ...] = ()
    restored: bool = False
    whole_id: str = ""
    tree: str = ""

    @property
    def principal(self) -> Principal:
        """Who the session acts for, and through whom."""
        return self.chain.principal


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a session has done so far. Money in millionths of a US dollar."""

    crossings: int = 0
    denied: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    micro_usd: int = 0
