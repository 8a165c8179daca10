"""Words that are nobody's datum: the small change of English sentences.

A text that is released while it is written can let these go at once, because a finding never begins with one of them
(`content.parts` sees to that, for whole texts as well): "the Hague" is found as "Hague". So the list holds no name of
a person, a place, a day or a month, no number, and nothing that a password or a date is made of.
"""

import re
from collections.abc import Collection
from typing import Final

_LOWER: Final = """
a about above according across actually after again against all almost along already also although always am among an
and another any anyone anything are around as asked at available away back based be became because become been before
began begin being below beside best better between both bring but by called came can cannot case cause certain change
check choose clear close come comes common complete consider contains contact correct could create current decide
describe detail details did different do does doing done down during each easy either else enough ensure especially even
ever every everyone everything example except explain few final find fine first follow following follows for found from
full further gave general get gets getting give given gives go goes going good got great had has have having he hear
help helpful helps her here hers high him his hold how however if important in include included includes including
information instead into is issue it its itself just keep kept kind knew know known large last later least leave left
less let like likely list little long look looking looks lot made main make makes making many matter maybe me mean means
message might mine more most much must my myself near necessary need needed needs neither never new next no nor not note
nothing now of off often okay on once only onto open option options or other others otherwise our ours out over own part
particular per perhaps place please point possible present probably problem provide provided put question quite rather
read ready really reason received related request require required result results return said same saw say says see seem
seems seen sent set several shall she should show shown shows similar simple simply since small so some someone
something soon sorry sort step steps still such sure take taken takes tell text than thank thanks that the their theirs
them then there these they thing things think this those though through thus to together told too took toward tried true
try trying turn type under understand until up upon us use used useful user uses using usual usually various very via
want wanted wants was way ways we well went were what whatever when where whether which while who whole whom whose why
with within without word words work working works would write written wrong yes yet you your yours yourself
can't couldn't didn't doesn't don't hasn't haven't he's here's i'd i'll i'm i've isn't it's let's she's shouldn't that's
there's they're wasn't we'd we'll we're we've weren't what's won't wouldn't you'd you'll you're you've
"""
# Of these, what often begins a sentence; in other places a capital is the mark of a name.
_UPPER: Final = """
A About After All Also Although An And Any Are As At Be Because Before Below Both But By Can Could Did Do Does During
Each Either Every First Following For From Given Has Have He Hello Her Here Hi His How However I If In Instead Is It Its
Just Let Like Many Maybe Most My Next No Not Note Nothing Now Of Okay On Once Only Or Other Otherwise Our Over Perhaps
Please Probably She Should Since So Some Sorry Sure Thank Thanks That The Their Then There Therefore These They This
Those Though Thus To Unfortunately Until Upon We Well Were What When Where Which While Who Why With Without Would Yes
Yet You Your
Can't Couldn't Didn't Doesn't Don't He's Here's I'd I'll I'm I've Isn't It's Let's She's That's There's They're We'd
We'll We're We've What's You'd You'll You're You've
"""
_WORDS: Final = frozenset(_LOWER.split()) | frozenset(_UPPER.split())
_OPEN: Final = r"[\"'\u201c\u2018(*_]{0,3}"
_SHUT: Final = r"[\"'\u201d\u2019)*_]{0,3}"
_AROUND: Final = re.compile(rf"{_OPEN}([A-Za-z]{{1,16}}(?:['\u2019][a-z]{{1,3}})?){_SHUT}[.,;:!?\u2026]{{0,3}}{_SHUT}")
_QUIET: Final = re.compile(rf"{_OPEN}[a-z]{{1,24}}(?:['\u2019-][a-z]{{1,24}}){{0,3}}{_SHUT}[,;:]?")


WORDS: Final = frozenset(word.lower() for word in _WORDS)
MARKS: Final = " \n.,;:!?\u2026\"'\u201d\u2019)*_"  # what can stand behind one of them


def is_plain(word: str, named: Collection[str] = ()) -> bool:
    """Whether `word`, a run without white space, is of the list, with marks around it, and none of those `named`."""
    inner = _AROUND.fullmatch(word)
    if inner is None:
        return False
    plain = inner[1].replace("\u2019", "'")
    return plain in _WORDS and plain.lower() not in named


def is_quiet(word: str) -> bool:
    """Whether `word` is in small letters: what a sentence consists of between what it speaks of."""
    return _QUIET.fullmatch(word) is not None
