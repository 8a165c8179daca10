"""What does a passage do, as a form of speech?

A text is cut into passages, about a sentence each; the words of a passage become the letters of the parts they
may play (`lexicon.py`), and each feature is one pattern over these letters: an order at the beginning, a word on
the reader's own answer, "the previous instructions". What is looked for in the text as written are the marks of
chat templates and of forged turns. All is linear: patterns have bounded gaps and look at each passage alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from operator import eq
from typing import Final, NamedTuple

from sidecar.content.injection.lexicon import ASCII_TOKEN, KNOWN, OTHER, QUOTE, TOKEN, part
from sidecar.content.injection.speech import PAIRS, PATTERNS, forms

MAX_PASSAGE: Final = 600  # characters; what has no end by then is cut at a space
MARKED: Final = 300  # characters after a mark that it may be meant for

_ENDS: Final = ".!?\u3002\uff01\uff1f"
_ENDS_KEPT: Final = _ENDS + ":"  # who is spoken to stands before it
_SEPARATOR: Final = re.compile(
    r"""(?=[.!?\u3002\uff01\uff1f\n|{}\[\]:,"'\\<`])(?:"""  # tried where one of these stands, and nowhere else
    r"""(?<![.!?])[.!?]++["')\]*_]*+(?=\s|$)\s*|[\u3002\uff01\uff1f]\s*|(?<=\w):\s+(?=[A-Z])|,\s+(?=[Pp]lease\b)"""
    r"""|\n\s*\n\s*|(?<![a-z,])\n\s*|\n\s*(?![a-z\s])|[|{}\[\]]\s*"""
    r"""|(?:(?<=[:,(])|(?<=[:,(]\s))\\?["']|\\?["'](?=\s?[:,}\])])|\\n\s*|<[^<>\n]{0,80}>\s*|```\s*)"""
)
# Marks by which a text pretends to be more than text, wherever they stand in it.
_NAMES: Final = "system|assistant|user|human|ai|developer|tool|function|model|bot|admin|administrator"
MARKS: Final = {
    "turn_tokens": re.compile(
        r"<\|[A-Za-z_|/ -]{2,40}\|>|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|</?s>"
        r"|<\uff5c[^\uff5c<>\n]{2,40}\uff5c>"
        r"|\[/?(?:SYSTEM|ASSISTANT|USER|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|SYSTEM_PROMPT)\b[^\]\n]{0,40}\]"
        r"|</?(?:tool_call|tool_response|tool_result|function_calls?|function_results?|invoke)\b[^<>\n]{0,80}>"
    ),
    "turn_names": re.compile(
        rf"(?i)[\n\\\"'>|](?:(?<!\\)|n)[ \t>*#_-]{{0,8}}(?:{_NAMES})"  # a text is looked at as from a new line
        r"\s?(?:message|prompt|note|instructions?)?[*_]{0,2}:(?!/)"
    ),
    "turn_within": re.compile(
        r"[.!?\])>-] {1,2}(?:User|Assistant|System|Human|USER|ASSISTANT|SYSTEM)(?: (?:message|prompt|note|notice))?:"
    ),
    "turn_tags": re.compile(
        r"(?i)</?[\w -]{0,30}(?:instruction|system|important|information|assistant|admin|prompt|override|urgent"
        r"|priority|command|attention|directive|secret|critical)[\w -]{0,30}>"
    ),
    "split_payload": re.compile(
        r"[=+](?:(?<==)\s?[\"'][^\"'\n]{1,200}[\"'],?\s{0,3}(?:and\s)?[a-z]\w{0,8}\s?=\s?[\"'][^\"'\n]{1,200}[\"']"
        r"|(?<=[a-z\d]\s\+)\s[a-z]\w?\s\+\s[a-z]\w?\b)"
    ),
    "repeated": re.compile(r"(?<!\S)(\S{1,24})(?:\s\1){15}"),
    "dialogue": re.compile(r"(?s)\bQ:\s(?:(?!\bA:).){1,200}+A:\s(?:(?!\bQ:).){1,200}+Q:\s(?:(?!\bA:).){1,200}+A:"),
    "turn_titles": re.compile(
        r"(?i)[#=*\[-](?:(?<=#)#{0,5}|(?<==)(?<!==)={2,79}|(?<=-)(?<!--)-{2,79}|(?<=\*)\*{1,2}|(?<=\[))\s?"
        r"(?:new |system |updated |end of |begin |important |special ){0,3}"
        r"(?:instructions?|system|prompt|response|assistant|user input|context|override|directive|message)\b"
    ),
}
_SIGNS: Final = {"dialogue": "Q:", "turn_tags": ">"}  # without which no such mark stands in a text
_NAMED: Final = re.compile(r":(?<=[A-Za-z\s*_]:)(?!/)")  # the same of `turn_names`, found fast
# How a passage stands in its document; those of an act are of passages that order or ask something.
_OF_ACTS: Final = (
    *("first_act", "last_act", "apart_act", "quoted_act", "coded_act", "comment_act"),
    *("lone_act", "lone_word", "lone_ask"),
)
SHAPES: Final = ("short", "long", "capitals", "small", "symbols", "cites", "told", *_OF_ACTS)
# What stands in one of the passages around.
_BESIDE: Final = {
    "beside_overruling": frozenset(
        {"overrules", "overrules_orders", "prior_orders", "your_orders", "obey", "new_orders"}
    ),
    "beside_secret": frozenset({"secret"}),
    "beside_machine": frozenset({"reads_this", "for_machine", "machine_asked", "to_machine", "machine_colon"}),
    "beside_frame": frozenset({"turn_names", "turn_tags", "turn_titles", "forged_sender", "claims_rank", "urgent"}),
}
_LAST: Final = {"last_order": "orders_words", "last_asks": "asks"}  # the last passage, which does that
NAMES: Final = (*PATTERNS, *MARKS, *SHAPES, *_BESIDE, *_LAST, *PAIRS)
_ACTS: Final = frozenset(
    {"orders_words", "orders_deeds", "orders_fetch", "orders_send", "please_order", "deed_for_me", "you_must_do"}
    | {"only", "asks_you", "asks", "question", "lets", "in_answer", "overrules_bare", "persona", "adds_code"}
)

_ASKING: Final = frozenset({"asks", "asks_you", "question"})
_ORDERING: Final = _ACTS - {"asks", "question", "lets", "adds_code"}
_TOLD_BESIDE: Final = frozenset().union(*_BESIDE.values())
_SAYING: Final = _ACTS.union(*_BESIDE.values()) - {"question", "asks"}  # of passages that others may add to

_CAPITALS: Final = re.compile(r"[A-Z](?<!\w.)[A-Z]{2,}\b")
_SHORT, _LONG = 4, 45  # words
_DOCUMENT: Final = 5  # passages: in a shorter text the place of one says nothing
_SOME: Final = 3  # passages: that one alone of fewer orders something says nothing


class Cut(NamedTuple):
    """`text[start:end]` is a passage; `parts` has a letter for each of its words and marks."""

    start: int
    end: int
    parts: str
    capitals: float  # share of its words that are all capitals


def cuts(text: str) -> Iterator[Cut]:
    """Yield the passages of `text` that hold a word, in order."""
    known = KNOWN.get
    words = ASCII_TOKEN if text.isascii() else TOKEN
    for start, end in _bounds(text):
        passage = text[start:end]
        tokens = words.findall(passage.lower())
        # a word of letters alone that is not known plays no part
        parts = "".join([known(token) or (OTHER if token.isalpha() else part(token)) for token in tokens])
        if parts.strip('-"0,:!?'):
            shouted = len(_CAPITALS.findall(passage))
            yield Cut(start, end, parts, shouted / len(parts))


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SEPARATOR.finditer(text):
        end = match.start() + (text[match.start()] in _ENDS_KEPT)
        if end - start > MAX_PASSAGE:
            yield from _shorter(text, start, end)
        elif end > start:
            yield start, end
        start = match.end()
    yield from _shorter(text, start, len(text))


def _shorter(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > MAX_PASSAGE:
        at = text.rfind(" ", start + MAX_PASSAGE // 2, start + MAX_PASSAGE)
        at = start + MAX_PASSAGE if at == -1 else at + 1
        yield start, at
        start = at
    if end > start:
        yield start, end


def features(text: str, passages: Sequence[Cut], edges: tuple[bool, bool] = (True, True)) -> list[dict[str, float]]:
    """Return, for each of `passages` of `text`, its features by name; those that are left out are nought.

    `edges` say whether `text` begins and ends where the whole does of which it may be a part.
    """
    rows: list[dict[str, float]] = [{} for _ in passages]
    _mark(text, passages, rows)
    for row, held in zip(rows, forms([passage.parts for passage in passages]), strict=True):
        row.update(dict.fromkeys(held, 1.0))
    _look_around(rows)
    is_long = len(passages) >= _DOCUMENT
    is_table = text.count("|") > _TABLE
    is_quoting = ' "' in text
    _look_for_one(rows)
    for i, (passage, row) in enumerate(zip(passages, rows, strict=True)):
        if not _ACTS.isdisjoint(row):
            row.update(_act(text, passage, is_table=is_table))
            if i == 0 and edges[0] and is_long:
                row["first_act"] = 1.0
            if i == len(passages) - 1 and edges[1] and is_long:
                row["last_act"] = 1.0
                row.update((name, 1.0) for name, act in _LAST.items() if act in row)
        row.update(_shape(text, passage, is_first=i == 0, is_quoting=is_quoting))
    return rows


def _shape(text: str, passage: Cut, *, is_first: bool, is_quoting: bool) -> Iterator[tuple[str, float]]:
    words = len(passage.parts)
    if words < _SHORT:
        yield "short", 1.0
    elif words > _LONG:
        yield "long", 1.0
    if passage.capitals:
        yield "capitals", passage.capitals
    if not is_first and text[passage.start].islower() and not _begins(text, passage.start):
        yield "small", 1.0
    if marks := passage.parts.count("-") + passage.parts.count(QUOTE):
        yield "symbols", marks / words
    if is_quoting and _cites(text, passage):
        yield "cites", 1.0
    first = max(0, passage.start - 1)
    if not _SPOKEN.isdisjoint(text[first : first + 2]) and _SAID.match(text, first, passage.end + _NEAR):
        yield "told", 1.0


def _cites(text: str, passage: Cut) -> bool:
    """Whether the passage quotes something in a sentence and says so: `phrases such as "..."`."""
    at = text.find(' "', passage.start, passage.end)
    while at != -1:
        if text[max(0, at - _NEAR) : at].rstrip(",:").endswith(_REPORTS):
            return True
        at = text.find(' "', at + 1, passage.end)
    return False


def _act(text: str, passage: Cut, *, is_table: bool) -> Iterator[tuple[str, float]]:
    """Yield how a passage that orders or asks something stands among what is around it."""
    first, before = passage.start, max(0, passage.start - _NEAR)
    if is_table and "|" not in _line(text, passage):
        yield "apart_act", 1.0
    if text[first].isalpha() and text[max(0, first - 1) : first] in _QUOTES:
        yield "quoted_act", 1.0
        if _CODED.search(text, text.rfind("\n", 0, first) + 1, first):
            yield "coded_act", 1.0
    if _COMMENTED.match(text, before, first + 3):
        yield "comment_act", 1.0


def _look_around(rows: Sequence[dict[str, float]]) -> None:
    """Add to each of `rows` what stands in those around it."""
    held = {
        i: [name for name, names in _BESIDE.items() if not names.isdisjoint(row)]
        for i, row in enumerate(rows)
        if not _TOLD_BESIDE.isdisjoint(row)
    }
    for i, names in held.items():
        for name in names:
            for j in (*range(max(0, i - _AROUND), i), *range(i + 1, min(len(rows), i + 1 + _AROUND))):
                if not _SAYING.isdisjoint(rows[j]):
                    rows[j][name] = 1.0


def _look_for_one(rows: Sequence[dict[str, float]]) -> None:
    """Add to the only one of `rows` that orders something, and the only one that asks, that it stands out."""
    if len(rows) < _SOME:
        return
    ordering = [row for row in rows if not _ORDERING.isdisjoint(row)]
    asking = [row for row in rows if not _ASKING.isdisjoint(row)]
    if len(ordering) == 1:
        ordering[0]["lone_act"] = 1.0
        if "orders_words" in ordering[0]:
            ordering[0]["lone_word"] = 1.0
    if len(asking) == 1 and len(ordering) <= 1:
        asking[0]["lone_ask"] = 1.0


def _begins(text: str, start: int) -> bool:
    """Whether what stands before `start` has come to its end: a sentence, a value, an item, a paragraph."""
    before = text[max(0, start - _NEAR) : start]
    last = before.rstrip()
    return "\n\n" in before or not (last[-1:].isalnum() or last[-1:] == ",")


def _line(text: str, passage: Cut) -> str:
    """Return what stands before the passage in its line, and the passage."""
    return text[text.rfind("\n", 0, passage.start) + 1 : passage.end]


_NEAR: Final = 12  # characters
_CODED: Final = re.compile(r"\([\"']|\w\([\[{][\"']| = [\[({]{0,2}[\"']")
_AROUND: Final = 3  # passages before and behind
_SAID: Final = re.compile(  # quoted in a sentence that goes on, and not with what else the reader is to do
    r"""(?s:.)?(?:"[^"\n]{3,600}"|'[^'\n]{3,600}'|\u201c[^\u201d\n]{3,600}\u201d)"""
    r""" (?!(?:and|or|but|then|now|please|you|your)\b)[a-z]"""
)
_COMMENTED: Final = re.compile(r"(?s).{0,12}?(?:#|//|/\*|<!--)[ \t#/*!-]{0,9}")
_REPORTS: Final = (  # what a sentence may say before it quotes
    *(" as", " like", " say", " says", " said", " saying", " told", " tells", " phrase", " phrases", " wrote"),
    *(" called", " flags", " accepts", " claims", " typed", " string"),
)
_TABLE: Final = 8  # bars in a text that is a table
_AGAIN: Final = bytes([1]) * 15
_QUOTES: Final = frozenset({'"', "'"})
_SPOKEN: Final = frozenset({'"', "'", "\u201c"})


def _mark(text: str, passages: Sequence[Cut], rows: Sequence[dict[str, float]]) -> None:
    """Add to `rows` the marks that stand in each passage, or shortly before it."""
    starts, ends = [p.start for p in passages], [p.end for p in passages]
    absent = {name for name, sign in _SIGNS.items() if sign not in text}
    if not _repeats(text):
        absent.add("repeated")
    if not _NAMED.search(text):
        absent |= {"turn_names", "turn_within"}
    for name, mark in MARKS.items():
        if name in absent:
            continue
        at = 0
        for match in mark.finditer("\n" + text):
            first = max(bisect_right(ends, match.start() - 1), at)
            at = max(bisect_right(starts, match.end() - 1 + MARKED), first)
            for row in rows[first:at]:
                row[name] = 1.0


def _repeats(text: str) -> bool:
    """Whether a word follows upon itself again and again: only then `repeated` is worth a look."""
    words = text.split()
    return _AGAIN in bytes(map(eq, words, words[1:]))
