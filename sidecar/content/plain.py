"""Words that are nobody's datum: the small change of English sentences.

A text that is released while it is written can let these go at once, because a finding never begins with one of them
(`content.parts` sees to that, for whole texts as well): "the Hague" is found as "Hague". So the list holds no name of
a person, a place, a day or a month, no number, and nothing that a password or a date is made of.
"""

import re
from collections.abc import Collection
from typing import Final

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
_WORDS: Final = frozenset(_LOWER.split()) | frozenset(_UPPER.split())
_OPEN: Final = r"[\"'\u201c\u2018(*_{\[]{0,3}"
_SHUT: Final = r"[\"'\u201d\u2019)*_]{0,3}"
_AROUND: Final = re.compile(rf"{_OPEN}([A-Za-z]{{1,16}}(?:['\u2019][a-z]{{1,3}})?){_SHUT}[.,;:!?\u2026]{{0,3}}{_SHUT}")
_SIGN: Final = re.compile(r"#{1,6}|[-*+>|\u2022]|-{3}|\*{3}|`{3}[a-z]{0,12}")  # that begins a heading, an item, code
_QUIET: Final = re.compile(rf"{_OPEN}[a-z]{{1,24}}(?:['\u2019-][a-z]{{1,24}}){{0,3}}{_SHUT}[,;:]?")


WORDS: Final = frozenset(word.lower() for word in _WORDS)
MARKS: Final = " \n.,;:!?\u2026\"'\u201d\u2019)*_"  # what can stand behind one of them


def is_plain(word: str, named: Collection[str] = ()) -> bool:
    """Whether `word`, a run without white space, is of the list, with marks around it, and none of those `named`.

    So is a sign of Markdown.
    """
    inner = _AROUND.fullmatch(word)
    if inner is None:
        return _SIGN.fullmatch(word) is not None
    plain = inner[1].replace("\u2019", "'")
    return plain in _WORDS and plain.lower() not in named


def is_quiet(word: str) -> bool:
    """Whether `word` is in small letters: what a sentence consists of between what it speaks of."""
    return _QUIET.fullmatch(word) is not None
