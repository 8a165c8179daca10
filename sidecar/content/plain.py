"""Words that are nobody's datum: the small change of sentences.

A text that is released while it is written can let these go at once, because a finding never begins with one of them
(`content.parts` sees to that, for whole texts as well): "the Hague" is found as "Hague". So the list holds no name of
a person, a place, a day or a month, no number, and nothing that a password or a date is made of.

Where only what has a form of its own is looked for (`FORMED`), no name, any word is such: a form has digits or signs,
but for a password, which is told by the words around it (`content.telling`).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sidecar.content.small_words import BEFORE_SMALL, GERMAN, SMALL

_LOWER: Final = """
a about above accept accepts according across actually add added adding adds adjust adjusts advice after again against
aim all allow allowed allows almost along already also although always am among amount an and another answer answers any
anyone anything applies apply approach approve are around arrive arrives article as asked aspect at attach attached
available avoid away back based basic basically basis be became because become been before began begin being below
benefit benefits beside best better between bold both bottom brief briefly bring broken build but button by calculate
called came can cancel cannot careful carefully carry case category cause caused causes certain change check choice
choose choosing clear click clicking close code column combine come comes common compare compared comparison complete
complicated concept conclusion condition confirm confirmed connect connected consider consist consists contact contain
contains content continue continues copy correct cost costs could covers create current damaged data decide decision
default define defined definition delay delete deleted deliver delivered delivery depend depending depends describe
description detail details did difference different difficult directly discuss do document documents does doing done
down download during each earlier easier easily easy edit effect efficient either element else empty enable end ends
enough ensure enter entire entry equal error errors especially even evening event ever every everyone everything exact
exactly example except exist existing exists expect expected expensive explain explains explanation extra fact factor
factors fail failed fails false fast faster feature features few field fields figure file files fill final find fine
finished first fix folder follow following follows for form format found free from full function further gave general
generally get gets getting give given gives go goal goes going good got great had handle happen happened happens has
have having he hear help helpful helps her here hers high him his hold hour hours how however idea ideas if immediately
impact important improve in include included includes including increase index individual information install instance
instead interest into involve involves is issue it item items its itself job join just keep kept kind kinds knew know
known label language large last later leads learn least leave left length less let level like likely limit limits line
lines link linked linking list lists little load loading log long longer look looking looks loss lot lower made main
mainly make makes making manage manually many matter maybe me mean means measure menu message method methods might mine
minute minutes missing mistake mode module month months more morning most move moved moves much multiple must my myself
natural near nearly necessary need needed needs neither network never new next no nor normal normally not note nothing
notice now null number object objects obvious occur occurs of off often ok okay on once only onto open opened opening
opens option options or order ordered orders original other others otherwise our ours out output over overall overview
own page pages paper paragraph parcel part particular pay paying payment pays per perhaps period place plan plans please
point policy popular position possible practice prefer prepare present prevent previous price prices probably problem
process product products program project proper properly provide provided purpose put quality question quick quickly
quite range rate rather reach read ready really reason receive received receives recommend recommended reduce refer
refund refunds regular related release remember remove removed replace reply report reports request require required
respond response restart result results return returned returning returns review role row rows rule rules running runs
safe safely said same sample save saved saw say says schedule scope screen search second section see seem seems seen
select selected send sends sent sentence separate server service services set setting settings several shall she ship
shipped shipping ships shop shorter should show shown shows sign similar simple simpler simply since situation size slow
slower small so software solution solve some someone something soon sorry sort source space specific speed standard
started starting starts state statement status step steps still store string strong structure subject submit success
successfully such suggest summary support supported sure system systems table take taken takes task tasks team tell term
terms test testing tests text texts than thank thanks that the their theirs them then there therefore these they thing
things think third this those though through thus title to together told too took tool tools topic total toward track
tried true try trying turn type types under understand until up update updated updates upload upon us usage use used
useful user uses using usual usually valid value values variable various version versions very via view visit wait
waiting want wanted wants warning was way ways we weather website week weeks well went were what whatever when where
whether which while who whole whom whose why window with within without word words work worked working works worth would
write writes writing written wrong year years yes yet you your yours yourself
async await class const def elif enum export extends fn func function impl implements import interface lambda mut
namespace package private protected pub public raise struct super switch throw throws typedef var void yield
can't couldn't didn't doesn't don't hasn't haven't he's here's i'd i'll i'm i've isn't it's let's she's shouldn't that's
there's they're wasn't we'd we'll we're we've weren't what's won't wouldn't you'd you'll you're you've
"""
# Of these, what often begins a sentence; in other places a capital is the mark of a name.
_UPPER: Final = """
A About Absolutely Add Adding Additionally After All Also Although Always An And Another Answer Any Apply Approach Are
As At Avoid Basically Be Because Before Below Besides Both Briefly But By Can Certainly Changes Check Checking Choose
Choosing Click Clicking Compare Compared Congratulations Consider Continue Correct Could Create Creating Currently
Deliveries Delivery Depending Did Do Does Done Download During Each Either Enter Error Errors Every Exactly Example
Examples Explain Few Files Finally Find First Fix Following For From Furthermore Generally Get Give Given Go Got Has
Have He Hello Her Here Hey Hi His Hopefully How However I If Important In Indeed Install Instead Is It Its Just Keep
Language Lastly Learn Less Let Like Lists Look Looking Make Making Many Maybe Meanwhile More Moreover Most Move Much My
Nearly Never Next No None Normally Not Note Nothing Now Occasionally Of Often Okay On Once Only Open Opening Option
Options Or Order Orders Other Otherwise Our Over Overall Overview Payment Payments Perhaps Please Previously Prices
Probably Put Questions Quick Quickly Read Reading Recently Refund Refunds Regarding Remember Remove Results Return
Returns Right Run Running Save Second Section See Select Send Several She Should Simply Since So Some Sometimes Sorry
Sounds Start Starting Step Steps Still Such Summary Sure Systems Tables Take Tell Test Testing Tests Thank Thanking
Thanks That The Their Then There Therefore These They Third This Those Though Thus Title To Tools Try Turn Typically
Understood Unfortunately Until Update Updates Upon Use Users Using Usually Various Very Wait Warning We Welcome Well
Were What Whatever When Whenever Where Whether Which While Who Why With Without Work Working Works Would Write Writing
Wrong Yes Yet You Your
Can't Couldn't Didn't Doesn't Don't He's Here's I'd I'll I'm I've Isn't It's Let's She's That's There's They're We'd
We'll We're We've What's You'd You'll You're You've
"""
# Abbreviations that name no company and no place.
_ABBREVIATED: Final = "API APIs CPU CSS CSV FAQ HTML HTTP HTTPS JSON OK PDF RAM SQL TLS UI URL URLs XML YAML"
_ABBREVIATIONS: Final = frozenset(_ABBREVIATED.split())
_WORDS: Final = frozenset(_LOWER.split()) | frozenset(_UPPER.split())
_OPEN: Final = r"[\"'\u201c\u2018\u00ab\u201e(*_{\[\u00bf\u00a1]{0,3}"
_SHUT: Final = r"[\"'\u201d\u2019\u00bb)*_]{0,3}"
_END: Final = rf"{_SHUT}[.,;:!?\u2026]{{0,3}}{_SHUT}"
_SMALL_LETTER: Final = "a-z\u00df-\u00f6\u00f8-\u00ff\u0153"
_LETTER: Final = f"A-Z\u00c0-\u00d6\u00d8-\u00de{_SMALL_LETTER}"
_AROUND: Final = re.compile(rf"{_OPEN}([{_LETTER}]{{1,16}}(?:['\u2019-][{_SMALL_LETTER}\d]{{1,16}})?){_END}")
# That begins a heading, an item, code.
_MARKDOWN: Final = re.compile(r"#{1,6}|[-*+>|\u2022]|-{3}|\*{3}|`{3}[a-z]{0,12}")
# A bracket, an operator; what a record of a log begins with; a picture. None of the digits in circles.
_SIGN: Final = re.compile(
    r"(?![-+])[!-,./:-@\[-`{-~-]{1,3}|\[?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE)\]?:?"
    r"|[\u2600-\u2775\u2794-\u27bf\U0001f300-\U0001f64f\U0001f680-\U0001f6ff\U0001f900-\U0001f9ff][\ufe0f]?"
)
_QUIET: Final = re.compile(
    rf"{_OPEN}[{_SMALL_LETTER}]{{1,24}}(?:['\u2019-][{_SMALL_LETTER}]{{1,24}}){{0,3}}{_SHUT}[,;:]?"
)
# Words of any kind, which no form is made of: with a small letter, and not so short as a group of a number's letters.
_ORDINARY: Final = re.compile(
    rf"{_OPEN}(?=[^a-z]{{0,20}}[{_SMALL_LETTER}])[{_LETTER}]{{4,16}}(?:['\u2019-][{_LETTER}]{{1,16}}){{0,2}}{_END}"
)
# Words of programs, without a digit. What has no sign in it is no key: issuers' marks stand before ten letters or more.
_CODE: Final = re.compile(r"(?!\S*(?:://|-----))[^\d\s<>|&%\\@`$*~\x7f-\U0010ffff]{2,48}")
_RUN: Final = re.compile(r"[A-Za-z_+/=.:~-]{12,}")
_NAME: Final = re.compile(
    r"[A-Za-z]{0,9}(?:_[A-Za-z]{1,9}){1,5}[.:]?|[A-Za-z]{1,12}(?:\.[A-Za-z]{1,16}){1,4}"
    r"|/?[a-z]{1,9}(?:[/.-][a-z]{1,9}){1,6}/?"
)
STAMP: Final = re.compile(
    r"\[?(?:\d\d:\d\d:\d\d(?:[.,]\d{1,6})?|(?:19|20)\d\d-[01]\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:[.,]\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?)?)\]?,?"
)
_SETTING: Final = re.compile(r"(?=\S{3,11}\Z)(?!(?:\D*\d){5})[a-z][a-z_]{2,9}[=/:._-][A-Za-z\d/._-]{1,8}[,:;]?")
# The same where a word in small letters follows; and a number that is none of a card, an account or a person.
_BRIEF: Final = re.compile(
    rf"{_OPEN}(?:[{_LETTER}]{{2,8}}|[$\u20ac\u00a3]?\d{{1,4}}(?:[.,]\d{{1,2}})?[%$\u20ac\u00a3]?"
    rf"|(?=[\d/.-]{{0,7}}[A-Za-z])[A-Za-z\d](?:[A-Za-z\d]|[/.-](?=[A-Za-z\d])){{1,7}}){_END}"
)
_FOLLOWING: Final = re.compile(rf"[{_SMALL_LETTER}]{{2,24}}(?:['\u2019-][{_SMALL_LETTER}]{{1,24}}){{0,3}}{_END}")

# Labels; constants of programs; what stands between the ticks of Markdown.
_LABEL: Final = re.compile(r"[a-z][a-z_-]{1,20}:")
_CONSTANT: Final = re.compile(rf"{_OPEN}(?:[A-Z]{{9,16}}|[A-Z]{{2,9}}(?:_[A-Z]{{2,9}}){{1,4}}){_END}")
_TICKED: Final = re.compile(r"`([^`]{2,48})`?([.,;:!?)]{0,3})")
_COLOUR: Final = re.compile(r"#(?=\d{0,5}[a-f])(?:[\da-f]{3}){1,2};")
_EARLY: Final = re.compile(rf"[{_SMALL_LETTER}]{{5}}")  # of a word: an account's letters are four
_AFTER_DIGITS: Final = re.compile(
    rf"[{_SMALL_LETTER}]{{3}}"
)  # the same behind digits alone: no account begins with them

_LEAST: Final = 4  # characters: what is shorter may be a group of a number's letters
_MOST: Final = 16
_ORDINARIES: Final = (_ORDINARY, STAMP, _SETTING, _LABEL, _CONSTANT, _COLOUR)
LONGEST: Final = 24  # letters of a word in small ones
_OF_NAMES: Final = frozenset({"van", "von"})
_GOING_ON: Final = frozenset("dehlt'")  # `van der`, `van den`, `van het`, `von der`: a name may follow

# Kinds of which none begins with a word, but for a password.
FORMED: Final = frozenset(
    {"API_KEY", "CONNECTION_STRING", "CREDIT_CARD", "FI_PERSONAL_IDENTITY_CODE", "IBAN_CODE", "IT_FISCAL_CODE", "JWT"}
    | {"PASSWORD", "PRIVATE_KEY", "UK_NINO", "US_ITIN", "US_SSN"}
)

WORDS: Final = frozenset(word.lower() for word in (*_WORDS, *_ABBREVIATIONS)) | SMALL | BEFORE_SMALL
_AS_WRITTEN: Final = _WORDS | _ABBREVIATIONS | SMALL  # plain as they are, whatever follows
_BEFORE_SOME: Final = SMALL | BEFORE_SMALL  # plain in some way of writing, or before some word
_MARK: Final = frozenset(".,;:!?")  # behind a word, most often
OPENINGS: Final = "\"'\u201c\u2018\u00ab\u201e(*_{[\u00bf\u00a1"  # what can stand before one of them
MARKS: Final = " \n.,;:!?\u2026\"'\u201d\u2019)*_"  # what can stand behind one of them


@dataclass(frozen=True, slots=True)
class Small:
    """Which words are plain: not those `named`, in small letters; and any, where what is looked for `is_formed`.

    `has_own`: something is found by a recognizer of somebody's own, which may look for signs. `is_named`: besides
    forms, what is looked for are names (`content.naming`).
    """

    named: Collection[str] = frozenset()
    has_own: bool = False
    is_formed: bool = False
    is_named: bool = False

    @property
    def frees(self) -> bool:
        """Whether words may be plain that are on no list."""
        return self.is_formed or self.is_named


LISTED: Final = Small()


def is_plain(word: str, following: str = "", small: Small = LISTED) -> bool:
    """Return whether no finding begins with `word`, a run without white space, before what `following` begins with.

    So with the words of the lists, with marks around them, that are none of those `small` names, and with signs.
    """
    bare = word[:-1] if word[-1] in _MARK else word
    if not small.named and bare in _AS_WRITTEN:
        return True
    is_unknown = bare.isalpha() and not bare.isupper() and bare.lower() not in WORDS
    return not is_unknown and _is_listed(word, following, small)


def _is_listed(word: str, following: str, small: Small) -> bool:
    inner = _AROUND.fullmatch(word)
    if inner is None:
        return _MARKDOWN.fullmatch(word) is not None or (not small.has_own and _SIGN.fullmatch(word) is not None)
    plain = inner[1].replace("\u2019", "'")
    low = plain.lower()
    if low in small.named:
        return False
    if plain in _WORDS or plain in _ABBREVIATIONS:
        return True
    if low not in _BEFORE_SOME:
        return False
    if low in SMALL and (plain == low or low in GERMAN):
        return True
    return following[:1].islower() and not (low in _OF_NAMES and following[0] in _GOING_ON)


def is_quiet(word: str) -> bool:
    """Whether `word` is in small letters: what a sentence consists of between what it speaks of."""
    if word.isascii() and word.isalpha():
        return word.islower() and len(word) <= LONGEST
    return _QUIET.fullmatch(word) is not None


def is_ordinary(word: str) -> bool:
    """Whether `word` is one that no form begins with."""
    if word.isascii() and word.isalpha() and _LEAST <= len(word) <= _MOST and not word.isupper():
        return True
    if ticked := _TICKED.fullmatch(word):
        word = ticked[1] + ticked[2]
    if any(form.fullmatch(word) for form in _ORDINARIES):
        return True
    if not _CODE.fullmatch(word) or len(word) < _LEAST or word.isupper():
        return False
    return all(_NAME.fullmatch(run) for run in _RUN.findall(word))


def is_brief(word: str) -> bool:
    """Whether `word` is one that no form begins with where a word in small letters follows (`follows`)."""
    return _BRIEF.fullmatch(word) is not None


def follows(word: str, before: str = "") -> bool:
    """Whether `word` is in small letters or ordinary, and nothing that goes on from `before`, a group of a number.

    Nor is it a mark that may stand before another group, or the name of a member: `"4111", "more": "1111"`.
    """
    if not word[:1].isalpha():
        return False
    if begins_small(word, before):
        return True
    return _FOLLOWING.fullmatch(word) is not None or (is_ordinary(word) and not any(map(str.isdigit, word)))


def begins_small(word: str, before: str = "") -> bool:
    """Whether `word`, as far as it has come, begins with more small letters than what goes on from `before` has."""
    return (_AFTER_DIGITS if before.isdecimal() else _EARLY).match(word) is not None
