"""Passwords that are told in a sentence without a sign: `use hunter2 as the password`, `the PIN of the card is 4711`.

A code of digits counts where its name is one of codes that stay. What opens something once (`your login code is …`) is
for who was sent it, and for the tool that asks. A pass phrase is three words or more, of which none is one that
sentences are made of.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds, listed
from sidecar.content.recognizers.secret_values import SAID, is_strong_password
from sidecar.content.recognizers.small_passwords import ends, is_small_password

_NAMED = (
    r"(?:pass(?:word|phrase|code|wort)|pwd|pw|kennwort|mot de passe|contrase(?:ñ|n)a|senha|wachtwoord|parola|has[łl]o"
    r"|l[öo]senord|salasana|passord)"
)
_VALUE = r"[\"'\u201c\u201e`]?(?P<value>[^\s\"'`\u201c\u201d<>]{5,64}?)[\"'\u201d`]?"
_END = r"(?=[.,;:?)]{0,2}(?:\s|\Z))"
_USED = re.compile(
    rf"\b(?:use|using|enter|type|try|take|choose|chose|picked?|set|put|with|have|got)[ ]{_VALUE}[ ]as[ ]"
    rf"(?:the[ ]|my[ ]|your[ ]|our[ ]|a[ ]|its[ ])?(?:\w{{1,12}}[ ]){{0,2}}{_NAMED}\b",
    re.IGNORECASE,
)
_WITH_USER = re.compile(
    r"\b(?:user(?:[ ]?name)?|login|account|log[ ]in|sign[ ]in)[ ](?:(?:is|as|with|user|name)[ ]){0,2}\S{2,64}"
    rf"[ ]?(?:and|with|,|/)[ ](?:the[ ])?{_NAMED}[ ](?:is[ ])?{_VALUE}{_END}",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    rf"\b(?:changed|reset|set|switched|updated)[ ](?:it|mine|this|that|them)[ ](?:back[ ])?to[ ]{_VALUE}{_END}"
    rf"(?=[^\n]{{0,80}}{_NAMED})",
    re.IGNORECASE,
)
_TO_BE = re.compile(rf"{_NAMED}(?:['\u2019]s|[ ](?:will|shall|would|should)[ ]be)[ ]{_VALUE}{_END}", re.IGNORECASE)
_FROM_TO = re.compile(
    rf"{_NAMED}(?:[ ](?:was|has been))?[ ](?:changed|reset|set|switched|updated)[ ]from[ ][\"'`]?"
    rf"(?P<old>[^\s\"'`]{{5,64}}?)[\"'`]?[ ]to[ ]{_VALUE}{_END}",
    re.IGNORECASE,
)
# How a password is told, and what a text holds, in small letters, where it is told so.
_TOLD: Final = ((" as ", _USED), (" pass", _WITH_USER), (" to ", _CHANGED), ("s ", _TO_BE), (" be ", _TO_BE))
_BARE = re.compile(rf"(?<![\w-]){_NAMED}[ ]{_VALUE}{_END}", re.IGNORECASE)
_HINTS: Final = (
    "pass",
    "pw",
    "kennwort",
    "contrase",
    "senha",
    "wachtwoord",
    "parola",
    "hasło",
    "haslo",
    "senord",
    "salasana",
)
# Names of methods and formats that hold a digit.
_METHOD = re.compile(r"(?i)(?:oauth|base|utf|sha|md|pbkdf|scrypt|argon|bcrypt|aes|rsa|x|http|ntlm|v)-?\d[\w.-]*")
_CODES = (
    r"(?:(?:[a-z]{1,12}_)?pin|pass[ -]?code|(?:door|gate|alarm|safe|entry|unlock|locker)[ -]?(?:code|pin|combination))"
)
_CODE = re.compile(
    rf"(?<![\w-]){_CODES}"
    r"(?:[ ](?:of|for|to|at|on)(?:[ ](?:the|my|your|our|his|her))?(?:[ ][a-z'-]{1,16}(?!\w)){1,3}?)?"
    r"(?:[ ](?:is|was|to)(?:[ ]now)?[ ]?:?|[ ]?[:=]|\))?[ ]{0,3}[\"'*`]{0,2}(?P<value>\d{4,8}|\d{3}[ -]\d{3})"
    r"(?![\w.-]*\d)(?![\w-])",
    re.IGNORECASE,
)
# On the back of a card: three digits, or four.
_CARD_CODE = re.compile(
    r"(?<![^\W_])(?:cv[vc]2?|card (?:verification|security) (?:code|value|number))(?:[ ](?:is|was|code|number)){0,2}"
    r"[\"']?[ ]?[:=#]?[ ]?[\"']?(?P<value>\d{3,4})(?![\w-])",
    re.IGNORECASE,
)
_CODE_FOR = re.compile(
    r"\b(?:code|combination)[ ](?:for|of|to)[ ](?:the|my|your|our|his|her)[ ](?:\w{2,12}[ ])?"
    r"(?:safe|door|gate|alarm|locker|garage|building|entrance|lock|vault|lobby|flat|house)"
    r"(?:[ ](?:is|was)(?:[ ]now)?|[ ]?:)[ ]{1,2}(?P<value>\d{4,8})(?![\w-])",
    re.IGNORECASE,
)
_CODE_HINTS: Final = ("pin", "code", "combination", "cvv", "cvc", "verification")
_PHRASE = re.compile(
    r"\b(?:pass[ -]?phrase|seed[ -]?phrase|recovery[ -]?phrase|mnemonic|recovery words|seed words)"
    r"(?:[ ](?:of|for|to)(?:[ ][\w'-]{1,16}){1,4})?(?:[ ](?:is|was|are)[ ]?:?|[ ]?[:=])[ ]{0,3}[\"'\u201c`]?"
    r"(?P<value>[a-z]{3,14}(?:[ ][a-z]{3,14}){2,23})(?=[\"'\u201d`.,;]?(?:\s*\n|\s*\Z|[\"'.]))",
    re.IGNORECASE,
)
_PHRASE_HINTS: Final = ("phrase", "mnemonic", "recovery words", "seed words")
_SAYING: Final = listed(
    """
    the and for with that this was are not you your his her our their its has have had can will must should may be been
    too from into than then when where which who why how all any use used using need needs required optional stored
    set sent least characters words word long short wrong correct same different only also just per each never always
    """
)


def find(text: str) -> Iterator[Span]:
    """Yield the passwords that sentences in `text` tell."""
    low = text.lower()
    if holds(low, _HINTS):
        yield from _words(text, low)
    if holds(low, _CODE_HINTS):
        yield from (_span(match) for code in (_CODE, _CODE_FOR, _CARD_CODE) for match in code.finditer(text))
    if holds(low, _PHRASE_HINTS):
        told = _PHRASE.finditer(text)
        yield from (_span(match) for match in told if _SAYING.isdisjoint(match["value"].lower().split()))


def _words(text: str, low: str) -> Iterator[Span]:
    for hint, told in _TOLD:
        for match in told.finditer(text) if hint in low else ():
            if is_strong_password(match["value"]) or _is_word(text, match):
                yield _span(match)
    yield from (_span(match) for match in _BARE.finditer(text) if _is_plain(match["value"]))
    for match in _FROM_TO.finditer(text) if " from " in low else ():
        yield from (Span(*match.span(at), "PASSWORD", SAID) for at in ("old", "value") if is_strong_password(match[at]))


def _span(match: re.Match[str]) -> Span:
    return Span(*match.span("value"), "PASSWORD", SAID)


def _is_word(text: str, match: re.Match[str]) -> bool:
    """Whether what is told is a word in small letters, behind which nothing more is said of it."""
    is_last = match.end("value") >= match.end() - 1
    return is_small_password(match["value"], is_prose=True) and (not is_last or ends(text, match.end("value")))


def _is_plain(value: str) -> bool:
    """Whether `value` can be a password where no sign and no verb says so: with a sign, or with digits at its end."""
    if not is_strong_password(value) or _METHOD.fullmatch(value):
        return False
    return value[-2:].isdigit() or any(c in "!#$%^&*+=~" for c in value[1:])
