"""What a text asks for, told by the verbs of the few things that tools do.

Not a detector of injections: it knows no wording. It answers two questions on plain language. Does a tool do what the
user spoke of? And does the passage that a value stands in order just what the tool does with it? A stranger's text that
names an account is data; one that says to transfer something to it decides in the user's place. An order is a verb
where English gives orders, a word for an act in a sentence that speaks of duty (`a transfer is due`), a noun for one
where it is due by what is said of it or beside it (see `due`), and in other languages any word for an act.
"""

import re
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sidecar.content.origin.acts import ACTS, FOREIGN, PHRASES, SUM, foreign
from sidecar.content.origin.due import due, is_named, verbs
from sidecar.content.origin.normal import words
from sidecar.content.origin.readers import NUMBERED, doings, readers

BEFORE: Final = 160  # characters before a value in which an order for it stands
BEHIND: Final = 60
MAX_ACTING: Final = 1_024  # words of which is remembered what they speak of
MAX_READ: Final = 512  # texts whose orders are remembered: as many as one session holds, where they are long

_VERBS: Final = (
    "abandon accept access acknowledge activate adapt add adjust administer admit adopt advertise advise allocate "
    "allow amend announce answer apologise apologize appeal append apply appoint approve archive arm arrange ask "
    "assess assign attach attend audit authorise authorize avoid award back ban begin blacklist blank block book "
    "boost brief bring browse build burn buy call cancel certify change charge chat check checkout choose circulate "
    "cite claim clean clear click clone close collect combine comment commit compensate compile complete compose "
    "compress conceal concede confirm connect consent consult contact continue contribute convert convince copy "
    "correct countersign create cut deactivate decline deduct defer delete deliver demote deny deploy deposit "
    "deregister detach dim disable discard discharge disclose disconnect dismiss dispatch dispense display distribute "
    "divert donate download draft drop duplicate edit eject elevate email emit employ empty enable encourage end "
    "endorse engage enrol enroll ensure enter equip erase escalate evacuate evict exclude excuse execute exempt "
    "expand expel expire export expose extend extract fail fetch fill find finish fix flush follow forfeit forgive "
    "format forward free freeze fulfil furnish gather generate get give go grade grant greet halt hand handle hang "
    "help hide hire ignore import impose include increase indicate inflate inform initiate inject input insert "
    "inspect install instruct insure interrupt introduce investigate invite issue join keep kick kill launch leak "
    "leave lend let license lift like liquidate list load lock log login look lower mail make mark mask merge message "
    "migrate modify move mute name nominate notarize note notify nullify observe obtain offer offset omit open opt "
    "order organize output outsource overrule overturn overwrite pass paste pause pay perform permit pick place plan "
    "play post postpone praise prepare prepay prescribe print prioritize probe proceed process produce prolong "
    "promise promote propose provide publish pull purchase purge push put qualify quarantine quit raise rate "
    "reactivate read reassign rebook reboot rebuild recall reclassify recommend reconnect record recruit rectify "
    "redeem redeploy redirect reduce refer refill refund refuse regenerate register reimburse reinstall reinstate "
    "reject relaunch relay release relinquish relocate remind remit remove rename render renew rent reopen reorder "
    "repay repeat replace replenish reply report repost request reroute reschedule reserve reset resign resize "
    "resolve respond restart restock restore restrict resume retain retire retrieve retry return reveal reverse "
    "revert review revoke rewrite roll rollback rotate run sack save say scan schedule scrap search secure seize "
    "select sell send set settle share shift ship shorten show shut sign silence skip snooze specify spend split star "
    "start stop store stream submit subscribe sue suggest summarize support surrender suspend swap switch sync tag "
    "take talk tell terminate text throw top track transfer transition translate transmit trash trigger triple try "
    "turn type unarchive unban unblock undo unfollow unfreeze uninstall unlink unlock unmute unpin unpublish unseal "
    "unsend unstar unsubscribe update upgrade upload upvote use vacate validate verify view visit void vote wait "
    "waive warm warn watch whitelist wipe wire withdraw work write"
)
_ORDERED: Final = frozenset(_VERBS.split())
_OPENINGS: Final = (
    r"(?:^|[.!?:;,>()\]|*#=\"'\u2022-]\s*|\b(?:please|pls|plz|must|should|shall|would|could|will|to|"
    r"(?:can|could|would|will|might|may|should|won't|shall) (?:you|one|somebody|someone|anybody|anyone)|"
    r"that (?:you|we|they|he|she)|once you|first|then|and|or|to you|just|also|now|next|kindly|instead|rather|do|by|"
    r"always|never|not|(?:assistants?|agents?|bots?|ai|models?)(?: \w+){0,2}|if (?:\w+ ){1,3}(?:could|would|can|might)|"
    r"let's|going to|required to|asked to|told to|supposed to|remember to|sure to|forget to|you to|"
    r"\w{2,20}(?<!rep)ly)\s+)"
)
# But the name of a field (`mail:`, `contact for the boats:`, `rent 780`), or the beginning of an e-mail address.
_LABEL: Final = (  # of a field, behind its first word: `order date:`, `payment amount:`
    r"(?:ids?|nr|no|numbers?|date|day|time|amount|total|sum|status|name|type|code|title|reference|ref|quantity|price|"
    r"method|details|summary|period)"
)
_NO_VERB: Final = (
    rf"(?!\s*[:=]|-\d| address(?:es)?\b|{NUMBERED}|[ -]{_LABEL}\.?[ ]?[:=]|(?<=rent) \W?\d[\d.,]{{2}}|"
    r"(?:(?<=contact)|(?<=mail)|(?<=support)) (?:for|of|on|about) (?:\w+ ){0,3}\w+[:=]|[\w.+-]{0,64}@)"
)
_BEHIND: Final = rf"\b{_NO_VERB}(?:\W{{1,3}}\w{{1,20}}){{0,4}}"  # four words behind the verb
_GIVEN: Final = rf"(?=((?:{'|'.join(_VERBS.split())}|sent|visiting|sending|clicking){_BEHIND}))"
ORDER: Final = re.compile(rf"{_OPENINGS}{_GIVEN}")
_STATE: Final = re.compile(r"(?<=[:,] )(?:blank|clean|clear|empty|free|secure|void|warm)\b")
_AT_LINE: Final = re.compile(rf"(?:\W{{0,8}}|\W{{0,4}}\d{{1,3}}\W{{1,3}}){_GIVEN}")
_PHRASES: Final = "|".join(rf"(?P<{act}>(?:{said})\b)" for act, said in PHRASES.items())
_PHRASE: Final = re.compile(rf"\b(?:{_PHRASES})")
SENTENCE: Final = re.compile(r"[^.!?;|]+(?:[.!?;|](?! )[^.!?;|]*)*")
_SUM: Final = re.compile(rf"{SUM}|\b[a-z]{{2}}\d{{2}}[a-z0-9]")  # or an account
_DUTY: Final = re.compile(
    r"\b(?:must|shall|should|ought|needs?|needed|ha(?:s|ve|d) to|(?:is|are|was|be) to|to be|"
    r"requir(?:e[sd]?|ing|ements?)|request(?:s|ed)?|necessary|due|overdue|outstanding|pending|owed|expected|supposed|oblig(?:ed|atory)|mandatory|"
    r"urgent(?:ly)?|immediately|at once|asap|without delay|kindly|please|belongs?|instructed|ordered|demand(?:s|ed)?|"
    r"(?:would|do|could|if) you mind|(?:small|little|big) favou?r|"
    r"wants?|would like|wish(?:es)?|appreciated?|grateful|next steps?|to-?dos?|action items?)\b"
)
# Who speaks to a machine in a text that people write to people wants something of the machine, in whatever words.
# `My assistant` is a person, and of what machines are called otherwise people write, too.
_MACHINE: Final = re.compile(
    r"(?<!\bmy )(?<!\bhis )(?<!\bher )(?<!\bour )\b(?:assistants?|asistentes?|assistent(?:e|es|en|in)?|assistenz|"
    r"(?:ai|automated|autonomous|digital|virtual) (?:helpers?|agents?|tools?|models?))\b"
    r"(?! (?:manager|professor|director)\b)"
    r"|\b(?:(?:dear|hello|note to|attention|you are an?|any|every|each) (?:ai|llms?|(?:chat-?)?bots?|language models?)"
    r"|(?:ai|llms?|(?:chat-?)?bots?|language models?) (?:must|should|shall|has to|have to|needs? to|is to|are to))\b"
)
# What somebody says that he will do, or that was done: `i'll help arrange it`, `it has been changed`.
_TOLD: Final = re.compile(
    r"\b(?:i|we)(?:'ll| will| can| could|'ve| have) (?:(?:\w+ly|also|then|help|help to|help you|be) )?\Z"
    r"|\b(?:has|have|had|was|were) (?:been )?(?:\w+ly )?\Z"
)
TOLD: Final = 40  # characters in which it stands
_WORD: Final = re.compile(r"\w+")
_WORKED_OFF: Final = r"(?:work (?:(?:my|your) way )?(?:through|off|down)|tick off|check off|plough through)"
_LISTS: Final = r"(?:(?:check-?|to-?do-?|task-?)?lists?|to-?dos?|tasks|chores|errands|action points|points|steps|jobs)"
# The following tasks are the user's own.
_ENTRUSTED: Final = re.compile(
    r"\b(?:follow|carry out|comply with|execute|perform|complete|do|take care of|work through)\s+"
    r"(?:(?!following\b)\w+\s+){0,2}?(?:what(?:ever)?|everything|all|as|"
    r"(?:(?!following\b)\w+\s+)?(?:instructions?|actions?|tasks?|steps?|things|to-?dos?|requests?))\b"
    r"|\b(?:do|work (?:through|off|down)|(?:go|get|run) through|tick off|see to|attend to|deal with|tackle|handle|"
    r"finish|implement|act on|follow up on|carry out|perform|complete)\s+(?:(?!following\b)[\w']+\s+){0,2}?"
    r"(?:what(?:ever)?(?:'s| is| stands)|(?:tasks?|steps?|to-?dos?|points?|jobs?|chores?|errands?|assignments?|duties|"
    r"items|checklist|(?:to-?do|task) list)\s+(?:\w+\s+){0,4}?(?:in|on|from|of|by|that|which|there|under|at)\b)"
    r"|\b(?:follow|carry out|work through|perform|implement)\s+(?:\w+\s+){0,3}?\w[\w/-]{0,100}\.[a-z]{2,5}\b"
    r"|\bas\s+(?:\w+\s+){0,2}?\w[\w/-]{0,100}\.[a-z]{2,5}\s+(?:says|demands|describes|asks|wants|requires)\b"
    rf"|\b{_WORKED_OFF} (?:my|our|the|this|that|his|her|their|\w+'s) (?:[\w-]+ ){{0,3}}?{_LISTS}\b"
    rf"|\b{_WORKED_OFF} (?:the|his|her|their|these|those) (?:[\w-]+ ){{1,3}}?(?:that|which) (?:\S+ ){{1,4}}?"
    r"(?:mailed|sent|wrote|left|posted|gave|listed)\b"
    rf"|\b{_LISTS}\b[^?]{{0,120}}\b(?:{_WORKED_OFF}|do|complete|finish|see to|take care of|attend to) "
    r"(?:it|them|all of (?:it|them|that)|everything)\b"
    r"|\b(?:do|arrange|fulfil|sort(?: out)?|see to|take care of|organi[sz]e) (?:what(?:ever)?|everything|all) "
    r"(?:\S+ ){1,3}?(?:asks?|asked|wants?|wanted|wishes|requests?|requested|needs?|says?|writes)\b"
    r"|\b(?:what(?:ever)?|everything|all|something|a favour|a few things) (?:\S+ ){0,3}?(?:asks?|asked|wants?|"
    r"wanted|wishes|requests?|requested|needs?)\b[^?]{0,100}?[,;.] (?:please )?(?:do|arrange|see to|take care of|sort|"
    r"organi[sz]e) (?:it|that|this|so|them)\b"
    r"|\basked (?:me |us )?for (?:something|a favour|a few things)\b[^?]{0,100}?[,;.] (?:please )?(?:do|arrange|see to|"
    r"take care of|sort|organi[sz]e) (?:it|that|this|so|them)\b"
    r"|\b(?:do|take care of|see to|attend to|deal with|get through|handle|work (?:through|off|down)|tick off) "
    r"(?:today|tomorrow|this (?:morning|afternoon|week)|\w+day)'s (?:\w+ )?(?:items|points|entries|things|to-?dos|"
    r"tasks|jobs|chores|errands)\b"
    r"|\bget (?:everything|all(?: of)?|each \w+|every \w+|whatever(?:'s| is)) (?:(?:on|in) (?:\S+ ){1,4}?)?"
    r"(?:done|sorted|seen to|taken care of|out of the way)\b"
)
_OWN_LIST: Final = re.compile(
    rf"\b(?:my|our) (?:own )?(?:[\w-]+ ){{0,2}}?(?:{_LISTS[3:-1]}|notes?|plans?|reminders?|checklist)\b"
    r"|\b(?:i|we)(?:'ve| have)? (?:wrote|written|noted|put|jotted|made|listed|left|collected|saved)\b"
)
_HANDED_OVER: Final = re.compile(
    r"\b(?:follow|achieve|do|fulfill?|complete|handle|carry out|take care of|execute|perform|act on|comply with|"
    r"respond to|address|process|work through|deal with)\b(?! (?:\w+ )?following\b)[^.!?]{0,40}"
    r"\b(?:instructions?|requests?|tasks?|asks?|asked|asking|to-?dos?|steps?|says?|said|wants?|wanted|needs?|actions?)\b"
)
# What somebody did: `she wrote to me`. What is to be done is `to be sent`.
REPORTED: Final = re.compile(
    r"(?<!\bbe )(?<!\bis )(?<!\bare )(?<!\bget )(?<!\bgets )(?<!\bhave it )(?<!\bhave them )\b(?:(?:e-?)?mailed|wrote|"
    r"told|messaged|texted|asked|asks|replied|replies|answered|posted|commented|forwarded|invited|reminded|informed|"
    r"shared|sent|paid|bought|ordered|booked|deleted|cancelled|suggested|wants|wanted|said|says)\b(?! me (?:to|that)\b)"
    r"|\b(?:i|we)(?:(?:'m|'re| am| are| was| were)(?: \w+ly| just| now| also)? \w+ing"
    r"|(?:'ve| have| had)?(?: \w+ly| just| already| also)? (?!need)\w{2,}ed)\b"
)
# Words for sending that are as often things: behind these words they are.
THING: Final = re.compile(
    r"\b(?:my|the|an?|in|by|via|from|of|on|his|her|its|their|your|our|this|that|these|those|new|last|unread|recent|"
    r"latest|any|all|every|each|some|which|what|incoming|received|sent)\s+(?:e-?mails?|mails?|messages?|texts?|posts?|"
    r"comments?|replies|reply|answers?|contacts?|notes?|shares?|inbox(?:es)?|mailbox(?:es)?)\b"
    r"(?! (?:to|me|him|her|them|it)\b)|\b(?:e-?mail|mail|contact|message|text) (?:address(?:es)?|accounts?|inbox)\b"
)
WISH: Final = re.compile(r"\b(?:please|i need|i want|i'd like|i would like|we need|must|shall|should)\b")
_FUNCTION: Final = (  # words that begin a sentence and order nothing
    "a an the this that these those my our your his her its their i we you he she it they what which who whom whose "
    "when where why how is are was were am be do does did has have had can could will would shall should may might "
    "must not no yes ok okay hi hello hey dear thanks thank please also and or but if then there here in on at by for "
    "from with to of about as after before any anything some somebody someone all each every both today tomorrow now"
)
NO_ORDER: Final = frozenset(_FUNCTION.split())
_HEADING: Final = re.compile(r"\w+ (\w+)(?::| (?:at|in|on|is|are)\b)")
_READING: Final = (
    "read find list show look check search get see tell summarize summarise count compare view open describe "
    "explain review analyze analyse browse visit fetch retrieve display inspect track translate go help let make sure"
)
_ENDINGS: Final = ("ations", "ation", "ings", "ing", "ments", "ment", "ers", "er", "ies", "es", "ed", "s")
_WHOLE: Final = ("comment", "payee")
_SHORTEST: Final = 3  # letters of a stem
ALIKE: Final = 6  # letters
MAX_WORDS: Final = 64  # of a name or a description that are looked at


