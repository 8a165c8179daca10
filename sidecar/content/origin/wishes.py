"""What does the user want done? The sentences of a request that order something, and what they speak of.

A question, or a sentence that only has something looked up, wants nothing done with what it speaks of: who asks how a
hotel is books none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sidecar.content.origin.acts import ACTS, SUM
from sidecar.content.origin.asking import asked_in, becoming, taken_up
from sidecar.content.origin.speech import (
    LISTED,
    LOOKED_UP,
    NO_ORDER,
    ORDER,
    REPORTED,
    SENTENCE,
    THING,
    WISH,
    is_order,
    stem,
    stems,
)
from sidecar.model.steps import Steps

_TO_ME: Final = re.compile(
    r"\b(?:tell|let|show|give|answer|explain to|describe to|advise|brief|inform|catch|remind) (?:me|us)\b"
)
# Who is to be reminded has it noted, unless he is told what he knew.
_REMINDED: Final = re.compile(r"\bremind (?:me|us)(?= (?:on|at|in|to|tomorrow|next|about|every)\b)")
# Who drops a line deletes nothing; who goes for something takes it.
_DROPPED: Final = re.compile(r"\b(?:drop|leave|slip)(?= (?:\S+ ){1,4}an? (?:\w+ )?(?:line|note|ping|message)\b)")
_GONE_FOR: Final = re.compile(r"\bgo (?:for|with)(?= (?:the|an?|that|this|one|two)\b)")
# How an answer should be is nothing to be done: `keep it short`.
_ANSWERED: Final = re.compile(
    r"\b(?:keep|make) (?:it|this|that|the (?:answer|summary|reply))(?: \w+)? "
    r"(?:short|brief|concise|crisp|simple|compact|to the point)\b|\bbe (?:\w+ )?(?:brief|concise)\b"
)
# Nor is what somebody is told: `write to them that I would like to reserve a seat`.
_TOLD_HIM: Final = re.compile(
    r"(\b(?:write|tell|inform|mail|e-?mail|message|text|answer|reply|respond|say|ask|let|notify)\b[^,;:]{0,80}? that "
    r"(?:i|we)(?:'d| would) (?:like|love|prefer)) to (?:(?!and\b|then\b|but\b)[^,;:]){1,80}"
)
# Nor is what somebody should do himself, of whom it is asked: `what should I bring?`
_ASKED_OF_ME: Final = re.compile(
    r"(\A(?:who|what|which|where|why|how|is|are|do|does|did|has|have|when (?:is|are|was|do|does|did|will|can|should))\b"
    r".{0,300}?)\b(?:(?:i|we) should|should (?:i|we))\b"
)
# A word that begins a sentence in front of an object is a verb, though nobody listed it.
_OBJECTS: Final = (
    r"(?:the|an?|this|that|these|those|my|our|your|his|her|its|their|us|them|him|it|everybody|everyone|all|each|every|both|"
    r"to|for|with|\w+'s|\d+)"
)
_FIRST: Final = re.compile(rf"\W*(?:please |and |then |now |also )?(\w+)(?= {_OBJECTS}\b)")
# Behind a condition an order needs no comma: `if it is quiet book it`; and `before you book` tells that it is wanted.
_CONDITION: Final = re.compile(
    r"\b(?:if (?:so|not|yes)|(?:if|when|once|unless|in case|as long as|provided|should)(?: \S+){2}) "
)
_THEN: Final = re.compile(rf"\b\w+(?= (?:{_OBJECTS}|me)\b)")
_BEFORE: Final = re.compile(r"\bbefore (?:you|we) (\w+)")
_WHO_DOES: Final = re.compile(
    r"\b(?:i|you|we|they|he|she|it|who|that|which|to|not|never|and|or|can|could|will|would|may|might|must|shall|should|"
    r"do|does|did|people|the|an?|my|your|his|her|its|our|their) \Z"
)
WHO: Final = 12  # characters in which they stand
# Who wants to be got a thing, and not told of one, wants it bought or booked.
_TOLD_OF: Final = (
    r"(?:list|overview|summary|info|information|update|answer|quote|idea|number|address|link|copy|report|name|price|"
    r"estimate|look|hotels|flights|reviews?|messages?|mails?|details?|notes?|files?|documents?|news|data|"
    r"chart|draft|plan|recommendation|suggestion|explanation|comparison|table (?:of|with|that))\b"
)
_GOT: Final = re.compile(
    r"\b(?:get|grab) (?:me|us|him|her|them|my \w+) (?:an?|some|one|two|three|four|\d+|another|the (?:\w+est|best))"
    rf" (?!(?:\S+ ){{0,2}}?{_TOLD_OF})|\b(?:i|we)(?:'ll| will|'d like to) take (?:the|that|this|an?|one|two|\d+)\b"
)
_HAD: Final = re.compile(  # `I'll have two of them`
    r"\b(?:i|we)(?:'ll| will|'d like to| would like to) (?:take|have|go for)\b"
    rf"(?! (?:\S+ ){{0,3}}?(?:{_TOLD_OF}|to\b))|\b(?:i|we)(?:'d like|'d love| would like) (?:an?|some) "
    rf"(?!(?:\S+ ){{0,2}}?{_TOLD_OF})|\b(?:i|we)(?:'d like|'d love| would like| want| need) "
    rf"(?:one|two|three|four|five|six|ten|twelve|a (?:dozen|couple|pair)|another|\d+) (?!(?:\S+ ){{0,2}}?{_TOLD_OF})"
)
# What is said to be another now is to be changed: `my number is now …`.
_NOW: Final = re.compile(
    r"\b(?:my|our|his|her|their|its|\w+'s) (?:[\w-]+ ){1,4}?(?:(?:is|are) (?:now|no longer|from now on)\b|"
    r"(?:has|have|is|are) (?:just |recently )?changed\b)"
)
_CHANGED: Final = frozenset({"#change"})
_PRICED: Final = re.compile(  # `45 euros`, or what somebody is sent that is only a number
    rf"{SUM}|\b(?:send|give|move|wire|hand|get|put|schedule|arrange)\s+(?:\S+\s+){{0,3}}?\d[\d.,]*"
    r"(?=[.,;!?]?$|[.;!?] | (?:for|to|from|as|back|on|every|monthly|today|tomorrow)\b)"
)
_MONEY: Final = frozenset(map(stem, ("money", "balance", "funds", "savings", "cash", "amount")))
_BOUGHT: Final = frozenset({"#buy", "#book"})
# What others should know or have is sent to them.
_HEARING: Final = re.compile(
    r"(?<![\w'-])(?!(?:i|we|you|it|me|us|what|who|which|that|there|this)\b)[\w'-]+ "
    r"(?:should|must|shall|needs? to|ha(?:s|ve) to|ought to|wants? to) (?:(?:all|also|both|each|\w+ly) )?"
    r"(?:get|have|receive|hear|know|learn|be (?:told|informed|notified|sent|given))\b(?! (?:to|been)\b)"
)
_SENT: Final = frozenset({"#send"})
# Words for acts that are as often things, unless something is made of them: `make a payment`.
_MAKING: Final = (
    r"mak(?:e|ing)|plac(?:e|ing)|do|schedule|creat(?:e|ing)|submit|send|set up|need|want|write|issue|leave|request|"
    r"arrange|post|add|put|enter"
)
_MADE: Final = (
    r"plan|book|booking|reservation|payment|order|transfer|purchase|transaction|bill|deposit|note|record|charge|rent|"
    r"invitation|review|share|change|update|talk|set|shift"
)
_DEEDS: Final = re.compile(
    rf"(?P<making>\b(?:{_MAKING}) (?:\w+ ){{0,2}}?)?"
    r"\b(?:my|the|an?|his|her|its|their|your|our|this|that|these|those|which|what|every|each|any) (?:[\w-]+ ){0,2}?"
    rf"(?:(?:{_MADE})s?\b(?! (?:to|it|them|him|her|me)\b)|(?P<compound>\w+-(?:off|up|over|down|back)s?)\b)"
)
# What comes right behind a verb for making is what is made; behind the next preposition it is told what with.
_THING_MADE: Final = re.compile(
    r"\b(?P<verb>make|create|set|put|add|save|enter|record|store|leave|write|generate)(?: up| down| out| together)?"
    r"(?: me| us| him| her| them)? (?P<thing>(?:an?|one|another|the|my|our) (?:(?!(?:in|on|at|to|for|from|with|of|"
    r"about|called|titled|named|into|onto|by|as|until|that|which|who|where|and|or)\b)[\w'-]+ ?){1,4})"
)
# What the sentence before spoke of is what this one is about, too.
_BACK: Final = re.compile(r"\b(?:it|them|(?:in|on) there)\b")
# What files, sites and people are called orders nothing: `rent-notice.txt` is about no payment.
_CALLED: Final = re.compile(r"(?<!\S)(?:\S*\w[.@]\w\S*|[^\s/]*/[^\s/]+/\S*)")
# What a file is called, with its folder or its ending; no page and no address is one.
_PATH: Final = re.compile(
    r"(?<!\S)[\"'`(]?(?:[~.]?(?:/[\w.-]+)+/?|[\w-]+\.(?:txt|md|pdf|docx?|odt|xlsx?|ods|csv|tsv|pptx?|json|ya?ml|xml|log|"
    r"png|jpe?g|zip|py|ics|eml))(?![\w@/-])"
)
_WORD: Final = re.compile(r"\w+")
# Who arranges a call with somebody has an event, whatever kind of meeting it is.
_MET: Final = re.compile(
    r"\b(?:set up|schedule|arrange|plan|fix|organi[sz]e|put in|pencil in|move|postpone|reschedule|cancel|create|add) "
    r"(?:an?|the|my|our|another|that|this|\w+'s) (?:[\w-]+ ){0,2}?(?:call|visit|interview|session|demo|chat|catch-up|"
    r"workshop|get-together|tour|training|rehearsal|sync|stand-?up|kick-?off|coffee|inspection|briefing|handover)\b"
)
# Marks by which people write things: `#general`, `@kim`.
_MARKS: Final = (
    (re.compile(r"(?<!\S)#[a-z]"), stem("channel")),
    (re.compile(r"(?<!\S)@[a-z]"), stem("member")),
    (_PATH, stem("file")),
    (_MET, stem("event")),
    (re.compile(r"\bviewings?\b"), stem("event")),  # who may view only speaks of no event
)
# Each clause that orders something is one order: `cancel the dentist and take the eggs off the list`. What comes with a
# subject of its own says why: `, he has moved`.
_CLAUSE: Final = re.compile(
    r",? (?:and|then|but|also|plus)(?: (?:then|also|please|after that))? (?=\w+ \w)|, (?=\w+ \w)"
    r"|,? (?=(?:because|since) )"
)
_REASON: Final = frozenset(("because", "since", "as", "so", "he", "she", "they", "it", "i", "we"))
MAX_CLAUSES: Final = 8  # of one sentence
MAX_KINDS: Final = 256  # sentences and deeds whose kinds of things are remembered; the words of long ones take room
_ASKED: Final = "what which who whom whose when where why how is are was were am do does did has have had"
_ASKING: Final = frozenset(_ASKED.split())
_ASKED_BY: Final = re.compile(  # `by when`, `for how long`, `and what`
    r"\W*(?:and|but|so|also|oh|hi|hello|hey)?\W*(?:by|at|on|in|for|from|to|until|till|since|of|with|under|per|within|"
    r"before|after|through|into)? ?(?:what|which|who|whom|whose|when|where|why|how)\b"
)
_THINGS: Final = {  # what tools are for, and the words for it
    "message": "message mail email sms text dm post comment reply letter chat notification direct inbox",
    "event": "event appointment meeting calendar agenda reminder lesson consultation slot",
    "file": "file document folder attachment pdf spreadsheet",
    "person": "user member person people participant colleague contact collaborator guest attendee employee customer "
    "payee",
    "stay": "hotel stay accommodation hostel lodging night apartment",
    "meal": "restaurant table dinner lunch",
    "journey": "flight plane train trip",
    "car": "car vehicle van",
    "money": "money fund cash payment transaction transfer bill invoice deposit fee euro dollar pound eur usd",
    "group": "channel group workspace team",
    "page": "page website webpage site link url article web http",
    "secret": "password credential login",
    "goods": "order cart product purchase package parcel",
    "booking": "booking reservation",
    "task": "task todo ticket issue",
    "review": "review rating star feedback",
    "note": "note notice memo jot",
}
_KINDS: Final = {kind: frozenset(map(stem, things.split())) for kind, things in _THINGS.items()}
_LOOKING: Final = (
    "identify calculate estimate evaluate rank extract determine figure consider think know learn remember guess "
    "suggest recommend advise examine verify collect gather catch walk search scan select choose pick understand "
    "ensure try use filter compile"
)
_LOOKING_INTO: Final = frozenset(map(stem, ACTS["browse"].split()))
_LOOKED_UP: Final = (LOOKED_UP | frozenset(map(stem, _LOOKING.split()))) - frozenset(map(stem, ("tell", "make", "let")))


# What is moved or exchanged may be given up and made anew: a booking for another, or for another time.
_IN_WORDS: Final = frozenset({"#change"})
_MOVING_WORDS: Final = "move reschedule rebook postpone shift defer adjourn"
_EXCHANGING_WORDS: Final = "swap switch exchange trade replace change upgrade"
_MOVING: Final = _IN_WORDS | frozenset(map(stem, _MOVING_WORDS.split()))
_EXCHANGING: Final = _MOVING | frozenset(map(stem, _EXCHANGING_WORDS.split()))
_TIME_WORDS: Final = (  # but for those that are as often others: may, march, am
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august september "
    "october november december morning afternoon evening night noon midday midnight today tomorrow tonight week "
    "weekend month hour date earlier later sooner pm"
)
_TIMES: Final = frozenset(map(stem, _TIME_WORDS.split()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """What the user wants done: stems of what is done, and of all words.

    `orders` are the stems of the words that may be verbs by which it is ordered, nothing among them where it is a wish;
    `opened` are those that surely are.
    """

    said: frozenset[str]
    nouns: frozenset[str]
    orders: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    is_priced: bool = False  # it speaks of money
    made: tuple[tuple[str, frozenset[str]], ...] = ()  # by which verb, and stems of what
    goes: frozenset[str] = frozenset()  # what may or must become of something: `it can come down`


def sentences(text: str) -> Iterator[Sentence]:
    """Yield the sentences of a folded request that want something done; of a look-up only what is looked into.

    Of one that orders several things each clause is one, too.
    """
    before: frozenset[str] = frozenset()
    for found in SENTENCE.finditer(
        _GONE_FOR.sub(
            "take",
            _DROPPED.sub("send", _TO_ME.sub(" show ", _REMINDED.sub("note", taken_up(text)))),
        )
    ):
        told = _TOLD_HIM.sub(r"\1", found.group().strip())
        said = _ASKED_OF_ME.sub(r"\1 i", _ANSWERED.sub(" ", told))
        yield (whole := _sentence(said, before))
        clauses = _clauses(said) if whole.opened else ()
        for clause in clauses:
            one = _sentence(clause, before)
            before = _passed_on(one.nouns, clause)
            yield one
        before = _passed_on(whole.nouns, said)


def _passed_on(nouns: frozenset[str], said: str) -> frozenset[str]:
    """Return what the next sentence may call `it`: no deed of somebody else's, as that he mailed something."""
    return nouns - {stem(word) for found in REPORTED.finditer(said) for word in found.group().split()}


