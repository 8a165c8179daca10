"""What did the user name? The distinctive words of a request: people, places, files, sites, numbers, what is quoted.

They tell where the user pointed: a look-up with one of them, or a record that holds one, is the user's doing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from sidecar.content.origin.normal import address, folded, host, is_email, is_url, words
from sidecar.content.origin.speech import is_order, is_verb, stem
from sidecar.model.steps import Steps

MAX_TERMS: Final = 256  # of one text
SHORTEST: Final = 3  # characters
LONGEST: Final = 200
HALF: Final = 2  # one of so many words of a text that is no address must be a name
LEAST_AFFINE: Final = 4  # characters of a term that count inside a longer word
TERMS_AT_ONCE: Final = 64  # that are looked for in one value: less than a millisecond, also where each nearly fits
MAX_PLACES: Final = 1_024  # terms of which is remembered whether they are addresses: those of some users

_CAPITAL: Final = re.compile(r"\b[A-Z][\w'-]{2,40}")
_QUOTED: Final = re.compile(r"'([^'\n]{3,100})'|\"([^\"\n]{3,200})\"|`([^`\n]{3,100})`")
_MARKED: Final = re.compile(r"\S{0,200}[/_@.\d]\S{0,200}\w")
# Behind who does something: `Mark wrote`, where `Mark all` orders something.
_DOES: Final = re.compile(
    r"'s\b|,| (?:and|or|is|was|has|had|will|would|can|said|says|wants|asks|needs|\w+ed|wrote|sent)\b"
)
_ENDS: Final = frozenset(".!?:\"'(")
_COMMON_WORDS: Final = (
    "the this that these those there then they them their it its his her him she he you your yours our ours my "
    "mine and but for from with what when where which who why how can could would will should shall may might "
    "must not any all some each every both many more most other one two three first last next please thanks thank "
    "hello dear hey also just only now today tomorrow yesterday monday tuesday wednesday thursday friday saturday "
    "sunday january february march april june july august september october november december after before during "
    "based using given give let lets see find get check look tell show help want need make sure take here use "
    "have has had are was were been does did done regards best sincerely i'm i've i'd i'll it's don't"
)
# Things of which there are many in every mailbox: to speak of one points nowhere.
_MANY_WORDS: Final = (
    "account address agenda amount answer appointment article attachment balance booking calendar channel comment "
    "contact content customer date deadline detail details document email event file folder group inbox information "
    "invoice letter link list mailbox meeting member message money month name notes notice number offer order "
    "overview page payment people person phone price problem product project question reason receipt reminder report "
    "request result review reviews schedule sender subject summary system task team ticket time title transaction "
    "update user website week word year"
)
_MANY: Final = frozenset(_MANY_WORDS.split())
_THE: Final = re.compile(r"\b(?:the|my|our|his|her|their)\s+([a-z]{5,30})\b(?!\s+(?:of|to|in)\b)")
_COMMON: Final = frozenset(_COMMON_WORDS.split())
# The name of a file, or of something else that is written without spaces.
_THING: Final = re.compile(
    r"/?(?:[^/:@?]{1,60}/){0,8}(?:([\w -]{4,60})"
    r"\.(?:txt|md|pdf|docx?|odt|rtf|xlsx?|ods|csv|tsv|pptx?|odp|json|ya?ml|xml|html?|ics|eml|log|png|jpe?g)|[\w-]{4,60})"
)


def terms(text: str) -> frozenset[str]:
    """Return the distinctive terms of the user's text, folded."""
    found = {match.group() for match in _CAPITAL.finditer(text) if _is_name(text, match)}
    found |= {next(filter(None, groups)) for groups in _QUOTED.findall(text)}
    found |= {match.group() for match in _MARKED.finditer(text)}
    clean = (folded(each).strip(".,;:!?()[]{}<>\"'`").rstrip("/") for each in found)
    return bounded(each.removesuffix("'s") for each in clean if _is_distinctive(each))


def things(text: str) -> frozenset[str]:
    """Return the words for the particular people and things that the user's folded text speaks of: `the plumber`.

    They name less than terms do: many texts hold them, so that only what is short is told by them, such as a title.
    """
    found = (match[1] for match in _THE.finditer(text))
    return bounded(word for word in found if word not in _COMMON and word not in _MANY and not is_verb(word))


def bounded(found: Iterable[str]) -> frozenset[str]:
    """Return as many of the terms as one text may have; those of all its pieces are bounded to the same ones."""
    return frozenset(sorted(set(found))[:MAX_TERMS])


