"""Where in the fields of a response does somebody give the model orders, and what stands close enough to be part of it?

What is looked for is the same as in the whole response, field by field: a field is read without the quotes and breaks
that the format puts into it. The bar is higher than where a text is only marked as data, because what stands in such
a passage decides nothing from then on, whoever pointed at it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from sidecar.content.injection.inspecting import Inspector
from sidecar.content.injection.scoring import Passage, Reader
from sidecar.content.origin.said import Said
from sidecar.errors import UnavailableError
from sidecar.model.origin import Origin

THRESHOLD: Final = 0.75  # of a passage that gives orders
NEAR: Final = 400  # characters around it that may be a part of it: who begins with an order says later to whom
SHORTEST: Final = 20  # characters of a field that can hold an order and what it is about


async def split(texts: Sequence[Said], inspector: Inspector) -> list[Said]:
    """Return `texts` with the passages that give the model orders apart, as suspicious.

    A text that nobody could look at is suspicious.
    """
    found: list[Said] = []
    for said in texts:
        if said.origin is not Origin.UNTRUSTED or len(said.text) < SHORTEST:
            found.append(said)
            continue
        try:
            judged = await inspector.passages(said.text, Reader.DATA)
        except UnavailableError:
            found.append(replace(said, origin=Origin.SUSPICIOUS))
        else:
            found += _parts(said, list(_places(judged)))
    return found


def _places(judged: Sequence[Passage]) -> Iterator[tuple[int, int]]:
    """Yield the places of the passages that are suspicious, or near one that is; in order, none within another."""
    hot = [p for p in judged if p.score >= THRESHOLD]
    for passage in judged if hot else ():
        while len(hot) > 1 and hot[0].end + NEAR < passage.start:
            hot.pop(0)
        if hot[0].start - NEAR < passage.end and passage.start < hot[0].end + NEAR:
            yield passage.start, passage.end


def _parts(said: Said, places: Sequence[tuple[int, int]]) -> Iterator[Said]:
    at = 0
    for start, end in places:
        if start > at:
            yield replace(said, text=said.text[at:start])
        yield replace(said, text=said.text[start:end], origin=Origin.SUSPICIOUS)
        at = end
    if at < len(said.text):
        yield replace(said, text=said.text[at:])
