"""From a verified chain to a session, and from a session to a narrower one (identity-spec 2.6 I and 2.16).

The session's scope is the meet of all hops, of the agent's own policy, and of what the caller asked for. What the
caller asks for must lie within the rest: it is told so, never given less in silence.
"""

from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from sidecar.errors import EvidenceError, JsonError, ScopeError, SessionError, TokenError
from sidecar.identity.delegation import Delegated, Delegation, Delegator, Parent
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.peers import PeerRule, check_peer
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.presenters import Presenters
from sidecar.identity.holders.proofs import IF_BOUND, OFF, Presented
from sidecar.identity.verifier import Verifier
from sidecar.model.account import Debit
from sidecar.model.chain import VerifiedChain
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope, limited_to, meet
from sidecar.model.scope_form import requested
from sidecar.model.session import Peer, Session
from sidecar.model.spending import ceilings, is_counted, narrowed, purses
from sidecar.model.strict_json import Json, parse
from sidecar.model.task import TaskTypes

MAX_SCOPE_JSON: Final = 64 * 1024  # characters; a scope of 256 tools with arguments fits
MAX_TOOLS_ASKED: Final = 256
OPEN_SESSION: Final = "sidecar.v1.Guard/OpenSession"  # the call that a proof is made for
MAX_WORDS: Final = 4096  # characters of what a session says about itself
DEFAULT_LIFETIME: Final = 3600  # seconds