@dataclass(frozen=True, slots=True)
class Named:
    """All terms that the user named, by what a value is looked up for; how many there are makes it no dearer.

    `sites` and `hosts` are where terms lead, and which of them are whole sites; `urls` of each are those of URLs.
    """

    terms: frozenset[str] = frozenset()
    sites: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    url_sites: frozenset[str] = frozenset()
    url_hosts: frozenset[str] = frozenset()
    folders: frozenset[str] = frozenset()

    @classmethod
    def of(cls, terms: Iterable[str]) -> "Named":
        """Return the look-up of these terms."""
        known = {term: _place(term) for term in terms}
        urls = [place for place in known.values() if place.is_url]
        return cls(
            terms=frozenset(known),
            sites=frozenset(place.site for place in known.values()) - {""},
            hosts=frozenset(place.site for place in known.values() if place.is_host) - {""},
            url_sites=frozenset(place.site for place in urls) - {""},
            url_hosts=frozenset(place.site for place in urls if place.is_host) - {""},
            folders=frozenset(f"{t.rstrip('/')}/" for t, place in known.items() if "/" in t and not place.is_url),
        )

    def holds(self, value: str) -> bool:
        """Return whether a folded value is what a term names, or lies in the folder or on the site that it names."""
        if value in self.terms:
            return True
        if is_url(value):
            return address(value) in self.sites or host(value) in self.hosts
        if self.url_sites and (address(value) in self.url_sites or host(value) in self.url_hosts):
            return True
        return "/" in value and ".." not in value and any(map(value.startswith, self.folders))


NOTHING_NAMED: Final = Named()


class _Place(NamedTuple):
    is_url: bool
    site: str
    is_host: bool


@lru_cache(MAX_PLACES)
def _place(term: str) -> _Place:
    site = address(term)
    return _Place(is_url(term), site, host(term) == site)


def is_telling(value: str) -> bool:
    """Return whether a folded text that the user said names something: not only what all texts hold."""
    return any(len(word) >= SHORTEST and word not in _COMMON and not word.isdigit() for word in words(value))


def affine(value: str | float, terms: Iterable[str]) -> Steps[bool]:
    """Come to whether a folded value bears a name that the user gave: `alice@…` where the user said Alice.

    What a URL asks for does not count: there stands whatever somebody wants to have told. Of a text that is no
    address half of the words must be such names: who named a town did not name a house in it.
    """
    if not isinstance(value, str):
        return False
    value = value.partition("?")[0] if is_url(value) else value
    held = frozenset(words(value.replace("_", " ")))
    left = 1 if is_email(value) or is_url(value) else len(held) / HALF
    for at, term in enumerate(tuple(terms)):
        if term in held or (len(term) >= LEAST_AFFINE and term in value):
            left -= len(words(term))
            if left <= 0:
                return True
        if at % TERMS_AT_ONCE == TERMS_AT_ONCE - 1:
            yield
    return False


def _is_name(text: str, match: re.Match[str]) -> bool:
    word = folded(match.group())
    gap = match.start()
    while gap and text[gap - 1].isspace():  # its own white space only: a search from the start took quadratic time
        gap -= 1
    starts = not gap or text[gap - 1] in _ENDS or "\n" in text[gap : match.start()]
    is_ordering = is_verb(word) or (is_order(word) and not _DOES.match(text, match.end()))
    return word not in _COMMON and not (starts and is_ordering)


def _is_distinctive(term: str) -> bool:
    if not SHORTEST <= len(term) <= LONGEST or term in _COMMON:
        return False
    digits = sum(map(str.isdigit, term))
    return any(map(str.isalpha, term)) or digits > 4  # noqa: PLR2004 - a price or a year stands in many texts


def called(value: str) -> frozenset[str]:
    """Return the stems of the words by which one speaks of what has this folded name: `house rules` for the file.

    Without its folder, its ending and numbers. What is no name of a thing has none, nor has one that many have.
    """
    found = _THING.fullmatch(value)
    if found is None:
        return frozenset()
    said = words((found[1] or found[0]).replace("_", " "))
    held = [word for word in said if _is_distinctive(word) and not word.isdigit()]
    if len(held) == 1 and (found[1] is None or not _tells(held[0])):
        return frozenset()
    return frozenset(map(stem, held))


def _tells(word: str) -> bool:
    return len(word) > SHORTEST and _MANY.isdisjoint((word, word.removesuffix("s"))) and not is_verb(word)