def _sentence(said: str, before: frozenset[str]) -> Sentence:
    """Return what a sentence wants; what it calls `it` is what the one `before` spoke of."""
    nouns = stems(said) | (before if _BACK.search(said) else frozenset())
    nouns |= {thing for mark, thing in _MARKS if mark.search(said)}
    done = stems(_DEEDS.sub(_made, THING.sub(" ", REPORTED.sub(" ", _CALLED.sub(" ", said)))))
    given, upon, meant = _ordered_in(said), _upon(said), _meant(said)
    is_priced = _PRICED.search(said) is not None or not _MONEY.isdisjoint(nouns)
    if not meant and _is_question(said, given):
        return Sentence(said=(done & _LOOKING_INTO) | upon, nouns=nouns, orders=upon, opened=upon, is_priced=is_priced)
    become = [(stem(verb), is_done) for verb, is_done in becoming(said)]
    upon |= {verb for verb, is_done in become if is_done and verb in LISTED} - _LOOKED_UP
    orders = given | upon | _first(said) | ({""} if WISH.search(said) else frozenset())
    return Sentence(
        said=done | upon | meant,
        nouns=nouns,
        orders=orders,
        opened=given | upon,
        is_priced=is_priced,
        made=_made_in(said) if given or meant else (),
        goes=frozenset(verb for verb, is_done in become if not is_done),
    )


