"""What a recorded call needs, and whether it could still have it: arguments that were changed, and values taken before.

A recording holds what the agent was told then. Where the sidecar rewrites a text, a value that a later call names may
be gone from all that the agent would have been told now: that call lacks it. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.strict_json import Json

SHORTEST: Final = 4  # characters of a value that is looked for: shorter ones stand anywhere


@dataclass(slots=True)
class Told:
    """The texts of one run: as recorded where they were rewritten, and as they crossed."""

    rewritten: list[str] = field(default_factory=list)
    crossed: list[str] = field(default_factory=list)

    def add(self, recorded: str, crossed: str) -> None:
        """Take in a text that crossed."""
        self.crossed.append(crossed)
        if recorded != crossed:
            self.rewritten.append(recorded)

    def lacking(self, arguments: Json) -> int:
        """Return how many values of `arguments` stood in a text before it was rewritten, and stand in none now."""
        return sum(
            any(value in text for text in self.rewritten) and not any(value in text for text in self.crossed)
            for value in values(arguments)
        )


def values(arguments: Json) -> Iterator[str]:
    """Yield the strings and numbers in `arguments` that are long enough to be told apart."""
    if isinstance(arguments, dict):
        for member in arguments.values():
            yield from values(member)
    elif isinstance(arguments, list):
        for item in arguments:
            yield from values(item)
    elif isinstance(arguments, str | int | float) and len(str(arguments)) >= SHORTEST:
        yield str(arguments)  # `true` stands anywhere, too: nobody takes it away