@lru_cache(maxsize=4_096)
def stem(word: str) -> str:
    """Return the word without its ending, roughly: enough for words for acts to meet their forms."""
    if other := foreign(word):
        return other
    if word.startswith(_WHOLE):  # without its ending it would be the end of a host, or tell that somebody is paid
        return next(filter(word.startswith, _WHOLE))
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            word = word[: -len(ending)]
            if ending in ("ing", "ings", "ed") and word.endswith(("er", "err")) and len(word) > _SHORTEST + 2:
                word = word.rstrip("r")[:-1]  # `transferred` is of `transfer`, as its own ending was one
            break
    word = (word.rstrip("ey") or word) if len(word) > _SHORTEST else word  # `yyyy` is a word, too
    return word[:-1] if len(word) > _SHORTEST and word[-1] == word[-2] else word  # `cancelled` is of `cancel`


_ACTS: Final = {act: frozenset({f"#{act}", *map(stem, verbs.split())}) for act, verbs in ACTS.items()}
_SAID: Final = frozenset().union(*_ACTS.values())
LISTED: Final = frozenset(map(stem, _ORDERED))  # of the verbs by which something is ordered
LOOKED_UP: Final = frozenset(map(stem, _READING.split()))

# Its offset, and the stems of its words: as a set they would take ten times the room.
Order = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The words of a tool's own name: the stem of its verb, and those of the things that it does it to."""

    verb: str = ""
    things: frozenset[str] = frozenset()


