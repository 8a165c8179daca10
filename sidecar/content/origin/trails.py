"""The trails of all sessions: what was released to each, taken in as it crosses.

What counts is what crossed, as it crossed: a value that was replaced by a token is known by its token. What was taken
out as meant for the model is known as suspicious, since an agent may read its mail another way, too. A trail ends
with its session; where there are too many, the one that was used least lately is given up, and what its session asks
after that is answered as if strangers had said everything; unless there is a diary, from which it is told again.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import Final

from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.neutral import unmarked
from sidecar.content.origin import diary, giving, suspicion
from sidecar.content.origin.choosing import names_account
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.diary import FACTS, LABELS, NO_DIARY, Diary, Told
from sidecar.content.origin.fields import Pointer, parsed, said
from sidecar.content.origin.parting import is_parted_with
from sidecar.content.origin.passages import Ordered
from sidecar.content.origin.reckoning import is_reckoned, reckoned
from sidecar.content.origin.said import NOBODY, Asked, Said
from sidecar.content.origin.sown import made_by, sown_by
from sidecar.content.origin.trail import Trail
from sidecar.content.turns import emptied, listed, rest, walked
from sidecar.errors import UnavailableError
from sidecar.model.origin import STRANGE, Origin
from sidecar.model.past import FORGETFUL, NOTHING, Happened, Past
from sidecar.model.session import Session
from sidecar.model.strict_json import Json
from sidecar.model.tally import Tally

MAX_TRAILS: Final = 10_000
MAX_ASKED: Final = 256  # calls of one session whose responses are awaited
MAX_DONE: Final = 16  # whose arguments are kept until a response comes; of more it is told at once what they sow


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the catalogue says of a tool's responses: who answers for what in them, and in which format they are."""

    trusted: bool = False
    format: str = ""
    vouches: tuple[Pointer, ...] = ()
    resolves: Mapping[str, Pointer] = field(default_factory=dict)
    acts: bool = False  # it does more than read: what it is called with is in the world from then on


UNKNOWN: Final = Source()
NOTHING_TOLD: Final[Mapping[str, str]] = {}
OWN: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS})
COUNT: Final = "number"
COUNTED: Final = frozenset({"date", "number"})  # kinds of arguments
UNHEARD: Final = "elsewhere"  # stands for what strangers said to another session
UNREADABLE: Final = frozenset({"unreadable"})


@dataclass(slots=True)
class _Held:
    until: float = inf
    trail: Trail = field(default_factory=Trail)
    labels: frozenset[str] = frozenset()
    facts: dict[str, Tally] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    instructions: set[str] = field(default_factory=set)  # digests of those that it was given
    asked: OrderedDict[str, tuple[Asked, Mapping[Pointer, Origin]]] = field(default_factory=OrderedDict)
    done: list[list[str | float]] = field(default_factory=list)  # what calls that acted are given, until it is sown
    sown: frozenset[str] = frozenset()  # by them, until it is written down
    pages: int = 0  # of what was said
    reading: asyncio.Task[None] | None = None  # while what was written down is told again


