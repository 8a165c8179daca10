"""Could a word begin a name, as the model and the recognizers of people and places come to one?

What they find has a mark of its own. A person in small letters alone is found where the whole text is written so, and
where somebody says who it is (`content.presidio.names`, `content.recognizers.people`); no name holds what only
programs write; what stands in capitals by itself is an abbreviation; nobody is called as a program is. So a stream
that looks for names lets go at once what none of them begins with, where the next word has a small letter, too.
"""

import re
from typing import Final

from sidecar.content.given_names import ALONE, BEFORE
from sidecar.content.small_words import BEFORE_SMALL, OPENING
from sidecar.content.things import THINGS

NAMES: Final = frozenset({"PERSON", "LOCATION", "EMAIL_ADDRESS", "PHONE_NUMBER"})  # kinds
SAID_BEFORE: Final = 48  # characters in which somebody says who it is

_EDGE: Final = ",;:.!?\"'`()[]{}*_\u2019\u201c\u201d\u2018\u00ab\u00bb\u2026"
_SMALL: Final = re.compile(
    r"[a-z\u00df-\u00f6\u00f8-\u00ff\u0153]{2,24}(?:['\u2019-][a-z\u00df-\u00f6\u00f8-\u00ff\u0153]{1,24}){0,3}"
)
_PROGRAMS: Final = re.compile(r"(?=[\w./]*?(?:[_/]|\d[A-Za-z]|[A-Za-z]\d|[a-z][A-Z]|\w\.\w))[A-Za-z\d][A-Za-z\d_./]*")
_INITIALS: Final = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_JOINED: Final = re.compile(r"(?:Mc|Mac|De|Di|Du|Le|La|Van|Fitz|O)[A-Z][a-z]")  # names as programs write words
# What no name is told in: behind a sign of a program's, or a call of a function without a capital in what it is given.
_MARKED: Final = re.compile(
    r"[./#$=!-]{0,2}[./#$=-](?:[A-Za-z_][A-Za-z\d_./-]*|\d{0,5}[a-f][\da-f]{0,5}(?=;))[,;:)\]}]{0,3}"
)
_CALL: Final = re.compile(r"[A-Za-z_][\w.]*\([\"'/a-z\d_.,:;()\[\]{}&*-]*")
_LABEL: Final = re.compile(r"[\[({\"']{0,4}[a-z][a-z_-]{1,20}[\"']?:")
_NUMBER: Final = re.compile(r"[$\u20ac\u00a3]?\d{1,4}(?:[.,]\d{1,2})?[%$\u20ac\u00a3]?")
_SETTING: Final = re.compile(r"[a-z][a-z_]{2,9}[=/:._-][a-z\d/._-]{1,8}")
_STAMP: Final = re.compile(r"(?:19|20)\d\d-[01]\d-\d\d(?:T[\d:.,Z+-]{4,24})?|\d\d:\d\d:\d\d(?:[.,]\d{1,6})?")
_KNOWN: Final = ALONE | BEFORE
# Within names, or before names of streets: what follows them may be one, also with a small letter.
_PARTICLES_WORDS: Final = """
bin ibn ben abu st mr mrs ms dr prof rue via calle avenida plaza piazza place viale corso quai chemin camino paseo
straat weg platz allee boulevard avenue square street road lane
"""
_PARTICLES: Final = BEFORE_SMALL | frozenset(_PARTICLES_WORDS.split())
_PLACING_WORDS: Final = """
in from to near at visit visited visiting
"""
_PLACING: Final = frozenset(_PLACING_WORDS.split())  # a place may follow
# What stands before a name that is told by it (`content.recognizers.people`).
_CUES_WORDS: Final = """
dear hello hi hey regards sincerely wishes cheers thanks truly faithfully best love by from to is was am are name
names named him her them me signed attn attention mr mrs ms miss mx dr prof professor sir dame lady lord rev judge
justice capt captain sgt lt col colonel gen general maj major sen senator rep gov governor officer detective agent
herr frau monsieur madame mme mlle nurse coach president pastor plaintiff defendant witness patient customer client
employee counsel attorney author sender recipient contact guest payee cc colleague friend boss manager neighbor
neighbour wife husband partner son daughter brother sister mother father landlord doctor lawyer teacher assistant ciao
"""
_CUES: Final = frozenset(_CUES_WORDS.split())
_SAYS: Final = re.compile(
    r"(?i:\bname(?:['\u2019]s| is|s are)|\bit['\u2019]?s|\bi['\u2019]?m|\bi am|\bthis is)[ ](?:[^\W\d_]+[ ]){0,2}\Z"
)
_IN_SAYS: Final = ("name", "it's", "its ", "it\u2019s", "i'm", "im ", "i\u2019m", "i am", "this is")
_AT: Final = "at"  # `ada at example dot org`


