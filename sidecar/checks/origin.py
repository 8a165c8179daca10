"""Where do the arguments of this call come from, and did the user speak of what it does?

Says nothing itself: it looks up what the session was told, and hands it to the rules (`origin`, `tool.asked`). What
was told is taken in when it is released, by the same catalogue: the user's words, what tools answered field by field,
what other agents said, and the instructions in a prompt that are approved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.checks.base import Ports
from sidecar.checks.doing import Doing, acts
from sidecar.checks.rules import labels
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.mere import PLACE
from sidecar.content.origin.trails import UNKNOWN, Source, Trails
from sidecar.content.origin.wishes import kinds
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.origin import Origin
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Answer, Decision, Verdict, allow
from sidecar.policy.catalogue import Catalogue, Effect, Tool, Trust
from sidecar.policy.facts import FactSet
from sidecar.policy.injections import LABEL
from sidecar.policy.names import words

UNTRUSTED = "untrusted"  # the label of a session that a stranger's text has reached
_RELEASED = frozenset({Decision.ALLOW, Decision.REDACT})
SEVERAL: Final = 2  # values that nobody says by accident together
_SAID = frozenset({"text", "secret"})  # kinds of sinks that only say something
_UNDIRECTED: Final = frozenset({"text", "date", "number", "money"})  # kinds that say nothing of where it goes
_DIRECTED: Final = frozenset({"email", "iban", "url", "id", "path", "phone", "handle", "channel"})
_WHERE: Final = frozenset({"place", "location", "room", "venue"})  # arguments, or their kinds, that say where it is
_ENTERED: Final = frozenset({Effect.READ, Effect.WRITE, Effect.MESSAGE})  # what has a day is entered with these
_TOLD: Final = _ENTERED | {Effect.EGRESS}
_BY_TEXT = frozenset({Effect.ACCOUNT, Effect.CODE, Effect.DELETE})  # to these a text may be what matters
_IN_HAND = frozenset({Boundary.TOOL_RESPONSE, Boundary.LLM_OUTPUT})  # the agent has it before it asks


def build(ports: Ports) -> "OriginCheck":
    """Return the check, over the sessions' trails and the catalogue of the policy."""
    return OriginCheck(ports.trails, ports.policy.catalogue)


@dataclass(frozen=True, slots=True)
class OriginCheck:
    """Hands on the crossing with the origins of its sink arguments."""

    trails: Trails
    catalogue: Catalogue
    name: str = "origin"
    doing: Doing = field(init=False)

    def __post_init__(self) -> None:
        """Take in what the tools of the catalogue do."""
        object.__setattr__(self, "doing", Doing(self.catalogue))

    async def __call__(self, crossing: Crossing) -> Answer:
        tool = self.catalogue.find(crossing.tool)
        if tool is None:
            return allow(self.name)
        session = crossing.proven.id
        await self.trails.recall(crossing.proven)
        done = self.doing.deed(crossing.tool, tool)
        asked, ordered = await self.trails.asked(session, done, crossing.body, acts=acts(tool))
        await self.trails.recall(crossing.proven)  # long arguments let others in between, who may have crowded it out
        told = _told(tool, done) if asked else {}
        origins: Mapping[str, str] = {}
        if tool.sinks:
            origins = await self.trails.origins(session, done, crossing.body, tool.sinks, told)
            await self.trails.recall(crossing.proven)
        asked = asked or (not ordered and _is_own(tool, origins) and await self.trails.wished(session, done))
        urged = not asked and await self.trails.urged(session, done, crossing.body)
        if not (asked or ordered) and Effect.DELETE in tool.effects:
            asked = await self.trails.parted_with(session, done, crossing.body, is_urged=urged)
        return allow(self.name, crossing.traced(origins, asked=asked, ordered=ordered, urged=urged))


