"""Does the payload hold personal data that may not cross here?

The policy names the kinds and what happens to each. Where it names none for this boundary, nobody looks.
Findings that share a character are one, under the strictest of their operators. What may not cross and
cannot be rewritten without breaking the payload is denied (`content.places` tells where that is). A detector
that does not answer in time is a DENY: what nobody has looked at does not cross, unless the policy's `degraded` lets
the boundary pass without; then the answer says that the check was skipped, and what is rewritten is what was found.

What a model writes is looked at in parts (`content.parts`), whether it comes whole or while it is being written.

Findings tell the kind, the place and what was done, never the value; places are those of the rewritten payload.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from sidecar.checks.base import Check, Ports
from sidecar.checks.beginnings import beginnings
from sidecar.checks.drawers import outgoing
from sidecar.checks.parted import installed, is_written_by_a_model, run_of, unended
from sidecar.checks.personal_hits import Judged, Written, fitting, judged, left, replaced, spoken, written_anew
from sidecar.content.detection import Detector, Excused, Finder, Lenient, Span, outside, shifted
from sidecar.content.going_on import GoingOn
from sidecar.content.naming import NAMES
from sidecar.content.operators import leftovers
from sidecar.content.parts import Part, given_parts, parts
from sidecar.content.places import Place, places
from sidecar.content.plain import FORMED, LISTED, Small
from sidecar.content.reading import NOWHERE, Within
from sidecar.content.rewriting import Path, Piece, place, renaming, rewriting
from sidecar.content.scattered import scattered
from sidecar.content.turns import Pace, by_turns, emptied, listed, walked
from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.model.steps import BATCH, Steps
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny
from sidecar.policy.privacy import Out, Privacy
from sidecar.stores.base import NO_VAULT, Datum, Vault

MAX_FINDINGS: Final = 20  # of one crossing; what is beyond is one more finding that counts them
PARTS_AT_ONCE: Final = 16  # of a model's text: less than a millisecond of work for this process
AT_ONCE: Final = 64  # findings that are looked at without a pause: less than a millisecond
PLACES_AT_ONCE: Final = 128  # texts of a body: less than a millisecond
TOKENS_AT_ONCE: Final = 24  # that the vault is asked for: a millisecond where they are new
MAX_PLACES: Final = 50_000  # texts of one crossing; each costs the detector a millisecond

_DONE: Final = {
    Operator.MASK: "was masked",
    Operator.TOKEN: "was replaced by a token",
    Operator.HASH: "was replaced by a hash",
    Operator.REDACT: "was redacted",
}


async def answer(check: str, crossing: Crossing, found: Sequence[Judged], written: Written) -> Answer:
    """Return what is said of `found`, which is every place with a hit, and the crossing that holds none of them.

    What is denied is handed on as it is, where it has labels.
    """
    if not found:
        return allow(check, crossing if crossing.labels else None)
    texts: dict[Path, str] = {}
    names: dict[Path, str] = {}
    pace = Pace()
    for one in found:
        text = one.at.piece.text
        hits = spoken(text, one.hits) if is_written_by_a_model(crossing) else fitting(text, one.hits)
        rewritten = await written_anew(text, hits, written)
        (names if one.at.piece.is_name else texts)[one.at.piece.path] = rewritten
        await pace.step()
    names = await walked(renaming(crossing.body, names))
    findings = await walked(_findings(check, found, names))
    if any(one.does(Operator.DENY) for one in found):
        return Answer(findings, crossing if crossing.labels else None)
    return Answer(findings, replace(crossing, body=await walked(rewriting(crossing.body, texts, names))))


def _findings(check: str, found: Sequence[Judged], names: Mapping[Path, str]) -> Steps[tuple[Finding, ...]]:
    """Come to one for each kind, place and operator, the worst first where not all can be told."""
    rows: dict[Operator, dict[tuple[str, Path, bool], None]] = {}
    for number, one in enumerate(found, 1):
        for operator, entity in one.done:
            rows.setdefault(operator, {})[entity, one.at.piece.path, one.at.is_fixed] = None
        if not number % BATCH:
            yield
    ranked = ((operator, *row) for operator in sorted(rows, reverse=True) for row in rows[operator])
    findings = [
        _finding(check, operator, entity, place(path, names), is_fixed)
        for operator, entity, path, is_fixed in islice(ranked, MAX_FINDINGS)
    ]
    if more := sum(map(len, rows.values())) - len(findings):
        findings.append(replace(findings[0], path="", message=f"{more} more places hold personal data"))
    return tuple(findings)


def _finding(check: str, operator: Operator, entity: str, path: str, is_fixed: bool) -> Finding:  # noqa: FBT001 - a row of `_findings`
    if operator is not Operator.DENY:
        return Finding(
            check=check,
            decision=Decision.REDACT,
            reason="personal_data_redacted",
            message=f"{entity} {_DONE[operator]}",
            path=path,
            severity=Severity.MEDIUM,
        )
    why = "stands where it cannot be redacted" if is_fixed else "may not cross here"
    return Finding(
        check=check,
        decision=Decision.DENY,
        reason="personal_data_denied",
        message=f"{entity} {why}: leave it out",
        path=path,
        severity=Severity.HIGH,
    )


def _becoming_tokens(found: Iterable[Judged]) -> Iterator[Datum]:
    return (hit.datum for one in found for hit in one.hits if hit.operator is Operator.TOKEN)


_NAME: Final = "personal_data"
_NOTHING_ASKED: Final = allow(_NAME)
LEAVING: Final = frozenset({Boundary.LLM_REQUEST, Boundary.TOOL_CALL, Boundary.A2A_MESSAGE})  # for another place


_SKIPPED: Final = Finding(
    check=_NAME,
    decision=Decision.ALLOW,
    reason="detector_skipped",
    message="nobody could look for personal data, and the policy lets this boundary pass without",
    severity=Severity.HIGH,
)


def build(ports: Ports) -> Check:
    """Return the check for the policy's privacy."""
    privacy = ports.policy.privacy
    resident = LEAVING if privacy.resident else frozenset()
    policy = ports.policy
    read = {b for b in Boundary if policy.rules.reads("labels", b) or policy.facts.reads("labels", b)}
    labelled = frozenset(resident | read if privacy.thresholds else ())
    hidden = leftovers(privacy.thresholds, privacy.reveal_to)
    kinds = frozenset(
        privacy.thresholds if Boundary.LLM_OUTPUT in labelled else privacy.looked_for(Boundary.LLM_OUTPUT)
    )
    has_own = bool(privacy.written or privacy.recognizers or installed(ports.detector))
    is_formed, is_named = kinds <= FORMED and not has_own, kinds <= FORMED | NAMES and not has_own
    small = Small(beginnings(privacy.written), has_own, is_formed=is_formed, is_named=is_named)
    whole = unended(privacy, ports.detector)
    return PersonalData(ports.detector, privacy, hidden, ports.hash_key, labelled, ports.vault, small, whole)


