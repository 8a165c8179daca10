"""Words and numbers that are pulled apart: by markup, by spaces or dots between all signs, by a line's end.

`4111<b>1111</b>`, `4 1 1 1`, `a d a @ example . org`, `ada (at) example (dot) org`.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from sidecar.content.normal.view import Edit
from sidecar.content.recognizers.cues import holds

_TAG = (
    r"</?[A-Za-z][^<>]{0,512}>|<!--.{0,64}?-->"
    r"|\[/?(?:[biuscq]|em|strong|code|quote|size|font|color|url)(?:=[^\]\s]{1,64})?\]"
)
# What begins or ends a cell, an item, a line: words on both sides are apart, and groups of a number may not be.
_BLOCK = r"</?(?:t[dhr]|li|p|div|br|h[1-6]|d[dt]|option)(?:[ ][^<>]{0,128})?[ ]?/?>"
_MARKUP = re.compile(
    rf"(?<=[\w@.):/-])(?:{_TAG})+(?P<gap>[ ])(?:{_TAG})+(?=[\w@.:(+/-])"
    rf"|(?<=[\w@.):/-])(?:(?<=[\d@])|(?!{_BLOCK})|(?=(?:{_BLOCK}){{1,4}}@))(?:{_TAG})+(?=[\w@.:(+/-]|[ ][\d(])"
    rf"|(?<=\d)(?:[*`~_]{{1,3}}|{_TAG}){{1,8}}(?=\d)"
    rf"|(?<=[A-Z\d)@.-][ ])(?:{_TAG})+(?=[\d@.]|[A-Z](?![^\W_]))"
    r"|(?:<wbr[ ]?/?>|<!--.{0,64}?-->)(?=\w)|(?<=\w)(?:<wbr[ ]?/?>|<!--.{0,64}?-->)"
)
_MARKED = re.compile(r"(?<=\d)[*`~_]{1,24}(?=\d)")
_PICTURE = re.compile(r"(?<=[\w@.:)-])!\[\]\([^()\s]{0,256}\)(?=[\w@.:(+-])")
_COMMAND = re.compile(r"(?<=[\w@.:)-])(?:\}|\\[a-z]{3,12}\{){1,2}(?=[\w@.:(+-])")
_LINKED = re.compile(r"(?P<open>\[)(?P<words>[^\[\]\n]{0,64})(?P<shut>\]\((?P<to>[^()\s]{0,256})\))")
_TARGET = re.compile(r"[/:#.]")  # `a[0](b)` is a call
_ENDS_IN = re.compile(r"(?:[\w@.+-]|\d[ ])\Z")
_JOINED_WITH = re.compile(r"[\w@.+-]|[ ]\d")
_LATEX = ("\\text", "\\emph", "\\math")
_STRINGS = re.compile(r"(?<=[\w@.-])(?:\"[ ]?[+][ ]?\"|'[ ]?[+][ ]?')(?=[\w@.-])")
_QUOTED = re.compile(r"(?<=[^\w\s])\\(?=[^\w\s\\])|(?<=\w)\\(?=[@.\-+_])(?=[@.\-+_]\w)")  # `ada\@example\.org`
_INSIDE = re.compile(r"(?<=[A-Za-z0-9])[*`~]{1,6}(?=[A-Za-z0-9])")
_EMPHASIZED = re.compile(
    r"[\d+][\d .()-]{0,16}[*`~_]{1,6}[ .(-]{0,3}[*`~_]{0,6}\d[\d .()*`~_-]{0,40}"
)  # groups of a number
_MARKS = re.compile(r"[*`~_]{1,16}")
_MARKED_AT = re.compile(r"(?<=\w)[*`~]{1,6}(?=[@.])|(?<=[@.])[*`~]{1,6}(?=\w)")
# A line that begins with the time of a day is a record of its own.
_LINE = re.compile(
    r"(?<=[\d)-])(?P<gap>[ \t]{0,2})\r?\n(?P<more>[ \t]{0,4})(?!(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d)(?=[\d(]|-\d)"
)
# `1. 4111`, `2. 1111` and so on: the items of a list that hold nothing but digits.
_ITEM = re.compile(r"^[ \t]{0,8}(?P<mark>(?P<count>\d{1,2})[.)][ \t]{1,4})\d{2,6}[ \t]{0,2}\r?$", re.MULTILINE)
_OF_A_NUMBER = re.compile(
    r"(?i)\b(?:cards?|ssn|social security|ibans?|phone|telephone|mobile|account|digits|numbers?)\b"
)
LONGEST_ROW: Final = 512  # characters of a row of a table that are looked at
FEWEST: Final = 3  # items of such a list
BEFORE: Final = 80  # characters before it that tell of what it is
# A line's end beside the sign or the last full stop of an e-mail address; a decorator is none.
_TOP = r"(?:com|org|net|edu|gov|info|io|[a-z]{2})(?:\.[a-z]{2})?(?![\w(.-])"
_BROKEN = re.compile(
    rf"(?<=\w)[ \t]{{0,2}}\r?\n[ \t]{{0,4}}(?=@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,3}}\.{_TOP})"
    rf"|(?<=\w@)[ \t]{{0,2}}\r?\n[ \t]{{0,4}}(?=[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,3}}\.{_TOP})"
)
_CUT_AT = re.compile(r"\n[ \t]{0,4}@|@[ \t]{0,2}\r?\n")
_BROKEN_TOP = re.compile(rf"\w@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{0,3}}\.(?P<end>\r?\n[ \t]{{0,4}})(?={_TOP})")
_BETWEEN = r"(?:[^\w\n<>&]|_){1,7}"
_SPACED = re.compile(rf"(?<![^\W_])(?:[+(][^\w\n]{{1,3}}){{0,2}}(?:[^\W_]{_BETWEEN}){{4,120}}[^\W_](?![^\W_])")
_SIGNS_BETWEEN = re.compile(r"[^A-Za-z0-9]+")
ALIKE: Final = 0.9  # of what stands between the signs holds the gap
LONG_LIST: Final = 9  # members: fewer are a list of small numbers
_COLUMNS: Final = frozenset(",;|:")
_AT = (
    r"(?:[ ]?[\[({<][ ]?(?:at|\u0040)[ ]?[\])}>][ ]?|[ ]at[ ]|_at_|[ ]?-at-[ ]?|[ ]@[ ]?|@[ ]"
    r"|[ ](?:arroba|\u00e4t|arobase|chiocciola|at the domain)[ ]|,?[ ]at[ -]sign,?[ ]|[ ]\|[ ]@[ ]\|[ ])"
)
_DOT = (
    r"(?:[ ]?[\[({<][ ]?(?:dot|\.|punkt|punto)[ ]?[\])}>][ ]?|[ ]dot[ ]|_dot_|[ ]?-dot-[ ]?|[ ]\.[ ]"
    r"|[ ](?:punkt|punto|ponto)[ ])"
)
_SPELLED = re.compile(
    rf"[\w.+-]{{1,64}}(?:{_DOT}[\w+-]{{1,64}}){{0,4}}(?P<at>{_AT}|@)[\w-]{{1,63}}(?:(?:{_DOT}|\.)[\w-]{{1,63}}){{1,5}}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(rf"(?<![\w.])\d{{1,3}}(?:{_DOT}\d{{1,3}}){{3}}(?!\w|\.\d)", re.IGNORECASE)
_SIGNS = re.compile(rf"(?P<at>{_AT})|(?P<dot>{_DOT})", re.IGNORECASE)
_SPELLS: Final = (
    "dot",
    "(at)",
    "[at]",
    "{at}",
    "<at>",
    "( at )",
    "[ at ]",
    "[.]",
    "(.)",
    "[@]",
    "(@)",
    "punkt",
    "punto",
    "ponto",
    "arroba",
    "arobase",
    "chiocciola",
    "at-sign",
    "at sign",
    "at the domain",
    "_at_",
    "-at-",
    " @",
    "@ ",
)


def joined(text: str) -> Iterator[Edit]:
    """Yield the markup and line's ends within words and numbers."""
    found = []
    if "*" in text or "`" in text or "~" in text or "_" in text:
        numbers = (match.span() for match in _EMPHASIZED.finditer(text))
        found += [Edit(*marks.span(), "") for number in numbers for marks in _MARKS.finditer(text, *number)]
        found += [Edit(*match.span(), "") for match in _MARKED_AT.finditer(text)] if "@" in text else []
        found += [Edit(*match.span(), "") for match in _INSIDE.finditer(text)]
        found += [Edit(*match.span(), "") for match in _MARKED.finditer(text)]
    if "<" in text or "[/" in text:
        found += [Edit(*match.span(), match["gap"] or "") for match in _MARKUP.finditer(text)]
    if "](" in text:
        found += [Edit(*match.span(), "") for match in _PICTURE.finditer(text)]
        found += [edit for link in _LINKED.finditer(text) for edit in _link(text, link)]
    if "+" in text and ('"' in text or "'" in text):
        found += [Edit(*match.span(), "") for match in _STRINGS.finditer(text)]
    if "\\" in text:
        has_command = any(command in text for command in _LATEX)
        patterns = (_QUOTED, _COMMAND) if has_command else (_QUOTED,)
        found += [Edit(*match.span(), "") for pattern in patterns for match in pattern.finditer(text)]
    if "\n" in text:
        lines = (match for match in _LINE.finditer(text) if not _is_between_rows(text, *match.span()))
        found += [Edit(*match.span(), (match["gap"] + match["more"])[:1]) for match in lines]
        found += _numbered(text)
        if "@" in text:
            is_cut = _CUT_AT.search(text) is not None
            found += [Edit(*match.span(), "") for match in _BROKEN.finditer(text)] if is_cut else []
            is_cut = ".\n" in text or ".\r" in text
            found += [Edit(*match.span("end"), "") for match in _BROKEN_TOP.finditer(text)] if is_cut else []
    return _disjoint(found)


