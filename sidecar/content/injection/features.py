"""What does a passage do, as a form of speech?

A text is cut into passages, about a sentence each; the words of a passage become the letters of the parts they
may play (`lexicon.py`), and each feature is one pattern over these letters: an order at the beginning, a word on
the reader's own answer, "the previous instructions". What is looked for in the text as written are the marks of
chat templates and of forged turns. All is linear: patterns have bounded gaps and look at each passage alone.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import eq
from typing import Final

from sidecar.content.injection.lexicon import ASCII_TOKEN, KNOWN, OTHER, TOKEN, part

MAX_PASSAGE: Final = 600  # characters; what has no end by then is cut at a space
MARKED: Final = 300  # characters after a mark that it may be meant for

_ENDS: Final = ".!?\u3002\uff01\uff1f"
_SEPARATOR: Final = re.compile(
    r"""(?=[.!?\u3002\uff01\uff1f\n|{}\[\]:,"'\\<`])(?:"""  # tried where one of these stands, and nowhere else
    r"""(?<![.!?])[.!?]++["')\]*_]*+(?=\s|$)\s*|[\u3002\uff01\uff1f]\s*|(?<=\w):\s+(?=[A-Z])|,\s+(?=[Pp]lease\b)"""
    r"""|\n\s*\n\s*|(?<![a-z,])\n\s*|\n\s*(?![a-z\s])|[|{}\[\]]\s*"""
    r"""|(?:(?<=[:,(])|(?<=[:,(]\s))\\?["']|\\?["'](?=\s?[:,}\])])|\\n\s*|<[^<>\n]{0,80}>\s*|```\s*)"""
)
_S: Final = r"^[-,:&TNv0hYX]{0,3}[pd]?"

_DEED: Final = "tgE"  # does something, fetches something, sends something
PATTERNS: Final = {
    "orders_words": _S + "[xAB]",
    "orders_deeds": _S + "[tk]",
    "orders_fetch": _S + "g",
    "orders_send": _S + "E",
    "orders_late": rf"[,:-]p?[x{_DEED}ABk]",
    "please": "p",
    "please_first": r"^[-,:&TNv]{0,3}p",
    "please_order": f"p[x{_DEED}ABkoH]",
    "deed_for_me": _S + f"[{_DEED}].{{1,20}}j|p.{{1,20}}j",
    "you_must_do": f"yM.{{0,3}}[x{_DEED}ABkO]|[iW][ML].?y|yc[x{_DEED}ABk]",
    "only": _S + f"[NT],?[x{_DEED}ABk]",
    "asks_you": r"^[-,:hY]{0,3}p?[cV]y",
    "asks_for_me": f"[x{_DEED}ABk].{{0,3}}i",
    "asks": r"^[-:0]{0,2}q[^\n]{1,60}\?",
    "question": r"^[-:0]{0,2}[V.][^\n]{1,60}\?",
    "lets": _S + "l",
    "your_answer": "r.{0,3}[wA]",
    "in_answer": _S + rf"[x{_DEED}ABk.][^VM\n]{{0,14}}5r.{{0,2}}[wAG]",
    "your_code": "[r].{0,4}K",
    "this_code": "F.{0,3}K|K.{0,2}F",
    "adds_code": _S + f"[x{_DEED}AB].{{0,8}}F.{{0,3}}K",
    "code_for_yours": r"F.{0,3}K[^\n]{0,8}r|r[^\n]{0,12}F.{0,3}K",
    "overrules": "o.{0,6}[nbD]",
    "overrules_orders": "o[^,]{0,5}[br].{0,2}[nD]|o[^,]{0,4}n.{0,3}b",
    "overrules_bare": _S + "o",
    "overrules_at_once": _S + "o[a1r]{0,3}(?:b.{0,3}[nDGwz]|n(?:1?.?[b5]|y|$|[-!,&])|r?n)|" + _S + "o.{1,12}[yr]V?~",
    "overrules_text": "o1?.?[zGwF]",
    "prior_orders": "b.{0,3}[nD]|n.{0,2}b",
    "your_orders": "r.{0,3}n",
    "system_orders": "S[nwE]|S.{0,2}[nw]",
    "new_orders": "3.{0,2}[nDw]",
    "obey": "O.{0,5}n|O.{0,3}F",
    "reveals": "[kxABE].{0,5}[rbS].{0,3}[nzZ]",
    "machine": "m",
    "you_machine": "y,?m|^.{0,3}m,.{0,2}[yp]",
    "if_machine": r"[Xa5][^,\n]{0,5}m",
    "you_are": "yV",
    "you_must": "yM|yc",
    "from_now": "5N|N5",
    "persona": _S + "H|yc?H",
    "persona_noun": "P",
    "secretly": "s|d.{0,3}[kBx].{0,4}[eai]|d.{0,2}e",
    "my_data": "j.{0,5}[zZ]",
    "fetches_and_sends": "g.{1,24}&.{0,3}[Ek]",
    "sends_there": rf"(?:[{_DEED}kAB](?!%)[^7\n]{{0,14}}|x[^7\n]{{1,14}})2.{{0,4}}[@U6]",
    "sends_sum": r"E(?!%)[^7\n]{0,4}0[^7\n]{0,8}2",
    "reports": r"^[^\n]{0,4}7|^[tgE]%",
    "chains_deeds": f"[{_DEED}x].{{0,14}}&.{{0,2}}[{_DEED}x]",
    "address": "@",
    "account": "6",
    "link": "U",
    "order_first": "^.{0,3}T.{0,5}[yr]|y.{0,6}T",
    "your_task": "[r1j].{0,3}D",
    "the_user": "1e|re",
    "urgent": "v",
    "condition": r"^[-,]{0,2}X",
    "if_asked": r"X1?[em][^\n]{0,14}[xAB]",
    "we": "W",
    "greets": "[hY]",
    "you": "[yu]",
    "your": "r",
    "me": "[ij]",
    "negates": "d",
    "wants": "iL|iM|ic",
    "makes_text": _S + "[xAB].{0,6}G|[py2].?[xAB].{0,5}G",
    "colon_end": ":$",
    "exclaims": "!",
    "to_person": "Y.{1,3},|Y[.-]{1,3}",
    "courtesy": "R",
    "done_before": f"[DtbQ1].{{0,4}}f|[T{_DEED}].{{0,3}}f.{{0,3}}[D1]",
    "authority": "I",
    "on_wording": "[xtBAN.].{0,5}J.{0,5}[rwG1A]|[rA].{0,6}J",
    "on_tools": "Q",
    "task_given": "D.{0,3}[iWe].{1,2}y|[r1]bD|yN?D|D.{0,2}y.{0,3}V",
    "before_task": f"T.{{0,2}}y.{{0,8}}[DA]|[{_DEED}x][^\\n]{{0,3}}[1.]?F?T$",
    "following": "[pxO].{0,2}1F",
    "forged_sender": "w.{0,2}5.{0,2}[ijmSe]|[iW],?.{0,3}[rj]S|[ij]V1[Se]",
    "to_machine": "^[-,]{0,2}Y?1?am|^[-,]{0,2}Y?m,|^m[xtLMcV]|2.{0,2}m.{0,3}[x:,]|am.{0,5}M",
    "third_must": f"[me].{{0,6}}M.{{0,3}}[x{_DEED}ABkdO]",
    "secret": "Z",
    "wants_secret": r"(?:[kxABEgV2L]|q[V.]?).{0,8}Z",
    "your_secret": r"r.{0,2}Z|y.{0,4}Z",
    "their_data": r"[e8].{0,3}[zZ]",
    "asks_of_user": r"[qk].{0,3}1e",
    "secret_format": r"Z.{0,14}J|J.{0,14}Z",
    "orders_format": r"[rbS].{0,2}n.{0,8}J|J.{0,8}[rbS].{0,2}n",
    "claims_rank": r"(?:iV|X)[1r.]{0,2}[SI]",
    "fiction": "9",
    "fiction_secret": r"9.{0,40}Z|P.{0,40}Z",
    "refusal": "4",
    "no_refusal": r"d.{0,4}4|4.{0,3}d",
    "you_were_told": "y.{0,3}~",
    "says_rules": "[kAB].{0,3}[1ra].{0,2}n",
    "prints_above": r"[xkABE].{0,4}[ab1].{0,3}b",
    "says_output": r"[xkBt].{0,3}1w",
    "any_verb_answer": r"^[-,:&TNv]{0,3}p?[.xtgE][.1a5]",
}
_COMPILED: Final = tuple((name, re.compile(pattern, re.MULTILINE)) for name, pattern in PATTERNS.items())

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
        rf"(?im)(?:^|\\n|[\"'>|])[ \t>*#_-]{{0,8}}(?:{_NAMES})"
        r"\s?(?:message|prompt|note|instructions?)?[*_]{0,2}:(?!/)"
    ),
    "turn_tags": re.compile(
        r"(?i)</?[\w -]{0,30}(?:instruction|system|important|information|assistant|admin|prompt|override|urgent"
        r"|priority|command|attention|directive|secret|critical)[\w -]{0,30}>"
    ),
    "split_payload": re.compile(
        r"(?=[=+])(?:=\s?[\"'][^\"'\n]{1,200}[\"'],?\s{0,3}(?:and\s)?[a-z]\w{0,8}\s?=\s?[\"'][^\"'\n]{1,200}[\"']"
        r"|(?<=[a-z\d]\s)\+\s[a-z]\w?\s\+\s[a-z]\w?\b)"
    ),
    "repeated": re.compile(r"(?<!\S)(\S{1,24})(?:\s\1){15}"),
    "dialogue": re.compile(r"(?s)\bQ:\s(?:(?!\bA:).){1,200}+A:\s(?:(?!\bQ:).){1,200}+Q:\s(?:(?!\bA:).){1,200}+A:"),
    "turn_titles": re.compile(
        r"(?i)(?=[#=*\[-])(?:#{1,6}|(?<!=)={3,80}|(?<!-)-{3,80}|\*{2,3}|\[)\s?"
        r"(?:new |system |updated |end of |begin |important |special ){0,3}"
        r"(?:instructions?|system|prompt|response|assistant|user input|context|override|directive|message)\b"
    ),
}
_SIGNS: Final = {"dialogue": "Q:", "turn_tags": ">"}  # without which no such mark stands in a text
# How a passage stands in its document; those of an act are of passages that order or ask something.
_OF_ACTS: Final = ("first_act", "last_act", "apart_act", "quoted_act", "comment_act")
SHAPES: Final = ("short", "long", "capitals", "small", "symbols", *_OF_ACTS)
# What stands in one of the passages around.
_BESIDE: Final = {
    "beside_overruling": frozenset(
        {"overrules", "overrules_orders", "prior_orders", "your_orders", "obey", "new_orders"}
    ),
    "beside_persona": frozenset({"persona", "persona_noun", "you_machine", "from_now"}),
    "beside_secret": frozenset({"secret"}),
    "beside_refusal": frozenset({"refusal", "no_refusal"}),
    "beside_frame": frozenset({"turn_names", "turn_tags", "turn_titles", "forged_sender", "claims_rank", "urgent"}),
}
NAMES: Final = (*PATTERNS, *MARKS, *SHAPES, *_BESIDE)
_ACTS: Final = frozenset(
    {"orders_words", "orders_deeds", "orders_fetch", "orders_send", "please_order", "deed_for_me", "you_must_do"}
    | {"only", "asks_you", "asks", "question", "lets", "in_answer", "overrules_bare", "persona", "adds_code"}
)

