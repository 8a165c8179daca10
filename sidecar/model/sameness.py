"""When are two spellings the same value?

The same person has the same token in a whole conversation, however the name is spaced, and so has a number however
its digits are grouped. But no two values may ever share a token, since the wrong one would be given back: what is
merged here is what cannot tell two values of one kind apart. A secret is the same only letter by letter.

A telephone number that is written without its country may be that of any number with the same digits behind its
country's: it is `loose`, and whoever compares decides by what else is known.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

# Kinds that are read aloud or copied in groups, but are one run of letters and digits.
_SPELT: Final = frozenset({"DATE_TIME", "IP_ADDRESS", "LOCATION", "NRP", "ORGANIZATION", "PERSON", "EMAIL_ADDRESS"})
# Parts of a kind's name that say that each letter counts.
_SECRET: Final = frozenset(
    {"CRYPTO", "KEY", "PASSWORD", "SECRET", "TOKEN", "JWT", "CREDENTIAL", "CREDENTIALS", "CONNECTION", "URL", "URI"}
)
_TELEPHONE: Final = "PHONE_NUMBER"
_PERSON: Final = "PERSON"
_EDGE: Final = " .,;:!?\"'()[]<>"
# `Lovelace, Ada`: the family name first; what stands behind a second comma, or is a degree or a rank, is no given name.
_TURNED: Final = re.compile(
    r"([^\W\d_][^\d_,]{0,62}), (?!(?:jr|sr|phd|md|esq|dds|mba|ii|iii|iv)\b)([^\W\d_][^\d_,]{0,62})\Z"
)
_NUMBER: Final = re.compile(r"[A-Za-z +(]{0,24}(?:\d[A-Za-z\s.()/+:-]{0,8}){6,64}")
_ADDRESS: Final = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")
_TAG: Final = re.compile(r"<[^<>]{1,512}>")
_ENTITY: Final = re.compile(r"&#?\w{1,31};")
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2}))")
# ITU-T E.164: the country codes of two digits; 1 and 7 have one, all others three.
_TWO_DIGITS: Final = re.compile("2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]")
_NANP: Final = 11  # digits of a North American number with its leading 1


@dataclass(frozen=True, slots=True)
class Sameness:
    """`exact` is equal for equal values only. `loose` is what else may be equal; `is_loose` where no more is known."""

    exact: str
    loose: str = ""
    is_loose: bool = False


def plain(entity: str, value: str) -> str:
    """Return a number or an e-mail address as a reader takes it, without markup, escapes, and what nobody sees.

    Any other value of the kind `entity` is what it is, and so is a secret.
    """
    if _is_secret(entity):
        return value
    text = _ESCAPE.sub(_character, _ENTITY.sub(lambda match: html.unescape(match[0]), _TAG.sub("", value)))
    text = "".join(c for c in text.replace("%40", "@") if not _is_unseen(c))
    text = text if "@" in text else unquote(text)
    return text if _ADDRESS.fullmatch(text) or _NUMBER.fullmatch(text) else value


def sameness(entity: str, value: str) -> Sameness:
    """Return what two spellings of one value of the kind `entity` have in common."""
    if _is_secret(entity):
        return Sameness(unicodedata.normalize("NFC", value).strip())
    value = plain(entity, value)
    text = "".join(c for c in unicodedata.normalize("NFKC", value).casefold() if not _is_unseen(c))
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    if entity == _TELEPHONE and (digits := _digits(text)):
        return _telephone(text, digits)
    if entity == _PERSON:
        text = _TURNED.sub(r"\2 \1", text.strip(_EDGE)) or text
    if entity in _SPELT:
        return Sameness(text.strip(_EDGE) or text)
    return Sameness("".join(c for c in text if c.isalnum()) or text)


def _is_secret(entity: str) -> bool:
    return not _SECRET.isdisjoint(entity.split("_"))


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf"


def _character(escape: re.Match[str]) -> str:
    said = chr(int(escape[1] or escape[2], 16))
    return escape[0] if unicodedata.category(said) == "Cs" else said


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdecimal())


def _telephone(text: str, digits: str) -> Sameness:
    extension = re.search(r"(?:ext|x|#|,,)\D{0,3}(\d{1,6})$", text)
    inner = f"x{extension[1]}" if extension else ""
    if extension:
        text = text[: extension.start()]
        digits = _digits(text)
    if text.lstrip("( ").startswith("+"):
        return _international(_digits(text.replace("(0)", "")), inner)
    if digits.startswith("00"):
        return _international(_digits(text.replace("(0)", "")).removeprefix("00"), inner)
    national = digits.lstrip("0")
    if len(digits) == _NANP and digits.startswith("1"):
        national = digits[1:]
    return Sameness(f"~{national}{inner}", f"~{national}{inner}", is_loose=True)


def _international(digits: str, inner: str) -> Sameness:
    size = 1 if digits[:1] in {"1", "7"} else 2 if _TWO_DIGITS.match(digits) else 3
    return Sameness(f"+{digits}{inner}", f"~{digits[size:].lstrip('0')}{inner}")