def begins_no_name(text: str, low: int, word: re.Match[str], following: str, *, has_ended: bool) -> bool | None:
    """Whether no name, number or address begins with `word` of `text`, whose context begins at `low`.

    `following` is what has come of the next word, all of it where that `has_ended`. None where more must be seen.
    """
    core, first = word[0].strip(_EDGE), following[:1]
    is_sign = not core or _STAMP.fullmatch(core) is not None or _MARKED.fullmatch(word[0]) is not None
    if is_sign or (any(map(str.isdigit, core)) and not first.isalpha()):
        return is_sign  # else a number may go on
    if _is_written_by_a_program(text, low, word, core):
        return True
    is_thing = _is_thing(core) and not _is_known(text, low, word.start(), core)
    if not (first.islower() or (is_thing and first.isdigit() and not core.isupper())):
        return False
    if not _SMALL.fullmatch(core):
        return is_thing or _NUMBER.fullmatch(core) is not None
    may_be_at = word[0].endswith(core) and following == _AT[: len(following)]
    if may_be_at and not has_ended:
        return None
    return not (may_be_at and following == _AT) and _is_small(text, low, word.start(), core)


def _is_written_by_a_program(text: str, low: int, word: re.Match[str], core: str) -> bool:
    """Whether `word` is one that only programs write, with nothing in it that could be a name."""
    if _PROGRAMS.fullmatch(core) or _SETTING.fullmatch(core):
        return not (_JOINED.match(core) or _INITIALS.fullmatch(core) or _is_known(text, low, word.start(), core))
    if _CALL.fullmatch(word[0]):
        return is_mixed(text[low : word.end()])
    return _LABEL.fullmatch(word[0]) is not None and (core in THINGS or _is_small(text, low, word.start(), core))


def _is_thing(core: str) -> bool:
    """Whether `core` is an abbreviation, the name of a program, or a word that sentences begin with."""
    is_short = core.isascii() and core.isalpha() and core.isupper() and len(core) > 1
    return is_short or core in OPENING or core.lower() in THINGS


def _is_known(text: str, low: int, at: int, core: str) -> bool:
    """Whether somebody is called `core`, or the word before it may tell that a name or a place follows."""
    last = _last(text[max(low, at - SAID_BEFORE) : at].lower())
    return core.lower() in _KNOWN or last in _CUES or last in _PLACING


def _is_small(text: str, low: int, at: int, core: str) -> bool:
    """Whether `core`, in small letters, is no name at `at`."""
    before = text[low:at]
    if not is_mixed(before) or core in _PARTICLES:
        return False
    near = before[-SAID_BEFORE:].lower()
    if _last(near) in _PLACING:
        return False
    return not (any(sign in near for sign in _IN_SAYS) and _SAYS.search(text, max(low, at - SAID_BEFORE), at))


def is_mixed(text: str) -> bool:
    """Whether `text` has capitals: where it has none, names are written so, too."""
    return text != text.lower()


def _last(text: str) -> str:
    words = text.rsplit(None, 1)
    return words[-1].strip(_EDGE) if words else ""
