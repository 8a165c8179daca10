r"""Which rules can be judged on a text that is still being written?

A rule that denies because of what the text contains denies the whole as soon as a beginning contains it: it is asked
about each beginning before that is released. Such a rule is one whose `text` stands only in `contains`, `startsWith`
and `matches` of a constant, under no negation; a pattern that speaks of an end (`$`, `\b`) is none. What it matches
has a greatest length: so much is held back, that nothing of it was released when it is found. Any other rule that
denies, or asks for a person, and reads what is not known before the end can be judged at the end only: then nothing is
released before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from re import _parser  # type: ignore[attr-defined]  # nothing public tells how much a pattern can match
from typing import Final

from sidecar.model.crossing import Boundary
from sidecar.policy import expressions
from sidecar.policy.rules import Rule, Then
from sidecar.policy.syntax import Call, Constant, Expr, Identifier, walk

MAX_BACK: Final = 128  # characters; a rule that can match more is judged at the end
_AT_THE_END: Final = frozenset({"text", "labels", "usage", "result", "args"})
_SAME_LENGTH: Final = frozenset({"lowerAscii", "upperAscii"})
_JOINED: Final = frozenset({"_||_", "_&&_"})
_ENDS: Final = re.compile(r"\$|\\[bBzZ]")
_CODE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")


@dataclass(frozen=True, slots=True)
class Growing:
    """How a text that grows is judged: at its end only, or at each beginning, of which the last `back` characters wait.

    `is_asked` tells whether any rule could refuse it at all.
    """

    at_end: bool = False
    is_asked: bool = False
    back: int = 0


def growing(rules: Iterable[Rule], boundary: Boundary) -> Growing:
    """Return how texts at `boundary` are judged while they grow."""
    refusing = [rule for rule in rules if boundary in rule.on and rule.then in {Then.DENY, Then.REQUIRE_APPROVAL}]
    lengths = [_length(expressions.parse(rule.text).tree) for rule in refusing]
    if any(length is None or length > MAX_BACK for length in lengths):
        return Growing(at_end=True, is_asked=True)
    longest = max((length for length in lengths if length is not None), default=0)
    return Growing(is_asked=bool(refusing), back=max(longest - 1, 0))


def _length(node: Expr) -> int | None:
    """Return how much of the text the predicate can match; None where a beginning does not tell."""
    match node:
        case _ if not any(isinstance(part, Identifier) and part.name in _AT_THE_END for part in walk(node)):
            return 0
        case Call(function, arguments) if function in _JOINED:
            lengths = [_length(argument) for argument in arguments]
            return max((length for length in lengths if length is not None), default=0) if None not in lengths else None
        case Call("contains" | "startsWith", (text, Constant(str(part)))) if _is_text(text):
            return len(part)
        case Call("matches", (text, Constant(str(pattern)))) if _is_text(text):
            return _longest(pattern)
        case _:
            return None


def _is_text(node: Expr) -> bool:
    match node:
        case Identifier("text"):
            return True
        case Call(function, (Identifier("text"),)):
            return function in _SAME_LENGTH
        case _:
            return False


def _longest(pattern: str) -> int | None:
    if _ENDS.search(pattern):
        return None
    try:
        parsed = _parser.parse(_CODE.sub(lambda code: f"\\U{int(code[1], 16):08x}", pattern))
    except (re.error, RecursionError, OverflowError):
        return None  # RE2 knows more than Python
    longest: int = parsed.getwidth()[1]
    return longest
