"""What a text asks for, told by the verbs of the few things that tools do.

Not a detector of injections: it knows no wording. It answers two questions on plain language. Does a tool do what the
user spoke of? And does the passage that a value stands in order just what the tool does with it? A stranger's text that
names an account is data; one that says to transfer something to it decides in the user's place. An order is a verb
where English gives orders, a word for an act in a sentence that speaks of duty (`a transfer is due`), and in other
languages any word for an act.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from sidecar.content.origin.acts import ACTS, FOREIGN, foreign
from sidecar.content.origin.normal import words

BEFORE: Final = 160  # characters before a value in which an order for it stands
BEHIND: Final = 60

_VERBS: Final = (
    "accept access acknowledge activate add adjust allow announce answer append apply approve archive arrange ask "
    "assign attach attend authorize avoid back begin block book bring browse build buy call cancel change charge "
    "chat check checkout choose claim clean clear click clone close collect combine comment compile complete "
    "compose compress confirm connect contact continue convert convince copy correct create deactivate decline "
    "delete deliver deny deploy deposit disable disclose discard display donate download draft drop duplicate "
    "edit email empty enable encourage enroll ensure enter erase escalate execute expand expose export extend "
    "extract fetch fill find finish fix follow format forward fulfil gather generate get give go grant handle "
    "hand help hide ignore import include increase inform initiate input insert inspect install instruct invite "
    "issue join keep kick launch leave let like list load lock log login look lower mail make mark merge message "
    "modify move name note notify obtain offer omit open order organize output overwrite pass paste pay perform "
    "pick place plan play post praise prepare print proceed process produce promote propose provide publish pull "
    "purchase push put raise rate read recommend record redirect reduce refund register reject release remind "
    "remove rename rent repeat replace reply report request reschedule reserve reset resolve respond restart "
    "restore retrieve return reveal reverse review revoke rewrite run save say schedule search select send set "
    "settle share show sign skip specify spend star start stop store submit subscribe suggest summarize support "
    "switch sync tag take talk tell terminate text throw top track transfer translate transmit trigger try turn "
    "type uninstall unlock unsubscribe update upgrade upload use validate verify view visit vote wait warn watch "
    "wire withdraw work write"
)
_ORDERED: Final = frozenset(_VERBS.split())
_OPENINGS: Final = (
    r"(?:^|[.!?:;,>)\]|*#\"'\u2022-]\s*|\b(?:please|must|should|shall|need to|have to|has to|want you to|like you to|"
    r"can you|could you|would you|will you|first|then|and|or|to you|just|also|now|next|kindly|do|by|always|never|not|"
    r"let's|going to|required to|asked to|told to|supposed to|remember to|sure to|forget to|you to|\w{2,20}ly)\s+)"
)
_ORDER: Final = re.compile(
    rf"{_OPENINGS}(?=((?:{'|'.join(_VERBS.split())}|sent|visiting|sending|clicking)\b(?!\s*[:=])"
    rf"(?:\W{{1,3}}\w{{1,20}}){{0,4}}))"
)
_SENTENCE: Final = re.compile(r"[^.!?;|]+(?:[.!?;|](?! )[^.!?;|]*)*")
_DUTY: Final = re.compile(
    r"\b(?:must|shall|should|ought|needs?|needed|ha(?:s|ve|d) to|(?:is|are|was|be) to|to be|"
    r"requir(?:e[sd]?|ing|ements?)|request(?:s|ed)?|necessary|due|overdue|outstanding|pending|owed|expected|supposed|oblig(?:ed|atory)|mandatory|"
    r"urgent(?:ly)?|immediately|at once|asap|without delay|kindly|please|belongs?|instructed|ordered|demand(?:s|ed)?|"
    r"wants?|would like|wish(?:es)?|appreciated?|grateful)\b"
)
_WORD: Final = re.compile(r"\w+")
_ENTRUSTED: Final = re.compile(
    r"\b(?:follow|carry out|comply with|execute|perform|complete|do|take care of|work through)\s+(?:\w+\s+){0,2}?"
    r"(?:what(?:ever)?|everything|all|as|(?:\w+\s+)?(?:instructions?|actions?|tasks?|steps?|things|to-?dos?|requests?))\b"
)
_HANDED_OVER: Final = re.compile(
    r"\b(?:follow|achieve|do|fulfill?|complete|handle|carry out|take care of|execute|perform|act on|comply with|"
    r"respond to|address|process|work through|deal with)\b[^.!?]{0,40}"
    r"\b(?:instructions?|requests?|tasks?|asks?|asked|asking|to-?dos?|steps?|says?|said|wants?|wanted|needs?|actions?)\b"
)
# Words for sending that are as often things: behind these words they are.
_THING: Final = re.compile(
    r"\b(?:my|the|an?|in|by|via|from|of|on|his|her|its|their|your|our|this|that|these|those|new|last|unread|recent|"
    r"latest|any|all|every|each|some|which|what|incoming|received|sent)\s+(?:e-?mails?|mails?|messages?|texts?|posts?|"
    r"comments?|replies|reply|answers?|contacts?|notes?|shares?|inbox(?:es)?|mailbox(?:es)?)\b"
    r"(?! (?:to|me|him|her|them|it)\b)"
)
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "ments", "ment", "ers", "er", "ies", "es", "ed", "s")
_SHORTEST: Final = 3  # letters of a stem
MAX_WORDS: Final = 64  # of a name or a description that are looked at


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """Return the word without its ending, roughly: enough for words for acts to meet their forms."""
    if other := foreign(word):
        return other
    if word.startswith("comment"):  # without its ending it would be the end of a host
        return "comment"
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            break
    return word.rstrip("ey") if len(word) > _SHORTEST else word


_ACTS: Final = {act: frozenset({f"#{act}", *map(stem, verbs.split())}) for act, verbs in ACTS.items()}
_SAID: Final = frozenset().union(*_ACTS.values())


def is_verb(word: str) -> bool:
    """Return whether a folded word is one of those for what tools do."""
    return stem(word) in _SAID


def is_order(word: str) -> bool:
    """Return whether a folded word is a verb by which something is ordered."""
    return word in _ORDERED or bool(foreign(word))


def spoken(text: str) -> frozenset[str]:
    """Return the stems of what a folded text speaks of doing: a mail that somebody has is no mailing."""
    return stems(_THING.sub(" ", text))


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a folded text; a name's parts are words."""
    return frozenset(map(stem, words(text.replace("_", " "))))


