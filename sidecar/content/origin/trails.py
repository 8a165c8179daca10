"""The trails of all sessions: what was released to each, taken in as it crosses.

What counts is what crossed, as it crossed: a value that was replaced by a token is known by its token. A trail ends
with its session; where there are too many, the one that was used least lately is given up, and what its session asks
after that is answered as if strangers had said everything.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sidecar.content.injection.neutral import unmarked
from sidecar.content.origin import suspicion
from sidecar.content.origin.fields import Pointer, parsed, said
from sidecar.content.origin.trail import NOBODY, Asked, Said, Trail
from sidecar.model.origin import STRANGE, Origin
from sidecar.model.past import FORGETFUL, NOTHING, Happened, Past
from sidecar.model.strict_json import Json
from sidecar.model.tally import Tally

MAX_TRAILS: Final = 10_000
MAX_ASKED: Final = 256  # calls of one session whose responses are awaited


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the catalogue says of a tool's responses: who answers for what in them, and in which format they are."""

    trusted: bool = False
    format: str = ""
    vouches: tuple[Pointer, ...] = ()
    resolves: Mapping[str, Pointer] = field(default_factory=dict)


UNKNOWN: Final = Source()


@dataclass(slots=True)
class _Held:
    trail: Trail = field(default_factory=Trail)
    labels: frozenset[str] = frozenset()
    facts: dict[str, Tally] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    asked: OrderedDict[str, tuple[Asked, Mapping[Pointer, Origin]]] = field(default_factory=OrderedDict)


class Trails:
    """What each session was told, in memory. What takes long gives others a turn."""

    def __init__(self, most: int = MAX_TRAILS) -> None:
        self._most = most
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._given_up: OrderedDict[str, None] = OrderedDict()

    def user(self, session: str, text: str) -> None:
        """Take in what the user said."""
        self._of(session).trail.user(text)

    def instructions(self, session: str, text: str) -> None:
        """Take in what the approved instructions say."""
        self._of(session).trail.add([Said(text=text, origin=Origin.INSTRUCTIONS)])

    async def agent(self, session: str, texts: Sequence[str]) -> None:
        """Take in what another agent said."""
        await _added(self._of(session).trail, [Said(text=text, origin=Origin.AGENT) for text in texts])

    def called(self, session: str, call: str, tool: str, arguments: Json, source: Source) -> None:
        """Take in that a call was let through; `call` is how its response will name it."""
        held = self._of(session)
        held.asked[call] = (held.trail.asking(arguments, tool), _resolved(held.trail, tool, arguments, source))
        while len(held.asked) > MAX_ASKED:
            held.asked.popitem(last=False)

    async def responded(self, session: str, call: str, body: Json, source: Source, *, is_suspect: bool = False) -> None:
        """Take in what a tool answered. `is_suspect`: an injection was found in it, so that each field is looked at."""
        held = self._of(session)
        asked, resolved = held.asked.pop(call, (NOBODY, {}))
        base = Origin.TRUSTED if source.trusted else Origin.UNTRUSTED
        if isinstance(body, str):
            body = parsed(unmarked(body), source.format)
        texts = said(body, base=base, vouches=source.vouches, resolved=resolved)
        await _added(held.trail, await suspicion.split(texts) if is_suspect else texts, asked)

    def origins(self, session: str, tool: str, arguments: Json, sinks: Mapping[str, str]) -> dict[str, str]:
        """Return where each sink argument comes from that the call has."""
        if not isinstance(arguments, Mapping):
            return {}
        trail = self._of(session).trail
        return {name: trail.origin(arguments[name], tool).value for name in sinks if name in arguments}

    def asked_for(self, session: str, tool: str) -> bool:
        """Return whether the user's words speak of what `tool` does."""
        return self._of(session).trail.asked_for(tool)

    def labels(self, session: str) -> frozenset[str]:
        """Return what the session has touched."""
        held = self._held.get(session)
        return held.labels if held else frozenset()

    def past(self, session: str) -> Past:
        """Return what the session remembers besides what it was told."""
        held = self._held.get(session)
        return FORGETFUL if held is None else Past(labels=held.labels, tallies=held.facts, unknown=held.unknown)

    def happened(self, session: str, new: Happened, at: float) -> None:
        """Count what happened in the session at `at` (epoch)."""
        if new is NOTHING:
            return
        held = self._of(session)
        held.unknown |= frozenset(new.unknown)
        for fact in new.held:
            held.facts.setdefault(fact, Tally()).add(at)

    def label(self, session: str, labels: frozenset[str]) -> None:
        """Put `labels` on the session; none ever comes off."""
        if labels:
            held = self._of(session)
            held.labels |= labels

    def end(self, session: str) -> None:
        """Forget a session that has ended."""
        self._held.pop(session, None)
        self._given_up.pop(session, None)

    def _of(self, session: str) -> _Held:
        held = self._held.get(session)
        if held is None:
            held = self._held[session] = _Held()
            held.trail.is_full = session in self._given_up
        self._held.move_to_end(session)
        while len(self._held) > self._most:
            name, _ = self._held.popitem(last=False)
            self._given_up[name] = None
        while len(self._given_up) > self._most:
            self._given_up.popitem(last=False)
        return held


async def _added(trail: Trail, texts: Sequence[Said], asked: Asked = NOBODY) -> None:
    for _ in trail.adding(texts, asked):
        await asyncio.sleep(0)


def _resolved(trail: Trail, tool: str, arguments: Json, source: Source) -> dict[Pointer, Origin]:
    """Return what the fields count as that stand for what was asked: as what was asked with does.

    Only the user's words, instructions and strangers' make a difference; what else was asked with leaves the fields
    what they are.
    """
    if not isinstance(arguments, Mapping):
        return {}
    found = {at: trail.origin(arguments[name], tool) for name, at in source.resolves.items() if arguments.get(name)}
    telling = {Origin.USER, Origin.INSTRUCTIONS, *STRANGE}
    return {at: origin for at, origin in found.items() if origin in telling}
