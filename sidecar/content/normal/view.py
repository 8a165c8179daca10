"""A text as a reader takes it, and where each of its characters stands in what was sent."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from sidecar.content.detection import Span


class Edit(NamedTuple):
    """`text[start:end]` reads as `said`."""

    start: int
    end: int
    said: str


class Run(NamedTuple):
    """`text[start:end]` is another text in other signs: `said`, of which character `i` is `text[starts[i]:ends[i]]`."""

    start: int
    end: int
    said: str
    starts: Sequence[int]
    ends: Sequence[int]


@dataclass(frozen=True, slots=True)
class View:
    """`text`, whose character `i` stands at `starts[i]` to `ends[i]` of what was sent."""

    text: str
    starts: Sequence[int] = field(repr=False)
    ends: Sequence[int] = field(repr=False)
    first: int = 0  # of what was sent: what a reading is about begins here; what ends before it is told elsewhere

    @classmethod
    def of(cls, text: str) -> Self:
        """Return `text` as it is."""
        return cls(text, range(len(text)), range(1, len(text) + 1))

    def edited(self, edits: Iterable[Edit]) -> Self:
        """Return the view after `edits`, which are in order, disjoint, and of a character at least."""
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        at = 0
        for edit in edits:
            parts += [self.text[at : edit.start], edit.said]
            starts += [*self.starts[at : edit.start], *[self.starts[edit.start]] * len(edit.said)]
            ends += [*self.ends[at : edit.start], *[self.ends[edit.end - 1]] * len(edit.said)]
            at = edit.end
        parts.append(self.text[at:])
        return type(self)("".join(parts), [*starts, *self.starts[at:]], [*ends, *self.ends[at:]], self.first)

    def part(self, begin: int, until: int, edits: Sequence[Edit]) -> Self:
        """Return `text[begin:until]` after `edits`, of which the first is what the reading is about."""
        first = self.starts[edits[0].start]
        piece = type(self)(self.text[begin:until], self.starts[begin:until], self.ends[begin:until], first)
        return piece.edited([Edit(edit.start - begin, edit.end - begin, edit.said) for edit in edits])

    def within(self, run: Run, lead: int) -> Self:
        """Return what `run` says, each character where it stands in what was sent, behind `lead` characters."""
        begin = max(0, run.start - lead)
        return type(self)(
            self.text[begin : run.start] + run.said,
            [*self.starts[begin : run.start], *(self.starts[at] for at in run.starts)],
            [*self.ends[begin : run.start], *(self.ends[at - 1] for at in run.ends)],
            self.starts[run.start],
        )

    def sent(self, span: Span) -> Span:
        """Return where `span` of this view stands in what was sent."""
        return Span(self.starts[span.start], self.ends[span.end - 1], span.entity, span.score)