def _made_in(said: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return by which verbs something is made, written or left somewhere in a sentence, and the stems of what."""
    return tuple((stem(found["verb"]), stems(found["thing"])) for found in _THING_MADE.finditer(said))


def _clauses(said: str) -> list[str]:
    """Return the clauses of a sentence that begin with a verb of an order, where there are several, or it says why."""
    found = [match for match in _CLAUSE.finditer(said) if _begins(said, match.end())][: MAX_CLAUSES - 1]
    begins = [0, *(match.end() for match in found)]
    ends = [*(match.start() for match in found), len(said)]
    clauses = [said[at:end] for at, end in zip(begins, ends, strict=True)] if found else []
    return [clause for clause in clauses if clause.partition(" ")[0] not in _REASON]


def _begins(said: str, at: int) -> bool:
    """Return whether a clause begins at this offset, which orders something or says why."""
    first = _WORD.match(said, at)
    return first is not None and (is_order(first.group()) or first.group() in _REASON)


def spoken(text: str) -> Steps[frozenset[str]]:
    """Come to the stems of what a folded text speaks of doing, word by word: a mail that one has is no mailing."""
    left = THING.sub(" ", REPORTED.sub(" ", text))
    yield
    return stems(left)


@lru_cache(MAX_KINDS)
def kinds(said: frozenset[str]) -> frozenset[str]:
    """Return the kinds of things that words with these stems are for."""
    return frozenset(kind for kind, things in _KINDS.items() if things & said)


def exchanges(sentence: Sentence) -> bool:
    """Return whether a sentence orders that one thing takes the place of another, or has another time."""
    return bool(sentence.opened) and not _EXCHANGING.isdisjoint(sentence.opened | sentence.said & _IN_WORDS)


def moves(sentence: Sentence) -> bool:
    """Return whether a sentence orders that something has another time."""
    if not sentence.opened or _MOVING.isdisjoint(sentence.opened | sentence.said & _IN_WORDS):
        return False
    return is_timed(sentence)


def is_timed(sentence: Sentence) -> bool:
    """Return whether a sentence names a day or an hour."""
    return any(word in _TIMES or word[0].isdigit() for word in sentence.nouns)


def _made(found: re.Match[str]) -> str:
    made = found["making"] or " "  # a kick-off kicks nobody, whoever makes one
    return found.group() if found["making"] and not found["compound"] else made


def _ordered_in(sentence: str) -> frozenset[str]:
    """Return the stems of the verbs by which a sentence of a request orders something, but no look-up."""
    verbs = {stem(match[1].split()[0]) for match in ORDER.finditer(sentence)}
    first = _FIRST.match(sentence)
    if first and first[1] not in NO_ORDER:
        verbs.add(stem(first[1]))
    return frozenset(verbs - _LOOKED_UP)


def _upon(sentence: str) -> frozenset[str]:
    """Return the stems of what a sentence of a request wants, but orders by no verb where orders stand."""
    verbs = {match[1] for match in _BEFORE.finditer(sentence)}
    if condition := _CONDITION.search(sentence):
        then = _THEN.finditer(sentence, condition.end())
        verbs |= {match.group() for match in then if not _who_does(sentence, match.start())}
    return frozenset(stem(verb) for verb in verbs if is_order(verb)) - _LOOKED_UP


def _who_does(sentence: str, at: int) -> bool:
    """Return whether what stands before this offset makes a verb there one that tells of somebody, or no verb."""
    return _WHO_DOES.search(sentence, max(at - WHO, 0), at) is not None


def _meant(sentence: str) -> frozenset[str]:
    """Return the pseudo stems of the acts that a sentence of a request speaks of in more than one word."""
    got = _BOUGHT if _GOT.search(sentence) or _HAD.search(sentence) else frozenset()
    first = _WORD.search(sentence)
    is_told = first is not None and first.group() not in _ASKING and _NOW.search(sentence) is not None
    sent = _SENT if _HEARING.search(sentence) else frozenset()
    return asked_in(sentence) | got | sent | (_CHANGED if is_told else frozenset())


def _first(sentence: str) -> frozenset[str]:
    """Return the stem of the word that begins a sentence and may be a verb: a name may, too."""
    first = _WORD.search(sentence)
    return frozenset({stem(first.group())} if first and first.group() not in NO_ORDER else ()) - _LOOKED_UP


def _is_question(sentence: str, given: frozenset[str]) -> bool:
    first = _WORD.search(sentence)
    if first is None or given or WISH.search(sentence):
        return False
    return _ASKED_BY.match(sentence) is not None or first.group() in _ASKING or stem(first.group()) in _LOOKED_UP
