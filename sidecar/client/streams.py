"""A model's output while it is being written, for both clients; and the pieces of tool calls.

What the sidecar gives out piece by piece is told on at once. At the end, or where the stream is cut, comes the
verdict; a refusal is raised then, and whoever has shown the beginning must say that the rest is not to come.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.client import answers
from sidecar.client.denied import NoVerdict, Verdict
from sidecar.client.requests import sendable, usage_message
from sidecar.client.values import Usage
from sidecar.v1 import sidecar_pb2 as pb

DEADLINE: Final = 3600.0  # seconds for a whole stream; models write for minutes
MAX_PIECE: Final = 256 * 1024  # characters of one chunk
MAX_ARGUMENTS: Final = 1 << 20  # characters of all arguments that are collected; the sidecar takes far fewer
MAX_CALLS: Final = 1000  # of one output

Tell = Callable[[], Usage | None]


class Chunks:
    """Turns pieces of text into what is sent. Halves of a surrogate pair are sent together."""

    def __init__(self, session_id: str, call_id: str) -> None:
        self._first: tuple[str, str] | None = (session_id, call_id)
        self._half = ""

    def of(self, piece: str) -> Iterator[pb.LlmOutputChunk]:
        """Yield what `piece` is sent as. Raises `NoVerdict` where it cannot be written as UTF-8."""
        text = self._half + piece
        self._half = text[-1:] if "\ud800" <= text[-1:] <= "\udbff" else ""
        text = text.removesuffix(self._half) if self._half else text
        with sendable():
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            for at in range(0, len(text), MAX_PIECE):
                yield self._chunk(text[at : at + MAX_PIECE])

    def last(self, usage: Usage | None) -> pb.LlmOutputChunk:
        """Return the last chunk. Raises `NoVerdict` where half of a character is left."""
        with sendable():
            chunk = self._chunk(self._half.encode().decode())
        chunk.last = True
        if counted := usage_message(usage):
            chunk.usage.CopyFrom(counted)
        return chunk

    def _chunk(self, text: str) -> pb.LlmOutputChunk:
        session_id, call_id = self._first or ("", "")
        self._first = None
        return pb.LlmOutputChunk(session_id=session_id, call_id=call_id, text=text)


class Released:
    """Hears what comes back. `verdict` is there once the stream has ended."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.verdict: Verdict | None = None

    def hear(self, reply: pb.ReleasedChunk) -> str:
        """Return the text that may cross. Raises `Denied` where the verdict refuses, or is not of what was told."""
        self._parts.append(reply.text)
        if reply.HasField("verdict"):
            self.verdict = answers.verdict(reply.verdict)
            if answers.payload(reply.verdict) != "".join(self._parts):
                raise NoVerdict(answers.UNREADABLE, "the verdict is on another text than was released")
        return reply.text

    def end(self) -> None:
        """Raise `NoVerdict` where the stream ended without a verdict."""
        if self.verdict is None:
            raise NoVerdict(answers.UNREADABLE, "the stream ended without a verdict")


def chunks(pieces: Iterable[str], made: Chunks, usage: Tell | None) -> Iterator[pb.LlmOutputChunk]:
    """Yield all that is sent for `pieces`; `usage` is asked at the end."""
    for piece in pieces:
        yield from made.of(piece)
    yield made.last(usage() if usage else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectedCall:
    """One call of a tool as a model wrote it; `arguments` is its text, for `tool_call` to check."""

    tool: str
    arguments: str = field(repr=False)
    call_id: str = ""


class ArgumentPieces:
    """Collects the calls of tools that a model writes in pieces, so that each is checked as one when it is complete.

    for delta in chunk.choices[0].delta.tool_calls or ():
        pieces.add(delta.index, tool=delta.function.name, arguments=delta.function.arguments, call_id=delta.id)
    ...
    for call in pieces.calls():
        arguments = session.tool_call(call.tool, call.arguments, call_id=call.call_id)
    """

    def __init__(self) -> None:
        self._calls: dict[int | str, tuple[list[str], list[str], list[str]]] = {}
        self._size = 0

    def add(
        self, index: int | str, *, tool: str | None = None, arguments: str | None = None, call_id: str | None = None
    ) -> None:
        """Take in a piece of the call number `index`. Raises `NoVerdict` where all together are too long."""
        self._size += len(tool or "") + len(arguments or "") + len(call_id or "")
        if self._size > MAX_ARGUMENTS or (index not in self._calls and len(self._calls) == MAX_CALLS):
            raise NoVerdict("request_malformed", "the calls are too many or too long: check them one by one")
        parts = self._calls.setdefault(index, ([], [], []))
        for part, piece in zip(parts, (tool, arguments, call_id), strict=True):
            part.append(piece or "")

    def calls(self) -> tuple[CollectedCall, ...]:
        """Return the calls in the order in which they began."""
        joined = (["".join(part) for part in parts] for parts in self._calls.values())
        return tuple(CollectedCall(tool=tool, arguments=text, call_id=id_) for tool, text, id_ in joined)