def acts(said: Iterable[str]) -> frozenset[str]:
    """Return what is spoken of by words with these stems."""
    held = frozenset(said)
    return frozenset(act for act, verbs in _ACTS.items() if verbs & held)


@lru_cache(maxsize=1_024)
def tool_acts(name: str) -> frozenset[str]:
    """Return what the tool of this name does, as its name tells."""
    return acts(list(stems(_parted(name)))[:MAX_WORDS])


@lru_cache(maxsize=4_096)
def orders(text: str) -> tuple[tuple[int, frozenset[str]], ...]:
    """Return where a folded text orders something, and the stems of each order: of its verb and four words behind."""
    given = [(match.start(1), frozenset(map(stem, words(match[1])))) for match in _ORDER.finditer(text)]
    given += [(match.start(), frozenset({foreign(match.group())})) for match in FOREIGN.finditer(text)]
    return (*given, *_duties(text))


def _duties(text: str) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield the places of the words for acts in sentences that speak of duty, each with its stem."""
    if not _DUTY.search(text):
        return
    for sentence in _SENTENCE.finditer(text):
        if _DUTY.search(sentence.group()):
            for word in _WORD.finditer(sentence.group()):
                if stem(word.group()) in _SAID:
                    yield sentence.start() + word.start(), frozenset({stem(word.group())})


def hands_over(said: str) -> bool:
    """Return whether a folded text leaves it to somebody else's words what to do: `follow his instructions`."""
    return _HANDED_OVER.search(said) is not None


def entrusts(said: str) -> bool:
    """Return whether a folded request says to do what another text says, in so many words."""
    return _ENTRUSTED.search(said) is not None


def _parted(name: str) -> str:
    """Return the words of a tool's name: `createEvent` and `mcp:github/create-event` have some."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).casefold()