_SAYING: Final = _ACTS.union(*_BESIDE.values()) - {"question", "asks"}  # of passages that others may add to

_CAPITALS: Final = re.compile(r"\b[A-Z]{3,}\b")
_SHORT, _LONG = 4, 45  # words
_DOCUMENT: Final = 5  # passages: in a shorter text the place of one says nothing


@dataclass(frozen=True, slots=True)
class Cut:
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
        if parts.strip("-0,:!?"):
            shouted = len(_CAPITALS.findall(passage))
            yield Cut(start, end, parts, shouted / len(parts))


def _bounds(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _SEPARATOR.finditer(text):
        end = match.start() + (text[match.start()] in _ENDS)
        yield from _short(text, start, end)
        start = match.end()
    yield from _short(text, start, len(text))


def _short(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
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
    _match(passages, rows)
    _look_around(rows)
    is_long = len(passages) >= _DOCUMENT
    is_table = text.count("|") > _TABLE
    for i, (passage, row) in enumerate(zip(passages, rows, strict=True)):
        if not _ACTS.isdisjoint(row):
            row.update(_act(text, passage, is_table=is_table))
            row["first_act"] = float(i == 0 and edges[0] and is_long)
            row["last_act"] = float(i == len(passages) - 1 and edges[1] and is_long)
        words = len(passage.parts)
        row |= {
            "short": float(words < _SHORT),
            "long": float(words > _LONG),
            "capitals": passage.capitals,
            "small": float(i > 0 and text[passage.start].islower() and not _begins(text, passage.start)),
            "symbols": passage.parts.count("-") / words,
        }
    return rows


def _act(text: str, passage: Cut, *, is_table: bool) -> dict[str, float]:
    """Return how a passage that orders or asks something stands among what is around it."""
    first, before = passage.start, max(0, passage.start - _NEAR)
    return {
        "apart_act": float(is_table and "|" not in _line(text, passage)),
        "quoted_act": float(text[first].isalpha() and text[max(0, first - 1) : first] in _QUOTES),
        "comment_act": float(_COMMENTED.match(text, before, first + 3) is not None),
    }


def _look_around(rows: Sequence[dict[str, float]]) -> None:
    """Add to each of `rows` what stands in those around it."""
    held = [[name for name, names in _BESIDE.items() if not names.isdisjoint(row)] for row in rows]
    for i, names in enumerate(held):
        for name in names:
            for j in (*range(max(0, i - _AROUND), i), *range(i + 1, min(len(rows), i + 1 + _AROUND))):
                if not _SAYING.isdisjoint(rows[j]):
                    rows[j][name] = 1.0


def _begins(text: str, start: int) -> bool:
    """Whether what stands before `start` has come to its end: a sentence, a value, an item, a paragraph."""
    before = text[max(0, start - _NEAR) : start]
    last = before.rstrip()
    return "\n\n" in before or not (last[-1:].isalnum() or last[-1:] == ",")


def _line(text: str, passage: Cut) -> str:
    """Return what stands before the passage in its line, and the passage."""
    return text[text.rfind("\n", 0, passage.start) + 1 : passage.end]


_NEAR: Final = 12  # characters
_AROUND: Final = 3  # passages before and behind
_COMMENTED: Final = re.compile(r"(?s).{0,12}?(?:#|//|/\*|<!--)[ \t#/*!-]{0,9}")
_TABLE: Final = 8  # bars in a text that is a table
_QUOTES: Final = frozenset({'"', "'"})


def _mark(text: str, passages: Sequence[Cut], rows: Sequence[dict[str, float]]) -> None:
    """Add to `rows` the marks that stand in each passage, or shortly before it."""
    starts, ends = [p.start for p in passages], [p.end for p in passages]
    absent = {name for name, sign in _SIGNS.items() if sign not in text}
    if not _repeats(text):
        absent.add("repeated")
    for name, mark in MARKS.items():
        if name in absent:
            continue
        at = 0
        for match in mark.finditer(text):
            first = max(bisect_right(ends, match.start()), at)
            at = max(bisect_right(starts, match.end() + MARKED), first)
            for row in rows[first:at]:
                row[name] = 1.0


def _repeats(text: str) -> bool:
    """Whether a word follows upon itself: only then may it do so again and again."""
    words = text.split()
    return any(map(eq, words, words[1:]))


def _match(passages: Sequence[Cut], rows: Sequence[dict[str, float]]) -> None:
    """Add to `rows` the patterns that each passage holds: one pass of each pattern over all of them, a line each."""
    lines = "\n".join(p.parts for p in passages)
    starts = list(accumulate((len(p.parts) + 1 for p in passages), initial=0))
    for name, pattern in _COMPILED:
        for match in pattern.finditer(lines):
            rows[bisect_right(starts, match.start()) - 1][name] = 1.0
