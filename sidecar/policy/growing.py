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
from typing import Any, Final

from sidecar.model.crossing import Boundary
from sidecar.policy import expressions
from sidecar.policy.rules import Rule, Then
from sidecar.policy.syntax import Call, Constant, Expr, Identifier, walk

ASCII: Final = 127  # its last character
MAX_BACK: Final = 128  # characters; a rule that can match more is judged at the end
_AT_THE_END: Final = frozenset({"text", "labels", "usage", "result", "args"})
_SAME_LENGTH: Final = frozenset({"lowerAscii", "upperAscii"})
_JOINED: Final = frozenset({"_||_", "_&&_"})
_ENDS: Final = re.compile(r"\$|\\[bBzZ]")
_CODE: Final = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")


@dataclass(frozen=True, slots=True)
class Growing:
    """How a text that grows is judged: at its end only, or at each beginning, of which the last `back` characters wait.

    `is_asked` tells whether any rule could refuse it at all. `is_beyond` tells that what comes can bring none to refuse
    it, where that and what it stands behind is in ASCII: those that could read nothing but the text, and look there for
    what holds other characters.
    """

    at_end: bool = False
    is_asked: bool = False
    back: int = 0
    is_beyond: bool = False

    def may_refuse(self, more: str) -> bool:
        """Whether a text that was not refused may be with what came, of which `more` is all and the `back` before."""
        return not (self.is_beyond and more.isascii())


def growing(rules: Iterable[Rule], boundary: Boundary) -> Growing:
    """Return how texts at `boundary` are judged while they grow."""
    refusing = [rule for rule in rules if boundary in rule.on and rule.then in {Then.DENY, Then.REQUIRE_APPROVAL}]
    lengths = [_length(expressions.parse(rule.text).tree) for rule in refusing]
    if any(length is None or length > MAX_BACK for length in lengths):
        return Growing(at_end=True, is_asked=True)
    longest = max((length for length in lengths if length is not None), default=0)
    is_beyond = all(_is_beyond(expressions.parse(rule.text).tree) for rule in refusing)
    return Growing(is_asked=bool(refusing), back=max(longest - 1, 0), is_beyond=bool(refusing) and is_beyond)


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


def _is_beyond(node: Expr) -> bool:
    """Whether the predicate reads texts alone, and each of its looks at one is for what is not all in ASCII."""
    match node:
        case Call(function, arguments) if function in _JOINED:
            return all(map(_is_beyond, arguments))  # one that held before may need no more than the others
        case Call("contains" | "startsWith", (text, Constant(str(part)))) if _is_text(text):
            return not part.isascii()
        case Call("matches", (text, Constant(str(pattern)))) if _is_text(text):
            return _needs_beyond(_parsed(pattern))
        case _:
            return False


def _needs_beyond(parsed: Any) -> bool:  # noqa: ANN401 - a tree of nobody's types
    """Whether whatever matches holds a character beyond ASCII, written as itself or in a set of such."""
    if parsed is None or parsed.state.flags & re.IGNORECASE:
        return False  # in any case, some of them are letters of ASCII
    return any(_is_one_beyond(*each) for each in parsed)


def _is_one_beyond(kind: object, what: Any) -> bool:  # noqa: ANN401 - as above
    match str(kind):
        case "LITERAL":
            return bool(what > ASCII)
        case "IN":
            return all(str(k) in {"LITERAL", "RANGE"} and (v if isinstance(v, int) else v[0]) > ASCII for k, v in what)
        case _:
            return False


def _parsed(pattern: str) -> Any:  # noqa: ANN401 - as above
    try:
        return _parser.parse(_CODE.sub(lambda code: f"\\U{int(code[1], 16):08x}", pattern))
    except (re.error, RecursionError, OverflowError):
        return None  # RE2 knows more than Python


def _longest(pattern: str) -> int | None:
    if _ENDS.search(pattern):
        return None
    if (parsed := _parsed(pattern)) is None:
        return None
    longest: int = parsed.getwidth()[1]
    return longest
