"""What a model writes, released while it writes it, and judged as a whole at its end.

Parts of the text are rewritten as soon as they have ended (`content.parts`), and rules are asked about each beginning
before it is released. At the end, or where it is cut, the whole goes the one way of every crossing: the same row, one
verdict, one record. What was released is a beginning of what that verdict lets cross, because both look at the same
parts; were it ever not so, the verdict is DENY.

Nothing is released before the end where the row holds a check that judges the whole only, or a rule does
(`policy.growing`).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Final, Self

from sidecar.asking import LEAVING
from sidecar.checks.base import Check
from sidecar.checks.injection import Injection, neutral_part
from sidecar.checks.personal_data import PersonalData
from sidecar.checks.rules import RulesCheck
from sidecar.checks.size import SizeCheck
from sidecar.content.detection import Detector, Excused, Lasting, Span
from sidecar.content.going_on import GoingOn
from sidecar.content.parts import CONTEXT, RUN_OF_FORMS, Part, given_parts, next_part, reading
from sidecar.content.plain import LISTED
from sidecar.content.reading import NOWHERE, Reading
from sidecar.enforcer import CurrentEnforcer
from sidecar.errors import SidecarError, UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.injection import Action
from sidecar.model.verdict import Answer, Decision, Verdict, allow, deny
from sidecar.policy.privacy import Out

# Checks of a model's output that judge a beginning as they judge the whole, or that have nothing to say of free text.
STEADY: Final = frozenset(
    {"session", "budget", "circuit", "size", "form", "schema", "injection", "personal_data", "rules"}
)
STEPS: Final = 1024  # a text of this many times the new characters is asked about again: rules cost what a text is long
NAME: Final = "stream"
BEHIND: Final = CONTEXT + 1  # characters kept of what was judged: the context, and what tells that it is not all
KEPT: Final = 1024  # characters that were judged, with which all but the last are let go of


class Remembering:
    """Asks `detector` once about each text of one stream, so that its end costs no more than its parts did.

    The kinds are the same each time.

    What it could not answer it cannot answer later either: else the end would know more than the parts did. Over a
    detector that is excused, what it skipped once stays skipped.
    """

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._known: dict[str, tuple[Span, ...]] = {}
        self._failed = False

    @property
    def skipped(self) -> bool:
        """Whether something was let pass that nobody could look at."""
        return isinstance(self._detector, Excused) and self._detector.skipped

    async def find(self, texts: Sequence[str], entities: Collection[str] = ()) -> Sequence[tuple[Span, ...]]:
        if self._failed:
            raise UnavailableError("the detector did not answer in time")
        asked = [text for text in texts if text not in self._known]
        if asked:
            try:
                self._known.update(zip(asked, await self._detector.find(asked, entities), strict=True))
            except UnavailableError:
                self._failed = True
                raise
        return [self._known[text] for text in texts]


@dataclass(frozen=True, slots=True)
class Last:
    """The last check of a stream: what was released must be a beginning of what crosses, and a cut is a refusal."""

    released: str = field(repr=False)
    cut: Answer | None = None
    name: str = NAME

    async def __call__(self, crossing: Crossing) -> Answer:
        if self.cut is not None:
            return self.cut
        if not crossing.payload.startswith(self.released):
            return deny(self.name, "stream_diverged", "the whole text is judged otherwise than its beginning")
        return allow(self.name)


def _is_steady(check: Check) -> bool:
    """Whether what `check` says of a beginning holds of the whole; one that only labels leaves the text alone."""
    if isinstance(check, Injection):
        return check.is_parted or check.injections.only_labels(Boundary.LLM_OUTPUT)
    return check.name in STEADY


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judges:
    """The checks of a model's output as one stream asks them, and those of them that look at its parts.

    `most` is how many characters a text may have. `held` must answer until the stream's end, also when a reload brings
    another. `holds`: some check needs the whole, so that nothing is released before the end.
    """

    row: tuple[Check, ...]
    most: int
    holds: bool
    personal: PersonalData | None = None
    injection: Injection | None = None
    rules: RulesCheck | None = None
    held: Lasting | None = None

    @classmethod
    def of(cls, row: Sequence[Check]) -> Self:
        """Return those of `row`, of which the one for personal data asks about each text once."""
        checks = tuple(_remembering(check) if isinstance(check, PersonalData) else check for check in row)
        asked = next((check.detector for check in row if isinstance(check, PersonalData)), None)
        return cls(
            row=checks,
            most=min((check.sizes.text for check in checks if isinstance(check, SizeCheck)), default=0),
            holds=not all(map(_is_steady, checks)),
            personal=next((check for check in checks if isinstance(check, PersonalData)), None),
            injection=next((check for check in checks if isinstance(check, Injection) and check.is_parted), None),
            rules=next((check for check in checks if isinstance(check, RulesCheck)), None),
            held=asked if isinstance(asked, Lasting) else None,
        )

    @property
    def rewrites(self) -> bool:
        """Whether something looks for what may not cross as it is."""
        return self.injection is not None or bool(self.personal and self.personal.privacy.at(Boundary.LLM_OUTPUT))


def _remembering(check: PersonalData) -> PersonalData:
    lenient = check.privacy.may_skip(Out.NER, Boundary.LLM_OUTPUT)
    return replace(check, detector=Remembering(check.excused if lenient else check.detector))


@dataclass(slots=True)
class _Beginning:
    """What may cross of the text so far as far as `rules` do not refuse it, and how much of it was released."""

    rules: RulesCheck | None
    _ready: list[str] = field(default_factory=list, repr=False)
    _out: list[str] = field(default_factory=list, repr=False)
    _characters: int = 0  # of both
    _judged: int = -1  # up to how many of them the rules were asked
    _size: int = 0  # of those that were released
    _more: list[str] = field(default_factory=list, repr=False)  # came since the rules were asked, and stands before it

    @property
    def released(self) -> str:
        """All that has crossed."""
        return "".join(self._out)

    def add(self, text: str) -> None:
        """Take in what follows."""
        if text:
            self._ready.append(text)
            self._more.append(text)
            self._characters += len(text)

    async def refused(self, crossing: Crossing) -> Decision | None:
        """Return what the rules say of it where they do not let it cross, None where they do or are not asked."""
        if self.rules is None or not self.rules.growing.is_asked or self.rules.growing.at_end:
            return None
        if self._judged >= 0 and (self._characters - self._judged) * STEPS < max(self._characters, STEPS):
            return None
        judged, self._judged = self._judged, self._characters
        more = "".join(self._more)
        self._more = [more[-self.rules.growing.back :]] if self.rules.growing.back else []
        if judged >= 0 and not self.rules.growing.may_refuse(more):
            return None
        answer = await self.rules(crossing.holding("".join(self._out + self._ready)))
        return answer.decision if answer.decision > Decision.REDACT else None

    def release(self) -> str:
        """Return what may cross now."""
        size = self._most() - self._size
        if size <= 0:
            return ""
        waiting = "".join(self._ready)
        text, rest = waiting[:size], waiting[size:]
        self._ready = [rest] if rest else []
        self._out.append(text)
        self._size += len(text)
        return text

    def _most(self) -> int:
        growing = self.rules.growing if self.rules is not None else None
        if growing is None or not growing.is_asked:
            return self._characters
        return 0 if growing.at_end else self._judged - growing.back


class OutputStream:
    """One model's output while it is being written. `feed` its pieces, then `end` it, once."""

    def __init__(self, current: CurrentEnforcer, first: Crossing, trace_id: str = "") -> None:
        self._current = current
        self._enforcer = current()  # a reload changes nothing of a stream that is under way, but for whom it trusts
        self._first = first
        self._trace_id = trace_id
        self._judges = _Judges.of(self._enforcer.rows.get(Boundary.LLM_OUTPUT, ()))
        if self._judges.held is not None:
            self._judges.held.hold()
        self._beginning = _Beginning(self._judges.rules)
        self._going_on = GoingOn()
        self._pieces: list[str] = []
        self._size = 0  # characters that came in
        self._before = 0  # characters of the text before `_tail`
        self._tail = ""  # of the text: what is not judged yet, and some of what stands before it
        self._at = 0  # where in `_tail` the part that is under way begins
        self._begun: Reading | None = None  # how far that part was read; none before it begins
        self._passed = 0  # characters of that part that were handed on already
        self._clean = ""  # the parts before the one under way as the check `injection` let them cross, the last of them
        self._refused: Answer | None = None
        self.is_cut = False
        self._waits_for_consent = False  # cut by a rule that asks for a person: that is no refusal

    @property
    def held(self) -> int:
        """How many characters of what came in have not been looked at to the end."""
        return len(self._tail) - self._at - self._passed

    async def feed(self, text: str, at: float) -> str:
        """Take in the next piece and return what may cross now; where `is_cut` is set, nothing more will."""
        self._pieces.append(text)
        self._tail += text
        self._size += len(text)
        try:
            await self._take(at)
        except LEAVING:
            raise
        except SidecarError as error:
            self.cut(reason=error.reason, message=str(error))
        except BaseException as error:  # noqa: BLE001 - as in the enforcer: an exception in a check is DENY
            self._enforcer.fault("stream failed", error)
            self.cut(reason="check_failed", message="the sidecar could not judge this")
        return "" if self.is_cut else self._beginning.release()

    async def check_session(self, at: float) -> None:
        """Cut the stream where its session is open no more."""
        if not self.is_cut and await self._proven(at) is None:
            self.is_cut = True  # and never the other way: it may have been cut meanwhile

    def cut(self, *, reason: str, message: str) -> None:
        """Cut the stream for a reason that no check knows."""
        self.is_cut = True
        self._refused = deny(NAME, reason, message)

    async def end(self, at: float, input_tokens: int = 0, output_tokens: int = 0) -> tuple[str, Verdict, str]:
        """Return what may cross besides what was released, the verdict on the whole, and the id of its record.

        Raises `UnavailableError` when it could not be recorded.
        """
        released = self._beginning.released
        refused = self._refused
        if self.is_cut and refused is None and not self._waits_for_consent:
            refused = deny(NAME, "stream_diverged", "a part is judged otherwise than the whole text")
        crossing = replace(
            self._first,
            at=at,
            body="".join(self._pieces),
            input_tokens=input_tokens,
            output_tokens=output_tokens,
        )
        rows: Mapping[Boundary, Sequence[Check]] = {
            **self._enforcer.rows,
            Boundary.LLM_OUTPUT: (*self._judges.row, Last(released, refused)) if self._judges.row else (),
        }
        try:
            verdict, record_id = await replace(self._enforcer, rows=rows).decide(crossing, self._trace_id)
        finally:
            if self._judges.held is not None:
                self._judges.held.let_go()
        return verdict.payload[len(released) :], verdict, record_id

    async def _take(self, at: float) -> None:
        """Rewrite what has ended, and cut the stream where it may not go on."""
        crossing = await self._proven(at)
        if crossing is None or self._size > self._judges.most:
            self.is_cut = True  # the end says why
            return
        if self._judges.holds:
            return
        if self._judges.rewrites:
            await self._rewrite(crossing)
        else:
            self._beginning.add(self._tail[self._at :])
            self._tail, self._at = "", 0
        if not self.is_cut and (decision := await self._beginning.refused(crossing)):
            self.is_cut = True
            self._waits_for_consent = decision is Decision.REQUIRE_APPROVAL

    async def _proven(self, at: float) -> Crossing | None:
        """Return the crossing with its session; None where there is none that is open."""
        row = self._current().rows.get(Boundary.LLM_OUTPUT, ())
        if not row:
            return None
        try:
            answer = await row[0](self._first.holding("", at))
        except SidecarError:
            return None
        return answer.onward if answer.decision is Decision.ALLOW else None

    async def _rewrite(self, crossing: Crossing) -> None:
        ended: list[Part] = []
        start = self._at
        personal, injection = self._judges.personal, self._judges.injection
        run = personal.run if personal else RUN_OF_FORMS
        small = LISTED if personal is None else personal.small if injection is None else personal.listed
        of_parts = small if injection is None else LISTED  # it knows no recognizer of anybody's own
        judging = injection or personal
        unended = judging.unended if judging else NOWHERE
        begun = self._begun or reading(self._tail, start, run, of_parts, unended)
        while part := next_part(self._tail, begun, is_whole=False):
            ended.append(part)
            start = part.end
            begun = reading(self._tail, start, run, of_parts, unended)
        rewritten = await self._rewritten(crossing, ended) if ended else []
        if rewritten is None:
            self.is_cut = True
            return
        for part, text in zip(ended, rewritten, strict=True):
            self._beginning.add(text[self._passed :])
            self._passed = max(0, self._passed - (part.end - part.start))  # more than the part: then all of it is plain
        plain = begun.lead(self._tail, is_whole=False, small=small)
        self._beginning.add(self._tail[start + self._passed : plain])
        self._passed = max(self._passed, plain - start)
        self._begun, self._at = begun, start
        if start > KEPT:
            kept = start - BEHIND
            self._tail, self._at, self._begun = self._tail[kept:], BEHIND, None
            self._before += kept

    async def _rewritten(self, crossing: Crossing, ended: Sequence[Part]) -> Sequence[str] | None:
        """Return the parts of the tail that have `ended` as they may cross; None where one may not."""
        text, personal, injection = self._tail, self._judges.personal, self._judges.injection
        if injection is not None:
            found = await injection.hits(text, ended, self._before)
            actions = {hit.action for hits in found for hit in hits}
            if not actions.isdisjoint({Action.DENY, Action.REQUIRE_APPROVAL}):
                self._waits_for_consent = Action.DENY not in actions
                return None
            clean = [neutral_part(text, part, hits) for part, hits in zip(ended, found, strict=True)]
            if personal is None or not personal.privacy.at(Boundary.LLM_OUTPUT):
                return clean
            start = len(self._clean)
            text = self._clean + "".join(clean)
            ends = [start + end for end in accumulate(map(len, clean))]
            ended = list(given_parts(text, ends, start, personal.listed))
            self._clean = text[-BEHIND:]
        if personal is None:
            return None
        return await personal.rewritten(crossing.holding(text), ended, self._going_on)