class Trails:
    """What each session was told, in memory, and through `kept` over restarts. What takes long gives others a turn.

    `recall` a session before it is asked about or told anything.
    """

    def __init__(self, most: int = MAX_TRAILS, kept: Diary = NO_DIARY) -> None:
        self._most = most
        self._diary = kept
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._given_up: OrderedDict[str, None] = OrderedDict()

    async def recall(self, session: Session) -> None:
        """Have at hand what the session was told before. Raises `UnavailableError` where it cannot be read back."""
        held = self._held.get(session.id)
        if held is None:
            held = self._of(session.id)
            held.until = session.expires_at
            held.reading = asyncio.create_task(self._read(session.id, held), name="read a diary")
            held.reading.add_done_callback(_looked_at)
        if held.reading is not None:
            await asyncio.shield(held.reading)  # whoever asks may run out of time; then the next one finds it done

    async def user(self, session: str, text: str) -> None:
        """Take in what the user said."""
        held = self._of(session)
        self._write(session, held, await walked(diary.user_page(text)))
        await walked(held.trail.hearing(text))

    async def instructions(self, session: str, text: str, digest: str) -> None:
        """Take in what the approved instructions of this `digest` say, once."""
        held = self._of(session)
        if digest in held.instructions:
            return
        held.instructions.add(digest)
        texts = [Said(text=text, origin=Origin.INSTRUCTIONS)]
        self._write(session, held, await walked(diary.said_page(texts, NOBODY, digest)))
        await _added(held.trail, texts)

    async def agent(self, session: str, texts: Sequence[str]) -> None:
        """Take in what another agent said."""
        said_by = [Said(text=text, origin=Origin.AGENT) for text in texts]
        await self._said(session, self._of(session), said_by)

    async def strangers(self, session: str) -> None:
        """Take in that strangers may have had a say, nobody knows what."""
        await self._said(session, self._of(session), [Said(text=UNHEARD, origin=Origin.UNTRUSTED)])

    async def removed(self, session: str, texts: Sequence[str]) -> None:
        """Take in what was taken out of a text: an agent that has a value from there has it from its attacker."""
        await self._said(session, self._of(session), [Said(text=text, origin=Origin.SUSPICIOUS) for text in texts])

    async def called(self, session: str, call: str, done: Deed, arguments: Json, source: Source) -> None:
        """Take in that a call was let through; `call` is how its response will name it."""
        held = self._of(session)
        asked = await walked(held.trail.asking(arguments, done, acts=source.acts))
        resolved = await _resolved(held.trail, done, arguments, source)
        held.asked[call] = asked, resolved
        if source.acts:
            held.done.append(held.trail.given.of(arguments))
            if len(held.done) >= MAX_DONE:
                await _sow(held)
        while len(held.asked) > MAX_ASKED:
            held.asked.popitem(last=False)

    async def responded(
        self, session: str, call: str, body: Json, source: Source, *, suspecting: Inspector | None = None
    ) -> None:
        """Take in what a tool answered. `suspecting` looks at each field, where an injection was found in it."""
        held = self._of(session)
        unasked = dict.fromkeys(source.resolves.values(), Origin.UNTRUSTED)  # for whose words, nobody saw
        if call not in held.asked and source.acts:  # nobody saw with what, so that it may all be said back
            source = replace(source, trusted=False, vouches=())
        asked, resolved = held.asked.pop(call, (NOBODY, unasked))
        await _sow(held)
        asked, held.sown = replace(asked, sown=held.sown), frozenset()
        base = Origin.TRUSTED if source.trusted else Origin.UNTRUSTED
        if isinstance(body, str):
            body = parsed(unmarked(body), source.format)
        texts = await listed(said(body, base=base, vouches=source.vouches, resolved=resolved))
        if source.acts:
            asked = replace(asked, sown=asked.sown | made_by(texts, held.trail.index))
        if suspecting:
            texts = await suspicion.split(held.trail.taken(texts), suspecting)
        await self._said(session, held, texts, asked)

    async def origins(
        self,
        session: str,
        done: Deed,
        arguments: Json,
        sinks: Iterable[str],
        told: Mapping[str, str] = NOTHING_TOLD,
    ) -> dict[str, str]:
        """Return where each sink argument comes from that the call has; those that are `told` lead nowhere.

        Who tells one that the user did not name of an account that only strangers know has it paid into. Who is merely
        referred to gets no number that stands nowhere: whoever points at a bill means its sum. Of a day
        or a count nobody is paid.
        """
        if not isinstance(arguments, Mapping):
            return {}
        trail = self._of(session).trail
        found: dict[str, Origin] = {}
        for name in (each for each in sinks if each in arguments):
            found[name] = await walked(trail.tracing(arguments[name], done, told.get(name, "")))
        nowhere = (name for name, origin in found.items() if origin is Origin.MODEL)
        values = [arguments[name] for name in nowhere if done.pays or told.get(name) != COUNT]
        made_up = not done.only_writes and await _is_made_up(values, trail)
        if done.tells and not OWN.issuperset(found[n] for n in found if n not in told):
            for name in told:
                if name in found and names_account(arguments[name], trail.index):
                    found[name] = Origin.UNTRUSTED
        doubtful = {n for n, o in found.items() if made_up and o is Origin.REFERRED and told.get(n) not in COUNTED}
        return {n: (Origin.UNTRUSTED if n in doubtful else o).value for n, o in found.items()}

    async def asked(self, session: str, done: Deed, arguments: Json, *, acts: bool) -> tuple[bool, bool]:
        """Return whether the user asked for what a tool does, and whether a stranger's passage orders just this.

        Where a stranger orders it, the user's own words must speak of it; and who asked for it with something else did
        not ask for what a stranger chose. Only what `acts` is ordered.
        """
        trail = self._of(session).trail
        ordered = await walked(trail.ordering(arguments, done)) if acts else Ordered.NOT
        is_asked = trail.wanted.asked_for(done) or trail.wanted.asked_with(done, arguments, trail.index)
        if ordered is Ordered.WITH_THIS:
            return False, True
        if is_asked or ordered or not trail.wanted.may_be_asked_for(done):
            return is_asked, bool(ordered)
        return not (acts and (await walked(trail.choosing(arguments, done)))), False

    async def wished(self, session: str, done: Deed) -> bool:
        """Return whether the user wants something in words that fit no tool."""
        return self._of(session).trail.wanted.wishes_for(done)

    async def parted_with(self, session: str, done: Deed, arguments: Json, *, is_urged: bool) -> bool:
        """Return whether the user wants to part with what a tool deletes, in words that nobody listed."""
        trail = self._of(session).trail
        return await walked(is_parted_with(arguments, trail.index, trail.wanted, done, is_urged=is_urged))

    async def urged(self, session: str, done: Deed, arguments: Json) -> bool:
        """Return whether a stranger's text speaks of what a tool does, or names what it would do it with."""
        return await walked(self._of(session).trail.urging(arguments, done))

    async def meant(self, session: str, done: Deed, token: str, kind: str, value: str) -> giving.Meant:
        """Return what the session was told of a `value` of a `kind` that crossed as `token`, for a deed to have it."""
        return await walked(giving.meant(self._of(session).trail, done, token, kind, value))

    def past(self, session: str) -> Past:
        """Return what the session remembers besides what it was told."""
        held = self._held.get(session)
        return FORGETFUL if held is None else Past(labels=held.labels, tallies=held.facts, unknown=held.unknown)

    def inherited(self, session: str, past: Past) -> None:
        """Have a session that begins remember the labels and facts of `past`, and count on from there."""
        self.label(session, past.labels)
        held = self._of(session)
        held.unknown |= past.unknown
        for fact, tally in past.tallies.items():
            held.facts[fact] = Tally.of_json(tally.as_json())  # its own from here on
        for fact in past.tallies.keys() | past.unknown:
            page = diary.fact_page(None if fact in held.unknown else held.facts[fact])
            self._diary.write(session, f"{FACTS}{fact}", page, held.until)

    def happened(self, session: str, new: Happened, at: float) -> None:
        """Count what happened in the session at `at` (epoch)."""
        if new is NOTHING:
            return
        held = self._of(session)
        for fact in frozenset(new.unknown) - held.unknown:
            held.unknown |= {fact}
            self._diary.write(session, f"{FACTS}{fact}", diary.fact_page(None), held.until)
        for fact in new.held:
            if (tally := held.facts.get(fact)) is None:
                tally = held.facts[fact] = Tally()
            tally.add(at)
            if fact not in held.unknown:
                self._diary.write(session, f"{FACTS}{fact}", diary.fact_page(tally), held.until)

    async def labels(self, session: str) -> frozenset[str]:
        """Return what the session has touched, also where it was not recalled yet; UNREADABLE where nobody can tell."""
        held = self._held.get(session)
        if held is not None and held.reading is None:
            return held.labels
        try:
            page = await self._diary.first(session)
            return diary.labels(page[1]) if page is not None and page[0] == LABELS else frozenset()
        except UnavailableError:  # an operator must see the session all the same, to end it
            return UNREADABLE

    def label(self, session: str, new: frozenset[str]) -> None:
        """Put labels on the session; none ever comes off."""
        held = self._of(session)
        if new <= held.labels:
            return
        held.labels |= new
        self._diary.write(session, LABELS, diary.labels_page(held.labels), held.until)

    def end(self, session: str) -> None:
        """Forget a session that has ended."""
        self._held.pop(session, None)
        self._given_up.pop(session, None)
        self._diary.burn(session)

    def sweep(self, at: float) -> None:
        """Forget the sessions whose time is over at `at` (epoch)."""
        for session in [session for session, held in self._held.items() if held.until <= at]:
            self.end(session)

    async def _said(self, session: str, held: _Held, texts: list[Said], asked: Asked = NOBODY) -> None:
        if not held.trail.is_full:
            page = await walked(diary.said_page(texts, asked))
            await rest(0)  # to seal a long page takes a millisecond
            self._write(session, held, page)
        await _added(held.trail, texts, asked)
        await emptied(texts)

    def _write(self, session: str, held: _Held, page: bytes) -> None:
        if not held.trail.is_full:
            self._diary.write(session, diary.told_key(held.pages), page, held.until)
            held.pages += 1

    async def _read(self, session: str, held: _Held) -> None:
        """Tell the session again what was written down. A session of which something is amiss is not judged."""
        try:
            await _retold(held, await self._diary.read(session))
        except BaseException:
            self._held.pop(session, None)
            raise
        held.reading = None

    def _of(self, session: str) -> _Held:
        held = self._held.get(session)
        if held is None:
            held = self._held[session] = _Held()
            held.trail.is_full = self._diary is NO_DIARY and session in self._given_up
        self._held.move_to_end(session)
        while len(self._held) > self._most:
            name, _ = self._held.popitem(last=False)
            self._given_up[name] = None
        while len(self._given_up) > self._most:
            self._given_up.popitem(last=False)
        return held


