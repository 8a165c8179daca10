"""What the deciding process and the worker say to each other, in frames: four bytes of length, then JSON.

The worker is told its setup once and answers `Started`; then each batch of texts is answered with `Found`.
The worker is not trusted with more than its answers: they are read strictly, and their length is bounded.
"""

import json
import struct
import sys
from collections.abc import Sequence
from typing import Final

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass as checked

from sidecar.content.detection import Span

MAX_BYTES: Final = 16 << 20  # a batch of text has 15 kB, its findings fewer than 1 MB, a pack's deny lists 10 MB
HEADER: Final = struct.Struct("!I")


@checked(frozen=True, slots=True, kw_only=True)
class Setup:
    """What the worker needs to know: `detection.Wanted`, models' names or paths, seconds that a batch may take."""

    thresholds: dict[str, float]
    recognizers: tuple[str, ...]
    installed: tuple[str, ...]
    models: dict[str, str]  # by language; an empty one is the bundled model
    batch_s: float
    parent: int  # its process id


@checked(frozen=True, slots=True, kw_only=True)
class Started:
    """Whether the worker can work: it can where there are no problems. They are for an operator's eyes."""

    problems: tuple[str, ...] = ()


@checked(frozen=True, slots=True, kw_only=True)
class Found:
    """The findings in each text of a batch; `failed` is the type of the error where there are none."""

    spans: tuple[tuple[tuple[int, int, str, float], ...], ...] = ()
    failed: str = ""


SETUP: Final = TypeAdapter(Setup)
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


def batch_to_bytes(entities: Sequence[str], texts: Sequence[str]) -> bytes:
    """Return what is asked as a body; lone surrogates pass, so that any text of Python's does."""
    return json.dumps([entities, texts], ensure_ascii=False).encode("utf-8", "surrogatepass")


def batch_from_bytes(body: bytes) -> tuple[list[str], list[str]]:
    """Return what `batch_to_bytes` was given."""
    entities, texts = json.loads(body.decode("utf-8", "surrogatepass"))
    return entities, texts


def spans_of(found: Found, texts: Sequence[str]) -> tuple[tuple[Span, ...], ...]:
    """Return the findings in `texts`. Raises `ValueError` where they do not fit the texts or there are none."""
    if found.failed or len(found.spans) != len(texts):
        raise ValueError(found.failed or "not an answer to what was asked")
    for text, row in zip(texts, found.spans, strict=True):
        if any(not 0 <= start < end <= len(text) for start, end, _, _ in row):
            raise ValueError("a finding outside its text")
    return tuple(
        tuple(Span(start, end, sys.intern(entity), score) for start, end, entity, score in row) for row in found.spans
    )
