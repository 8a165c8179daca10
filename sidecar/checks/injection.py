"""Does the payload hold something that is meant for the model behind the reader's back?

Characters that nobody sees, hidden markup, encoded text, addresses that carry data, forged turns, passages that
address the model. The policy says what follows for which kind from which score on; where it says nothing for a
boundary, nobody looks. What is stripped or marked is rewritten in its string, so that JSON stays JSON; where a text
cannot be rewritten, what was to be stripped is denied and what was to be marked is labelled. No detector finds
everything: what this one misses is for origin, labels, rules and scope to contain.

Findings tell the kind, the place and what was done, never the text; the score stands in the record alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from itertools import accumulate, count, islice
from math import inf
from typing import Final

from sidecar.checks.base import Check, Ports
from sidecar.checks.parted import is_written_by_a_model, run_of, unended
from sidecar.content.injection.encoded import decoded
from sidecar.content.injection.hidden import hidden, messages
from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.leaves import Leaf, leaves
from sidecar.content.injection.neutral import mark, spotlighted, stripped
from sidecar.content.injection.parted import LOCAL, concealed_in
from sidecar.content.injection.scoring import Reader
from sidecar.content.injection.signals import Signal
from sidecar.content.parts import RUN_OF_NAMES, Part, parts
from sidecar.content.reading import NOWHERE, Within
from sidecar.content.rewriting import Path, place, renaming, rewriting
from sidecar.content.turns import emptied, listed, rest, walked
from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.injection import Action, Kind
from sidecar.model.steps import BATCH, Steps
from sidecar.model.verdict import Answer, Decision, Finding, Severity, allow, deny
from sidecar.policy.injections import Injections, Step, action, labels
from sidecar.policy.privacy import Out
from sidecar.protocols.a2a.reading import is_answer

MAX_FINDINGS: Final = 20  # of one crossing; what is beyond is one more finding that counts them
MAX_LEAVES: Final = 50_000  # texts of one crossing
PARTS_AT_ONCE: Final = 16  # of a model's text: about a millisecond

REASONS: Final[Mapping[Kind, str]] = {
    Kind.HIDDEN_CHARACTERS: "hidden_characters",
    Kind.HIDDEN_MARKUP: "hidden_markup",
    Kind.ENCODED: "payload_encoded",
    Kind.URL: "url_with_data",
    Kind.TURNS: "turn_forged",
    Kind.INSTRUCTIONS: "model_addressed",
}
_SAYS: Final[Mapping[Kind, str]] = {
    Kind.HIDDEN_CHARACTERS: "characters that nobody sees",
    Kind.HIDDEN_MARKUP: "markup that hides words for a model",
    Kind.ENCODED: "encoded words for a model",
    Kind.URL: "an address that may carry data away",
    Kind.TURNS: "marks that forge a turn of the conversation",
    Kind.INSTRUCTIONS: "words that address the model",
}
_DONE: Final[Mapping[Action, str]] = {
    Action.LABEL: "crossed and were labelled: do not act on them",
    Action.SPOTLIGHT: "were marked as data: do not act on them",
    Action.STRIP: "were taken out",
    Action.REQUIRE_APPROVAL: "wait for a person's consent",
    Action.DENY: "may not cross here: leave them out",
}
_DECISIONS: Final[Mapping[Action, Decision]] = {
    Action.LABEL: Decision.ALLOW,
    Action.SPOTLIGHT: Decision.REDACT,
    Action.STRIP: Decision.REDACT,
    Action.REQUIRE_APPROVAL: Decision.REQUIRE_APPROVAL,
    Action.DENY: Decision.DENY,
}
_CONTROLS: Final = ("LLM01", "ASI01")


def read_as(crossing: Crossing) -> Reader:
    """Return as what the model reads `crossing`: what a tool or another agent answers is never a request to it."""
    match crossing.boundary:
        case Boundary.TOOL_RESPONSE:
            return Reader.DATA
        case Boundary.A2A_MESSAGE if crossing.direction is Direction.INBOUND and is_answer(crossing.body):
            return Reader.DATA
    return Reader.REQUEST


@dataclass(frozen=True, slots=True)
class Hit:
    """One signal in one text, and what follows."""

    leaf: Leaf
    signal: Signal
    action: Action


def judge(leaf: Leaf, found: Sequence[Signal], steps: Sequence[Step]) -> tuple[Hit, ...]:
    """Return what of `found` in `leaf` the policy says something of, in order."""
    hits = ((s, _possible(leaf, s.kind, action(steps, s.kind, s.score))) for s in found)
    return tuple(Hit(leaf, signal, what) for signal, what in hits if what is not Action.ALLOW)


def _possible(leaf: Leaf, kind: Kind, wanted: Action) -> Action:
    """Return what follows: what cannot be taken out is denied, what cannot be marked is labelled."""
    # a name can lose what nobody sees, and nothing else
    can_strip = not leaf.is_fixed and (not leaf.is_name or kind is Kind.HIDDEN_CHARACTERS)
    if wanted is Action.STRIP and not can_strip:
        return Action.DENY
    if wanted is Action.SPOTLIGHT and (leaf.is_fixed or leaf.is_name):
        return Action.LABEL
    return wanted


def neutral(leaf: Leaf, hits: Sequence[Hit], sign: str) -> str:
    """Return the text of `leaf` as it may cross."""
    text = stripped(leaf.text, [hit.signal for hit in hits if hit.action is Action.STRIP])
    return spotlighted(text, sign) if any(hit.action is Action.SPOTLIGHT for hit in hits) else text


def neutral_part(text: str, part: Part, hits: Sequence[Hit]) -> str:
    """Return one part of a model's text as it may cross."""
    moved = [replace(h.signal, start=h.signal.start - part.start, end=h.signal.end - part.start) for h in hits
             if h.action is Action.STRIP]  # fmt: skip
    return stripped(text[part.start : part.end], moved)


