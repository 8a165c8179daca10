"""Names of people that the words beside them tell, whatever the model thinks: titles, salutations, signatures.

A name is one to four words with a capital, with the particles that stand within names. What is said of the title
(`TITLE`) is the title itself.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.given_names import ALONE, BEFORE
from sidecar.content.recognizers.cues import holds, listed, lowered
from sidecar.content.recognizers.gazetteer import MONTHS_AND_SMALL_WORDS
from sidecar.content.recognizers.headings import is_whole_name

ENTITIES: Final = frozenset({"PERSON", "TITLE"})
REPLACES: Final = frozenset({"TITLE"})

SAID: Final = 0.85
WEAK: Final = 0.6
MAX_SHORT: Final = 4  # letters of a title that is cut: `Prof.`; behind longer ones a full stop ends the sentence

_PARTICLE = (
    r"(?:d[aeiou]s?|de la|de los|del|della|van|van de[nr]?|von|von der|zu|la|le|el|al|bin|ibn|ben|ter|ten|st\.?|y|e|i)"
)
_PART = r"[^\W\d_a-z][^\W\d_]*(?:['\u2019-][^\W\d_]+)*"
NAME: Final = rf"{_PART}(?:(?<=\b[^\W\d_])\.)?(?:[ ]{{1,2}}(?:{_PARTICLE}[ ])?{_PART}(?:(?<=[ ][^\W\d_])\.)?){{0,3}}"
_TITLES = (
    r"mr|mrs|ms|miss|mx|dr|prof(?:essor)?|sir|dame|lady|lord|rev(?:erend)?|fr|hon(?:ou?rable)?|judge|justice"
    r"|capt(?:ain)?"
    r"|sgt|sergeant|lt|lieutenant|col(?:onel)?|gen(?:eral)?|maj(?:or)?|sen(?:ator)?|rep|gov(?:ernor)?|officer"
    r"|detective|agent"
    r"|herr|frau|monsieur|madame|mme|mlle|señora?|sra?|signora?|dott|ing|nurse|coach|president|sheikh|imam|rabbi|pastor"
)
_TITLE_WORDS: Final = listed(
    """
    mr mrs ms miss mx dr prof professor sir dame lady lord rev reverend fr hon honorable honourable judge justice
    capt captain sgt sergeant lt lieutenant col colonel gen general maj major sen senator rep gov governor officer
    detective agent herr frau monsieur madame mme mlle señor señora sr sra signor signora dott ing nurse coach
    president sheikh imam rabbi pastor
    """
)
_TITLED = re.compile(rf"(?<![^\W_])(?P<title>(?i:{_TITLES})\.?)[ ]{{1,2}}(?:(?i:{_TITLES})\.?[ ])?(?P<name>{NAME})")
_PLAIN_TITLES: Final = listed(
    "mr mrs ms miss mx dr prof professor sir dame rev reverend hon herr frau monsieur madame mme mlle"
)
_SAID = re.compile(
    r"(?<![^\W_])(?i:my (?:full |first |last |maiden |legal |partner's |wife's |husband's |son's "
    r"|daughter's )?name(?:'s| is|:)?"
    r"|(?:his|her|their|maiden|full|first|last|legal|partner's|customer|patient|client|contact|employee|student"
    r"|account holder)"
    r" name(?: is| was|:)|(?:this is|i'm|i am)(?= [A-Z][^\W\d_]+ (?:speaking|here|from|calling))|named(?: him| her"
    r"| them| me)?"
    r"|(?:booking|reservation|appointment|return label)(?: (?:is|was|has been))?"
    r"(?: (?:confirmed|booked|made|cancelled))? for(?= (?-i:[^\W\d_a-z])[^\W\d_]+ (?-i:[^\W\d_a-z]))"
    r"|under the name(?: of)?|name on (?:the |my )?\w{1,12}(?: is|:)"
    r"|name ?[:=]|signed(?: by)? ?:|sincerely,|regards,|yours truly,|yours faithfully,|respectfully,|best wishes,"
    r"|cheers,"
    r"|dear|hello|attn\.? ?:?|attention ?:|prepared by ?:?|reviewed by ?:|approved by ?:|submitted by ?:"
    r"|deposition of|examination by"
    r"|(?:plaintiff|defendant|witness|patient|customer|client|employee|subject|applicant|tenant|landlord|claimant"
    r"|petitioner|respondent"
    r"|counsel|attorney|author|sender|recipient|contact|passenger|guest|beneficiary|payee|from|to|cc|by) ?:)"
    rf"[ \t]{{0,3}}\n{{0,2}}[ \t]{{0,3}}(?:(?i:{_TITLES})\.?[ ])?(?P<name>{NAME})(?=[ \t]*(?:[\n,.;:!?()\[\]<|]|$"
    rf"|(?:and|is|was|v\.?|vs\.?|who|speaking|here|from|calling)\b|'s|\u2019s))",
)
_NO_NAME: Final = listed(
    """
    all team everyone sir madam customer colleagues friends friend support the a an it this that there here not all
    yes no service sales hiring manager human resources department committee members member user admin administrator
    agent assistant file i we you he she they if when please thank thanks re system order invoice case unknown none
    null true false today monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december bank street world api server
    """
)


# The word before a name, whatever follows it: what is none of `_WORDS` needs no second look.
_BEFORE = re.compile(
    r"(?<![^\W\d_])(?P<word>[^\W\d_]{2,14}+)[.:,]{0,2}(?:[ \t]{1,3}(?:is|was):?)?[ \t]{0,3}\n{0,2}"
    r"[ \t]{0,3}(?=[^\W\d_a-z])"
)
_SAYING: Final = listed(
    """
    him her them me
    name names named signed sincerely regards truly faithfully respectfully wishes cheers dear hello attn attention
    by of plaintiff defendant witness patient customer client employee subject applicant tenant landlord claimant
    petitioner respondent counsel attorney author sender recipient contact passenger guest beneficiary payee from to
    cc is am for on the card account it
    """
)
_GIVEN: Final = ALONE | BEFORE
_SAID_REACH: Final = 80  # characters of a name
_REACH: Final = (0, 32)  # characters of a cue before its last word
_LAST: Final = listed(
    "name of by is to card account from for cc on the it him her them me"
)  # words that are a cue's last only


def find(text: str) -> Iterator[Span]:
    """Yield the names and titles in `text` that words tell."""
    low = lowered(text)
    yield from _subjects(text, low)
    yield from _placed(text, low)
    done = 0
    for before in _BEFORE.finditer(text):
        word = before["word"].lower()
        if word in _TITLE_WORDS and (titled := _TITLED.match(text, before.start())):
            yield from _titled(titled, word)
        elif word in _SAYING:
            said = _SAID.search(text, max(done, before.start() - _REACH[word in _LAST]), before.end() + _SAID_REACH)
            if said and said.start("name") >= before.end() and _is_said_of(word, said["name"]):
                yield Span(*said.span("name"), "PERSON", SAID)
                done = said.end()


_HIS = (
    r"(?=s (?:address|phone|e-?mail|birthday|wife|husband|mother|father|son|daughter|sister|brother|account"
    r"|passport)\b)"
)
# What stands behind a name; each of the branches begins with a sign, so that a search goes from sign to sign.
_SUBJECT = re.compile(
    rf" (?<=[^\W\d_].)(?=lives (?:on|in|at|with)\b|was born\b|is from\b)|'(?<=[^\W\d_].){_HIS}"
    rf"|\u2019(?<=[^\W\d_].){_HIS}|,(?<=[^\W\d_].)(?= (?:can|could|would|please|will) (?:I|you|we)\b)"
)
# Who speaks at a time, who a field of JSON names, and whose role stands right before.
_TWO = rf"{_PART}(?:[ ](?:{_PARTICLE}[ ])?{_PART}){{1,2}}"
_SPEAKER = re.compile(
    rf"^[\[(]?\d{{1,2}}:\d\d(?::\d\d)?(?:[ ]?[AaPp][Mm])?[\])]?[ ](?:-[ ])?(?P<name>{_TWO}):", re.MULTILINE
)
# One name alone, where several lines are of the form: a chat.
_CHATTING = re.compile(
    r"^[\[(]?\d{1,2}:\d\d(?::\d\d)?(?:[ ]?[AaPp][Mm])?[\])]?[ ](?:-[ ])?(?P<name>[^\W\d_a-z][^\W\d_A-Z]{1,15}):[ ]",
    re.MULTILINE,
)
# Who is named right before an address of mail or a telephone number of his, and who signs with a short greeting.
_REACHED = re.compile(
    r"(?:[(<\[][ ]?(?:mailto:)?|</td>\s{0,8}<td>(?:<a[ ][^<>]{0,128}>)?|[ ]?[|;\t][ ]?)(?:[\w.+-]{1,64}@|\+\d)"
)
_ENDS_IN_TWO = re.compile(rf"(?:^|(?<=[\s(\"'\u201c*|;>]))(?P<name>{_TWO})[ ]?\Z")
_SIGNED_OFF = re.compile(
    r"(?:^|[.!?\n][ ]?)(?i:best|thanks|thank you|many thanks|warmly|love|thx|ciao|cheers|mfg|groetjes|saludos)"
    rf"(?:,|[ ]?[\u2013-])?[ ]?\n{{0,2}}[ ]{{0,2}}(?P<name>{_PART}(?:[ ]{_PART})?)(?=[ \t]*(?:\n|\Z))"
)
_GREETINGS: Final = ("best", "thank", "warmly", "love", "thx", "ciao", "cheers", "mfg", "groetjes", "saludos")
_NO_SPEAKER: Final = listed(
    """
    support agent bot system user assistant admin info error warning warn debug note notes server client worker host
    operator customer service status result output input summary total start end build deploy test job step task
    """
)
_FIELD = re.compile(
    r"[\"'](?i:(?:full|first|last|customer|contact|patient|employee|client|guest|display|holder|owner|legal|given"
    r"|family)[_ ]?name|customer|patient|cardholder|beneficiary|recipient|sender|author|surname)[\"'][ ]?:[ ]?[\"']"
    rf"(?P<name>{NAME})[\"']"
)
# `name` alone is also of wares and files: it counts where an e-mail address or a telephone number is beside it.
_NAMED_BESIDE = re.compile(
    rf"[\"'](?:name|to|from)[\"'][ ]?:[ ]?[\"'](?P<name>{_TWO})[\"']"
    r"(?=,\s{0,16}[\"'](?i:e-?mail|phone|mobile|tel|dob|birth|address|street))"
)
_ROLES: Final = (
    *("plaintiff", "defendant", "patient", "customer", "client", "beneficiary", "tenant", "landlord", "passenger"),
    *("kontoinhaber", "empfänger", "empfaenger", "titulaire", "titular", "destinatario", "mieter", "kunde"),
    *("cardholder", "claimant", "my "),
)
_ROLE = re.compile(
    rf"\b(?i:{'|'.join(_ROLES[:-1])}"
    r"|my (?:colleague|friend|boss|manager|neighbou?r|wife|husband|partner|son|daughter|brother|sister|mother|father"
    rf"|landlord|doctor|lawyer|teacher|assistant))[ ](?P<name>{_TWO})(?=[,.;:!?)\n]|$|[ ][a-z(])"
)
_ENDS_IN_NAME = re.compile(rf"(?:^|(?<=[\s(\"'\u201c])){NAME}\Z")
_LONGEST: Final = 64  # characters of a name
_OPENING: Final = MONTHS_AND_SMALL_WORDS | listed(
    "who what it he she they today now also yes no well okay hi hello dear"
)
_SMALL = re.compile(r"\bmy name(?:'s| is) (?P<name>[a-z][^\W\d_]{1,20}(?: [a-z][^\W\d_]{1,20}){0,2})(?=[.,;!?\n]|$)")


def _subjects(text: str, low: str) -> Iterator[Span]:
    """Yield who lives somewhere, was born, has an address or is asked to do something; `text` is `low` in any case."""
    for behind in _SUBJECT.finditer(text):
        end = behind.start()
        begin = max(0, end - _LONGEST, text.rfind("\n", 0, end) + 1)
        name = _ENDS_IN_NAME.search(text, begin, end)
        while name and name[0].split()[0].lower() in _OPENING:  # `Then Ada`
            name = _ENDS_IN_NAME.search(text, name.start() + 1, end)
        if name and _is_name(name[0]):
            yield Span(*name.span(), "PERSON", WEAK)
    for small in _SMALL.finditer(text) if "my name" in low else ():
        if _is_name(small["name"]):
            yield Span(*small.span("name"), "PERSON", WEAK)


def _placed(text: str, low: str) -> Iterator[Span]:
    """Yield who is named where a form, a chat or a role has a place for a name; `text` is `low` in any case."""
    yield from _written_to(text, low)
    patterns = [_SPEAKER] if text.count(":") > 1 else []
    if ":" in text and ('"' in text or "'" in text):
        patterns += [_FIELD, _NAMED_BESIDE]
    if holds(low, _ROLES):
        patterns.append(_ROLE)
    for pattern in patterns:
        for said in pattern.finditer(text):
            if _is_name(said["name"]) and said["name"][0].isupper():
                yield Span(*said.span("name"), "PERSON", WEAK)


def _written_to(text: str, low: str) -> Iterator[Span]:
    """Yield who speaks in a chat, who is named before an address of his, and who signs; `text` is `low` in any case."""
    if text.count(":") > 1 and len(lines := list(_CHATTING.finditer(text))) > 1:
        for said in lines:
            if said["name"].lower() not in _NO_SPEAKER and _is_name(said["name"]):
                yield Span(*said.span("name"), "PERSON", WEAK)
    if "@" in text or "+" in text:
        for sign in _REACHED.finditer(text):
            who = _ENDS_IN_TWO.search(text, max(0, sign.start() - _LONGEST), sign.start())
            if who and is_whole_name(who["name"]):
                yield Span(*who.span("name"), "PERSON", WEAK)
    for said in _SIGNED_OFF.finditer(text) if holds(low, _GREETINGS) else ():
        if _is_name(said["name"]):
            yield Span(*said.span("name"), "PERSON", WEAK)


def _titled(match: re.Match[str], title: str) -> Iterator[Span]:
    if not _is_name(match["name"]) or (match["title"][-1] == "." and len(title) > MAX_SHORT):
        return
    is_plain = title in _PLAIN_TITLES
    if is_plain or match["title"][0].isupper():
        yield Span(*match.span("name"), "PERSON", SAID if is_plain else WEAK)
        if is_plain:
            yield Span(*match.span("title"), "TITLE", SAID)


def _is_said_of(word: str, name: str) -> bool:
    """Whether `word` tells that `name` is one: `Subject:` stands before what a mail is about, too."""
    return _is_name(name) and (word != "subject" or name.split(maxsplit=1)[0].lower() in _GIVEN)


def _is_name(words: str) -> bool:
    return len(words) > 1 and _NO_NAME.isdisjoint(words.lower().split())