@dataclass(frozen=True, slots=True)
class PersonalData:
    """Asks the detector, but only where the policy names a kind for the boundary, or labels count there.

    `labelled` are the latter: a rule or a fact reads them, or one of residency; what is found labels the crossing, also
    where it may cross. `hidden` matches what
    an earlier crossing left in a datum's place: that is not looked at again. `key` is for the operator `hash`,
    `vault` for `token`. `small` tells with which of a model's words no finding begins,
    `unended` is where no part of them ends.
    """

    detector: Detector
    privacy: Privacy
    hidden: Finder
    key: bytes = field(repr=False)
    labelled: frozenset[Boundary] = frozenset()
    vault: Vault = NO_VAULT
    small: Small = LISTED
    unended: Within = NOWHERE
    name: str = _NAME

    async def __call__(self, crossing: Crossing) -> Answer:
        if not self._kinds(crossing.boundary):
            return _NOTHING_ASKED
        looked = await listed(islice(places(crossing), MAX_PLACES + 1))
        if len(looked) > MAX_PLACES:
            return deny(self.name, "too_many_texts", f"more than {MAX_PLACES} texts in one payload: send less")
        detector = self.excused if self.privacy.may_skip(Out.NER, crossing.boundary) else None
        try:
            said = await replace(self, detector=detector or self.detector).looked(crossing, looked)
            await emptied(looked)
        except UnavailableError:
            return deny(self.name, "detector_unavailable", "nobody could look for personal data: try again")
        if detector is None or not detector.skipped or said.decision is Decision.DENY:
            return said
        onward = replace(said.onward or crossing, bare=self.privacy.resident)  # it may hold any of it
        return Answer((*said.findings, _SKIPPED), onward, skipped=True)

    @property
    def excused(self) -> Excused:
        """The detector, so that it says nothing where it cannot look, and tells so."""
        return self.detector if isinstance(self.detector, Excused) else Lenient(self.detector)

    async def looked(self, crossing: Crossing, looked: Sequence[Place]) -> Answer:
        """Return the answer on the places that are `looked` at. Raises `UnavailableError`, and as the vault."""
        operators = self.privacy.at(crossing.boundary)
        if looked and is_written_by_a_model(crossing):
            whole = [span for found in await self._whole(looked[0].piece.text, crossing) for span in found]
            seen = [(looked[0], tuple(whole))] if whole else []
        else:
            seen = await self._seen(looked, self._kinds(crossing.boundary))
        told: list[tuple[tuple[Span, ...], Judged]] = []
        every: set[str] = set()
        pace = Pace()
        for at, spans in seen:
            told.append((spans, await judged(spans, at, operators)))
            every |= {span.entity for span in spans}
            await pace.step()
        if told:
            crossing = replace(crossing, labels=crossing.labels | self._labels(every))
        if told and self.privacy.residency and crossing.boundary in LEAVING:
            kinds = await listed(left(found, one.at, one.hits) for found, one in told)
            crossing = replace(crossing, bare=self._labels(frozenset[str]().union(*kinds)))
        hits = [one for _, one in told if one.hits]
        return await answer(self.name, crossing, hits, await self._written(crossing, hits))

    def _labels(self, entities: Collection[str]) -> frozenset[str]:
        return frozenset(label for entity in entities for label in self.privacy.labels.get(entity, ()))

    @property
    def run(self) -> int:
        """How many small words end a part of what a model writes."""
        return run_of(self.privacy)

    async def rewritten(self, crossing: Crossing, some: Sequence[Part], going_on: GoingOn) -> list[str] | None:
        """Return `some` parts of the text that is the crossing's body as they may cross; None where one may not.

        `going_on` is what goes on from the parts before. Raises `UnavailableError` where nobody could look, and as
        the vault.
        """
        text = crossing.body if isinstance(crossing.body, str) else ""
        at, operators = Place(Piece((), text)), self.privacy.at(crossing.boundary)
        found = [await judged(spans, at, operators) for spans in await self._of_parts(text, some, going_on)]
        if any(one.does(Operator.DENY) for one in found):
            return None
        written = await self._written(crossing, found)
        rewritten: list[str] = []
        for part, one in zip(some, found, strict=True):
            hits = spoken(text, one.hits, part.start, going_on.reading)
            rewritten.append(replaced(text, hits, written, part.start, part.end))
            going_on.reading = going_on.reading.after(text[part.start : part.end])
        return rewritten

    @property
    def listed(self) -> Small:
        """What is plain in a text of which something was taken out: what stood before a word is not known there."""
        return replace(self.small, is_formed=False, is_named=False)

    def _kinds(self, boundary: Boundary) -> Collection[str]:
        """Return what is looked for at `boundary`: what the policy names there, or all of it where labels are read."""
        return self.privacy.thresholds if boundary in self.labelled else self.privacy.looked_for(boundary)

    async def _whole(self, text: str, crossing: Crossing) -> list[tuple[Span, ...]]:
        """Return what is found in each part of `text`, some at a time, so that nobody else waits long."""
        found: list[tuple[Span, ...]] = []
        going_on = GoingOn()
        ends = crossing.ends
        waiting = (
            given_parts(text, ends, small=self.listed) if ends else parts(text, self.run, self.small, self.unended)
        )
        while some := list(islice(waiting, PARTS_AT_ONCE)):
            found += await self._of_parts(text, some, going_on)
        return found

    async def _of_parts(self, text: str, some: Sequence[Part], going_on: GoingOn) -> list[tuple[Span, ...]]:
        telling = [part for part in some if any(map(str.isalnum, text[part.lead : part.end]))]
        windows = {part: text[part.window_start : part.window_end] for part in telling}
        asked = list(dict.fromkeys(windows.values()))
        kinds = self._kinds(Boundary.LLM_OUTPUT)
        answers = dict(zip(asked, await self.detector.find(asked, kinds), strict=True)) if asked else {}
        shown = [
            outside(windows[part], answers[windows[part]], self.hidden) if part in windows else () for part in some
        ]
        return [going_on.found(text, part, spans) for part, spans in zip(some, shown, strict=True)]

    async def _written(self, crossing: Crossing, found: Sequence[Judged]) -> Written:
        """Ask the vault for tokens, where something becomes one and nothing is denied."""
        becoming = [one for one in found if one.does(Operator.TOKEN)]
        if not becoming or any(one.does(Operator.DENY) for one in found):
            return Written(self.key)
        data = list(dict.fromkeys(await listed(_becoming_tokens(becoming))))
        tokens: list[str] = []
        async for some in by_turns(data, TOKENS_AT_ONCE):
            tokens += await self.vault.tokens(outgoing(crossing), some, crossing.at)
        return Written(self.key, dict(zip(data, tokens, strict=True)))

    async def _seen(self, looked: Sequence[Place], entities: Collection[str]) -> list[tuple[Place, tuple[Span, ...]]]:
        """Return the places of `looked` where some of `entities` are found, and what is.

        Some places at a time, so that nobody else waits long. What occurs twice among those is looked at once.
        """
        seen: list[tuple[Place, tuple[Span, ...]]] = []
        parts = await walked(scattered(looked, entities))
        number = -1
        async for some in by_turns(looked, PLACES_AT_ONCE):
            asked = [at.piece.asked for at in some]
            unique = list(dict.fromkeys(asked))
            answers = dict(zip(unique, await self.detector.find(unique, entities), strict=True))
            for at, text in zip(some, asked, strict=True):
                number += 1
                shown = shifted(answers[text], len(text) - len(at.piece.text)) if answers[text] else ()
                if (part := parts.get(number)) and part.score >= self.privacy.thresholds.get(part.entity, 0.0):
                    shown = (*shown, part)
                if shown and (spans := await self._outside(at.piece.text, shown)):
                    seen.append((replace(at, goes_on=part is not None and number + 1 in parts), spans))
        return seen

    async def _outside(self, text: str, spans: Sequence[Span]) -> tuple[Span, ...]:
        """Return `spans` without what an earlier crossing left; where there are many, others go first now and then."""
        found: list[Span] = []
        async for some in by_turns(spans, AT_ONCE):
            found += outside(text, some, self.hidden)
        return tuple(found)
