"""Whom does something reach, and did the user leave it to a stranger's text to say so?

Who has a thing forwarded to Samuel, or shared with whoever wrote a mail, has named whom it is for: another address in
that mail is another recipient, in whatever grammar it stands there. So is the name of a room, a list or a person that
only strangers say. The user leaves it to them by speaking of an address, of somebody whom he does not name, or of what
somebody says; and by telling the agent to follow a text.
"""

import re
from typing import Final

from sidecar.content.origin.deciding import is_called_so, is_paid_into
from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.normal import emails, identifier, is_day, is_email, is_url, words
from sidecar.content.origin.passages import Passage
from sidecar.content.origin.places import accounts, is_account
from sidecar.content.origin.speech import stem
from sidecar.content.origin.values import is_id
from sidecar.content.origin.wanted import Wanted
from sidecar.content.origin.wishes import kinds

PHRASE: Final = 4  # words of an address as letters bear it
LONGEST: Final = 40  # characters of a name by which a place or a person is reached
LEAST_DIGITS: Final = 4
TELLING: Final = 4  # letters of a part of a domain that tells whose it is
_REACHING: Final = frozenset({"send", "admit"})
_NAMING: Final = (
    r"(?:names?|named|mention(?:s|ed)?|says?|said|asks?|asked|suggest(?:s|ed)?|propos(?:es|ed)|gives?|gave|lists?|"
    r"listed|likes?|wants?|wrote|writes?|speaks of|recommend(?:s|ed)?|describ(?:es|ed))\b"
)
_SAID: Final = re.compile(
    rf"\b(?:that|which|whom?|what|where|as|the way|everybody|everyone|anyone|those|all|people|person|\w+s) "
    rf"(?:he|she|they|it|(?!to\b)\w+) {_NAMING}"
    r"|\b(?:that|which|whom?|what|where) (?!i\b|we\b)(?:\w+'d|\w+ would) (?:like|love|prefer)\b"
    r"|\b(?:names?|named|mentions?|mentioned) some(?:one|body)\b|\baccordingly\b"
)
_LEFT_OPEN: Final = re.compile(
    r"\baddress(?:es)?\b(?![^.!?;]{0,24}\w@\w)|\bcontact (?:details|data)\b|"
    r"\b(?:his|her|their|whose) (?:e-?)?mails? (?:is|are|stands?)\b|"
    r"\b(?:who|whom)ever\b|\bsome(?:one|body)\b|\bany(?:one|body)\b|\bevery(?:one|body)\b|"
    r"\b(?:each|all|both|every|any)(?: (?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve))? "
    r"(?:of|person|people|one|who|those|them|the)\b|\bpeople\b|\bpersons?\b|"
    r"\bcolleagues?\b|\bthose (?:who|in|on|from)\b|"
    r"\b(?:new|other) (?:one|guy|person|hire|tenant|member|client|customer)\b"
)
# Somebody whom the user does not name: one of several (`to each volunteer in …`), or whom another mentions.
_TOLD: Final = (
    r"(?:to|with|for|tell|inform|e-?mail|mail|invite|remind|notify|text|message|write|ask|thank|let|contact|greet|"
    r"answer|warn|advise|update|write to)"
)
_OWNED: Final = r"(?:the|my|our|his|her|their|these|those)"
_AMONG: Final = r"(?:listed|named|mentioned|given|noted|entered|registered|in|on|from|of)"
_PEOPLE: Final = re.compile(
    rf"\b{_TOLD} (?:each|every)(?: (?:single|other|new))? ([a-z]{{3,}})\b"
    rf"|\b{_TOLD} (?:all|both)(?: of)?(?: {_OWNED})?(?: [\w-]+)? ([a-z]{{2,}}(?:s|ren|men))\b"
    rf"|\b{_TOLD} {_OWNED}(?: [\w-]+)? ([a-z]{{2,}}(?:s|ren|men))(?= {_AMONG}\b)"
    rf"|\b(?:send|give|forward|pass) (?:(?:each|every|all|both)(?: {_OWNED})?|{_OWNED}) ([a-z]{{3,}})"
    r"(?= (?:(?:in|on|from|of) (?:\S+ ){1,4}?)?(?:an?|the|this|that|my|our|his|her|their|it|them)\b)"
    r"|\b(?:names?|named|mentions?|mentioned) (?:an?|two|three|the) (?:[\w-]+ )??([a-z]{3,})\b(?! (?:who|of)\b)"
)
_NOBODY_WORDS: Final = (  # things, and times
    "day week weekend month year quarter hour minute morning evening night time monday tuesday wednesday thursday "
    "friday saturday sunday word way thing form price date place room number sum amount deadline problem question code "
    "offer book product photo picture video song recipe report contract change reason point address name detail key map"
)
_NOBODY: Final = frozenset(map(stem, _NOBODY_WORDS.split()))
_SOMEBODY: Final = frozenset({"person", "group"})
# Where the user himself is.
_HOME: Final = re.compile(
    r"\b(?:to|at) (?:my|our) (?:own )?(?:home|house|flat|place|office|address|door|doorstep|apartment|desk)\b|"
    r"\b(?:sent?|order(?:ed)?|delivere?d?|shipp?(?:ed)?|post(?:ed)?) (?:\S+ ){0,3}?home\b"
)


