"""How a token is written, and how it may look when a model gives it back.

A token stands in the place of a value that only the vault knows: `<PERSON_1>`. A model may hand it on without its
brackets, in other ones, in other letters, or in the escapes of the format that it writes: all of these are the same
token. A number and a kind alone are a token only with the underscores (`person 1` is English, `<person 1>` is not).
A number has at most four digits: nobody hides a telephone number in what looks like one.
"""

import html
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

MAX_NUMBER: Final = 9_999  # of one kind in one session
MOST_AT_ONCE: Final = 65_536  # characters that are looked through in one step: a tenth of a millisecond
LONGEST_LETTER: Final = 6  # characters in which one of a kind's may be written: an underscore twice, escaped twice
LONGEST_FRAME: Final = 64  # characters around a kind, and those that tell whether the token ends there: 40 at most

_NUMBER: Final = r"([1-9][0-9]{0,3})"
_UNDERSCORE: Final = r"\\{0,2}_"  # Markdown escapes it
_BETWEEN: Final = re.compile(r"%5f|%20|[\W_]", re.IGNORECASE)
_LOOSE: Final = r"(?:\\{0,2}_|[ \-]){1,2}"
# Between brackets that nothing else has a kind and a number in, models write nearly anything, or nothing.
_ANY: Final = r"(?:\\{0,2}_|[ \n\-:#.\u00a0\u2011\u2013]){0,2}"
_ENCODED: Final = r"(?:_|-|\+|%5f|%20)"


@dataclass(frozen=True, slots=True)
class Form:
    """A token as it stands in a text: `token` is how the vault knows it, `quoted` how a value is written there."""

    start: int
    end: int
    token: str
    quoted: Callable[[str], str]


def token(entity: str, number: int) -> str:
    """Return the token for the value number `number` of a kind."""
    return f"<{entity}_{number}>"


def entity_of(written: str) -> str:
    """Return the kind that a token is of."""
    return written[1:-1].rpartition("_")[0]


class Forms:
    """Finds tokens of `entities` in every form; of no other kind, so that `<PART_1>` stays what it is."""

    def __init__(self, entities: Collection[str]) -> None:
        names = sorted(entities, key=lambda name: (-len(name), name))
        self._pattern = re.compile("|".join(_alternatives(names)) if names else r"(?!)", re.IGNORECASE)
        self._names = {name.replace("_", ""): name for name in reversed(names)}
        self.signs = frozenset(max(name.split("_"), key=len).lower() for name in names)  # one is in each form
        self._reach = max(map(len, names), default=0) * LONGEST_LETTER + LONGEST_FRAME

    @property
    def pattern(self) -> str:
        """The regular expression, for whoever looks for more besides; letters in any case."""
        return f"(?i:{self._pattern.pattern})"

    def find(self, text: str, start: int = 0, stop: int | None = None) -> Iterator[Form]:
        """Yield the tokens in `text`, in order: those that begin in `text[start:stop]`, which may end behind it."""
        end = len(text) if stop is None else min(stop + self._reach, len(text))
        if self.are_absent(text[start:end]):
            return
        for match in self._pattern.finditer(text, start, end):
            if stop is not None and match.start() >= stop:
                return
            last = match.lastindex or 0
            squeezed = _BETWEEN.sub("", match[last - 1]).upper()
            name = self._names.get(squeezed, squeezed)
            yield Form(*match.span(), token(name, int(match[last])), _QUOTES[(last - 1) // 2])

    def are_absent(self, looked: str) -> bool:
        """Return whether it is plain that no token stands there: of each kind a word stands in all of its forms.

        False may mean that nobody has looked: a long text is for `find`, step by step.
        """
        if len(looked) > MOST_AT_ONCE or not looked.isascii():
            return False  # what counts as a letter's other case is more than `lower` tells
        small = looked.lower()
        return not any(sign in small for sign in self.signs)

    def replaced(self, text: str, values: Mapping[str, str]) -> str:
        """Return `text` with the values of the tokens that `values` knows, written as the place of each asks for."""
        return "".join(written(text, self.find(text), values))


def written(text: str, found: Iterable[Form], values: Mapping[str, str]) -> Iterator[str]:
    """Yield `text` piece by piece with the values of those of `found` that `values` knows, as each place asks for."""
    inner: Callable[[str], str] | None = None
    at = 0
    for form in found:
        if (value := values.get(form.token)) is None:
            continue
        yield text[at : form.start]
        quoted = form.quoted(value)
        if _escaped(quoted) != quoted:
            inner = inner or _within_json(text)
            quoted = inner(quoted)
        yield quoted
        at = form.end
    yield text[at:]


def _as_it_is(value: str) -> str:
    return value


def _quoted(value: str) -> str:
    return quote(value, safe="")


def _escaped(value: str) -> str:
    return json.dumps(value)[1:-1]


def _within_json(text: str) -> Callable[[str], str]:
    """Return how a value is written in `text`: within a JSON document in a string, with JSON's escapes."""
    if not text.lstrip().startswith(("{", "[")):
        return _as_it_is
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return _as_it_is
    return _escaped


# In the order of `_alternatives`.
_QUOTES: Final = (_as_it_is, _as_it_is, _as_it_is, html.escape, _as_it_is, _quoted, _as_it_is)


def _alternatives(names: list[str]) -> Iterator[str]:
    """Yield the forms, those with brackets first: each has two groups, the kind and the number."""

    def form(gap: str, zeros: str = "") -> str:
        kinds = "|".join(gap.join(map(re.escape, name.split("_"))) for name in names)
        return f"({kinds}){gap}{zeros}{_NUMBER}"

    opened, closed = r"(?:<[|/]?|[\uff1c\u27e8\u3008\u2039])", r"[>\uff1e\u27e9\u3009\u203a]"
    yield rf"\\{{0,2}}{opened}{{1,2}} ?{form(_ANY, '0{0,3}')} ?[|/]?\\{{0,2}}{closed}{{1,2}}"
    yield rf"\\{{0,2}}\[{{1,2}} ?{form(_LOOSE)} ?\\{{0,2}}\]{{1,2}}(?!\()"  # before a parenthesis it is a link
    yield rf"\{{{{1,2}} ?{form(_LOOSE)} ?\}}{{1,2}}"
    yield f"&(?:lt|#0{{0,4}}60|#x0{{0,4}}3c); ?{form(_LOOSE)} ?&(?:gt|#0{{0,4}}62|#x0{{0,4}}3e);"
    yield rf"\\{{1,4}}u003c ?{form(_LOOSE)} ?\\{{1,4}}u003e"
    yield f"%3c{form(_ENCODED)}%3e"
    yield rf"(?:(?<!\w)|(?<=(?<!\w)_)|(?<=(?<!\w)__)){form(_UNDERSCORE)}(?=_{{0,2}}(?!\w))"
