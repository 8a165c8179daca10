"""The levels of agents by hand: an operator sees them, and moves one, for now and for what is opened from now on.

A level that falls falls at once, also for sessions that are open; one that rises counts for sessions that are opened
afterwards, and no level lets a session do more alone than its delegation does (law 4). Every move is recorded with who
made it.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from sidecar.audit.level_record import Move, moved_by_hand
from sidecar.audit.record import AuditLog, Recorder
from sidecar.conduct import moved
from sidecar.errors import CallerError
from sidecar.identity.trust import TrustStore
from sidecar.model.autonomy import LEVELS, Agent, Ladder, Standing
from sidecar.operators import Answerer, Operators, check_words
from sidecar.stores.base import Stores

MAX_ABOVE: Final = 16  # agents above one: more than any chain has
MAX_NAME: Final = 512  # characters of an issuer, an agent, a type of task


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whom an operator moves, to which level, and why. Without an issuer it is the one that can be meant."""

    agent: str
    level: int
    issuer: str = ""
    above: tuple[str, ...] = ()  # for a sub-agent that only these have named
    task_type: str = ""
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """`ladder`, `trust` and `recorder` give those of the moment; `ladder` is None where no pack has levels."""

    stores: Stores
    audit: AuditLog
    recorder: Callable[[], Recorder]
    ladder: Callable[[], Ladder | None]
    trust: Callable[[], TrustStore]
    operators: Operators

    def known(self, agent: str = "", task_type: str | None = None) -> list[tuple[Agent, Standing]]:
        """Return the standings that are known: all, of one agent, of one type of task."""
        return [
            (who, standing)
            for who, standing in self.stores.standings.all()
            if agent in {"", who.name, *who.above} and task_type in {None, who.task_type}
        ]

    async def move(self, asked: Asked, who: Answerer, at: float) -> tuple[Agent, Standing]:
        """Move an agent, keep and record it, and return where it stands.

        Raises `CallerError`, `ApprovalError` approver_unknown, `OverloadError` where no more levels are kept.
        """
        ladder = self.ladder()
        if ladder is None:
            raise CallerError("no rule pack has levels: add an autonomy.yaml to one")
        if not 0 <= asked.level < LEVELS:
            raise CallerError(f"a level is from 0 to {LEVELS - 1}")
        check_words(asked.words)
        by = self.operators.told(who, at)
        agent = self._meant(asked)
        is_known = any(replace(one, task_type=agent.task_type) == agent for one, _ in self.known())
        before = self.stores.standings.set(agent, asked.level, at, start=ladder.start)
        await self.stores.keep.kept()
        move = Move(agent=agent, before=before, after=asked.level, by=by, at=at, words=asked.words, is_known=is_known)
        await self.audit.append(moved_by_hand(self.recorder(), move, moved(before, asked.level)))
        return agent, dict(self.stores.standings.all())[agent]

    def _meant(self, asked: Asked) -> Agent:
        if len(asked.above) > MAX_ABOVE:
            raise CallerError(f"an agent has at most {MAX_ABOVE} above it")
        for text in (asked.agent, asked.issuer, asked.task_type, *asked.above):
            if len(text) > MAX_NAME:
                raise CallerError(f"a name has at most {MAX_NAME} characters")
        if not asked.agent and not asked.above:
            raise CallerError("say which agent: by the name that its tokens give it")
        issuers = {asked.issuer} if asked.issuer else self._issuers(asked.agent)
        if asked.issuer and asked.issuer not in self.trust().issuers:
            raise CallerError("the issuer is not among those trusted here: name it as `issuer` in the settings has it")
        if len(issuers) != 1:
            raise CallerError("several issuers may name this agent: say whose it is")
        return Agent(issuer=issuers.pop(), name=asked.agent, task_type=asked.task_type, above=asked.above)

    def _issuers(self, agent: str) -> set[str]:
        """Return the issuers that have named `agent`, else all that may."""
        known = {who.issuer for who, _ in self.known(agent)}
        return known or {name for name, one in self.trust().issuers.items() if not one.shape.actor_only}
