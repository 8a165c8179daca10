"""Is this agent going round in circles?

The same call again and again, a few calls in turn, or calls that come to nothing new: counted over all sessions of one
root token, so that a new session gains nothing. What is called is told apart by tool and arguments, a prompt by its
model and all that it says, a message to another agent by what it says and not by its ids; each of the three has a trail
of its own. A call that was refused counts, too, so that who goes on stays refused. What came of a call is what its
report says, once for each that was let through.

A new root token begins a new trail, as a new task of somebody's would. What changes something is counted over all of
them as well, for each agent and whom it acts for, and may be done `FAMILY` times as often: so nobody goes on for ever
by getting new tokens. What only reads may be asked by many sessions at once, and costs what rates and budgets say.

A sub-agent that only those above it name has a trail of its own, for several may do the same at once, and shares one
with all others below the first delegate, which is `FAMILY` times as long: so new names are no way round it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final
from zlib import crc32

from sidecar.audit.pseudonyms import DIGESTED
from sidecar.checks.base import Ports
from sidecar.checks.repeat import DIGITS, digest_of
from sidecar.content.turns import walked
from sidecar.model.crossing import Boundary, Crossing, Direction, Outcome
from sidecar.model.limits import Per, named, whose
from sidecar.model.loop import FAILED, LoopLimit
from sidecar.model.steps import Steps
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Severity, allow, deny
from sidecar.policy.catalogue import Catalogue, Effect
from sidecar.stores.ports_limits import Loops

_AGAIN = "the same call was made too often: use what it answered, do something else, or ask the user"
_STALLED = "nothing new came of the last calls: do something else, wait as long as retry_after says, or ask the user"
_ROUND = "the same calls are made in turn again and again: do something else, or ask the user"


FAMILY: Final = 10  # sub-agents, or sessions, that do the same at once are no loop
MOST_BELOW: Final = 1024  # trails of sub-agents of one first delegate, so that names fill no store; a few share one
_WHO: Final = (Per.TREE, Per.AGENT)
_FAMILY: Final = "f"
_FOR: Final = (Per.SUBJECT, Per.AGENT)  # over all root tokens
_KINDS: Final = {Boundary.LLM_REQUEST: "m", Boundary.A2A_MESSAGE: "a"}  # besides tools; letters, as names are
_IDS: Final = frozenset({"id", "messageId", "contextId", "taskId"})  # of messages and tasks, in every version of A2A

_SAID: Final = frozenset({"parts", "metadata"})  # where an `id` is one of what is spoken of


def build(ports: Ports) -> "LoopCheck":
    """Return the check, with what the policy calls a loop."""
    return LoopCheck(ports.stores.loops, ports.policy.limits.loops, ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class LoopCheck:
    """Denies the call that begins another round."""

    loops: Loops
    limit: LoopLimit | None
    catalogue: Catalogue = field(default_factory=Catalogue)
    name: str = "loop"

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.limit is None or crossing.is_repeat or crossing.direction is Direction.INBOUND:
            return allow(self.name)
        who = whose(crossing.proven, crossing.tool)
        trails = _trails(crossing, who, self.limit)
        if crossing.boundary is Boundary.TOOL_RESPONSE:
            if self.limit.no_progress and _is_of_a_call(crossing):
                for name, limit in trails:
                    await self.loops.told(name, await self._answer(crossing), limit, crossing.steady)
            return allow(self.name)
        digest = _digest(crossing)
        if longer := self._over_tokens(crossing, who):
            trails.append(longer)
        found = [await self.loops.step(name, digest, limit, crossing.steady) for name, limit in trails]
        wait_s, stalled_s = max(one.wait_s for one in found), max(one.stalled_s for one in found)
        is_round = any(one.length for one in found)
        if not (wait_s or is_round or stalled_s):
            return allow(self.name)
        message = _AGAIN if wait_s else _ROUND if is_round else _STALLED
        refused = deny(self.name, "loop_detected", message, severity=Severity.MEDIUM)
        return Answer(refused.findings, retry_after=max(wait_s, stalled_s, self.limit.within_s if is_round else 0.0))

    def _over_tokens(self, crossing: Crossing, who: Mapping[Per, str]) -> tuple[str, LoopLimit] | None:
        """Return under which name what changes something is remembered whatever the token, and what is a loop there."""
        is_told = crossing.boundary is Boundary.A2A_MESSAGE
        if self.limit is None or not self.limit.same_call:
            return None
        if not (is_told or (crossing.tool and self._changes(crossing.tool))):
            return None
        return named(_FOR, who) + _KINDS.get(crossing.boundary, "") + _FAMILY, _longer(self.limit)

    def _changes(self, name: str) -> bool:
        tool = self.catalogue.find(name)
        return tool is None or any(effect != Effect.READ for effect in tool.effects)

    async def _answer(self, crossing: Crossing) -> str | None:
        """Return what came of a call: nothing, a digest of what it said, or None where it changed something."""
        if crossing.outcome not in {None, Outcome.OK}:
            return FAILED
        if self._changes(crossing.tool):
            return None
        said = crossing.raw if crossing.raw is not None else crossing.payload
        return await walked(_digesting(f"{crossing.tool}\n{said}"))


def _digesting(said: str) -> Steps[str]:
    made = hashlib.sha256()
    for start in range(0, len(said), DIGESTED):
        made.update(said[start : start + DIGESTED].encode("utf-8", "surrogatepass"))
        yield
    return made.hexdigest()[:DIGITS]


def _is_of_a_call(crossing: Crossing) -> bool:
    """Return whether a report is of a call that was let through, as far as that can be told."""
    return crossing.closed is not None or (not crossing.call_id and crossing.tool in crossing.proven.scope.tools)


def _trails(crossing: Crossing, who: Mapping[Per, str], limit: LoopLimit) -> list[tuple[str, LoopLimit]]:
    """Return under which names the call is remembered, and what is a loop there."""
    session, kind = crossing.proven, _KINDS.get(crossing.boundary, "")
    above = session.chain.above
    if not above:
        return [(named(_WHO, who) + kind, limit)]
    place = crc32("\n".join((*above, session.principal.agent)).encode("utf-8", "surrogatepass")) % MOST_BELOW
    own = {**who, Per.AGENT: f"{who[Per.AGENT]}\n{place}"}
    return [(named(_WHO, own) + kind, limit), (named(_WHO, who) + kind + _FAMILY, _longer(limit))]


@lru_cache(16)
def _longer(limit: LoopLimit) -> LoopLimit:
    """Return the limit for many at once, whose calls in turn say nothing."""
    longest = limit.same_call * FAMILY
    return replace(limit, same_call=longest, no_progress=limit.no_progress * FAMILY, cycle_length=0, cycles=0)


def _digest(crossing: Crossing) -> str:
    """Return what tells the call apart; of a message, whose ids are new each time, what is in it."""
    if crossing.boundary is not Boundary.A2A_MESSAGE:
        return crossing.digest or digest_of(crossing)
    said = json.dumps([crossing.peer, _without_ids(crossing.body)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:DIGITS]


def _without_ids(value: Json) -> Json:
    if isinstance(value, list):
        return [_without_ids(each) for each in value]
    if not isinstance(value, dict):
        return value
    kept = [(name, each) for name, each in value.items() if name not in _IDS]
    return {name: each if name in _SAID else _without_ids(each) for name, each in kept}