def _looked_at(task: asyncio.Task[None]) -> None:
    """Take note of how a task ended: whoever waited for it may be gone, and the next one reads anew."""
    if not task.cancelled():
        task.exception()


async def _retold(held: _Held, pages: Iterable[tuple[str, bytes]]) -> None:
    for key, page in pages:
        if key == LABELS:
            held.labels = diary.labels(page)
        elif key.startswith(FACTS):
            _remember(held, key.removeprefix(FACTS), diary.fact(page))
        else:
            await _tell(held, key, diary.told(page))


def _remember(held: _Held, name: str, tally: Tally | None) -> None:
    if tally is None:
        held.unknown |= {name}
    else:
        held.facts[name] = tally


async def _tell(held: _Held, key: str, page: Told) -> None:
    if key != diary.told_key(held.pages):
        raise UnavailableError("a part of what this session was told is missing: open a new one")
    held.pages += 1
    if isinstance(page, str):
        await walked(held.trail.hearing(page))
        return
    texts, asked, digest = page
    if digest:
        held.instructions.add(digest)
    await _added(held.trail, texts, asked)


async def _sow(held: _Held) -> None:
    """Take in what the calls that acted put into the world, unless it was vouched for before."""
    done, held.done = held.done, []
    for given in done:
        keys = await walked(sown_by(given, held.trail.index, held.trail.sown))
        held.trail.sown.sow(keys)
        held.sown |= keys


async def _is_made_up(values: Iterable[Json], trail: Trail) -> bool:
    """Return whether there is a number that does not follow from those of the user's."""
    numbers = [each for each in values if isinstance(each, int | float) and not isinstance(each, bool)]
    if not numbers:
        return False
    known = await walked(reckoned(trail.wanted.requests))
    return not all(is_reckoned(each, known) for each in numbers)


async def _added(trail: Trail, texts: Sequence[Said], asked: Asked = NOBODY) -> None:
    await walked(trail.adding(texts, asked))


async def _resolved(trail: Trail, done: Deed, arguments: Json, source: Source) -> dict[Pointer, Origin]:
    """Return what the fields count as that stand for what was asked: as what was asked with does.

    Only the user's words, instructions and strangers' make a difference; what else was asked with leaves the fields
    what they are.
    """
    if not source.resolves or not isinstance(arguments, Mapping):
        return {}
    found = {
        at: await walked(trail.tracing(arguments[name], done))
        for name, at in source.resolves.items()
        if arguments.get(name)
    }
    telling = {Origin.USER, Origin.INSTRUCTIONS, *STRANGE}
    return {at: origin for at, origin in found.items() if origin in telling}
