"""Which forms of speech does a passage hold, by the letters of the parts that its words play (`lexicon.py`)?

Each form is one pattern over these letters: an order at the beginning, a word on the reader's own answer, "the
previous instructions". Patterns have bounded gaps and look at each passage alone. A pattern is tried where the letters
are that it cannot do without, and a sequence of letters that was looked at lately is not looked at again: records
repeat theirs, and letters say nothing of the words.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

MAX_REMEMBERED: Final = 2_000  # sequences of letters
MAX_LETTERS: Final = 120  # of one that is remembered

_S: Final = r"^[-\",:&TNv0hYX]{0,3}[pd]?"

_DEED: Final = "tgE"  # does something, fetches something, sends something
PATTERNS: Final = {
    "orders_words": _S + "[xAB]",
    "orders_deeds": _S + "[tk]",
    "orders_fetch": _S + "g",
    "orders_send": _S + "E",
    "orders_late": rf"[,:-]p?[x{_DEED}ABk]",
    "please": "p",
    "please_first": r"^[-\",:&TNv]{0,3}p",
    "please_order": f"p[x{_DEED}ABkoH]",
    "deed_for_me": _S + f"[{_DEED}].{{1,20}}j|p.{{1,20}}j",
    "you_must_do": f"yM.{{0,3}}[x{_DEED}ABkO]|[iW][ML].?y|yc[x{_DEED}ABk]",
    "only": _S + f"[NT],?[x{_DEED}ABk]",
    "asks_you": r"^[-\",:hY]{0,3}p?[cV]y",
    "asks": r"^[-\":0]{0,2}q[^\n]{1,60}\?",
    "question": r"^[-\":0]{0,2}[V.][^\n]{1,60}\?",
    "lets": _S + "l",
    "your_answer": "r.{0,3}[wA]",
    "in_answer": _S + rf"[x{_DEED}ABk.][^VM\n]{{0,14}}5r.{{0,2}}[wAG]",
    "your_code": "[r].{0,4}K",
    "this_code": "F.{0,3}K|K.{0,2}F",
    "adds_code": _S + f"[x{_DEED}AB].{{0,8}}F.{{0,3}}K",
    "code_for_yours": r"F.{0,3}K[^\n]{0,8}r|r[^\n]{0,12}F.{0,3}K",
    "overrules": "o.{0,6}[nbD]|b.{0,3}n[^,-]{0,4}o",
    "overrules_orders": "o[^,]{0,5}[br].{0,2}[nD]|o[^,]{0,4}n.{0,3}b",
    "overrules_bare": _S + "o",
    "overrules_at_once": _S
    + "o[a1_r]{0,3}(?:b.{0,3}[nDGwz]|n(?:[1_]?.?[b5]|y|$|[-!,&])|r?n)|"
    + _S
    + r"o.{1,12}[yr]V?~|^[^q\n]{0,3}b.{0,3}n[^,?-]{0,4}o(?![^\n]*\?)",
    "overrules_prior": "o[a1_r]{0,3}b[^,]{0,2}n|o[a1_r]{0,3}n[1_]?.?b|b.{0,3}n[^,-]{0,4}o",
    "overrules_text": "o[1_]?.?[zGwF]",
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
    "secretly": "s|d.{0,3}[kBx].{0,4}[eai]|d.{0,2}e",
    "my_data": "j.{0,5}[zZ]",
    "fetches_and_sends": "g.{1,24}&.{0,3}[Ek]",
    "sends_there": rf"(?:[{_DEED}kAB](?!%)[^7\n]{{0,14}}|x[^7\n]{{1,14}})[2#].{{0,4}}[@U6]",
    "sends_sum": r"E(?!%)[^7\n]{0,4}0[^7\n]{0,8}[2#]",
    "reports": r"^(?!p)[^\n]{0,4}[7/]|^[tgE]%",
    "chains_deeds": f"[{_DEED}x].{{0,14}}&.{{0,2}}[{_DEED}x]",
    "address": "@",
    "account": "6",
    "link": "U",
    "order_first": "^.{0,3}T.{0,5}[yr]|y.{0,6}T",
    "your_task": "[r1_j].{0,3}D",
    "the_user": "[1_]e|re",
    "urgent": "v",
    "condition": r"^[-\",]{0,2}X",
    "if_asked": r"X[1_]?[em][^\n]{0,14}[xAB]",
    "we": "W",
    "greets": "[hY]",
    "you": "[yu]",
    "your": "r",
    "me": "[ij]",
    "negates": "d",
    "wants": "iL|iM|ic",
    "makes_text": _S + "[xAB].{0,6}G|[py2#].?[xAB].{0,5}G",
    "colon_end": ":$",
    "exclaims": "!(?!--)",
    "courtesy": "R",
    "done_before": f"[DtbQ1_].{{0,4}}f|[T{_DEED}].{{0,3}}f.{{0,3}}[D1_]",
    "authority": "I",
    "on_wording": "[xtBAN.].{0,5}J.{0,5}[rwG1_A]|[rA].{0,6}J",
    "on_tools": "Q",
    "task_given": "D.{0,3}[iWe].{1,2}y|rbD|[1_]bD.{0,3}f|yN?D|D.{0,2}y.{0,3}V",
    "before_task": f"T.{{0,2}}y.{{0,8}}[DA]|[{_DEED}x][^\\n]{{0,3}}[1_.]?F?T$",
    "following": "[pxO].{0,2}[1_]F",
    "forged_sender": "w.{0,2}5.{0,2}[ijmSe]|[iW][,V.1]{0,3}[rj]S|[ij]V[1_][Se]",
    "to_machine": '^[-",]{0,2}Y?[1_]?am|^[-",]{0,2}Y?m,|Ym[,-]|^m[xtLMcV]|2.{0,2}m.{0,3}[x:,]|am.{0,5}M',
    "machine_colon": '^[-",#]{0,4}[.m]{0,2}m:',
    "third_must": f"[me].{{0,6}}M.{{0,3}}[x{_DEED}ABkdO]",
    "secret": "Z",
    "your_secret": r"r.{0,2}Z|y.{0,4}Z",
    "their_data": r"[e8].{0,3}[zZ]",
    "asks_of_user": r"[qk].{0,2}[1_]e",
    "secret_format": r"Z.{0,14}J|J.{0,14}Z",
    "orders_format": r"[rbS].{0,2}n.{0,8}J|J.{0,8}[rbS].{0,2}n",
    "claims_rank": r"(?:iV|X)[1_r.]{0,2}[SI]",
    "fiction": "9",
    "fiction_secret": r"9.{0,40}Z|P.{0,40}Z",
    "no_refusal": r"d.{0,4}4|4.{0,3}d",
    "you_were_told": "y.{0,3}~",
    "says_rules": "[kAB].{0,3}[1_ra].{0,2}n",
    "prints_above": r"[xkABE].{0,4}[ab1_].{0,3}b",
    "says_output": r"[xkBt].{0,3}[1_]w",
    "any_verb_answer": r"^[-\",:&TNv]{0,3}p?[.=xtgE][.1_a5]",
    # who is spoken to by what it is: "an assistant that reads this", "note for the agent:", "agents are asked to"
    "reads_this": "m.{0,4}<.{0,3}_|m[q12]?[tg].{0,2}_|<.{0,3}_.{0,6}m|_.{0,4}<.{0,4}m",
    "machine_reads": "m.{0,3}<",
    "for_machine": r"(?<![xtgEABkH])[2>][1_ar#]?\.{0,2}m{1,2}[^,:\n]?(?:<[^,:\n]{0,5})?:",
    "machine_order": rf"^[^:,x{_DEED}\n]{{0,4}}m[^:,\n]{{0,3}}[:,][-\"Np]{{0,2}}[x{_DEED}ABkd]",
    "if_any_machine": "X(?:yV)?[#a].?m",
    "machine_must": rf"m[^,:\n]{{0,6}}M[^,:\n]{{0,3}}[x{_DEED}ABk]",
    "machine_asked": r"m[^,:\n]{0,5}V[=MI]2",
    "machine_to": r"m[^\n]{1,40}[@U6]",
    "machine_gets": rf"m[^\n]{{1,30}}[x{_DEED}ABk][^\n]{{0,10}}[zZ]",
    "unasked": r"^[^d\n]{0,80}(?<![MWcei])d[^d\n]{0,2}=(?!y)",
    "user_agreed": "e[^,:\n]{0,3}[I=~]",
    # who is overruled, and what with
    "machine_overruled": r"m[^:,\n]{0,4}(?:[:,]-?[Np]{0,2}|M.?)o",
    "rules_void": r"n[^,:\n]{0,3}(?:/|d.{1,2}x)|/[^,:\n]{0,3}[rb].{0,2}n",
    "unbound": r"[ym][^\n]{0,14}d[.a]?n|^.{0,2}dn.?x",
    "new_role": "yV(?:N|d.)",
    "overrules_late": "[,:-]p?o[a1_r]{0,3}[bnreqy]",
    "overrules_above": _S + "o[a1_]{1,2}b(?:[-,!&TNpx]|$)",
    # who speaks of orders and does not give them
    "quotes_order": r"\"(?<=[^\":,\n-]\")p?(?:o|yV|H|k)",
    "on_attacks": "'",
    "instead_of": rf"N%[^\n]{{1,14}},?[x{_DEED}ABk]",
}

# Two forms that count for more together than each alone.
PAIRS: Final = {
    "order_text": ("orders_words", "makes_text"),
    "me_address": ("me", "address"),
    "fetch_chain": ("orders_fetch", "chains_deeds"),
    "if_machine_then": ("if_any_machine", "orders_late"),
}
# Of each group of letters one must be there for a pattern to match; a test tries it with letters by chance.
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "orders_words": ("xAB",),
    "orders_deeds": ("tk",),
    "orders_fetch": ("g",),
    "orders_send": ("E",),
    "please": ("p",),
    "please_first": ("p",),
    "please_order": ("p",),
    "deed_for_me": ("j",),
    "you_must_do": ("y",),
    "only": ("NT",),
    "asks_you": ("y",),
    "asks": ("q",),
    "question": ("?",),
    "lets": ("l",),
    "your_answer": ("r", "wA"),
    "in_answer": ("r", "wAG"),
    "your_code": ("r", "K"),
    "this_code": ("F", "K"),
    "adds_code": ("F", "K"),
    "code_for_yours": ("F", "K", "r"),
    "overrules": ("o", "nbD"),
    "overrules_orders": ("o",),
    "overrules_bare": ("o",),
    "overrules_at_once": ("o",),
    "overrules_prior": ("o", "b", "n"),
    "overrules_text": ("o",),
    "prior_orders": ("b", "nD"),
    "your_orders": ("r", "n"),
    "system_orders": ("S",),
    "new_orders": ("3", "nDw"),
    "obey": ("O", "nF"),
    "reveals": ("rbS", "nzZ"),
    "machine": ("m",),
    "you_machine": ("m",),
    "if_machine": ("m",),
    "you_are": ("y", "V"),
    "you_must": ("y", "Mc"),
    "from_now": ("5", "N"),
    "persona": ("H",),
    "secretly": ("sd",),
    "my_data": ("j", "zZ"),
    "fetches_and_sends": ("g", "&"),
    "sends_there": ("2#", "@U6"),
    "sends_sum": ("E", "0", "2#"),
    "reports": ("7/%",),
    "chains_deeds": ("&",),
    "address": ("@",),
    "account": ("6",),
    "link": ("U",),
    "order_first": ("T", "yr"),
    "your_task": ("D",),
    "the_user": ("e",),
    "urgent": ("v",),
    "condition": ("X",),
    "if_asked": ("X", "em"),
    "we": ("W",),
    "greets": ("hY",),
    "you": ("yu",),
    "your": ("r",),
    "me": ("ij",),
    "negates": ("d",),
    "wants": ("i",),
    "makes_text": ("G",),
    "colon_end": (":",),
    "exclaims": ("!",),
    "courtesy": ("R",),
    "done_before": ("f",),
    "authority": ("I",),
    "on_wording": ("J",),
    "on_tools": ("Q",),
    "task_given": ("D",),
    "before_task": ("T",),
    "following": ("F", "1_"),
    "forged_sender": ("wSV",),
    "to_machine": ("m",),
    "third_must": ("me", "M"),
    "secret": ("Z",),
    "your_secret": ("Z", "ry"),
    "their_data": ("e8", "zZ"),
    "asks_of_user": ("qk", "e"),
    "secret_format": ("Z", "J"),
    "orders_format": ("J", "n"),
    "claims_rank": ("SI",),
    "fiction": ("9",),
    "fiction_secret": ("Z", "9P"),
    "no_refusal": ("4", "d"),
    "you_were_told": ("y", "~"),
    "says_rules": ("n",),
    "prints_above": ("b",),
    "says_output": ("w",),
    "reads_this": ("m", "_"),
    "machine_reads": ("m", "<"),
    "for_machine": ("m", "2>", ":"),
    "machine_colon": ("m", ":"),
    "machine_order": ("m", ":,"),
    "if_any_machine": ("X", "m"),
    "machine_must": ("m", "M"),
    "machine_asked": ("m", "V"),
    "machine_to": ("m", "@U6"),
    "machine_gets": ("m", "zZ"),
    "unasked": ("d", "="),
    "user_agreed": ("e", "I=~"),
    "machine_overruled": ("m", "o"),
    "rules_void": ("n", "/d"),
    "unbound": ("d", "n"),
    "new_role": ("y", "V", "Nd"),
    "overrules_late": ("o",),
    "overrules_above": ("o", "b"),
    "quotes_order": ('"', "oyHk"),
    "on_attacks": ("'",),
    "instead_of": ("N", "%"),
}
_COMPILED: Final = tuple(
    (name, re.compile(pattern, re.MULTILINE), NEEDED.get(name, ())) for name, pattern in PATTERNS.items()
)
_remembered: Final[dict[str, tuple[str, ...]]] = {}


def forms(passages: Sequence[str]) -> list[tuple[str, ...]]:
    """Return for each of `passages`, by the letters of their parts, which patterns and pairs it holds."""
    known = {parts: _remembered.get(parts) for parts in passages}
    unknown = [parts for parts, held in known.items() if held is None]
    found = dict(zip(unknown, matched(unknown), strict=True))
    if len(_remembered) + len(found) > MAX_REMEMBERED:
        _remembered.clear()
    _remembered.update((parts, held) for parts, held in found.items() if len(parts) <= MAX_LETTERS)
    return [found[parts] if (held := known[parts]) is None else held for parts in passages]


def matched(passages: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the same, without what is remembered: one pass of each pattern over all `passages`, a line each."""
    lines = "\n".join(passages)
    starts = list(accumulate((len(parts) + 1 for parts in passages), initial=0))
    present = frozenset(lines)
    rows: list[dict[str, None]] = [{} for _ in passages]
    for name, pattern, needed in _COMPILED:
        if any(map(present.isdisjoint, needed)):
            continue
        for match in pattern.finditer(lines):
            rows[bisect_right(starts, match.start()) - 1][name] = None
    for row in rows:
        row.update((pair, None) for pair, (one, other) in PAIRS.items() if one in row and other in row)
    return [tuple(row) for row in rows]
