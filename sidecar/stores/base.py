"""The ports. Every verb is atomic; none is a get that a set must follow.

Those of what is spent, limited and consented to stand beside this (`ports_ledger`, `ports_limits`, `ports_tickets`).
How their stores outlive the process, and how to add one: `stores.keep`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from sidecar.errors import UnavailableError
from sidecar.model.autonomy import Agent, Deed, Ladder, Standing
from sidecar.model.chain import VerifiedChain
from sidecar.model.revocation import Revocation
from sidecar.model.scope import Scope
from sidecar.model.session import Session, Usage
from sidecar.stores.keep import Keep
from sidecar.stores.ports_costs import Costs
from sidecar.stores.ports_ledger import Ledger
from sidecar.stores.ports_limits import Breakers, Loops, Rates
from sidecar.stores.ports_tickets import Tickets


class Proofs(Protocol):
    """Which proofs of possession were taken: each counts once."""

    async def take(self, thumbprint: str, token_id: str, until: float, at: float) -> None:
        """Take the proof `token_id` of the holder `thumbprint`; it is remembered until `until`.

        Times are seconds since the epoch. Raises `TokenError` replay_detected where it was taken before,
        replay_store_full where no more are remembered, and `UnavailableError` when the store cannot answer.
        """


class Sightings(Protocol):
    """What was seen of tokens and tasks. Times are seconds since the epoch.

    Every verb raises `OverloadError` where no more is remembered, `UnavailableError` when the store cannot answer.
    """

    async def keep(self, marks: Collection[str], until: float, at: float) -> None:
        """Remember the marks of tokens that were given to this agent, until they are over."""

    async def seen(self, marks: Collection[str], at: float) -> bool:
        """Return whether one of `marks` is that of such a token."""

    async def pin(self, names: Collection[str], owner: str, until: float, at: float) -> bool:
        """Give all of `names` to `owner` until `until`, or change nothing and return False: one is another's."""


class Sessions(Protocol):
    """The open sessions. A handle is `<public id>.<secret>`; only its digest is kept.

    Every verb raises `SessionError` where no open session has that handle (session_unknown) or where its
    time is over (session_expired), and `UnavailableError` when the store cannot answer.
    """

    async def open(self, session: Session, secret: str) -> str:
        """Keep a new session and return its handle. Raises `OverloadError` when no more are taken."""

    async def get(self, handle: str, at: float) -> Session:
        """Return the session of `handle` as it stands at `at` (seconds since the epoch)."""

    async def count(self, session_id: str, usage: Usage, *, at_once: bool = True) -> None:
        """Add `usage` to what the session has done; silent where it has ended meanwhile.

        Unless `at_once`, what a sudden end of the process leaves may be a second behind: where nobody decides by it.
        """

    async def used(self, session_id: str) -> Usage:
        """Return what the session of this public id has done; nothing where there is none."""

    async def narrow(self, handle: str, scope: Scope, at: float) -> Session:
        """Replace the scope by the meet of it and `scope`; there is no way back."""

    async def close(self, handle: str, at: float) -> Usage:
        """End the session and return what it has done."""

    async def parts(self, session_id: str) -> tuple[str, ...]:
        """Return the public ids of all sessions that are part of this one, however deep: they end with it."""

    async def list(self, at: float) -> tuple[tuple[Session, Usage], ...]:
        """Return all open sessions, oldest first."""

    async def matching(self, revocations: Collection[Revocation]) -> tuple[Session, ...]:
        """Return the open sessions that may be hit, with their parts, and perhaps more: found by an index."""

    async def end(self, reasons: Mapping[str, str]) -> tuple[str, ...]:
        """End sessions, from public id to the reason that their handles are refused with from now on.

        Return the ids of those that were open.
        """


