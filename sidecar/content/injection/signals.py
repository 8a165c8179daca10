"""Everything in a text that is meant for the model behind the reader's back: where it stands, and how sure that is.

The kinds are those that a rule pack names. What is hidden, veiled or encoded is judged by what it says, with the
same scores as what stands in the open: an order that somebody took the trouble to hide is one sooner.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.content.injection.encoded import decoded
from sidecar.content.injection.features import MARKS
from sidecar.content.injection.folding import Folded, folded
from sidecar.content.injection.hidden import Hidden, hidden, messages
from sidecar.content.injection.markup import Veil, veiled
from sidecar.content.injection.scoring import Passage, Reader, logistic, logit, passages, score
from sidecar.content.injection.urls import carriers
from sidecar.model.injection import Kind

STRAY: Final = 0.3  # of a character that nobody sees and that spells nothing: an accident as a rule
DELIBERATE: Final = 0.9
SPELLED: Final = 0.99
FORGED: Final = 0.9  # of a mark that only chat templates have
FORGED_ALONE: Final = 0.5  # the same in what asks the model to do something: a question on such marks
LEAST: Final = 0.001  # of instructions in the open; no rule can ask for less
AIMED: Final = 0.25  # of a passage that is told with what goes with it
BESIDE: Final = 0.02  # of what goes with it: ten times what ordinary words have
MOST_BESIDE: Final = 4  # passages before and behind that go with one
HIDING: Final = 1.5  # log odds by which hiding an order adds to its score
MAX_SIGNALS: Final = 200  # of each kind in one text; what is beyond the last reaches to the end of the text


@dataclass(frozen=True, slots=True)
class Signal:
    """`text[start:end]` is of `kind` with `score`, from 0 to 1; `detail` says how, in words of ours."""

    kind: Kind
    start: int
    end: int
    score: float
    detail: str = ""


def concealed(text: str, reader: Reader = Reader.DATA, *, begins: bool = True) -> tuple[Signal, ...]:
    """Return what `text` holds of every kind but instructions in the open, in order of kind and place.

    `begins` as in `hidden.hidden`.
    """
    unseen = hidden(text, begins=begins)
    plain = folded(text, unseen)
    found = (
        _characters(text, unseen, reader),
        _markup(plain, reader),
        _encoded(plain, reader),
        _urls(plain),
        _turns(plain, reader),
    )
    return tuple(signal for kind in found for signal in _bounded(tuple(kind), len(text)))


def signals(text: str, reader: Reader = Reader.DATA) -> tuple[Signal, ...]:
    """Return what `text` holds of every kind, in order of kind and place. Scores are for rules to compare."""
    return (*concealed(text, reader), *_bounded(tuple(instructions(text, suspicious(text, reader))), len(text)))


def suspicious(text: str, reader: Reader = Reader.DATA, edges: tuple[bool, bool] = (True, True)) -> tuple[Passage, ...]:
    """Return the passages of `text`, by places in `text` as it came, each with how much it addresses the model.

    `edges` as in `scoring.passages`.
    """
    plain = folded(text, hidden(text))
    found = passages(plain.text, reader, edges)
    if plain.text is text:
        return found
    return tuple(Passage(plain.place(p.start), plain.place(p.end - 1) + 1, p.score, p.signs) for p in found)


def instructions(text: str, found: Sequence[Passage], least: float = LEAST) -> Iterator[Signal]:
    """Yield those of `found`, passages of `text`, that somebody may want to know of: whose score is `least` or more.

    Who addresses the model says in the next words what it is to do, so these go with it.
    """
    for number, passage in enumerate(found):
        if passage.score >= max(least, LEAST):
            start, end = _reach(text, found, number) if passage.score >= AIMED else (passage.start, passage.end)
            yield Signal(Kind.INSTRUCTIONS, start, end, passage.score, ", ".join(passage.signs))


def _reach(text: str, found: Sequence[Passage], number: int) -> tuple[int, int]:
    """Return from where to where the passage of that number and those reach that go with it, in its paragraph."""
    first = last = number
    while first and number - first < MOST_BESIDE and _goes_on(text, found[first - 1], found[first], found[first - 1]):
        first -= 1
    while last + 1 < len(found) and last - number < MOST_BESIDE:
        if not _goes_on(text, found[last], found[last + 1], found[last + 1]):
            break
        last += 1
    return found[first].start, found[last].end


def _goes_on(text: str, before: Passage, behind: Passage, new: Passage) -> bool:
    """Whether two neighbours stand in one paragraph, and `new`, one of them, goes with the other."""
    return new.score >= BESIDE and "\n\n" not in text[before.end - 1 : behind.start]


def _characters(text: str, unseen: Sequence[Hidden], reader: Reader) -> Iterator[Signal]:
    if not unseen:
        return
    said = messages(text, tuple(unseen))
    whole = max((hiding(score(passages(message, reader))) for message in said), default=0.0)
    for run in unseen:
        own = SPELLED if run.says else DELIBERATE if run.is_deliberate else STRAY
        kinds = ", ".join(sorted(run.kinds))
        yield Signal(Kind.HIDDEN_CHARACTERS, run.start, run.end, max(own, whole), f"{run.end - run.start} {kinds}")


def _markup(plain: Folded, reader: Reader) -> Iterator[Signal]:
    for part in veiled(plain.text):
        value = score(passages(part.says, reader))
        value = value if part.veil is Veil.ATTRIBUTE else hiding(value)
        yield _at(plain, Signal(Kind.HIDDEN_MARKUP, part.start, part.end, value, part.veil.value))


def _encoded(plain: Folded, reader: Reader) -> Iterator[Signal]:
    for part in decoded(plain.text):
        value = hiding(score(passages(part.says, reader)))
        yield _at(plain, Signal(Kind.ENCODED, part.start, part.end, value, part.how))


def _urls(plain: Folded) -> Iterator[Signal]:
    for address in carriers(plain.text):
        what = "picture" if address.is_picture else "link"
        yield _at(plain, Signal(Kind.URL, address.start, address.end, address.score, what))


def _turns(plain: Folded, reader: Reader) -> Iterator[Signal]:
    value = FORGED if reader is Reader.DATA else FORGED_ALONE
    for match in MARKS["turn_tokens"].finditer(plain.text):
        yield _at(plain, Signal(Kind.TURNS, match.start(), match.end(), value, "template"))


def hiding(value: float) -> float:
    """Return the score of what has `value` in the open and is hidden."""
    return logistic(logit(value) + HIDING) if value else 0.0


def _at(plain: Folded, signal: Signal) -> Signal:
    start = plain.place(signal.start)
    end = plain.place(signal.end - 1) + 1
    return Signal(signal.kind, start, max(end, start), signal.score, signal.detail)


def _bounded(found: tuple[Signal, ...], length: int) -> tuple[Signal, ...]:
    """Return the first of `found`; the last takes all that is beyond it, with the worst of the scores."""
    if len(found) <= MAX_SIGNALS:
        return found
    last, rest = found[MAX_SIGNALS - 1], found[MAX_SIGNALS:]
    worst = max(last.score, *(s.score for s in rest))
    return (*found[: MAX_SIGNALS - 1], Signal(last.kind, last.start, length, worst, last.detail))
