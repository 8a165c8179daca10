"""What people who ask for something say in more than one word, where the same words in a stranger's text order nothing.

`Kim should be able to read the budget` asks to share it; on a page it tells who reads what. So these are looked for in
the user's own words alone, beside `PHRASES`.
"""

import re
from typing import Final

from sidecar.content.origin.acts import PHRASES, SUM

_SOME: Final = r"(?:\S+ ){1,5}?"
_MAYBE: Final = r"(?:\S+ ){0,5}?"
_OTHERS: Final = r"(?!(?:i|we|you|me|us)\b)(?:\S+ ){1,4}?"  # who is not the user
_READING: Final = r"(?:see|view|read|edit|access|use|open|write to|comment on)\b"
_ASKED: Final = {
    "send": (
        rf"check with {_OTHERS}(?:if|whether|about)\b",
        "reach out to",
        "get hold of",
        f"(?:make|keep) {_OTHERS}aware",
        rf"point {_OTHERS}to\b",
        f"put {_OTHERS}in the picture",
        (
            rf"(?:see|make sure|ensure)(?: to it)?(?: that)? {_OTHERS}(?:gets?|receives?|hears?|knows?|learns?|(?:is|"
            rf"are) told)\b"
        ),
        rf"say (?:yes|no|that|so)\b(?! {_MAYBE}to me\b)",
    ),
    "return": (
        rf"(?:give|get|send|pay|hand|transfer|bring|refund) {_OTHERS}back\b",
        rf"(?:should|must|needs? to|is to) (?:get|have|receive) {_SOME}back\b",
        r"make (?:it|this|things) (?:right|good|up) (?:with|to|for)\b",
        rf"make {_OTHERS}whole\b",
        r"made whole\b",
    ),
    "delete": (
        rf"take {_OTHERS}away\b",
        (
            rf"(?:(?:don't|do not) (?:want|need)|have no (?:use|need) (?:for|of)) (?:the|my|our|this|"
            rf"that) {_MAYBE}(?:any ?more|any longer)\b"
        ),
        r"no longer (?:want|need) (?:the|my|our|this|that)\b",
        r"take (?:it|this) out of\b",
        r"(?:scrap|ditch|axe|bin|nix) (?:the|my|our|this|that|it|all|both)\b",
        rf"(?:shouldn't|should not|must not|mustn't) (?:have|keep) {_MAYBE}access\b",
    ),
    "admit": (
        rf"open up {_SOME}(?:for|to)\b",
        rf"(?:get|bring|put|let) {_OTHERS}(?:into|onto) (?:the|our|my)\b",
        f"let {_OTHERS}{_READING}",
        f"(?:should|must|needs? to|ought to) be able to {_READING}",
        r"(?:needs?|should (?:have|get)|gets?) access to\b",
        r"(?:joins|is joining|belongs in|belongs to) (?:the|our|my)\b",
    ),
    "create": (
        rf"(?:file|open|raise|lodge|log|submit|put in|report) {_MAYBE}(?:ticket|bug|issue|case|claim|complaint)\b",
        rf"pencil {_SOME}in\b",
        r"pencil in\b",
        rf"(?:jot|note|write|take) {_MAYBE}down\b",
        rf"block (?:off |out )?{_SOME}for\b",
        rf"have {_OTHERS}(?:come|visit|drop by|look at)\b",
    ),
    "pay": (
        rf"(?:give|send|hand|get) {_OTHERS}what(?:ever)? {_SOME}(?:costs?|is worth|comes to)\b",
        f"let {_OTHERS}have {_MAYBE}{SUM}",
        r"(?:is|are) owed\b",
        r"(?:square|settle|get even) (?:up )?with\b",
        rf"owe {_OTHERS}{SUM}.{{1,20}}\b(?:settle|square|clear)",
        rf"(?:gets?|receives?) {SUM} from (?:me|us)\b",
        rf"clear (?:the|my|our|his|her|their|that) {_MAYBE}(?:invoice|bill|debt)\b",
    ),
    "upload": (
        f"(?:get|bring|put) {_SOME}(?:out|up)(?=[.,;!]|$)",
        rf"get {_OTHERS}up (?:to|on) (?:the|my|our)\b",
        rf"release (?!me\b){_SOME}(?:article|post|draft|page|version)\b",
        rf"(?:put|bring|get|take) {_SOME}(?:online|live)\b",
        r"(?:can|should|may|must|is to) go (?:live|online|public)\b",
        rf"make {_SOME}public\b",
        rf"put {_SOME}(?:in|into|on) (?:the|our|my) (?:\w+ )?(?:folder|drive|site|wiki|page|cloud)\b",
    ),
    "change": (
        rf"(?:live|work|be reached) (?:at|in|under) {_SOME}(?:now|from now on)\b",
        rf"name (?:the|this|that|my|it) {_SOME}\S+\.[a-z]{{2,5}}\b",
        rf"call {_SOME}instead\b",
        (
            rf"(?:use|take|put|have) {_SOME}(?:as|down as|for) (?:my|our|his|her|their|the) {_MAYBE}(?:from now on|now|"
            rf"in future)\b"
        ),
        rf"put {_SOME}down as\b",
        r"from now on (?:my|our|his|her|their|the)\b",
        r"(?:my|our|his|her|their) new (?:\S+ ){1,3}?is\b",
        r"(?:turn|dial|crank|bring|push) (?:\S+ ){1,4}?(?:up|down) to \d",
    ),
    "book": (
        r"get (?:me|us|him|her|them) (?:on|onto)\b",
        r"(?:i'll|we'll|i will|we will) (?:fly|stay|travel) (?:with|at|on)\b",
    ),
    "buy": (
        r"could (?:use|do with) (?:\w+ )?(?:more|another)\b",
        r"stock up on\b",
        r"get (?:(?:me|us) )?(?:\w+ )?(?:more|another)\b(?! (?:\w+ )?(?:info|information|details)\b)",
    ),
}
_FOR: Final = {act: re.compile(rf"\b(?:{'|'.join(said)})") for act, said in _ASKED.items()}
_SAID: Final = {act: re.compile(rf"\b(?:{said})") for act, said in PHRASES.items()}
_QUESTION: Final = re.compile(
    r"\W*(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|am|do|does|did|has|have|had|find|check|"
    r"look|show|"
    r"see (?:if|whether|who|what)|tell me|list|read|summari[sz]e)\b"
)


def asked_in(sentence: str) -> frozenset[str]:
    """Return the pseudo stems of the acts that a folded sentence of a request asks for in more than one word."""
    found = {f"#{act}" for act, said in _SAID.items() if said.search(sentence)}
    if not _QUESTION.match(sentence):
        found |= {f"#{act}" for act, said in _FOR.items() if said.search(sentence)}
    return frozenset(found)
