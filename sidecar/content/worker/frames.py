"""What the deciding process and the worker say to each other, in frames: four bytes of length, then JSON.

The worker is told its setup once and answers `Started`; then each batch of texts is answered with `Found`, and each
of pieces of documents that are inspected for injections with `Inspected`.
The worker is not trusted with more than its answers: they are read strictly, and their length is bounded.
"""

import json
import struct
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import index
from typing import Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from sidecar.content.detection import Span
from sidecar.content.injection.scoring import Passage, Reader
from sidecar.content.injection.signals import Signal
from sidecar.model.injection import Kind

MAX_BYTES: Final = 16 << 20  # a batch of text has 15 kB, its findings fewer than 1 MB, a pack's deny lists 10 MB
HEADER: Final = struct.Struct("!I")
_NO_ANSWER: Final = "not an answer to what was asked"
_OUTSIDE: Final = "a finding outside its text"
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False)
_NUMBERS: Final = json.JSONEncoder(allow_nan=False, default=index)  # also numpy's, which a user's recognizer may have


@checked(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the worker needs to know: `detection.Wanted`, models' names or paths, seconds that a batch may take."""

    thresholds: dict[str, float]
    recognizers: tuple[str, ...]
    installed: tuple[str, ...]
    models: dict[str, str]  # by language; an empty one is the bundled model
    batch_s: float
    parent: int  # its process id
    goes_last: bool  # among the machine's processes


@checked(frozen=True, slots=True, kw_only=True)
class Started:
    """Whether the worker can work: it can where there are no problems. They are for an operator's eyes."""

    problems: tuple[str, ...] = ()


@checked(frozen=True, slots=True, kw_only=True)
class Found:
    """The findings in each text of a batch; `failed` is the type of the error where there are none."""

    spans: tuple[tuple[tuple[int, int, str, float], ...], ...] = ()
    failed: str = ""


@checked(frozen=True, slots=True, kw_only=True)
class Inspected:
    """What each piece holds: signals of what is concealed, or passages; `failed` as in `Found`."""

    signals: tuple[tuple[tuple[str, int, int, float, str], ...], ...] = ()
    passages: tuple[tuple[tuple[int, int, float, tuple[str, ...]], ...], ...] = ()
    failed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """How pieces are inspected: for what they conceal, or for passages that address the model, as what is read."""

    reader: Reader
    conceals: bool


SETUP: Final = TypeAdapter(Setup)
INSPECTED: Final = TypeAdapter(Inspected)
STARTED: Final = TypeAdapter(Started)
FOUND: Final = TypeAdapter(Found)


def framed(body: bytes) -> bytes:
    """Return `body` behind its length."""
    return HEADER.pack(len(body)) + body


def length(header: bytes) -> int:
    """Return how many bytes follow `header`. Raises `ValueError` beyond `MAX_BYTES`."""
    size: int = HEADER.unpack(header)[0]
    if size > MAX_BYTES:
        raise ValueError("the frame is too long")
    return size


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is asked of a batch: which `entities` stand in its texts, or an `inspection` of texts with their `edges`."""

    texts: Sequence[str]
    entities: Sequence[str] = ()
    inspection: Inspection | None = None
    edges: Sequence[tuple[bool, bool]] = ()  # of an inspection, for each text: whether a document begins, ends there


def request_to_bytes(asked: Request) -> bytes:
    """Return what is asked as a body; lone surrogates pass, so that any text of Python's does."""
    how = asked.inspection
    body = [asked.texts, asked.entities, [how.reader, how.conceals] if how else None, asked.edges]
    return _ENCODER.encode(body).encode("utf-8", "surrogatepass")


def request_from_bytes(body: bytes) -> Request:
    """Return what `request_to_bytes` was given."""
    texts, entities, how, edges = json.loads(body.decode("utf-8", "surrogatepass"))
    inspection = Inspection(reader=Reader(how[0]), conceals=how[1]) if how else None
    return Request(texts=texts, entities=entities, inspection=inspection, edges=[(a, b) for a, b in edges])


def found_to_bytes(rows: Iterable[Iterable[Span]]) -> bytes:
    """Return what was found in each text of a batch as the body that is read as `Found`.

    Raises `TypeError` and `ValueError` where what a recognizer says is no number.
    """
    return _NUMBERS.encode({"spans": [[(s.start, s.end, s.entity, s.score) for s in row] for row in rows]}).encode()


def signals_of(found: Inspected, texts: Sequence[str]) -> list[tuple[Signal, ...]]:
    """Return the signals in `texts`. Raises `ValueError` as `spans_of`."""
    _fits(found.failed, [[(row[1], row[2]) for row in rows] for rows in found.signals], texts, least=0)
    return [
        tuple(Signal(Kind(kind), start, end, score, how) for kind, start, end, score, how in rows)
        for rows in found.signals
    ]


def passages_of(found: Inspected, texts: Sequence[str]) -> list[tuple[Passage, ...]]:
    """Return the passages of `texts`. Raises `ValueError` as `spans_of`."""
    _fits(found.failed, [[(row[0], row[1]) for row in rows] for rows in found.passages], texts)
    return [tuple(Passage(*row) for row in rows) for rows in found.passages]


def spans_of(found: Found, texts: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
    """Return the findings in `texts`. Raises `ValueError` where they do not fit the texts or there are none."""
    if found.failed or len(found.spans) != len(texts):
        raise ValueError(found.failed or _NO_ANSWER)
    return tuple([tuple(_spans(row, len(text))) for text, row in zip(texts, found.spans, strict=True)])


def _spans(row: Iterable[tuple[int, int, str, float]], size: int) -> Iterator[Span]:
    for start, end, entity, score in row:
        if not 0 <= start < end <= size:
            raise ValueError(_OUTSIDE)
        yield Span(start, end, sys.intern(entity), score)


def _fits(failed: str, places: Sequence[Sequence[tuple[int, int]]], texts: Sequence[str], least: int = 1) -> None:
    if failed or len(places) != len(texts):
        raise ValueError(failed or _NO_ANSWER)
    for text, row in zip(texts, places, strict=True):
        if any(not 0 <= start <= end - least <= len(text) - least for start, end in row):
            raise ValueError(_OUTSIDE)
