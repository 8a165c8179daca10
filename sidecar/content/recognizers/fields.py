"""What a form or a record has a place for: names, towns, addresses: `{"surname": …}`, `last_name: …`, `City: …`.

A field is known by its name, whatever the way in which names are written (`lastName`, `LAST_NAME`, `Last Name`). Words
that are as often something else (`last`, `nom`) count only in a text that has a name that is none, and what may be a
company's place, too (`customer`, `holder`), holds a person where it holds a first and a last name. A value counts that
is written as such a value is, and is no type or state of a field (`String`, `Required`).
"""

import re
from collections.abc import Callable, Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds
from sidecar.content.recognizers.headings import NAME, fits, is_name, is_place, is_street, is_whole_name, kinds

ENTITIES: Final = frozenset({"LOCATION", "PERSON", "STREET_ADDRESS"})
REPLACES: Final = frozenset[str]()

FOUND: Final = 0.6

# What a text holds, in small letters, that has such a field: else it is not looked at.
_HINTS: Final = ("name", "surname", "apellido", "cognome", "nachname", "sobrenome", "achternaam", "prénom", "prenom")
_OWNERS: Final = (
    r"(?:customer|user|contact|employee|client|patient|guest|billing|shipping|owner|holder|author|emergency|student"
    r"|member|passenger|beneficiary|applicant|spouse|parent|child|your|his|her|my)"
)
_KEY = (
    rf"(?:{_OWNERS}[ _.-]?)?(?:(?:first|last|given|family|middle|maiden|birth|legal|preferred)[ _-]?names?"
    r"|fore[ _-]?names?|surname|[fl]name|name[ _-](?:first|last|given|family)|vorname|nachname|familienname"
    r"|geburtsname|pr[ée]nom|nom de famille|cognome|apellidos?|sobrenome|voornaam|achternaam)"
)
_SIGN = r"\\?[\"'\]*]{0,3}[ ]?(?:[:=]|=>)[ \t]{0,8}\*{0,2}[ ]?(?P<quote>\\?[\"']|)"
_END = r"(?P=quote)(?=[ \t]{0,4}(?:[\n\r,;|}\"'&<(]|\\[nr]|$|[ ](?:and|und|y|et)[ ]))"
_FIELD = re.compile(rf"(?<![^\W_])(?i:{_KEY}){_SIGN}(?P<value>{NAME}){_END}")
_ELEMENT = re.compile(rf"<(?:\w{{1,16}}:)?(?i:{_KEY})(?:[ ][^<>]{{0,64}})?>[ \n]?(?P<value>{NAME})[ \n]?</")
_PAIRED = re.compile(
    rf"[\"'](?i:nom|nombres?|nome|first|last|middle|given|family|sn)[\"'][ ]?:[ ]?[\"'](?P<value>{NAME})[\"']"
)
# `name` alone is of wares and files, too: it counts where something else of a person follows.
_NAMED_BESIDE = re.compile(
    rf"<(?i:(?:full)?name)>[ \n]?(?P<value>{NAME})[ \n]?</\w{{4,8}}>\s{{0,16}}"
    r"<(?i:e-?mail|phone|mobile|tel|dob|birth|iban|address|ssn)"
)
# The last word of such a field's name: what ends otherwise is not looked at.
_ENDINGS: Final = (
    *("holder", "name", "assignee", "assignees", "to", "by", "reporter", "patient", "customer", "client", "guest"),
    *("tenant", "landlord", "passenger", "beneficiary", "recipient", "sender", "payee", "payer", "employee", "student"),
    *(
        "visitor",
        "contact",
        "person",
        "owner",
        "kin",
        "attendee",
        "attendees",
        "participant",
        "participants",
        "watcher",
    ),
    *("watchers", "approver", "reviewer", "reviewers", "requester", "author", "authors", "manager", "supervisor"),
    *("doctor", "physician", "gp", "applicant", "spouse", "organizer", "organiser", "excused", "present", "buyer"),
    *("seller", "attn", "attention", "caller", "speaker", "speakers", "presenter", "instructor", "from", "nger"),
    *("ngerin", "inhaber", "inhaberin", "absender", "absenderin", "kundin", "kunde", "titulaire", "titular", "ario"),
    *("aria", "remitente", "call", "driver", "traveler", "traveller", "candidate", "member", "members"),
    *(
        "city",
        "town",
        "country",
        "birth",
        "residence",
        "birthplace",
        "hometown",
        "location",
        "ville",
        "pays",
        "ort",
        "stadt",
    ),
    *("ciudad", "address", "line", "street", "anschrift", "adresse", "adres", "direcci\u00f3n", "direccion"),
    *("indirizzo", "domicilio"),
)
_LAST = re.compile(r"(?P<word>[^\W\d_]+)[ _-]?1?\\?[\"'\]*]{0,3}[ ]?\Z")
LONGEST_WORD: Final = 24  # characters of it, with what closes it
_ROLE = (
    rf"{_OWNERS}[ _.-]?name|(?:(?:account|card|policy|ticket|licen[cs]e|insurance|pass)[ _-]?)?holder(?:[ _-]?name)?"
    r"|assignees?|assigned[ _-]to|(?:report|request|sign|approv|review|prepar|submitt|creat|book|seen|treat)ed[ _-]by"
    r"|reporter|patient|customer|client|guest|tenant|landlord|passenger|beneficiary|recipient|sender|payee|payer"
    r"|employee|student|visitor|contact(?:[ _-]?person)?|full[ _-]?name|display[ _-]?name|owner|next[ _-]of[ _-]kin"
    r"|emergency[ _-]contact|attendees?|participants?|watchers?|approver|reviewers?|requester|authors?"
    r"|(?:line )?manager|supervisor|doctor|physician|gp|applicant|spouse|organi[sz]er|excused|present|buyer|seller"
    r"|attn|attention|caller|speakers?|presenter|instructor|from|empf(?:ä|ae)nger(?:in)?|(?:konto)?inhaber(?:in)?"
    r"|absender(?:in)?|kundin|kunde|titulaire|titular|destinatari[ao]|remitente|on[ _-]?call"
    r"|driver|travell?er|candidate|team[ _-]?members?|members"
)
_TOWNS = (
    r"(?:home|billing|shipping|birth|current|mailing)?[ _-]?(?:city|town|country)(?:[ _]?name)?"
    r"|(?:city|place|country)[ _]of[ _](?:birth|residence)|birthplace|hometown|location|ville|pays"
    r"|(?:wohn|geburts)?ort|stadt|ciudad"
)
_ADDRESSES = (
    r"(?<!mail[ _-])(?<!ip[ _-])(?<!mac[ _-])(?<!wallet[ _-])(?<!memory[ _-])"
    r"(?:(?:street|home|postal|mailing|billing|shipping|delivery|residential|full)[ _-]?)?address"
    r"(?:[ _-]?line)?(?:[ _-]?1)?|street(?:[ _-]?name)?|(?:liefer|rechnungs)?anschrift|(?:liefer|rechnungs)?adresse"
    r"|adres|direcci[oó]n|indirizzo|domicilio"
)
# A sign behind which a value with a capital or a digit begins, and what stands before it.
_SET = re.compile(r"(?:=>|[:=]|\*\*(?<=\w\*\*)(?=[ ]))[ \t]{0,8}\*{0,2}[ ]?(?P<quote>\\?[\"']|)(?=[^\W_a-z])")
_SAID = re.compile(
    rf"(?<![^\W_])(?:(?P<person>{_ROLE})|(?P<town>{_TOWNS})|(?P<address>{_ADDRESSES}))\\?[\"'\]*]{{0,3}}[ ]?\Z",
    re.IGNORECASE,
)
# Items of a list below a role.
_LIST = re.compile(
    r":[ \t]{0,4}\n(?P<items>(?:[ \t]{0,12}(?:[-*\u2022]|\d{1,2}[.)])[ \t]{1,4}[^\n]{2,60}(?:\n|\Z)){1,32})"
)
_ITEM = re.compile(
    r"^[ \t]*(?:[-*\u2022]|\d{1,2}[.)])[ \t]+[\"'*]{0,2}"
    r"(?P<name>[^\n,;:(<\"'*]+?)[\"'*]{0,2}(?=[ \t]*(?:[\n,;:(<\u2013-]|\Z))",
    re.MULTILINE,
)
_SIGNS: Final = (":", "=", "**")
_DESCRIBED = re.compile(
    r"<(?:dt|th|td)(?:[ ][^<>]{0,64})?>[ \n]{0,8}(?P<key>[^<>]{2,40}?):?[ \n]{0,8}</(?:dt|th|td)>\s{0,16}"
    r"<(?:dd|td)(?:[ ][^<>]{0,64})?>[ \n]{0,8}(?P<value>[^<>]{2,160}?)[ \n]{0,8}</(?:dd|td)>",
    re.IGNORECASE,
)
MAX_ROWS: Final = 64
LONGEST_NAME: Final = 40  # characters of a field's name, with what closes it
_BEHIND = r"(?P<quote>\\?[\"']|)(?=[ \t]{0,4}(?:[\n\r,;|}\"'&<(]|\\[nr]|$|[ ](?:and|und|y|et)[ ]))"
_PART_OF: Final = r"(?:[ ]\([^()\n]{2,24}\))"  # what somebody is there: `Ada Byron (chair)`
_VALUES: Final = {
    "person": re.compile(rf"(?P<value>{NAME}(?:{_PART_OF}?,[ ]{NAME}){{0,7}}){_PART_OF}?{_BEHIND}"),
    "town": re.compile(
        rf"(?P<value>[^\W\d_a-z][^\n\"'<>{{}}|;=:,]{{1,40}}?(?:,[ ][^\W\d_a-z][^\W\d_]{{2,24}})?){_BEHIND}"
    ),
    "address": re.compile(
        r"(?P<value>[^\n\"<>{}|=@]{6,160}?)"
        r"(?P<quote>\\?[\"']|)(?=[ \t]{0,4}(?:[\n\r;|}\"<]|,[ ]?[\"'\n]|[ ][\u2013\u2014][ ]|$))"
    ),
}