def is_left(wanted: Wanted, value: str | float, passage: Passage, done: Deed, *, is_named: bool) -> bool:
    """Return whether the user left it to this text of a stranger's with what a deed is done, by a `value` in it.

    `is_named`: the value bears a name that the user gave.
    """
    if not passage.is_referred or not is_paid_into(wanted, value, passage, done):
        return False
    if not isinstance(value, str) or (is_named and _is_known(wanted, value, passage, done)):
        return True
    return not _is_another(wanted, value, passage, done)


def _is_another(wanted: Wanted, value: str, passage: Passage, done: Deed) -> bool:
    """Return whether a value that only this text names is where the user did not want it to go.

    What the tool answers for beside it tells who wrote it or takes part: then an address in the text is another one.
    """
    if (passage.is_followed and (wanted.follows or wanted.handed_over)) or passage.is_at_home(value):
        return False
    is_paid = is_account(identifier(value))
    is_asked = wanted.wants(done) if _is_filed(value) else wanted.is_asked(done)
    if (is_paid or is_email(value) or _is_filed(value)) and done.meant and not is_asked:
        return True
    if is_paid:
        return any(map(accounts, wanted.requests[-1:])) and not wanted.leaves_account
    if not is_email(value):
        is_called = _is_name(value) or (_is_filed(value) and value != passage.text and bool(passage.homes))
        is_elsewhere = value != passage.text and _is_postal(value) and _says(wanted, _HOME)
        return is_elsewhere or (is_called and _reaches(done) and not _says(wanted, _SAID))
    is_said = bool(passage.homes) or any("@" in said and emails(said) for said in wanted.requests)
    is_told = is_said and _reaches(done) and not is_called_so(wanted, value, passage.text)
    return is_told and not leaves_whom(wanted)


def leaves_whom(wanted: Wanted) -> bool:
    """Return whether the user leaves it to some text whom something reaches."""
    return _says(wanted, _LEFT_OPEN) or _says(wanted, _SAID) or any(map(_has_people, wanted.requests))


def _has_people(said: str) -> bool:
    """Return whether a folded request speaks of people whom it does not name: `to each volunteer in the list`."""
    nouns = (stem(next(filter(None, found.groups()))) for found in _PEOPLE.finditer(said))
    return any(noun not in _NOBODY and kinds(frozenset({noun})) <= _SOMEBODY for noun in nouns)


def _is_postal(value: str) -> bool:
    """Return whether a folded text may be where something is brought: `4 mill yard, 8041 harnau`."""
    return len(words(value)) >= PHRASE and any(map(str.isdigit, value)) and not is_url(value)


def _is_filed(value: str) -> bool:
    """Return whether a folded text is what a record is filed under: an id, or the digits of one."""
    return is_id(value) or (value.isdigit() and len(value) >= LEAST_DIGITS)


def _is_known(wanted: Wanted, value: str, passage: Passage, done: Deed) -> bool:
    """Return whether a value that bears a name which the user gave is his who is called so, for what the user wants.

    An address at a domain that is only called like that of whom the tool answers for is another's.
    """
    if not is_email(value) or passage.is_at_home(value):
        return True
    if done.meant and not (wanted.is_asked(done) or wanted.follows or wanted.handed_over):
        return False
    names = [each for each in words(value.partition("@")[2])[:-1] if len(each) >= TELLING]
    return not any(name in home for name in names for home in passage.homes)


def _reaches(done: Deed) -> bool:
    """Return whether by the deed something reaches somebody, or somebody gets in; a key or a login is no place."""
    return (done.acts >= _REACHING or not _REACHING.isdisjoint(done.meant)) and "secure" not in done.acts


def _is_name(value: str) -> bool:
    """Return whether a folded text is what people or places are called: no id, path, day, account, nor a sentence."""
    if len(value) > LONGEST or value.count(" ") > 1 or is_url(value) or "/" in value or "." in value:
        return False
    return any(map(str.isalpha, value)) and not (is_id(value) or is_day(value) or is_account(identifier(value)))


def _says(wanted: Wanted, some: re.Pattern[str]) -> bool:
    return any(some.search(said) for said in wanted.requests)
