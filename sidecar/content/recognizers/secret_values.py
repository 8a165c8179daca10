"""Passwords and keys that nobody marked: by the name they are given, and by how little they look like words.

`password = "hunter2"` in code, .env, YAML, JSON and prose; `Authorization: Bearer ...`. A value counts that is quoted
or no word, and neither a placeholder (`<key>`, `${KEY}`, `changeme_here`), nor another name of the program, nor a call.
A value of high entropy needs no telling name, only a place of its own: behind a sign of equality, in quotes.
Identifiers of things (UUIDs, hashes) are secrets only under a name that says so.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span

SAID: Final = 0.85
PLAIN: Final = 0.6
SHORTEST: Final = 4  # characters of a password
SHORTEST_KEY: Final = 8  # of a key that is not quoted
LONGEST: Final = 512
SKIPPED: Final = 64  # characters of a value, of which none is looked at again as a name
MIN_ENTROPY: Final = 3.9  # bits for each character: English has 2.5 in as few characters, hexadecimal digits at most 4
MAX_BEFORE: Final = 512  # characters of a URL before a value
MIN_KEY: Final = 16  # characters of what is only called "key"
MIN_KEY_ENTROPY: Final = 3.4
MIN_RANDOM: Final = 20  # characters of what only its entropy tells

_OPENS = r"pass(?:word|wd|phrase|code|wort)?s?|pwd|passw|contrase(?:ñ|n)a|mot de passe|kennwort|senha|pin(?: ?code)?"
_KEYED = (
    r"secrets?|tokens?|api[ _-]?keys?|apikeys?|access[ _-]?keys?|auth(?:orization|[ _-]?key|[ _-]?token)?"
    r"|credentials?|creds?"
    r"|private[ _-]?keys?|secret[ _-]?keys?|client[ _-]?secrets?|encryption[ _-]?keys?|signing[ _-]?(?:keys?"
    r"|secrets?)|master[ _-]?keys?"
    r"|account[ _-]?keys?|session[ _-]?(?:keys?|cookies?)|service[ _-]?keys?|webhook[ _-]?(?:keys?|secrets?)|bearer"
    r"|license[ _-]?keys?|keys?"
)
_NAME = re.compile(
    rf"(?:(?<=[A-Za-z0-9][_.-])|(?<![A-Za-z0-9])|(?<=[a-z0-9])(?=[A-Z]))(?:(?P<password>{_OPENS})"
    rf"|(?P<key>{_KEYED}))(?![a-z])",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"(?P<rest>[\w.-]{0,24})[\"'`\])\\]{0,4}[ \t]{0,8}"
    r"(?P<sign>:=|=>|===?|!==?|=|:|[ ](?:is|was|set to|are)(?:[ ]now)?[ ]?:?|[ ](?:to|of)(?=[ ][\"'`])"
    r"|(?<=[Bb]earer)(?=[ ])|>(?=[^<>\s]{4,256}</))"
    r"[ \t]{0,8}(?:[rbuf]{1,2}(?=[\"']))?(?P<quote>\\?[\"'`]{1,3}|)"
    r"(?:(?:Bearer|Basic|Token)[ ])?"
)
_BARE = re.compile(r"(?:(?!&(?:amp;)?[\w.]{1,32}=)[^\s\"'`,;<>(){}\[\]]){1,512}")
_FLAG = re.compile(
    r"(?:--(?:password|token|secret|api-key)(?:=|[ ])|(?<=curl )-u[ ][\w.@-]{1,64}:"
    r"|(?<![\w-])-p(?=[^\s-]{6}))(?P<value>(?=[^\s]*[\d\W])[^\s\"'`]{4,256})"
)
_NOT = re.compile(
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-.*|\$[\w{(].*|%[\w({].*|\{\{.*|<.*|\[.*|\*+|\.{2,}|[xX#?_-]{3,}|[xX*]+\w{0,4}"
    r"|(?:null|none|nil|true|false|undefined|empty|required|optional|yes|no)"
    r"|(?:str(?:ing)?|int(?:eger)?|bool(?:ean)?|bytes|object|any|text|secretstr|float|char|varchar\w*)"
    r"|.{0,64}(?:your|example|placeholder|changeme|change_me|insert|replace|redacted|dummy|sample|todo|fixme|_here"
    r"|goes[_-]here|my[-_](?:secret|key|token|api)).{0,64}"
    r"|(?:os|env|process|self|this|config|settings|args|options|request|req|res|ctx|params|user|data|secrets|vars?"
    r"|var|local|module|input|props"
    r"|System|Deno|import|c|cfg|app|state|response|result|ENV|environment|context|opts|event|body|form"
    r"|headers?)(?:[.\[]|->).{0,256})",
    re.IGNORECASE,
)
_IDENTIFIER = re.compile(r"[A-Za-z_]+(?:[._-][A-Za-z_]+)*")
_THING = re.compile(
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:0x)?[0-9a-fA-F]{7,128}|\d[\d.,:_-]*|sha\d{3}-.*"
    r"|.*\.\w{1,5}"
)
_RANDOM = re.compile(
    r"(?:(?P<quote>[\"'`])|(?:[=:][ ]?))(?P<value>[A-Za-z0-9+/_.~-]{20,512}={0,2})(?(quote)(?P=quote)|(?=[\s,;&\"')]"
    r"|$))"
)
PUBLIC: Final = re.compile(
    r"(?:hash|sha\d*-?|md5|digest|checksum|integrity|etag|commit|uuid|guid|public|cert|fingerprint|thumbprint|nonce"
    r"|path|url|uri|href|src|file|image"
    r"|id|ref|name|cursor|page_?token|class|import|from|package|version|model|arn)[\"'\]]{0,2}[ ]?[=:]?[ ]?\Z",
    re.IGNORECASE,
)
_HINTS: Final = (
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "auth",
    "cred",
    "bearer",
    "pin",
    "contrase",
    "kennwort",
    "senha",
)
_COUNTABLE: Final = (
    "count",
    "limit",
    "length",
    "size",
    "type",
    "name",
    "id",
    "url",
    "uri",
    "path",
    "file",
    "policy",
    "field",
    "expir",
    "hash",
    "usage",
)


def find(text: str) -> Iterator[Span]:
    """Yield the passwords and keys in `text` that are given a name, or look like nothing else."""
    low = text.lower()
    if any(hint in low for hint in _HINTS):
        yield from _named(text)
    yield from (
        Span(*match.span("value"), "API_KEY", PLAIN)
        for match in _RANDOM.finditer(text)
        if _is_random(match["value"]) and not _is_other(text, match.start())
    )
    if "-" in text:
        yield from (
            Span(*m.span("value"), "PASSWORD", SAID) for m in _FLAG.finditer(text) if not _NOT.fullmatch(m["value"])
        )


def _named(text: str) -> Iterator[Span]:
    done = 0
    for name in _NAME.finditer(text):
        assigned = _ASSIGNED.match(text, name.end()) if name.start() >= done else None
        if not assigned or assigned["rest"].lower().lstrip("_.-").startswith(_COUNTABLE):
            continue
        start = assigned.end()
        end = _end(text, start, assigned["quote"])
        value = text[start:end]
        if name[0].lower().rstrip("s") == "key" and not _is_key(value):
            continue  # of an object, of a table, of a translation
        done = end if len(value) > SKIPPED else done
        is_prose = assigned["sign"].startswith(" ")
        if _is_value(
            value, is_quoted=bool(assigned["quote"]), is_prose=is_prose, is_password=name["password"] is not None
        ):
            yield Span(start, end, "PASSWORD" if name["password"] else "API_KEY", SAID)


def _end(text: str, start: int, quote: str) -> int:
    """Return where the value ends that begins at `start`."""
    if quote:
        end = text.find(quote, start, start + LONGEST)
        line = text.find("\n", start, end if end != -1 else start)
        return end if end != -1 and line == -1 else start
    bare = _BARE.match(text, start)
    if not bare or text[bare.end() : bare.end() + 1] in {"(", "["}:  # a call, an element
        return start
    return start + len(bare[0].rstrip(".:!?*"))


def _is_value(value: str, *, is_quoted: bool, is_prose: bool, is_password: bool) -> bool:
    if not SHORTEST <= len(value) <= LONGEST or _NOT.fullmatch(value) or len(set(value)) < 3:  # noqa: PLR2004 - `xxxx`, `****`
        return False
    is_word = _IDENTIFIER.fullmatch(value) is not None
    if is_quoted:
        return is_password or (" " not in value and (not is_word or _entropy(value) > MIN_ENTROPY))
    if " " in value or is_word:
        return is_password and is_word and not is_prose and _is_mixed(value)
    has_digit = any(map(str.isdigit, value))
    if is_password:
        return has_digit or any(not c.isalnum() for c in value)
    is_number = value.isdigit() and len(value) < MIN_RANDOM
    return has_digit and len(value) >= SHORTEST_KEY and not is_number and not value.startswith(("/", "http", "."))


def _is_key(value: str) -> bool:
    """Whether `value` can be a key to something, not only one in a list."""
    return (
        len(value) >= MIN_KEY
        and not _THING.fullmatch(value)
        and "/" not in value
        and _entropy(value) >= MIN_KEY_ENTROPY
    )


def _is_mixed(word: str) -> bool:
    """Whether capitals stand where no word has them."""
    return word[1:] != word[1:].lower() and not word.isupper() and "_" not in word and "." not in word


def _is_random(value: str) -> bool:
    if _THING.fullmatch(value) or value.count("/") > 4 or _IDENTIFIER.fullmatch(value):  # noqa: PLR2004 - a path
        return False
    kinds = (any(map(str.isdigit, value)), any(map(str.islower, value)), any(map(str.isupper, value)))
    return all(kinds) and _entropy(value) >= MIN_ENTROPY and _longest_word(value) <= 7  # noqa: PLR2004 - names of programs have words


def _is_other(text: str, at: int) -> bool:
    """Whether what stands before `at` says that no secret follows: a hash, an identifier, a part of a URL."""
    begin = max(0, at - MAX_BEFORE)
    word = max(text.rfind(space, begin, at) for space in " \n\"'<(")
    return PUBLIC.search(text, max(0, at - 24), at + 1) is not None or text.find("://", max(begin, word), at) != -1


def _longest_word(value: str) -> int:
    return max(map(len, re.findall(r"[A-Z]?[a-z]+|[A-Z]+", value)), default=0)


def _entropy(value: str) -> float:
    """Return Shannon's entropy in bits for each character of `value`."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