def _is_between_rows(text: str, start: int, end: int) -> bool:
    """Whether the lines that meet at `text[start:end]` are rows of one table: with as many cells, not only one."""
    above = text[max(text.rfind("\n", 0, start) + 1, start - LONGEST_ROW) : start]
    stop = text.find("\n", end, end + LONGEST_ROW)
    below = text[end : stop if stop != -1 else end + LONGEST_ROW]
    return any(0 < above.count(sign) == below.count(sign) for sign in ",;\t|")


def _numbered(text: str) -> Iterator[Edit]:
    """Yield the numbers of items that hold nothing but digits, and follow each other."""
    run: list[re.Match[str]] = []
    for item in _ITEM.finditer(text):
        is_next = run and int(item["count"]) == int(run[-1]["count"]) + 1 and item.start() <= run[-1].end() + 2
        run = [*run, item] if is_next else [item]
        if not _OF_A_NUMBER.search(text, max(0, run[0].start() - BEFORE), run[0].start()):
            continue
        if len(run) == FEWEST:
            yield from (Edit(*each.span("mark"), "") for each in run)
        elif len(run) > FEWEST:
            yield Edit(*item.span("mark"), "")


def _link(text: str, link: re.Match[str]) -> Iterator[Edit]:
    """Yield what is around the words of a link that is a part of a word or a number."""
    start, end = link.span()
    is_behind = _ENDS_IN.search(text, max(0, start - 2), start) is not None
    if (not link["words"] or _TARGET.search(link["to"])) and (is_behind or _JOINED_WITH.match(text, end)):
        yield Edit(*link.span("open"), "")
        yield Edit(*link.span("shut"), "")


