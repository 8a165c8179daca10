"""Patterns that a stranger's text is held against, and the steps that they may take.

A pattern that the linear engine knows takes linear time. One with look-around or back-references needs an
engine that backtracks, whose steps are counted; since one step may scan the rest of the text, the more
characters a value has, the fewer steps it gets, and the product stays bounded. A value on which the limit is
hit is refused as a whole, wherever in the schema the pattern stands (see tests/policy/test_schemas_patterns.py).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import jsonschema_rs

MAX_PATTERN_BYTES: Final = 10 * 1024 * 1024  # of one compiled pattern: linear time is proportional to it, too
MAX_CACHED_PATTERNS: Final = 1_024


@dataclass(frozen=True, slots=True)
class Tier:
    """Options for values of at most so many characters; None where the number does not matter."""

    characters: int | None
    options: jsonschema_rs.RegexOptions | jsonschema_rs.FancyRegexOptions


def _backtracking(characters: int, steps: int) -> Tier:
    return Tier(characters, jsonschema_rs.FancyRegexOptions(backtrack_limit=steps, size_limit=MAX_PATTERN_BYTES))


LINEAR: Final = (Tier(None, jsonschema_rs.RegexOptions(size_limit=MAX_PATTERN_BYTES)),)
# Characters times steps is at most 10^8: about 0.2 s, were every step to scan the whole value.
BACKTRACKING: Final = (_backtracking(10_000, 10_000), _backtracking(100_000, 1_000), _backtracking(1_000_000, 100))


def matches(pattern: str, text: str) -> bool:
    """Return whether `pattern` is found in `text`; False, too, where the engine gives up."""
    tiers = _compiled(pattern)
    fitting = (v for limit, v in tiers if limit is None or len(text) <= limit)
    validator = next(fitting, None)
    return validator is not None and validator.is_valid(text)


@lru_cache(maxsize=MAX_CACHED_PATTERNS)
def _compiled(pattern: str) -> tuple[tuple[int | None, jsonschema_rs.Validator], ...]:
    for tiers in (LINEAR, BACKTRACKING):
        try:
            return tuple(
                (t.characters, jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=t.options))
                for t in tiers
            )
        except jsonschema_rs.ValidationError:
            continue
    return ()