@dataclass(frozen=True, slots=True)
class Remembering:
    """The memory of what sessions were told."""

    trails: Trails
    catalogue: Catalogue
    facts: FactSet = field(default_factory=FactSet)
    inspector: Inspector = field(default_factory=Inspector)
    doing: Doing = field(init=False)

    def __post_init__(self) -> None:
        """Take in what the tools of the catalogue do."""
        object.__setattr__(self, "doing", Doing(self.catalogue))

    async def began(self, part: Session, whole: Session) -> None:
        """Put the labels and facts of `whole` on its `part`: what a session asks of one may be what it was told."""
        await self.trails.recall(whole)
        past = self.trails.past(whole.id)
        await self.trails.recall(part)
        self.trails.inherited(part.id, past)
        if UNTRUSTED in past.labels:
            await self.trails.strangers(part.id)

    def ended(self, session_id: str) -> None:
        """Forget the session of this public id."""
        self.trails.end(session_id)

    async def released(self, judged: Verdict) -> None:
        """Remember what `judged` released. What was not released was never told, but for whom its values come from.

        What was found in a tool's response or a model's output labels the session also where it is refused.
        """
        crossing = judged.crossing
        if judged.decision not in _RELEASED or crossing.session is None:
            await self._refused(crossing)
            return
        session = crossing.session.id
        await self.trails.recall(crossing.session)
        self.trails.label(session, self._labels(crossing))
        if crossing.removed:
            await self.trails.removed(session, crossing.removed)
        match crossing.boundary:
            case Boundary.USER_INPUT:
                await self.trails.user(session, crossing.payload)
            case Boundary.LLM_REQUEST:
                for place, digest in crossing.approved:
                    await self.trails.instructions(session, _text(crossing.body, place), digest)
            case Boundary.TOOL_CALL:
                tool = self.catalogue.find(crossing.tool)
                done = self.doing.deed(crossing.tool, tool)
                await self.trails.called(session, _call(crossing), done, crossing.body, _source(tool))
            case Boundary.TOOL_RESPONSE:
                source = _source(self.catalogue.find(crossing.tool))
                suspecting = self.inspector if LABEL in crossing.labels else None
                await self.trails.responded(session, _call(crossing), _body(crossing), source, suspecting=suspecting)
            case Boundary.A2A_MESSAGE if crossing.direction is not Direction.OUTBOUND:
                await self.trails.agent(session, words(crossing.body))
        await self.trails.recall(crossing.session)  # long texts let others in between, who may have crowded it out
        tool = self.catalogue.find(crossing.tool) if crossing.tool else None
        if crossing.is_repeat:
            return  # it happened once
        new = self.facts.happened(crossing, tool, labels(crossing, tool), self.trails.past(session))
        self.trails.happened(session, new, crossing.steady)

    async def _refused(self, crossing: Crossing) -> None:
        if crossing.session and crossing.labels and crossing.boundary in _IN_HAND:
            await self.trails.recall(crossing.session)
            self.trails.label(crossing.session.id, crossing.labels)

    def _labels(self, crossing: Crossing) -> frozenset[str]:
        """Return what the session has touched by this crossing."""
        tool = self.catalogue.find(crossing.tool) if crossing.boundary is Boundary.TOOL_RESPONSE else None
        if tool is None:
            return crossing.labels
        strange = {UNTRUSTED} if tool.trust is not Trust.TRUSTED else set()
        return labels(crossing, tool) | strange


def _is_own(tool: Tool, origins: Mapping[str, str]) -> bool:
    """Return whether all that the call is about are words of the user's, and they are several."""
    about = [origin for name, origin in origins.items() if tool.sinks[name] not in _SAID]
    return len(about) >= SEVERAL and all(origin == Origin.USER for origin in about)


def _told(tool: Tool, done: Deed) -> Mapping[str, str]:
    """Return the arguments that lead nowhere, and their kinds; none where the tool opens, runs or deletes by them."""
    if not _BY_TEXT.isdisjoint(tool.effects):
        return {}
    told = {name: kind for name, kind in tool.sinks.items() if kind in _UNDIRECTED}
    return told | dict.fromkeys(_wheres(tool, done), PLACE)


def _wheres(tool: Tool, done: Deed) -> Iterable[str]:
    """Return the arguments that say where something is that has a time, and that the tool only writes or tells of."""
    if not tool.effects or not _is_entered(tool, done):
        return ()
    return (
        name
        for name, kind in tool.sinks.items()
        if kind in _WHERE or (name in _WHERE and kind not in _UNDIRECTED | _DIRECTED)
    )


def _is_entered(tool: Tool, done: Deed) -> bool:
    """Return whether a tool enters what has a time: an appointment, of which others may hear, or what has a day."""
    if "event" in kinds(done.things):
        return _TOLD.issuperset(tool.effects)
    return _ENTERED.issuperset(tool.effects) and "create" in done.acts and "date" in tool.sinks.values()


def _call(crossing: Crossing) -> str:
    """Return how a call and its response find each other; where the caller gives no id, by the tool."""
    return f"{crossing.tool}\n{crossing.call_id}"


def _text(messages: Json, place: int) -> str:
    """Return what the message at `place` of a prompt says."""
    message = messages[place] if isinstance(messages, list) else None
    return str(message.get("content", "")) if isinstance(message, dict) else ""


def _body(crossing: Crossing) -> Json:
    return crossing.body if crossing.is_json else crossing.payload


def _source(tool: Tool | None) -> Source:
    if tool is None:
        return UNKNOWN
    return Source(
        trusted=tool.trust is Trust.TRUSTED,
        format=str(tool.format or ""),
        vouches=tool.vouches,
        resolves=tool.resolves,
        acts=acts(tool),
    )
