"""Did the user mean a hidden value to go where it is about to go?

Looked at are the user's own words: whether they hold the value, or speak of its kind (`my password`), in a message that
asks for what the tool does, or in one that asks for nothing (`4111 …`, the answer to a question). For who writes to
somebody that is too wide: there the sentence itself must ask for it, or for the value to be given (`include her SSN`).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.normal import folded, identifier, identifiers
from sidecar.content.origin.passages import Passage
from sidecar.content.origin.places import holds
from sidecar.content.origin.speech import SENTENCE
from sidecar.content.origin.trail import Trail
from sidecar.content.origin.wishes import sentences
from sidecar.model.origin import Origin
from sidecar.model.steps import Steps

MAX_SENTENCES: Final = 64  # of one message
SHORTEST: Final = 4  # characters of a value that is known again in what somebody said

_ANSWERED: Final = frozenset({Origin.USER, Origin.INSTRUCTIONS, Origin.TRUSTED})
_OWNED: Final = "the|an?|my|our|this|that|new|his|her|its|their|old"
_KEY: Final = (
    r"(?:api|access|secret|private|ssh|pgp|gpg|deploy|licen[sc]e|signing|service|account|encryption)[ -]?keys?"
    rf"|(?:{_OWNED}) (?:same |new |old |current )?keys?"
    r"(?=\W*(?:$|[,.;:!?)]|(?:to|in|into|from|of|as|for|under|with|and|by|at|on|is|was)\b))"
)
_CREDENTIAL: Final = (
    r"pass(?:words?|wd|codes?|phrases?|keys?)|pass phrases?|pwd|credentials?|log-?in (?:data|details?|info(?:rmation)?)"
    rf"|(?:api|access|auth|bearer|deploy|refresh|secret)[ -]?tokens?|(?:{_OWNED}) (?:token|secret|pin)s?"
    r"|(?:access|security|verification|door|alarm|entry|pin) codes?|pin numbers?"
    rf"|(?:{_OWNED}) (?:[\w-]{{1,20}} )?log-?ins?(?! (?:page|form|screen|button|attempt|issue|problem))"
    r"|passwort|passwörter|kennwort|zugangsdaten|contraseñas?|clave|mots? de passe|senhas?|wachtwoord(?:en)?"
)
_CARD: Final = (
    rf"(?:credit|debit|bank|saved|stored|visa|payment|corporate|company|{_OWNED}) cards?"
    r"|cards? (?:number|details|data)|visa|mastercard|amex|american express"
    r"|kreditkarte|karte|tarjeta|carte|carta di credito|cartão"
)
_NATIONAL: Final = (
    r"ssn|itin|tin|nino|hetu|social security|codice fiscale|steuer(?:nummer|-id)|taxpayer id|national insurance"
    r"|(?:tax|fiscal|national|personal|identity|insurance|ni|taxpayer)(?: identification| identity| id)?"
    r" (?:numbers?|ids?|codes?)"
)
_NUMBERED: Final = ("US_SSN", "US_ITIN", "UK_NINO", "IT_FISCAL_CODE", "FI_PERSONAL_IDENTITY_CODE")
_SPOKEN: Final[Mapping[str, str]] = {
    "PASSWORD": _CREDENTIAL,
    "API_KEY": f"{_CREDENTIAL}|{_KEY}",
    "JWT": f"{_CREDENTIAL}|jwt|tokens?",
    "PRIVATE_KEY": _KEY,
    "CONNECTION_STRING": r"connection (?:strings?|ur[il]s?)|dsn|(?:database|db|jdbc|redis|broker) ur[il]s?",
    "CREDIT_CARD": _CARD,
    "IBAN_CODE": r"ibans?|(?:bank )?account numbers?",
    **dict.fromkeys(_NUMBERED, _NATIONAL),
}
# What is told by saying where one enters: who asks to log in means the password.
_ENTERING: Final = re.compile(
    r"\b(?:log|sign)(?:ging|ning|ged|ned)?[ -]?(?:me )?(?:in|on|into|onto)\b|\bauthenticate\b"
    r"|\b(?:melde|logge) (?:\S+ ){0,4}?(?:an|ein)\b|\binici(?:a|ar|e) sesión\b|\bconnecte(?:z|r)?\b|\baccedi\b"
)
_ENTERED_WITH: Final = frozenset({"PASSWORD", "API_KEY", "JWT"})
_WORDS: Final = {kind: re.compile(rf"(?<!\w)(?:{said})(?!\w)") for kind, said in _SPOKEN.items()}
_TITLE: Final = re.compile(r"\b(?:mr|mrs|ms|dr|prof|st|fr|sr|sra|nr|no)\Z")
_GIVEN: Final = re.compile(r"\b(?:give|include|mention|quote|state|attach|enclose|provide|specify|supply)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """What the session was told of one value that a call is to have.

    `is_said`: the user wrote it; `is_told`: did so where the deed was asked for; `is_named`: spoke of its kind there.
    `is_given`: the user's sentence on it, or on its kind, asks for the deed or to give it. `is_entered`: the user asked
    to be logged in, and it is what that is done with. `is_known`: it stands where a tool answers for it or the user
    pointed; `is_suspect`: where an injection was found.
    """

    is_said: bool
    is_told: bool
    is_named: bool
    is_given: bool
    is_entered: bool
    is_known: bool
    is_suspect: bool


def meant(trail: Trail, done: Deed, token: str, kind: str, value: str) -> Steps[Meant]:
    """Come to what `trail` tells of the `value` of a `kind` that crossed as `token`, and that `done` is to have."""
    searched = folded(value)
    found = trail.index.find(searched) if len(searched) >= SHORTEST else []
    yield
    known = [*found, *trail.index.find(folded(token))]
    yield
    users = [passage for passage in found if passage.origin is Origin.USER]
    told = named = given = False
    for passage in users:
        told = told or _asks(done, passage.text)
        given = given or any(_gives(done, each) for each in _sentences(passage.text) if _holds(each, searched))
        yield
    words = _WORDS.get(kind)
    for said in trail.wanted.requests:
        if words and words.search(said):
            named = named or _asks(done, said)
            given = given or any(_gives(done, each) for each in _sentences(said) if words.search(each))
        yield
    return Meant(
        is_said=bool(users),
        is_told=told,
        is_named=named,
        is_given=given,
        is_entered=kind in _ENTERED_WITH and any(map(_ENTERING.search, trail.wanted.requests)),
        is_known=any(map(_is_known, known)),
        is_suspect=any(passage.origin is Origin.SUSPICIOUS for passage in known) and not users,
    )


def _is_known(passage: Passage) -> bool:
    return passage.origin in _ANSWERED or (passage.origin is Origin.UNTRUSTED and passage.is_referred)


def _holds(said: str, value: str) -> bool:
    key = identifier(value)
    return holds(said, value) or (bool(key) and key in identifiers(said))


def _sentences(said: str) -> Iterator[str]:
    """Yield the sentences of a folded text; the full stop of a title (`Mr. Lund`) ends none."""
    begun = ""
    for _, found in zip(range(MAX_SENTENCES), SENTENCE.finditer(said), strict=False):
        begun += found.group()
        if not _TITLE.search(begun):
            yield begun
            begun = ""
    if begun:
        yield begun


def _asks(done: Deed, said: str) -> bool:
    """Return whether a message asks for the deed, or for nothing at all: then it answers what it was asked."""
    wishes = [each for _, each in zip(range(MAX_SENTENCES), sentences(said), strict=False)]
    if any(done.is_asked_in(each) or done.is_meant_in(each) for each in wishes):
        return True
    return not any(each.opened for each in wishes)


def _gives(done: Deed, sentence: str) -> bool:
    """Return whether a sentence asks for the deed, or for something to be given."""
    return any(map(done.is_asked_in, sentences(sentence))) or _GIVEN.search(sentence) is not None
