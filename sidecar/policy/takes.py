"""Which arguments of a tool take a secret, a card's or a national number: as its entry says, or as its schema does.

An entry says it by `takes`. Where it does not speak, the tool's own schema does: an argument of `format: password` or
`writeOnly`, or one whose name is that of the kind (`password`, `card_number`), is a word of whoever made the tool. Of a
tool without a schema nothing is known but the names that a call gives, so those count.

Names count where they end so (`user_password`), and not where the kind is only spoken of (`password_hint`). Which kind
a detector gives to a credential is a guess from its form, so an argument for one takes passwords, keys and JWTs.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from sidecar.model.strict_json import Json
from sidecar.policy.entities import KNOWN

FieldPattern = tuple[str, ...]  # the members of a JSON Pointer; `*` stands for any one
Taken = Mapping[FieldPattern, frozenset[str]]  # the kinds that may stand there, and in what is beneath

MAX_DEPTH: Final = 12  # of members within members, and of references that refer on
MAX_NODES: Final = 5_000  # of one schema: references may unfold without end
LONGEST: Final = 64  # characters of a name that is looked at

_CREDENTIALS: Final = frozenset({"PASSWORD", "API_KEY", "JWT"})
_MASKED: Final = _CREDENTIALS | {"CONNECTION_STRING", "PRIVATE_KEY"}
_TAXPAYER: Final = frozenset({"US_SSN", "US_ITIN"})
_NATIONAL: Final = _TAXPAYER | {"UK_NINO", "IT_FISCAL_CODE", "FI_PERSONAL_IDENTITY_CODE", "NATIONAL_ID"}

# What an argument may be called, in small letters: the end of its name, or, behind `=`, all of it.
_CALLED: Final[Mapping[frozenset[str], str]] = {
    _CREDENTIALS: """
        password passwd pwd passphrase passcode api_key apikey app_key access_key secret_key client_secret
        secret_access_key api_token access_token auth_token bearer_token refresh_token id_token personal_access_token
        api_secret app_secret credential credentials =pass =token =secret =key_secret =bearer
        """,
    frozenset({"PASSWORD"}): "pin otp totp one_time_code verification_code security_code mfa_code recovery_code",
    frozenset({"CONNECTION_STRING"}): """
        connection_string connection_uri connection_url dsn database_url database_uri db_url db_uri jdbc_url
        """,
    frozenset({"PRIVATE_KEY"}): "private_key private_key_pem signing_key",
    frozenset({"CREDIT_CARD"}): """
        card_number card_no cardnumber credit_card debit_card cc_number =pan primary_account_number
        """,
    frozenset({"IBAN_CODE"}): "iban",
    _TAXPAYER: "ssn social_security social_security_number itin =tin taxpayer_id taxpayer_identification_number",
    frozenset({"UK_NINO"}): "nino national_insurance national_insurance_number ni_number",
    frozenset({"IT_FISCAL_CODE"}): "fiscal_code codice_fiscale",
    frozenset({"FI_PERSONAL_IDENTITY_CODE"}): "hetu personal_identity_code",
    _NATIONAL: """
        national_id national_id_number national_identity_number national_number personal_id_number
        personal_identity_number tax_id tax_number tax_code tax_identification_number
        """,
    frozenset({"EMAIL_ADDRESS"}): "email email_address",
    frozenset({"PHONE_NUMBER"}): "phone phone_number telephone telephone_number mobile_number",
}
# What a draft of an entry may say: secrets and numbers that open, pay or prove, and nothing that people are reached by.
GIVEN: Final = _MASKED | _NATIONAL | {"CREDIT_CARD", "IBAN_CODE"}
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_AGAIN: Final = frozenset({"confirmation", "confirm", "confirmed", "repeat", "repeated", "again", "value"})
_ENDS: Final = {
    tuple(name.split("_")): kinds for kinds, names in _CALLED.items() for name in names.split() if name[0] != "="
}
_WHOLE: Final = {
    tuple(name[1:].split("_")): kinds for kinds, names in _CALLED.items() for name in names.split() if name[0] == "="
}
_MOST_WORDS: Final = max(map(len, _ENDS))
_SAME: Final = ("allOf", "anyOf", "oneOf", "if", "then", "else")  # what says more of the value itself
_HOLDING: Final = frozenset({"string", "array", "object"})  # types that can hold a text


@lru_cache(maxsize=4_096)
def called(name: str) -> frozenset[str]:
    """Return the kinds that an argument of this name takes; the name of a kind that comes with us is one, too."""
    words = tuple(word.lower() for word in _WORD.findall(name[:LONGEST])) if len(name) <= LONGEST else ()
    while len(words) > 1 and (words[-1] in _AGAIN or words[-1].isdigit()):
        words = words[:-1]
    if not words:
        return frozenset()
    ends = [_ENDS[words[-size:]] for size in range(1, min(len(words), _MOST_WORDS) + 1) if words[-size:] in _ENDS]
    own = KNOWN & {"_".join(words).upper()}
    return own.union(_WHOLE.get(words, frozenset()), *ends)


def of_schema(document: Json) -> Taken:
    """Return what the arguments take, as far as their schema tells; `document` is JSON Schema of any draft."""
    found: dict[FieldPattern, frozenset[str]] = {}
    for place, kinds in _Reader(document).read(document, (), MAX_DEPTH):
        found[place] = found.get(place, frozenset()) | kinds
    return found


def both(said: Sequence[Taken]) -> Taken:
    """Return what all of `said`, at least one, agree on: the same places, and the kinds that each has there."""
    first, *others = said
    shared = {at: kinds.intersection(*(other.get(at, ()) for other in others)) for at, kinds in first.items()}
    return {at: kinds for at, kinds in shared.items() if kinds}


class _Reader:
    """Reads one schema; what lies beyond the limits takes nothing."""

    def __init__(self, root: Json) -> None:
        self._root = root
        self._left = MAX_NODES

    def read(self, schema: Json, at: FieldPattern, depth: int) -> Iterator[tuple[FieldPattern, frozenset[str]]]:
        self._left -= 1
        schema = {} if schema is True else schema
        if not isinstance(schema, Mapping) or depth <= 0 or self._left < 0:
            return
        if at and _may_hold_text(schema):
            kinds = called(at[-1]) if at[-1] != "*" else frozenset[str]()
            if schema.get("format") == "password" or schema.get("writeOnly") is True:
                kinds |= _MASKED
            if kinds:
                yield at, kinds
        for place, inner in self._inner(schema, at):
            yield from self.read(inner, place, depth - 1)

    def _inner(self, schema: Mapping[str, Json], at: FieldPattern) -> Iterator[tuple[FieldPattern, Json]]:
        """Yield what `schema` says of the value itself, and of what is in it."""
        if isinstance(reference := schema.get("$ref"), str):
            yield at, self._target(reference)
        for word in _SAME:
            said = schema.get(word)
            yield from ((at, each) for each in (said if isinstance(said, list) else [said]))
        if isinstance(properties := schema.get("properties"), Mapping):
            yield from (((*at, name), inner) for name, inner in properties.items())
        yield from (((*at, "*"), schema.get(word)) for word in ("items", "additionalProperties"))

    def _target(self, reference: str) -> Json:
        node = self._root
        if not reference.startswith("#/"):
            return None
        for step in reference.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, Mapping) or name not in node:
                return None
            node = node[name]
        return node


def _may_hold_text(schema: Mapping[str, Json]) -> bool:
    """Whether the value can be a text, or hold one; a closed list of words holds no secret."""
    said = schema.get("type", list(_HOLDING))
    types = {each for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)}
    return not _HOLDING.isdisjoint(types) and "enum" not in schema and "const" not in schema