class Revocations(Protocol):
    """What may act no more.

    A verb that changes something raises `UnavailableError` when it cannot be kept: what it revokes is then in force,
    and tried again until it is kept; a start before that has not heard of it.
    """

    @property
    def epoch(self) -> int:
        """How often something was revoked. It never goes down, not even over a restart."""

    def reason(self, chain: VerifiedChain, at: float) -> str:
        """Return why `chain` may not act at `at` (seconds since the epoch), or the empty string. Microseconds."""

    async def add(self, revocations: Collection[Revocation], at: float, *, event: str = "") -> bool:
        """Put `revocations` into force for as long as each says, over restarts, too.

        `event` is the id of a security event: return False, and change nothing, where it was taken in before.
        Raises `OverloadError` revocations_full; then nothing is changed.
        """

    async def knows(self, event: str) -> bool:
        """Return whether the security event of this id was taken in."""

    async def replace_list(self, revocations: Collection[Revocation]) -> None:
        """Put `revocations` into force instead of those of the last list. Raises `OverloadError` revocations_full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawer:
    """Whose tokens are meant: a session's own, or those that it gave to one other agent. Gone after `until`."""

    session_id: str
    until: float
    peer: str = ""


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of a kind, as it was found."""

    entity: str
    value: str = field(repr=False)


class Vault(Protocol):
    """What tokens stand for. A token of one drawer means nothing in another.

    Every verb raises `UnavailableError` when the vault cannot answer. Times are seconds since the epoch.
    """

    async def tokens(self, drawer: Drawer, data: Sequence[Datum], at: float, /) -> tuple[str, ...]:
        """Return a token for each of `data`: the same one for all spellings of one value, new where none is known.

        Raises `OverloadError` vault_full when no more are taken.
        """

    async def values(self, drawer: Drawer, tokens: Collection[str], at: float, /) -> Mapping[str, str]:
        """Return the values of those of `tokens` that are in the drawer, as they were first written."""

    async def lend(self, to: Drawer, tokens: Collection[str], at: float, /) -> None:
        """Make those of `tokens` that the session's own drawer knows known in `to`, without what they stand for.

        Raises `OverloadError` vault_full when no more are taken.
        """

    async def forget(self, session_ids: Collection[str], /) -> None:
        """Empty all drawers of these sessions, for good."""


class NoVault:
    """For policies without tokens: it knows none, and takes no value."""

    async def tokens(self, _drawer: Drawer, _data: Sequence[Datum], _at: float, /) -> tuple[str, ...]:
        raise UnavailableError("there is no vault")

    async def values(self, _drawer: Drawer, _tokens: Collection[str], _at: float, /) -> Mapping[str, str]:
        return {}

    async def lend(self, _to: Drawer, _tokens: Collection[str], _at: float, /) -> None:
        """Nothing to lend."""

    async def forget(self, _session_ids: Collection[str], /) -> None:
        """Nothing to forget."""


NO_VAULT: Final = NoVault()


class Standings(Protocol):
    """What agents have earned by their work, and lost. Times are seconds since the epoch."""

    def level(self, agent: Agent, ladder: Ladder, since: float, /) -> int:
        """Return the lowest level that `agent` had since `since`: what a session has that began then."""

    def begin(self, call: str, work: str, /) -> None:
        """Remember that `call` was let through, and what it is as work."""

    def end(self, call: str, /) -> str:
        """Return what `call` is as work, once; empty where it was not let through, or was reported before."""

    def note(self, agent: Agent, ladder: Ladder, deed: Deed, at: float, /) -> tuple[int, int]:
        """Take in how a call went, and return the level before and after. The same clean work counts once."""

    def set(self, agent: Agent, level: int, at: float, /, *, start: int) -> int:
        """Move `agent` to `level` by hand, and return the level before: `start` where nothing was known of it.

        Raises `OverloadError` where no more are kept.
        """

    def all(self) -> list[tuple[Agent, Standing]]:
        """Return all standings, in a fixed order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """All state that outlives a crossing. `keep` is awaited before any answer leaves that changed some."""

    sessions: Sessions
    revocations: Revocations
    ledger: Ledger
    tickets: Tickets
    rates: Rates
    breakers: Breakers
    loops: Loops
    standings: Standings
    costs: Costs
    keep: Keep
    vault: Vault = NO_VAULT