NOTHING: Final = Own()
ADDRESSED: Final = "#machine"  # pseudo stem of an order that is given to a machine, whatever it is
DUE: Final = "#due"  # of one that a sentence speaks of as a duty, in words that nobody knows

_NO_ACTS: Final = frozenset[str]()  # one for all words that speak of none, which are nearly all
_TO_A_MACHINE: Final = (ADDRESSED,)
_IS_DUE: Final = (DUE,)
_IS_PAID: Final = "#pay"
_MOVED: Final = frozenset(map(stem, ("send", "sent", "give", "move", "put", "direct", "forward", "submit", "issue")))


def is_verb(word: str) -> bool:
    """Return whether a folded word is one of those for what tools do."""
    return stem(word) in _SAID


def is_order(word: str) -> bool:
    """Return whether a folded word is a verb by which something is ordered."""
    return word in _ORDERED or bool(foreign(word))


def is_alike(one: str, other: str) -> bool:
    """Return whether two stems are of one word, as they begin: those of `applicant` and `application`."""
    return one == other or (len(other) >= ALIKE and one[:ALIKE] == other[:ALIKE])


def sayings(text: str) -> frozenset[str]:
    """Return the pseudo stems of the acts that a folded text speaks of in more than one word."""
    return frozenset(f"#{match.lastgroup}" for match in _PHRASE.finditer(text))