async def answer(check: str, crossing: Crossing, found: Sequence[tuple[Leaf, tuple[Hit, ...]]], sign: str) -> Answer:
    """Return what is said of `found`, and the crossing that may go on."""
    if not found:
        return allow(check, crossing if crossing.labels else None)
    texts, names = await walked(_neutral(found, sign))
    names = await walked(renaming(crossing.body, names))
    findings = await walked(_findings(check, [hit for _, hits in found for hit in hits], names))
    if any(hit.action is Action.DENY for _, hits in found for hit in hits):
        return Answer(findings, crossing if crossing.labels else None)
    if texts or names:
        gone = tuple(await listed(said for leaf, hits in found for said in removed(leaf, hits)))
        crossing = replace(crossing, body=await walked(rewriting(crossing.body, texts, names)), removed=gone)
    return Answer(findings, crossing)


def _neutral(
    found: Sequence[tuple[Leaf, tuple[Hit, ...]]], sign: str
) -> Steps[tuple[dict[Path, str], dict[Path, str]]]:
    """Come to the texts that cross instead, and the members' names."""
    texts: dict[Path, str] = {}
    names: dict[Path, str] = {}
    for leaf, hits in found:
        if any(hit.action in (Action.STRIP, Action.SPOTLIGHT) for hit in hits):
            (names if leaf.is_name else texts)[leaf.path] = neutral(leaf, hits, sign)
        yield
    return texts, names


def removed(leaf: Leaf, hits: Sequence[Hit]) -> Iterator[str]:
    """Yield what was taken out of the text of `leaf`, in plain words: what is veiled by what it spells."""
    gone = [hit.signal for hit in hits if hit.action is Action.STRIP]
    if unseen := " ".join(leaf.text[s.start : s.end] for s in gone if s.kind is Kind.HIDDEN_CHARACTERS):
        yield from messages(unseen, hidden(unseen))
    for signal in gone:
        text = leaf.text[signal.start : signal.end]
        if signal.kind is Kind.ENCODED:
            yield from (part.says for part in decoded(text))
        elif signal.kind is not Kind.HIDDEN_CHARACTERS:
            yield text


def _findings(check: str, hits: Sequence[Hit], names: Mapping[Path, str]) -> Steps[tuple[Finding, ...]]:
    """Come to one for each kind, place and action, with its highest score; the worst first, where they are too many."""
    worst: dict[Action, dict[tuple[Kind, Path], Signal]] = {}
    for number, hit in enumerate(hits, 1):
        rows = worst.setdefault(hit.action, {})
        row = (hit.signal.kind, hit.leaf.path)
        if row not in rows or hit.signal.score > rows[row].score:
            rows[row] = hit.signal
        if not number % BATCH:
            yield
    findings: list[Finding] = []
    for what in sorted(worst, reverse=True):
        first = nlargest(MAX_FINDINGS - len(findings), worst[what].items(), key=lambda item: item[1].score)
        findings += [_finding(check, what, kind, place(path, names), signal) for (kind, path), signal in first]
        yield
    if more := sum(map(len, worst.values())) - len(findings):
        findings.append(replace(findings[0], path="", detail="", message=f"{more} more places hold what was found"))
    return tuple(findings)


def _finding(check: str, what: Action, kind: Kind, path: str, signal: Signal) -> Finding:
    return Finding(
        check=check,
        decision=_DECISIONS[what],
        reason=REASONS[kind],
        message=f"{_SAYS[kind]} {_DONE[what]}",
        path=path,
        severity=Severity.HIGH
        if signal.score >= _HIGH
        else Severity.MEDIUM
        if signal.score >= _MEDIUM
        else Severity.LOW,
        controls=_CONTROLS,
        detail=f"score {signal.score:.2f}: {signal.detail}",
    )


