"""Where the lines of what a model writes are things of their own.

The lines of an address belong together, and so do those of a sentence that was wrapped: a name can stand on both sides
of such an end. Nothing stands on both sides of the end of an item, of a line of a program or of JSON, of a record of a
log, of a field with its label, but for a number: its groups may be members of an object, cells, strings of a program.
So these need not wait for the line that follows, unless they end with such a group and it begins with no letter.
"""

import re
from dataclasses import dataclass
from typing import Final, Self

ALIKE: Final = 5  # characters that two lines begin with: then they are records
SEEN: Final = 8  # characters of a line that tell whether it is a record
LABEL: Final = 24  # characters of a label at most, with its colon
INDENT: Final = 48  # characters before a line that are looked at: no more than a part's context

_SAID_END: Final = (".", "!", "?", ":", ";")
_LINE_END: Final = ("{", "}", "[", "]", ")", '"', "'", "`", "```")
_LISTED: Final = frozenset("-*#\u2022|>+")
_BEGINNING: Final = frozenset("{}]<\"'`$")  # signs that a line of a program, of JSON or of markup begins with
_CODE: Final = re.compile(r"[{}]|\w=|^[=!<>+:|&-]{0,2}=$|=>|->|;$|\w\(|\)\.|</|\w\[")
# Dates and levels that the records of a log begin with, and the numbers of a list whose items are words.
_RECORD: Final = re.compile(
    r"\[?(?:19|20)\d\d[-/][01]\d|[A-Z][a-z]{2} [ \d]\d |\[?(?:ERROR|WARN|INFO|DEBUG|FATAL|TRACE)\b"
    r"|\d{1,2}[.)] {1,2}[^\W\d_*]|\d{1,2}[.)] {1,2}\*\*"
)
# Of these, what tells before more has come.
_BEGUN: Final = re.compile(r"\[?(?:19|20)\d\d[-/][01]\d|[A-Z][a-z]{2} [ \d]\d |\d{1,2}[.)] {1,2}(?:[^\W\d_*]|\*\*)")
# A label with a capital may be a speaker's name, or the header of an armoured key (RFC 1421, section 4.6).
_LABELLED: Final = re.compile(r"(?:[a-z][\w-]{0,22}|Phone|Tel|Mobile|Fax|E-?[Mm]ail|Subject|Status|Date):(?=\s|\Z)")
_APART: Final = frozenset("[:@")  # a time, a speaker
# A group of a number, as it may stand for itself in a line, with what is behind it: marks, ends of elements.
_GROUP: Final = re.compile(
    r"(?<![^\W_])(?:[A-Za-z]{0,4}\d[A-Za-z0-9]{0,11}|[A-Z]{2,4})(?:</?[A-Za-z][^<>]{0,16}>|[^\w<]|_){0,10}\Z"
)
LAST: Final = 64  # characters in which the last group is looked for


@dataclass(slots=True)
class Line:
    """The line that is read: where it begins, below 0 where that is before the part, and whether it is a program's."""

    begin: int
    is_code: bool = False

    @classmethod
    def at(cls, text: str, start: int) -> Self:
        """Return the line in which a part begins at `start`."""
        before = text[max(0, start - INDENT) : start].rstrip(" \t")
        return cls(start if before.endswith("\n") or (not before and start < INDENT) else -1)

    def add(self, word: str) -> None:
        """Take in the next word."""
        self.is_code = self.is_code or (not word.isalpha() and _CODE.search(word) is not None)


def ends_a_line(word: str, following: str, line: Line, *, may_go_on: bool) -> bool:
    """Whether the end of `line` behind `word` is the end of a thing, as far as one sign behind it tells.

    `may_go_on`: a number, or what somebody's own recognizer finds, may stand on both sides.
    """
    if following == "(" and any(map(str.isdigit, word)):
        return False
    if following in _LISTED or word.endswith(_SAID_END):
        return True
    if may_go_on:
        return False
    return following in _BEGINNING or word.endswith(_LINE_END) or line.is_code


def ends_a_group(text: str, start: int, end: int) -> bool:
    """Whether `text[start:end]` ends with a group that a number may go on behind."""
    return _GROUP.search(text, max(start, end - LAST), end) is not None


def begins_anew(text: str, line: Line, at: int, *, may_go_on: bool, is_whole: bool) -> bool | None:
    """Whether what begins at `at`, behind the end of `line`, is a record or a field; None where more must be seen."""
    seen = text[at : at + LABEL]
    if _BEGUN.match(seen[:SEEN]):
        return True
    is_told = len(seen) == LABEL or (len(seen) >= SEEN and any(map(str.isspace, seen)))
    if not (is_told or is_whole):
        return None
    if _RECORD.match(seen[:SEEN]) or _LABELLED.match(seen):
        return True
    if may_go_on:
        return False
    first = seen[:ALIKE]
    is_alike = len(first) == ALIKE and first == text[line.begin : line.begin + ALIKE]
    return line.begin >= 0 and is_alike and _APART.isdisjoint(first)