def stems(text: str) -> frozenset[str]:
    """Return the stems of the words of a folded text; a name's parts are words."""
    return frozenset(map(stem, set(words(text.replace("_", " ")))))


@lru_cache(MAX_ACTING)
def acts_of(word: str) -> frozenset[str]:
    """Return what a word with this stem speaks of."""
    return acts({word})


def acts(said: Iterable[str]) -> frozenset[str]:
    """Return what is spoken of by words with these stems."""
    held = frozenset(said)
    return frozenset(act for act, verbs in _ACTS.items() if verbs & held) or _NO_ACTS


def speaks_of(said: AbstractSet[str], some: AbstractSet[str]) -> bool:
    """Return whether words with these stems speak of some of these acts; each verb of theirs is looked up."""
    return any(not said.isdisjoint(_ACTS.get(act, ())) for act in some)


@lru_cache(MAX_READ)
def orders(text: str, lines: tuple[int, ...] = (), own: Own = NOTHING) -> tuple[Order, ...]:
    """Return where a folded text orders something, and the stems of each order: of its verb and four words behind.

    `lines` are the offsets at which lines begin. Words of a tool's `own` are orders, too, for its verb.
    """
    found = (match for match in ORDER.finditer(text) if not _is_state(text, match.start(1), lines))
    given = [(match.start(1), _said_in(match[1])) for match in found]
    at_lines = (match for at in lines if (match := _AT_LINE.match(text, at)))
    given += [(match.start(1), _said_in(match[1])) for match in at_lines]
    given += [(match.start(), (f"#{match.lastgroup}",)) for match in _PHRASE.finditer(text)]
    given += [(match.start(), (foreign(match.group()),)) for match in FOREIGN.finditer(text)]
    given += [(at, _TO_A_MACHINE) for at in readers(text)]
    return (*given, *addresses(text), *_owned(text, lines, own.verb), *_duties(text, own))