def find(text: str) -> Iterator[Span]:
    """Yield the names, the towns and the addresses in the fields of `text`."""
    low = text.lower()
    if holds(low, _HINTS):
        for pattern in (_FIELD, _ELEMENT, _NAMED_BESIDE) if "<" in text else (_FIELD,):
            yield from _held(pattern, text, "PERSON", is_name)
        if _FIELD.search(text):
            yield from _held(_PAIRED, text, "PERSON", is_name)
    if "<dd" in low or "</th><td" in low or "</td><td" in low:
        yield from _described(text)
    if holds(text, _SIGNS):
        yield from _told(text)
        yield from _listed(text) if ":\n" in text else ()


def _held(pattern: re.Pattern[str], text: str, kind: str, counts: Callable[[str], bool]) -> Iterator[Span]:
    for said in pattern.finditer(text):
        if counts(said["value"]):
            yield Span(*said.span("value"), kind, FOUND)


def _told(text: str) -> Iterator[Span]:
    """Yield what is given to a role, as a town and as an address."""
    for sign in _SET.finditer(text):
        said = _said(text, sign.start())
        value = _VALUES[said.lastgroup or ""].match(text, sign.end()) if said else None
        if not said or not value or value["quote"] != sign["quote"]:
            continue
        if said["person"]:
            yield from _people(*value.span("value"), value["value"])
        elif all(map(is_place, value["value"].split(", "))) if said["town"] else is_street(value["value"]):
            yield Span(*value.span("value"), "LOCATION" if said["town"] else "STREET_ADDRESS", FOUND)