# Every way to be wider (identity-spec 2.7.2); within a session they are one (2.8, 2013).
WIDER: Final = frozenset(
    {
        "chain_context_changed",
        "scope_args_widened",
        "scope_autonomy_raised",
        "scope_budget_widened",
        "scope_data_class_widened",
        "scope_egress_widened",
        "scope_entry_missing",
        "scope_obligation_dropped",
        "scope_tool_added",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What OpenSession and NarrowSession ask for, as it came. An empty field asks for nothing.

    `peer` is the process that asks, where it said who it is; `certificate` the DER of the client certificate that TLS
    itself verified, empty where there was none.
    """

    tokens: tuple[str, ...] = field(default=(), repr=False)
    proof: str = field(default="", repr=False)
    task: str = ""
    task_type: str = ""
    tools: tuple[str, ...] = ()
    residency: str = ""
    scope_json: str = ""
    parent_session_id: str = ""
    peer: Peer | None = None
    certificate: bytes = field(default=b"", repr=False)

    @property
    def asked(self) -> dict[str, Json]:
        """What a proof of linked tokens must be over, each member as it was sent."""
        whole = {"parent_session_id": self.parent_session_id} if self.parent_session_id else {}
        return {
            **whole,
            "task": self.task,
            "task_type": self.task_type,
            "tools": self.tools,
            "residency": self.residency,
            "scope_json": self.scope_json,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """Opens sessions by one verifier, within the agent's own policy. `agent_scope` None: no policy of its own.

    `holder` is the sidecar's own key: the tokens of a chain that ends at it are kept, so that it can be delegated on,
    and nobody else could prove it. `proofs` says when a proof of possession is asked for (`identity.proofs`), `since`
    from when on proofs are remembered, `nonces` which of them a proof must hold, `peers` who may act as which agent,
    `tasks` what sessions for tasks of a type may do at most, `sessions_per_token` how many sessions one root token may
    open; 0: as many as it likes.
    """

    verifier: Verifier
    agent_scope: Scope | None = None
    max_lifetime_s: int = DEFAULT_LIFETIME
    holder: SigningKey | None = None
    proofs: str = IF_BOUND
    since: float = 0.0
    nonces: frozenset[str] = field(default=frozenset(), repr=False)
    peers: tuple[PeerRule, ...] = ()
    tasks: TaskTypes = field(default_factory=TaskTypes)
    sessions_per_token: int = 0

    def opened(self, opening: Opening, session_id: str, at: float) -> Session:
        """Return the session that `opening` is worth at `at` (seconds since the epoch): all steps in order.

        No proof is taken by that. Raises as they do.
        """
        chain = self.proven(opening, at)
        self.check_peer(chain, opening.peer)
        return self.granted(chain, opening, session_id, at)

    def proven(self, opening: Opening, at: float) -> VerifiedChain:
        """Return what the tokens and the proof of `opening` prove at `at`; steps A to F without 35.

        Where there is a proof, take it from the store before anything is granted. Raises `TokenError` or `ScopeError`
        with the reasons of identity-spec 2.8, not_yet_supported for what this version cannot hold.
        """
        _supported(opening)
        chain = self.verifier.verify(opening.tokens, at)
        expected = Expected(
            audiences=self.verifier.audiences,
            tool=OPEN_SESSION,
            arguments=opening.asked,
            since=self.since,
            nonces=self.nonces,
            certificate=opening.certificate,
        )
        # Nobody but this sidecar could prove its own key. Whatever else is shown must hold all the same.
        demand = OFF if self._is_ours(chain) else self.proofs
        presenters = Presenters(by=self.verifier, demand=demand, peers=self.peers)
        return presenters.proven(chain, Presented(opening.tokens, opening.proof), expected, at)

    def check_peer(self, chain: VerifiedChain, peer: Peer | None) -> None:
        """Return where `peer` may act by `chain`; step G.

        Raises `TokenError` peer_unauthenticated, act_peer_mismatch or peer_key_unbound.
        """
        check_peer(chain, peer, self.peers)

    def granted(
        self, chain: VerifiedChain, opening: Opening, session_id: str, at: float, whole: Session | None = None
    ) -> Session:
        """Return the session that `chain` is worth; step I. It is part of the session `whole` where there is one.

        Raises `TokenError` session_principal_changed where the two act for different people, `SessionError` where it is
        to be part of one and there is none; `ScopeError` scope_empty where nothing is left, task_type_unknown, another
        scope_* reason where more is asked for than is granted, not_yet_supported for what this version cannot hold.
        """
        granted = chain.scope if self.agent_scope is None else meet(chain.scope, self.agent_scope)
        if opening.parent_session_id and whole is None:
            raise SessionError("no open session has the parent's handle: open one on its own")
        if whole and not _same_person(whole.chain, chain):
            message = "the session that this is to be part of acts for somebody else: open one on its own"
            raise TokenError(message, reason="session_principal_changed")
        task = self.tasks.of(opening.task_type)
        ceiling = meet(granted, whole.scope) if whole else granted
        scope = self.narrowed(meet(ceiling, task.scope) if task else ceiling, opening)
        _enforceable(scope)
        lifetime_ends = min(chain.expires_at, at + self.max_lifetime_s, at + task.lifetime_s if task else inf)
        session = Session(
            id=session_id,
            chain=chain,
            scope=scope,
            opened_at=at,
            expires_at=float(min(lifetime_ends, whole.expires_at) if whole else lifetime_ends),
            parent_id=whole.id if whole else "",
            whole_id=(whole.whole_id or whole.id) if whole else "",
            tree=(whole.tree or whole.chain.hops[0].digest) if whole else "",
            purses=purses(chain, granted, whole.purses if whole else ()),
            task=opening.task,
            task_type=opening.task_type,
            residency=opening.residency,
            peer=opening.peer,
            tokens=tuple(opening.tokens) if self._is_ours(chain) else (),
        )
        return narrowed(session, scope)

    def handed_on(self, session: Session, made: Delegated, audience: str) -> list[Debit]:
        """Return what goes from the purses of `session` for good when `made` leaves for `audience` (2.7.4).

        Nothing where that is us: whoever brings it spends from the same accounts.
        """
        if audience in self.verifier.audiences:
            return []
        handed = ceilings(made.chain.scope)
        return [debit for purse in session.purses for debit in purse.debits(handed)]

    def delegated(self, session: Session, asked: Delegation, at: float) -> Delegated:
        """Return one more link under the chain of `session`, never wider than what is left of its scope.

        Raises `TokenError` or `ScopeError` as `Delegator.delegated`.
        """
        if self.holder is None:
            raise TokenError("this sidecar holds no key to sign with", reason="mint_root_forbidden")
        if session.restored:
            message = "the session is older than the sidecar's last start, and tokens are not kept: open a new one"
            raise TokenError(message, reason="mint_unverified_parent")
        parent = Parent(chain=session.chain, tokens=session.tokens, scope=session.scope, expires_at=session.expires_at)
        return Delegator(holder=self.holder, verifier=self.verifier).delegated(parent, asked, at)

    def _is_ours(self, chain: VerifiedChain) -> bool:
        return self.holder is not None and chain.hops[-1].thumbprint == self.holder.public.thumbprint

    def narrower(self, held: Scope, opening: Opening) -> Scope:
        """Return the scope of a session in use with what `opening` takes away.

        Raises `ScopeError` session_widen_refused where that is wider than `held`; for what cannot be read, as
        `narrowed`.
        """
        try:
            scope = self.narrowed(held, opening)
        except ScopeError as error:
            if error.reason in WIDER:
                message = "a session only ever shrinks: for more, open a new one from a wider token"
                raise ScopeError(message, reason="session_widen_refused", path=error.path) from None
            raise
        _enforceable(scope)
        return scope

    def narrowed(self, held: Scope, opening: Opening) -> Scope:
        """Return `held` with what `opening` takes away; what it does not name stays.

        Raises `ScopeError` with a scope_* reason where the request is wider than `held`.
        """
        scope = held
        if opening.scope_json:
            asked = requested_scope(opening.scope_json, held)
            narrower(asked, held)
            scope = meet(held, asked)
        if opening.tools:
            if len(opening.tools) > MAX_TOOLS_ASKED:
                raise ScopeError(f"more than {MAX_TOOLS_ASKED} tools", reason="limit_scope_size", path="/tools")
            scope = limited_to(scope, opening.tools)
        if not scope.tools:
            raise ScopeError(
                "no tool is left that this session may call: get a wider token, or ask for less", reason="scope_empty"
            )
        return scope


def requested_scope(scope_json: str, held: Scope) -> Scope:
    """Return the scope that a caller's JSON asks for within `held`. Raises `ScopeError`."""
    if len(scope_json) > MAX_SCOPE_JSON:
        raise ScopeError(f"scope_json is longer than {MAX_SCOPE_JSON} characters", reason="limit_scope_size")
    try:
        return requested(parse(scope_json), held)
    except JsonError:
        raise ScopeError("scope_json is not strict JSON: send one object without duplicate members") from None


def _same_person(one: VerifiedChain, other: VerifiedChain) -> bool:
    return (one.principal.subject, one.principal.issuer) == (other.principal.subject, other.principal.issuer)


def _supported(opening: Opening) -> None:
    if any(len(words) > MAX_WORDS for words in (opening.task, opening.task_type, opening.residency)):
        raise EvidenceError(f"task, task_type and residency are at most {MAX_WORDS} characters", reason="limit_string")


def _enforceable(scope: Scope) -> None:
    """Refuse a ceiling in a unit that nobody counts: an unheld ceiling is none at all."""
    for unit in ceilings(replace(scope, tools={})):
        if not is_counted(unit):
            message = "the scope limits a unit that this version does not count: get one that does not"
            raise ScopeError(message, reason="not_yet_supported", path="/budgets")