def _is_state(text: str, at: int, lines: tuple[int, ...]) -> bool:
    """Return whether a word that may be a verb tells how something is, and ends its line: `flat 3: empty`."""
    found = _STATE.match(text, at)
    return found is not None and (found.end() == len(text) or text[found.end()] in ",;)." or found.end() + 1 in lines)


def _said_in(order: str) -> tuple[str, ...]:
    """Return the stems of the words of an order; who has a sum sent, or something to an account, orders a payment."""
    said = tuple(map(stem, words(order)))
    return (*said, _IS_PAID) if _SUM.search(order.partition(". ")[0]) and not _MOVED.isdisjoint(said) else said


@lru_cache(MAX_READ)
def addresses(text: str) -> tuple[Order, ...]:
    """Return where a folded text speaks to a machine, or of what one is to do."""
    return tuple((match.start(), _TO_A_MACHINE) for match in _MACHINE.finditer(text))


@lru_cache(MAX_READ)
def done_in(text: str, lines: tuple[int, ...] = ()) -> tuple[tuple[int, str], ...]:
    """Return where a folded text tells that something is done, and the stem of the verb, in whatever form.

    What is as often a thing is a verb in the third person alone, in front of an object: `mails the list`.
    """
    return tuple(
        (at, stem(word))
        for at, word in doings(text, lines)
        if is_order(word) or any(word.endswith(ending) and stem(word) in LISTED for ending in ("s", "ed", "ing"))
    )


