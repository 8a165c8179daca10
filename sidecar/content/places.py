"""How freely may each text of a crossing be rewritten?

Where the shape is free, what is found is replaced. Where another word would break what crosses, it can only
be let through or denied:

- the names of a call's arguments are its parameters, and a number there is a number by its schema; likewise
  in an LLM's output that a schema asked for;
- an A2A message has members that are protocol, not content: kinds, roles, methods and identifiers. An
  identifier may look like anything, so there only proof counts: a checksum, a registry (a score of 1). What has the
  words of a sentence is no identifier;
- bare numbers are seldom what they look like: they need more than their form, whose score is 0.4.

The bytes of a file in an A2A message are not text; where they are Base64, they are not looked into.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.content.rewriting import Path, Piece, is_identifier, pieces
from sidecar.model.crossing import Boundary, Crossing

PROOF: Final = 1.0
NUMBER_SCORE: Final = 0.5
SENTENCE: Final = 3  # words: a media type with its charset has two, and no identifier has more

# A2A 0.3 and 1.0, and JSON-RPC 2.0 around them.
PROTOCOL: Final = frozenset(
    {
        *("jsonrpc", "id", "method", "kind", "role", "state", "messageId", "taskId", "contextId", "artifactId"),
        *("referenceTaskIds", "extensions", "mimeType", "mediaType", "timestamp", "acceptedOutputModes", "tenant"),
    }
)
BYTES: Final = frozenset({"bytes", "raw"})
FREE_FORM: Final = frozenset({"data", "metadata"})  # below them a member's name means nothing to the protocol

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_BASE64 = re.compile(r"[A-Za-z0-9+/_\-\s]*={0,2}\s*")


@dataclass(frozen=True, slots=True)
class Place:
    """One text; whether it may be rewritten; the least score that counts; whether what only the model names counts."""

    piece: Piece
    is_fixed: bool = False
    floor: float = 0.0
    is_prose: bool = True
    goes_on: bool = False  # its text is a group of a number that goes on in the next place


def places(crossing: Crossing) -> Iterator[Place]:
    """Yield every text of `crossing` that may hold personal data, in order."""
    for piece in pieces(crossing.body):
        match crossing.boundary:
            case Boundary.TOOL_CALL:
                yield _strict(piece)
            case Boundary.LLM_OUTPUT if crossing.schema:
                yield _strict(piece)
            case Boundary.LLM_REQUEST if piece.path[-1:] == ("role",) and len(piece.path) == 2:  # noqa: PLR2004 - [i].role
                yield from _protocol(piece)
            case Boundary.A2A_MESSAGE if (member := _member(piece.path)) in PROTOCOL | BYTES:
                if not (member in BYTES and _BASE64.fullmatch(piece.text)):
                    yield from _protocol(piece)
            case _:
                floor = NUMBER_SCORE if piece.is_number else 0.0
                yield Place(piece, floor=floor, is_prose=not piece.is_name or " " in piece.text)


def _strict(piece: Piece) -> Place:
    """Names and numbers are fixed; what only a sentence could tell is not looked for in a name."""
    if piece.is_name or piece.is_number:
        return Place(piece, is_fixed=True, floor=NUMBER_SCORE if piece.is_number else 0.0, is_prose=False)
    return Place(piece)


def _protocol(piece: Piece) -> Iterator[Place]:
    if not is_identifier(piece.text) and not _UUID.fullmatch(piece.text):
        is_sentence = len(piece.text.split(maxsplit=SENTENCE)) >= SENTENCE
        yield Place(piece, is_fixed=True, floor=0.0 if is_sentence else PROOF, is_prose=is_sentence)


def _member(path: Path) -> str:
    """Return the member of the protocol that holds the text at `path`; none within what is free of form."""
    names = [segment for segment in path if isinstance(segment, str)]
    return names[-1] if names and FREE_FORM.isdisjoint(names[:-1]) else ""