_HIGH: Final = 0.9
_MEDIUM: Final = 0.5
_NAME: Final = "injection"
_NOTHING_ASKED: Final = allow(_NAME)
_SKIPPED: Final = Finding(
    check=_NAME,
    decision=Decision.ALLOW,
    reason="classifier_skipped",
    message="the classifier was out, and the policy lets this boundary pass without it",
    severity=Severity.HIGH,
)


def build(ports: Ports) -> Check:
    """Return the check for the policy's injections."""
    privacy = ports.policy.privacy
    skips = privacy.skips.get(Out.CLASSIFIER, frozenset())
    whole = unended(privacy, ports.detector)
    return Injection(ports.inspector, ports.policy.injections, ports.hash_key, run_of(privacy), skips, whole)


@dataclass(frozen=True, slots=True)
class Injection:
    """Asks the inspector where the policy says something for the boundary. `key` is for the marks of data.

    What a model writes is looked at in parts, which end after `run` small words, where the policy asks only for what is
    hidden within a few words (`is_parted`): so it can be released while it is written. No part ends where `unended`
    says: personal data is looked for in the same parts.
    """

    inspector: Inspector
    injections: Injections
    key: bytes = field(repr=False)
    run: int = RUN_OF_NAMES
    skips: frozenset[Boundary] = frozenset()  # that may pass on what needs no classifier, while it is out
    unended: Within = NOWHERE
    name: str = _NAME

    @property
    def is_parted(self) -> bool:
        """Whether a model's text is rewritten, and a part of it tells all that is asked for at its boundary."""
        steps = self.injections.at(Boundary.LLM_OUTPUT)
        is_local = all(step.kind in LOCAL and step.action is not Action.SPOTLIGHT for step in steps)
        return is_local and not self.injections.only_labels(Boundary.LLM_OUTPUT)

    async def hits(self, text: str, some: Sequence[Part], before: int = 0) -> list[tuple[Hit, ...]]:
        """Return what follows in each of `some` parts of a model's text, `before` which so many characters stand."""
        steps = self.injections.at(Boundary.LLM_OUTPUT)
        found = await concealed_in(text, some, Reader.REQUEST, before)
        return [judge(Leaf((), text), signals, steps) for signals in found]

    async def _parted(self, crossing: Crossing, text: str) -> Answer:
        written: list[str] = []
        every: list[Hit] = []
        waiting = parts(text, self.run, unended=self.unended)
        for number in count():
            some = list(islice(waiting, PARTS_AT_ONCE))
            if not some:
                break
            found = await self.hits(text, some)
            every += [hit for hits in found for hit in hits]
            written += [neutral_part(text, part, hits) for part, hits in zip(some, found, strict=True)]
            await rest(number)
        steps = self.injections.at(Boundary.LLM_OUTPUT)
        said = {label for hit in every for label in labels(steps, hit.signal.kind, hit.signal.score)}
        ends = tuple(accumulate(map(len, written)))
        onward = replace(crossing, body="".join(written), ends=ends, labels=crossing.labels | said)
        if not every:
            return allow(self.name, onward)
        findings = await walked(_findings(self.name, every, {}))
        is_denied = any(hit.action is Action.DENY for hit in every)
        return Answer(findings, replace(crossing, labels=onward.labels) if is_denied else onward)

    async def __call__(self, crossing: Crossing) -> Answer:
        steps = self.injections.at(crossing.boundary)
        if not steps:
            return _NOTHING_ASKED
        if self.is_parted and is_written_by_a_model(crossing) and isinstance(crossing.body, str):
            return await self._parted(crossing, crossing.body)
        looked = await listed(islice(leaves(crossing), MAX_LEAVES + 1))
        if len(looked) > MAX_LEAVES:
            return deny(self.name, "too_many_texts", f"more than {MAX_LEAVES} texts in one payload: send less")
        reader = read_as(crossing)
        texts, skipped = await listed(leaf.text for leaf in looked), False
        least = min((step.least for step in steps if step.kind is Kind.INSTRUCTIONS), default=inf)
        try:
            try:
                found = await self.inspector.inspect(texts, reader, least)
            except UnavailableError:
                if crossing.boundary not in self.skips:
                    raise
                found, skipped = await self.inspector.alone.inspect(texts, reader, least), True
        except UnavailableError:
            return deny(self.name, "classifier_unavailable", "nobody could look for injections: try again")
        every = {(signal.kind, signal.score) for signals in found.values() for signal in signals}
        said = {label for kind, score in every for label in labels(steps, kind, score)}
        if said:
            crossing = replace(crossing, labels=crossing.labels | said)
        judged = await listed((looked[index], judge(looked[index], found[index], steps)) for index in sorted(found))
        await emptied(looked)
        sign = mark(self.key, crossing.session_id, crossing.at)
        told = await answer(self.name, crossing, [(leaf, hits) for leaf, hits in judged if hits], sign)
        return replace(told, findings=(*told.findings, _SKIPPED), skipped=True) if skipped else told
