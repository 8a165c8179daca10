"""What a recorded call needs, and whether the tool would still get it.

A recording holds what the agent was told then. Where the sidecar rewrites a text, a value that a later call names may
be gone from all that the agent would have been told now. Where a token stands in its place, such an agent writes the
token: so the call is replayed, and the tool either gets the value back or lacks it. Where nothing stands there that it
could write, the call is replayed as recorded and lacks the value. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json

SHORTEST: Final = 4  # characters of a value that is looked for: shorter ones stand anywhere
ANCHOR: Final = 3  # characters between two tokens that tell where the value of the first ends
AROUND: Final = 40  # characters of what stands between two tokens, at each end of it, that are looked for
_TOKEN: Final = re.compile(r"(<[A-Z][A-Z0-9_]{0,63}_[1-9][0-9]{0,3}>)")


@dataclass(slots=True)
class Told:
    """The texts of one run: as recorded where they were rewritten, and as they crossed; and the token of each value."""

    rewritten: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def add(self, recorded: str, crossed: str) -> None:
        """Take in a text that crossed."""
        self.crossed.append(crossed)
        if recorded != crossed:
            self.rewritten.append(recorded)
            self.tokens |= {value: token for value, token in tokens(recorded, crossed) if len(value) >= SHORTEST}

    def written(self, arguments: Json) -> Json:
        """Return `arguments` as an agent would write them that was told what crossed."""
        if not self.tokens:
            return arguments
        match arguments:
            case dict():
                return {name: self.written(member) for name, member in arguments.items()}
            case list():
                return [self.written(item) for item in arguments]
            case str():
                return self._known(arguments)
            case int() | float() if not isinstance(arguments, bool):
                known = self._known(str(arguments))
                return arguments if known == str(arguments) else known
        return arguments

    def lacking(self, arguments: Json, released: Json = None) -> int:
        """Return how many values of `arguments` a tool lacks that gets `released`; nothing, where the call was refused.

        One that only texts held which were rewritten, and that the agent could not write, counts as lacking, too.
        """
        got = dict(leaves(released))
        return sum(
            got.get(at) != value if self._known(str(value)) != str(value) else self._is_gone(str(value))
            for at, value in leaves(arguments)
        )

    def _known(self, text: str) -> str:
        for value, token in sorted(self.tokens.items(), key=lambda pair: -len(pair[0])):
            if value in text and self._is_gone(value):
                text = text.replace(value, token)
        return text

    def _is_gone(self, value: str) -> bool:
        return any(value in text for text in self.rewritten) and not any(value in text for text in self.crossed)


def tokens(recorded: str, crossed: str) -> Iterator[tuple[str, str]]:
    """Yield what the tokens in `crossed` stand for, as far as the text around them still stands in `recorded`."""
    before, *parts = _TOKEN.split(crossed)
    at = len(before) if recorded.startswith(before) else -1
    for token, behind in zip(parts[::2], parts[1::2], strict=True):
        head, tail = behind[:AROUND], behind[-AROUND:]
        end = recorded.find(head, max(at, 0)) if len(head) >= ANCHOR else -1
        if not behind and crossed.endswith(token):
            end = len(recorded)
        if 0 <= at < end:
            yield recorded[at:end], token
        follows = recorded.find(tail, end) if end >= 0 else -1
        at = follows + len(tail) if follows >= 0 else -1


def leaves(
    arguments: Json, at: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str | int | float]]:
    """Yield the strings and numbers in `arguments` that are long enough to be told apart, and where they stand."""
    if isinstance(arguments, dict):
        for name, member in arguments.items():
            yield from leaves(member, (*at, name))
    elif isinstance(arguments, list):
        for index, item in enumerate(arguments):
            yield from leaves(item, (*at, index))
    elif isinstance(arguments, str | int | float) and len(str(arguments)) >= SHORTEST:
        yield at, arguments  # `true` stands anywhere, too: nobody takes it away