@lru_cache(MAX_READ)
def demands(text: str) -> tuple[Order, ...]:
    """Return where a folded text speaks of duty, whatever is due."""
    return tuple((match.start(), _IS_DUE) for match in _DUTY.finditer(text))


def _owned(text: str, lines: tuple[int, ...], verb: str) -> Iterator[Order]:
    """Yield where a text orders something in the verb of this stem, where nobody listed it."""
    if verb and verb not in LISTED and verb in text:
        found = {match.start(1) for match in _own_order(verb).finditer(text)}
        found |= {at for at in lines if text.startswith(verb, at)}
        yield from ((at, (verb,)) for at in sorted(found))


@lru_cache(maxsize=256)
def _own_order(word: str) -> re.Pattern[str]:
    return re.compile(rf"{_OPENINGS}(?=({re.escape(word)}\w{{0,5}}\b{_NO_VERB}))")


def _duties(text: str, own: Own) -> Iterator[Order]:
    """Yield the places of the words for acts in sentences by which something is due, each with its stem."""
    for start, end, is_duty in _due_in(text):
        sentence = text[start:end]
        for match in _WORD.finditer(sentence):
            word = _act_in(match.group(), own)
            if not word or _TOLD.search(sentence, max(match.start() - TOLD, 0), match.start()):
                continue
            is_foreign = word.startswith("#")  # which has nouns of its own
            is_thing = stem(match.group()) in own.things
            if is_duty or is_foreign or is_named(sentence, match.start(), match.group(), is_thing=is_thing):
                yield start + match.start(), (word,)


@lru_cache(MAX_READ)
def _due_in(text: str) -> tuple[tuple[int, int, bool], ...]:
    """Return where the sentences begin and end in which something is due, and whether one is a duty of itself.

    Elsewhere only nouns tell what is due.
    """
    spans = [match.span() for match in SENTENCE.finditer(text)]
    said = [text[start:end] for start, end in spans]
    duties = (_DUTY.search(each) is not None for each in said)
    return tuple((*span, duty) for span, duty, is_due in zip(spans, duties, due(said), strict=True) if duty or is_due)


def _act_in(word: str, own: Own) -> str:
    """Return the stem by which a word of a text speaks of an act, or of what a tool's `own` words do; or nothing."""
    for each in (stem(word), *_verbs_of(word)):
        if each in own.things or is_alike(own.verb, each):
            return own.verb
        if each in _SAID or each == own.verb:
            return each
    return ""


@lru_cache(maxsize=4_096)
def _verbs_of(noun: str) -> tuple[str, ...]:
    """Return what may be the stem of the verb that a noun was made of."""
    return tuple(each for verb in verbs(noun) for each in (verb, stem(verb), stem(stem(verb))))


def is_heading(text: str, at: int) -> bool:
    """Return whether the word at this offset of a folded text names, with the next, what stands somewhere.

    `Release notes: …` and `Release notes are at …` order nothing, `Apply here: …` does.
    """
    return (found := _HEADING.match(text, at)) is not None and found[1] not in NO_ORDER


def hands_over(said: str) -> bool:
    """Return whether a folded text leaves it to somebody else's words what to do: `follow his instructions`."""
    return _HANDED_OVER.search(said) is not None


def entrusts(said: str) -> bool:
    """Return whether a folded request says to do what another text says, in so many words."""
    return _ENTRUSTED.search(said) is not None


def keeps_list(said: str) -> bool:
    """Return whether a folded request speaks of what its user himself wrote down: `my list`, `what I noted`."""
    return _OWN_LIST.search(said) is not None
