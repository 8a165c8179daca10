"""How well personal data is found in labelled files: the worker beside Presidio as it comes, on the same texts.

A file has one JSON object a line (`.jsonl`, also `.gz`): `text`, and `spans` with `start`, `end` and `label`. A label
counts as found where findings of its kind cover at least half of it; a finding counts as right where labels of its
kind cover at least half of it. The leak rate is of labelled characters that no finding covers, whatever its kind:
what would still be there after redaction. `taken` is the share of all other characters that findings cover.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contents import labelled
from contents.speed import THRESHOLD
from presidio_analyzer import AnalyzerEngine

from sidecar.content.detection import Span
from sidecar.content.worker.detector import WorkerDetector

# A kind → what data sets call it, besides its own name. What is in no row is labelled as nothing that we find.
KINDS: Mapping[str, tuple[str, ...]] = {
    "PERSON": ("PERSON_NAME", "NAME"),
    "LOCATION": ("GPE", "CITY", "COUNTRY"),
    "STREET_ADDRESS": ("ADDRESS", "ZIP_CODE"),
    "ORGANIZATION": ("ORGANIZATION_NAME", "ORG"),
    "DATE_TIME": ("TIMESTAMP", "DATE_OF_BIRTH", "DATE"),
    "PHONE_NUMBER": (),
    "EMAIL_ADDRESS": ("EMAIL",),
    "CREDIT_CARD": (),
    "IBAN_CODE": ("IBAN",),
    "IP_ADDRESS": ("IP",),
    "URL": ("DOMAIN_NAME",),
    "US_SSN": ("SOCIAL_SECURITY_NUMBER", "SSN"),
    "US_DRIVER_LICENSE": ("DRIVER_LICENSE_NUMBER",),
    "US_PASSPORT": ("PASSPORT_NUMBER",),
    "NRP": (),
    "AGE": (),
    "TITLE": ("JOB_TITLE", "PREFIX"),
    "CASE_NUMBER": ("COURT_CASE_NUMBER", "DOCKET_NUMBER"),
    "LICENSE_NUMBER": ("BAR_NUMBER",),
    "NATIONAL_ID": ("NATIONAL_ID_NUMBER",),
}
OF = {alias: kind for kind, aliases in KINDS.items() for alias in (kind, *aliases)}
UNITED = {"STREET_ADDRESS": "LOCATION"}  # Presidio has one kind for both
BETA = 2
COLUMNS = ("recall", "precision", "F2", "leak")


@dataclass(slots=True)
class Count:
    """Of one kind."""

    labels: int = 0
    found: int = 0
    findings: int = 0
    right: int = 0
    characters: int = 0
    leaked: int = 0

    def figures(self) -> tuple[float, ...]:
        """Return what `COLUMNS` names, in percent."""
        recall, precision = self.found / max(self.labels, 1), self.right / max(self.findings, 1)
        both = BETA**2 * precision + recall
        f2 = (1 + BETA**2) * precision * recall / both if both else 0.0
        return 100 * recall, 100 * precision, 100 * f2, 100 * self.leaked / max(self.characters, 1)


@dataclass(slots=True)
class Score:
    """What somebody found in a file."""

    kinds: dict[str, Count] = field(default_factory=dict)
    others: int = 0  # characters without a label
    taken: int = 0  # of those

    def add(self, text: str, labels: Sequence[Span], findings: Sequence[Span]) -> None:
        """Count one text."""
        covered = {at for span in findings for at in range(span.start, span.end)}
        labelled = {at for span in labels for at in range(span.start, span.end)}
        self.others += len(text) - len(labelled)
        self.taken += len(covered - labelled)
        for kind in {united(span) for span in (*labels, *findings)}:
            count = self.kinds.setdefault(kind, Count())
            mine = [span for span in labels if united(span) == kind]
            his = [span for span in findings if united(span) == kind]
            count.labels += len(mine)
            count.found += sum(half(span, his) for span in mine)
            count.findings += len(his)
            count.right += sum(half(span, mine) for span in his)
            count.characters += sum(span.end - span.start for span in mine)
            count.leaked += sum(at not in covered for span in mine for at in range(span.start, span.end))

    def total(self) -> Count:
        """Return the sum over all kinds."""
        fields = ("labels", "found", "findings", "right", "characters", "leaked")
        return Count(*(sum(getattr(count, name) for count in self.kinds.values()) for name in fields))


def united(span: Span) -> str:
    """Return the kind that both tell apart from others."""
    return UNITED.get(span.entity, span.entity)


def half(span: Span, others: Iterable[Span]) -> bool:
    """Whether `others` cover at least half of `span`."""
    covered = {at for other in others for at in range(max(span.start, other.start), min(span.end, other.end))}
    return 2 * len(covered) >= span.end - span.start


def read(path: Path) -> list[tuple[str, list[Span]]]:
    """Return the texts of a file with their labels; what is labelled as nothing that we find is left out."""
    rows = labelled.read(path, ("text", "spans"))
    return [
        (text, [Span(start, end, OF[label], 1.0) for start, end, label in spans if label in OF])
        for text, spans in labelled.spans_of(path, rows)
    ]


async def quality(path: Path, detector: WorkerDetector, engine: AnalyzerEngine, most: int | None) -> None:
    """Print the table of one file."""
    ours, theirs, unknown = Score(), Score(), Counter[str]()
    kinds = sorted(KINDS.keys() & set(engine.get_supported_entities("en")))
    for text, labels in read(path)[:most]:
        (found,) = await detector.find([text])
        ours.add(text, labels, found)
        results = engine.analyze(text, "en", entities=kinds)
        theirs.add(text, labels, [Span(r.start, r.end, r.entity_type, r.score) for r in results])
        unknown.update(span.entity for span in found if span.entity not in KINDS)
    print(f"\n{path.name}: the worker (score of at least {THRESHOLD}) | Presidio as it comes, in percent")
    print(f"{'':16}{'n':>6}  " + " | ".join("".join(f"{name:>10}" for name in COLUMNS) for _ in range(2)))
    rows = {**{kind: (ours.kinds[kind], theirs.kinds.get(kind, Count())) for kind in sorted(ours.kinds)}}
    rows["all"] = (ours.total(), theirs.total())
    for kind, pair in rows.items():
        print(f"{kind:16}{pair[0].labels:>6}  " + " | ".join("".join(f"{x:10.1f}" for x in c.figures()) for c in pair))
    print(
        "taken of the rest: "
        + " | ".join(f"{100 * score.taken / max(score.others, 1):.2f}" for score in (ours, theirs))
    )