def closed(text: str) -> Iterator[Edit]:
    """Yield the gaps in what is written sign by sign: what stands between most of the signs."""
    for match in _SPACED.finditer(text):
        between = list(_SIGNS_BETWEEN.finditer(text, *match.span()))
        gap, _ = Counter(one[0] for one in between).most_common(1)[0]
        is_list = len(between) < LONG_LIST and gap.strip() in _COLUMNS
        if is_list or sum(gap in one[0] for one in between) < ALIKE * len(between):
            continue
        for one in between:
            places = [(place.start(), place.end()) for place in re.finditer(re.escape(gap), one[0])]
            if one[0] == 3 * gap:  # `a...o.r.g`: the one in the middle is written
                del places[1]
            yield from (Edit(one.start() + begin, one.start() + end, "") for begin, end in places)


def spelled(text: str) -> Iterator[Edit]:
    """Yield the signs of addresses that are written as words."""
    low = text.lower()
    if holds(low, _SPELLS):
        yield from _disjoint([*_mail(text), *_machines(text)])


def _machines(text: str) -> Iterator[Edit]:
    for match in _ADDRESS.finditer(text):
        for sign in _SIGNS.finditer(text, *match.span()):
            yield Edit(*sign.span(), ".")


def _mail(text: str) -> Iterator[Edit]:
    for match in _SPELLED.finditer(text):
        for sign in _SIGNS.finditer(text, match.start(), match.end()):
            if sign["dot"] or sign.start() == match.start("at"):
                yield Edit(*sign.span(), "@" if sign["at"] else ".")


def _disjoint(edits: list[Edit]) -> Iterator[Edit]:
    end = 0
    for edit in sorted(edits):
        if edit.start >= end:
            yield edit
            end = edit.end