def _described(text: str) -> Iterator[Span]:
    """Yield what lists of terms and tables of two columns hold in HTML: `<dt>Name</dt><dd>Ada Byron</dd>`."""
    rows = list(_DESCRIBED.finditer(text))[:MAX_ROWS]
    for at, kind in kinds([row["key"] for row in rows]).items():
        if fits(kind, rows[at]["value"]):
            yield Span(*rows[at].span("value"), kind.lstrip("*"), FOUND)


def _said(text: str, end: int) -> re.Match[str] | None:
    """Return the name of a field that ends at `end`, if it is one of those."""
    last = _LAST.search(text, max(0, end - LONGEST_WORD), end)
    if not last or not last["word"].lower().endswith(_ENDINGS):
        return None
    return _SAID.search(text, max(0, end - LONGEST_NAME), end)


def _listed(text: str) -> Iterator[Span]:
    """Yield who stands in a list below a role."""
    for below in _LIST.finditer(text):
        said = _said(text, below.start())
        for item in _ITEM.finditer(text, *below.span("items")) if said and said["person"] else ():
            if is_whole_name(item["name"]):
                yield Span(*item.span("name"), "PERSON", FOUND)


def _people(start: int, end: int, written: str) -> Iterator[Span]:
    """Yield who is named: one, `Lovelace, Ada`, or several behind each other."""
    names = written.split(", ")
    if len(names) == 2 and is_whole_name(written) and not all(" " in name for name in names):  # noqa: PLR2004 - the last name, the first
        yield Span(start, end, "PERSON", FOUND)
        return
    for name in names:
        who = name.partition(" (")[0]
        if is_whole_name(who):
            yield Span(start, start + len(who), "PERSON", FOUND)
        start += len(name) + 2
