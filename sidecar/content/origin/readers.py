"""What does a stranger's text want of whoever reads it, though it speaks to nobody: `whoever opens this sends …`?

No verb stands where orders do. Two ways. A sentence speaks of whoever reads or handles the text (`readers`): what it
says of him is wanted of the agent. Or it tells that something is done (`doings`): in the third person, or in the
passive (`the list is sent to …`). That is an order only for just what a tool is about to do, with what stands there,
and so says who asks. What the writer does himself, and what was done, is none.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from sidecar.content.origin.due import THINGS

_READ_WORDS: Final = (
    "read handle open process view receive see edit answer access touch check find complete prepare summarise "
    "summarize load retrieve fetch query consult display get close"
)
_READS: Final = "|".join([*(rf"{word}(?:e?s)?" for word in _READ_WORDS.split()), r"(?:works?|deals?|helps?|looks?)"])
_READING: Final = "|".join(
    [*(rf"{word.removesuffix('e')}t?ing" for word in _READ_WORDS.split()), r"(?:work|deal|help|look)ing"]
)
_TEXTS: Final = (
    r"(?:entry|entries|record|text|note|message|e?-?mail|page|document|review|comment|file|ticket|item|post|description|"
    r"thread|letter|remark|case|listing|line|paragraph|notice|profile|invoice|order|booking|answer|response|result)s?"
)
_THIS: Final = (
    rf"(?: (?:on|with|at|of|up|for|to|across))?(?: (?:this|these|such)\b(?: an?)?(?: {_TEXTS}\b)?|"
    rf" (?:an?|the|any|each|every)(?: \w+)? {_TEXTS} (?:of this kind|like this|below|above|here)\b)"
)
_READER: Final = re.compile(
    rf"\b(?:who(?:so)?ever|who|that|which|those|it|one|(?:some|any|every)(?:one|body)) (?:\w+ly )?(?:{_READS}){_THIS}"
    rf"|\b(?:{_READING}){_THIS}"
    rf"|\b(?:reader|viewer|recipient|receiver|addressee|processor|handler)s? of (?:this|these|such)\b"
    r"|\b(?:the|any|each|every|next) reader\b(?! (?:may|might|can|could|comment|review|survey)s?\b)"
    rf"|\b(?:whenever|each time|every time|any time|as soon as|once|if|when|after) (?:this|these|such an?) {_TEXTS} "
    r"(?:is|are|gets?|has been|have been) \w+(?:ed|d|n|t)\b"
    r"|\b(?:assistants?|agents?|clerks?|colleagues?|staff|person|persons|people|employees?|team|desk) "
    r"(?:in charge|on duty|on shift)\b"
    r"|\b(?:up)?on (?:receipt|reading|receiving|opening)\b"
)
_END: Final = re.compile(r"[.!?](?= )")
LONGEST: Final = 600  # characters of what is wanted of him
STEP: Final = 100  # characters, nearer than an order stands to its value

_BE: Final = r"(?:is|are|be|being|gets?|gotten|having)"
_PASSIVE: Final = re.compile(
    rf"\b{_BE} (?:(?:not|then|also|always|to be|first|\w+ly) ){{0,2}}(\w+(?:ed|en|t|d|un|own|ought))\b"
)
_GERUND: Final = re.compile(  # what somebody is asked for: `would you mind changing it`
    r"\b(?:mind|consider|recommends?|suggests?|proposes?|appreciates?(?: your?)?|grateful for(?: your?)?) (\w+ing)\b"
)
# Where something goes: `the list goes to records@…`.
_GOES: Final = re.compile(
    r"\b(?:(?:goes|go|gets|reach(?:es)?) (?:\w+ ){0,3}?(?:to )?|"
    r"(?:is|are|be|being|been) (?:\w+ly )?\w{2,}(?:ed|en|nt) (?:\w+ ){0,3}?to )(?=\S*\w@\w)"
)
# In front of these a word is a noun, in front of those the writer does it himself, or it was only possible.
_NO_VERB_WORDS: Final = (
    "the a an this that these those my our your his her its their some any no all both each every of for by in on at "
    "with from via per as and or new old more many few other i we i'll we'll he'll she'll is are was were be been to "
    "will can could would may might must shall should do does did not n't last next two three"
)
_NO_VERB: Final = frozenset(_NO_VERB_WORDS.split())
_SEVERAL: Final = frozenset({"people", "staff", "who", "they", "those", "team", "crew"})  # who do, and not does
# What is told of a thing orders nothing, behind the word for it: `Order R-17 is on its way`, `Transfer of 80 EUR made`.
_NUMBERED_WORDS: Final = (
    "order transfer refund request report claim charge deposit issue review post comment record file message mail "
    "email note release change update book log draft form booking ticket share test offer reply answer invite purchase"
)
_DONE: Final = (
    r"(?:accepted|added|approved|archived|booked|cancelled|canceled|changed|closed|completed|confirmed|created|credited|"
    r"declined|deleted|delivered|executed|issued|made|paid|placed|posted|processed|published|received|recorded|refunded|"
    r"registered|rejected|removed|reversed|saved|scheduled|sent|shared|shipped|stored|submitted|transferred|updated)"
    r"(?=[.,;:!]|\Z| (?:by|on|at|for|from|with|to|and|as|in|via|today|yesterday|successfully)\b)"
)
_THEN: Final = (  # words between it and what was done with it, none of which begins a clause
    r"(?: (?!(?:who|whom|whoever|that|which|what|where|when|why|how|if|as|because|there|it|this|he|she|they|we|i|you|"
    r"and|or)\b)[^\s;!?]{0,39}[^\s;!?.,:]){1,8}?"
)
NUMBERED: Final = (
    rf"(?:{'|'.join(rf'(?<={word})' for word in _NUMBERED_WORDS.split())})"
    r"(?: (?:(?:no|nr)\.? ?|number |#)?(?:[a-z]{1,12}[-_/]?)?\d[\w/-]{0,24})?"
    rf"(?: (?:(?:now|also|just|\w{{2,12}}ly) )?(?:(?:is|are|was|were|has|have|had)\b|{_DONE})|"
    rf" (?:of|over){_THEN} (?:(?:was|were|has been|have been)\b|{_DONE})|"
    rf" (?:to|from|for|with){_THEN} (?:was|were|has been|have been)\b)"
)
_WORD: Final = re.compile(r"[^\W\d_][\w'-]*")
_OBJECT: Final = re.compile(  # behind a verb, where the same word may be a thing
    r" (?:an?|the|this|that|these|those|my|our|your|his|her|its|their|us|them|him|it|all|each|every|everything|both|"
    r"\d|[\w.+-]{1,64}@|\w+'s\b|to\b)"
)
IRREGULAR: Final = {
    "sent": "send", "paid": "pay", "given": "give", "put": "put", "written": "write", "bought": "buy", "made": "make",
    "set": "set", "cut": "cut", "told": "tell", "sold": "sell", "shut": "shut", "taken": "take", "thrown": "throw",
}  # fmt: skip


def readers(text: str) -> Iterator[int]:
    """Yield where sentences of a folded text begin that want something of whoever reads it, and on through them."""
    for found in _READER.finditer(text):
        first = max(found.start() - LONGEST, 0)
        starts = [first, *(each.end() for each in _END.finditer(text, first, found.start()))]
        ends = _END.search(text, found.end(), found.end() + LONGEST)
        yield from range(starts[-1], ends.start() if ends else min(found.end() + LONGEST, len(text)), STEP)


def doings(text: str, lines: Collection[int] = ()) -> Iterator[tuple[int, str]]:
    """Yield where a folded text tells that something is done, or that somebody does it, and the verb, as written.

    `lines` are the offsets at which lines begin: nobody does there what the line before spoke of.
    """
    for found in _PASSIVE.finditer(text):
        yield found.start(1), IRREGULAR.get(found[1], found[1])
    yield from ((found.start(1), found[1]) for found in _GERUND.finditer(text))
    yield from ((found.start(), "send") for found in _GOES.finditer(text))
    before, end, begins = "", 0, frozenset(lines)
    for found in _WORD.finditer(text):
        word, at = found.group(), found.start()
        is_next = bool(before) and at not in begins and not text[end:at].strip() and text.startswith(" ", found.end())
        is_thing = word in THINGS and not _OBJECT.match(text, found.end())  # `the green posts for a mile`
        is_done = word.endswith("s") or before.endswith("s") or before in _SEVERAL
        if is_next and before not in _NO_VERB and is_done and not is_thing:
            yield at, word
        before, end = word, found.end()
