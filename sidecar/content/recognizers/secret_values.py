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
from itertools import pairwise
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.cues import holds
from sidecar.content.recognizers.small_passwords import is_said

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
MIN_HEX: Final = 32  # digits of a key that is hexadecimal
MIN_HEX_ENTROPY: Final = 2.8  # bits for each character of 32 that are drawn at random: fewer are one in a million
MIN_PASSWORD: Final = 6  # characters of what no sign says to be a password
LONGEST_PASSWORD: Final = 64
LONGEST_WORD: Final = 24  # characters before a name that are a part of it
MAX_SLASHES: Final = 4  # of what is no path
JUMBLE: Final = 0.4  # of a word's letters are followed by one of another case
MIN_RANDOM: Final = 20  # characters of what only its entropy tells

_OPENS = (
    r"pass(?:word|wd|phrase|code|wort)s?"
    r"|(?<!by)(?<!com)(?<!sur)(?<!tres)(?<!over)(?<!mini)pass(?:es)?"
    r"|(?:security|secret|recovery)[ _-]?answer|code ?word|clave|pwd|pw|passw"
    r"|contrase(?:ñ|n)a|mot de passe|kennwort|senha|pin(?: ?code)?"
)
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
    r"(?P<sign>:[ ]?[A-Za-z&]{3,8}[ ]=|:=|=>|->|\u2192|===?|!==?|=|:"
    r"|[ ](?:(?:is|was|has been)[ ](?:now[ ])?)?(?:changed|set|reset|updated) to"
    r"|[ ](?:is|was|are|lautet)(?:[ ]now)?[ ]?:?|[ ](?:to|of)(?=[ ][\"'`])"
    r"|(?<=[Bb]earer)(?=[ ])|>(?=[^<>\s]{4,256}</))"
    r"[ \t]{0,8}\*{0,2}[ ]?(?:[rbuf]{1,2}(?=[\"']))?(?P<quote>\\?[\"'`]{1,3}|)"
    r"(?:(?:Bearer|Basic|Token)[ ])?"
)
# A name and its value with something between them: a table, a setting of its own line, a few words, a call.
_APART = re.compile(
    r"(?P<rest>[\w.-]{0,24})[\"'`\])*]{0,4}"
    r"(?P<sign>:[ ]?[|>][+-]?\r?\n[ ]{1,24}|[ ]{0,8}\|[ ]{0,8}"
    r"|,?\s{1,24}[\"']?value[\"']?\s{0,3}[=:]\s{0,3}|\([ ]?(?=[\"'`])|[ ]to[ ]"
    r"|(?P<words>(?:[ ][A-Za-z][\w'-]{0,20}){1,5}?)(?:[ ]?[:=]|[ ]is)[ ]|[ \t]{1,8})"
    r"(?P<quote>\\?[\"'`]{1,3}|)"
)
_PAIR = re.compile(
    r"(?:credentials?|creds|log[ -]?in|sign[ -]?in|user(?:name)?)(?:[ ](?:are|is|as|with|details))?(?:[ ]?:[ ]?|[ ])"
    r"[\w.+-]{2,64}(?:@[\w.-]{3,64}[ ]?[/|]|[ ]?[/|:])[ ]?(?P<value>[^\s\"'`<>]{5,64})",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?:(?!&(?:amp;)?[\w.]{1,32}=|\\[nrt])[^\s\"'`,;<>(){}\[\]]){1,512}")
_VALUE = r"(?P<quote>[\"']?)(?P<value>(?=[^\s]*(?:\d|[^\w\s]))[^\s\"'`]{4,256})"
_FLAG = re.compile(rf"(?:--(?:password|token|secret|api-key)(?:=|[ ])|(?<=curl )-u[ ][\w.@-]{{1,64}}:){_VALUE}")
_SHELL = re.compile(
    r"(?<![\w.-])(?:mysql\w{0,8}|mariadb\w{0,8}|sshpass|docker login|smbclient|7z)[ ]"
    rf"[^\n|]{{0,120}}?(?<=[ ])-p[ ]?{_VALUE}"
)
_USER = re.compile(r"(?i)\b(?:user(?:[ _-]?name)?|login|account)[ ]?[:=][ ]?[^\s,;]{2,32}[\s,;/|]{1,4}\Z")
BEFORE: Final = 128  # characters of the name of a resource
BESIDE: Final = 56  # characters of a user's name, with what it is called
_CHANGED = re.compile(r"\b(?:changed?|re-?set|set|updated?|switch(?:ed)?)[ ](?:[A-Za-z]{1,9}[ ]){0,3}\Z")
_MAIL_OR_PLACE = re.compile(r"[\w.+-]+@[\w.-]+|(?:https?|ftp)://.*|[./~].*", re.IGNORECASE)
# Keys of things, of which none opens anything.
_OPENS_NOTHING: Final = frozenset(
    {
        "arrow", "blob", "board", "bucket", "cache", "column", "composite", "cursor", "dedup", "dict", "enter",
        "epic", "event", "file", "foreign", "group", "hash", "hot", "idempotency", "image", "index", "issue", "json",
        "lookup", "map", "message", "natural", "object", "page", "parent", "partition", "primary", "project", "pub",
        "public", "publishable", "record", "recv", "registry", "request", "routing", "row", "session", "short",
        "sort", "state", "surrogate", "tab", "ticket", "translation", "unique", "user",
    }
)  # fmt: skip
_LABEL = re.compile(
    r"(?:number|no|name|id|e-?mail|user|login|address|phone|date|link|url|page|hint|rule|policy|length|field|error|code|reset)s?\Z",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"[_-]|[a-z][A-Z]|[A-Z]{3}")
_QUALIFIER = re.compile(r"([A-Z]?[a-z]+|[A-Z]+)[_.-]?\Z")
_NOT = re.compile(
    r"(?:ssh-(?:rsa|dss|ed25519)|ecdsa-.*|%[\w({].*|\{.*|<.*|\[.*|\*+|\.{2,}|[xX#?_-]{3,}|[xX*]+\w{0,4}"
    r"|\$(?:[{(].*|\w+(?:[\[.:/@?;|$<>-].*)?|(?-i:[A-Z_][A-Z0-9_]*(?![a-z]).*))"  # a variable, not `$Abc!7`
    r"|(?:/[\w.@-]+){2,}/?|[\^~<>=]{1,2}\d+(?:\.\w+){1,3}|.*:"
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
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:0x)?[0-9a-fA-F]{7,128}|[0-9a-f]{12,64}-[A-Z]{3}|\d[\d.,:_-]*|sha\d{3}-.*"
    r"|.*\.\w{1,5}"
)
_PHRASE = re.compile(
    r"[A-Za-z]{3,12}-(?:[A-Za-z]{3,12}-){2,6}[A-Za-z]{3,12}|[A-Za-z]{4,12}-[A-Za-z]{4,12}-[A-Za-z]{4,12}"
)
# Names of a program that hold digits: of members, of constants, of words that are joined.
_MEMBER = re.compile(
    r"(?:[A-Za-z_]\w*\.)+[A-Za-z_]\w*|_*[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|(?:[A-Za-z]+\d{0,3}|\d{1,6})(?:_(?:[A-Za-z]+\d{0,3}|\d{1,6})){2,}"
)
_MATERIAL = re.compile(r"[_-]?(?:\d|b64|base64|hex|pem|value|str|string|material|data|bytes)?", re.IGNORECASE)
_VERSION = re.compile(r"v?\d[\w.]*[.-][\w.-]*|\d{1,4}(?:st|nd|rd|th|[ap]m|[hmsdk])|[A-Z]{1,5}-\d+", re.IGNORECASE)
_SIGNS: Final = frozenset("!#$%^&*+=~@")
_RANDOM = re.compile(
    r"(?:(?P<quote>[\"'`])|(?:[=:][ ]?))(?P<value>[A-Za-z0-9+/_.~-]{20,512}={0,2})(?(quote)(?P=quote)|(?=[\s,;&\"')]"
    r"|$))"
)
_RUN = re.compile(r"[A-Za-z0-9]+")
_OF_A_RESOURCE = re.compile(r"\barn:aws[a-z-]{0,8}:[a-z0-9-]{2,32}:[a-z0-9-]{0,24}:\d{0,12}:(?:[a-z-]{2,24}:)?\Z")
PUBLIC: Final = re.compile(
    r"(?:hash|sha\d*-?|md5|digest|checksum|integrity|etag|commit|uuid|guid|public|cert|fingerprint|thumbprint|nonce"
    r"|path|url|uri|href|src|file|image"
    r"|id(?:-\d)?|ref|name|cursor|page_?token|class|import|from|package|version|model|arn|resolved|build|event|object|trace|node"
    r"|request|digest|anchor|slug|image|asset|video|list|playlist|host|pod|instance|salt)[\"'\]]{0,2}[ ]?[=:]?[ ]?"
    r"(?:W/)?[\"'`]?\Z",
    re.IGNORECASE,
)
_HINTS: Final = (
    "pass", "pw", "secret", "token", "key", "auth", "cred", "bearer", "pin", "contrase", "y answer", "y_answer",
    "y-answer", "yanswer", "code word", "codeword", "clave", "kennwort", "senha",
)  # fmt: skip
_PAIRED: Final = ("cred", "log", "sign", "user")
_COUNTABLE: Final = (
    "count", "limit", "length", "size", "type", "name", "id", "url", "uri", "path", "file", "policy", "field",
    "expir", "hash", "usage",
)  # fmt: skip


def find(text: str) -> Iterator[Span]:
    """Yield the passwords and keys in `text` that are given a name, or look like nothing else."""
    low = text.lower()
    if holds(low, _HINTS):
        yield from _named(text)
    yield from (
        Span(*match.span("value"), "API_KEY", PLAIN)
        for match in _RANDOM.finditer(text)
        if _is_random(match["value"]) and not _is_other(text, match.start())
    )
    if "-" in text:
        yield from (
            Span(*m.span("value"), "PASSWORD", SAID)
            for option in (_FLAG, _SHELL)
            for m in option.finditer(text)
            if not _NOT.fullmatch(m["value"])
        )
    if holds(low, _PAIRED):
        yield from (
            Span(*m.span("value"), "PASSWORD", SAID)
            for m in _PAIR.finditer(text)
            if is_strong_password(m["value"]) and not m["value"].startswith("//")
        )


def _named(text: str) -> Iterator[Span]:
    done = 0
    for name in _NAME.finditer(text):
        if name.start() < done or _is_by_chance(text, name):
            continue
        is_password = name["password"] is not None
        start, end = _beside(text, name)
        if start == end:
            start, end = _apart(text, name)
        if start < end:
            done = end if end - start > SKIPPED else done
            end += is_password and text[end : end + 1] in {"?", "*"} and text[end + 1 : end + 2] != "*"
            yield Span(start, end, "PASSWORD" if is_password else "API_KEY", SAID)


def _is_by_chance(text: str, name: re.Match[str]) -> bool:
    """Whether a short name is a few letters of something random: `pw` of an identifier names nothing."""
    begin, end = max(0, name.start() - LONGEST_PASSWORD), name.end() + LONGEST_PASSWORD
    runs = _RUN.finditer(text, begin, end) if len(name[0]) <= SHORTEST else ()
    return any(_is_random(run[0]) for run in runs if run.start() <= name.start() < run.end())


def _beside(text: str, name: re.Match[str]) -> tuple[int, int]:
    """Return where the secret stands that `name` is given with a sign; an empty place where there is none."""
    assigned = _ASSIGNED.match(text, name.end())
    if not assigned or assigned["rest"].lower().lstrip("_.-").startswith(_COUNTABLE):
        return 0, 0
    if name[0].lower() == "pass" and assigned["sign"].endswith((" to", " of")):
        return 0, 0  # something is passed to something
    start = assigned.end()
    end = _end(text, start, assigned["quote"])
    value = text[start:end]
    if name[0].lower().rstrip("s") == "key" and not (
        _MATERIAL.fullmatch(assigned["rest"]) and _is_key(value, _qualifier(text, name.start()))
    ):
        return 0, 0  # of an object, of a table, of a translation
    is_value = _is_value(
        value,
        is_quoted=bool(assigned["quote"]),
        is_prose=assigned["sign"].startswith(" "),
        is_password=name["password"] is not None,
    )
    is_value = is_value or (not assigned["quote"] and _is_small(text, start, end, name, assigned["sign"]))
    return (start, end) if is_value else (0, 0)


def _is_small(text: str, start: int, end: int, name: re.Match[str], sign: str) -> bool:
    """Return whether a password's value is a word in small letters, and it is given that, not compared with it."""
    if name["password"] is None or sign in {"==", "===", "!=", "!=="}:
        return False
    said = name[0].lower()
    if (
        said.startswith(("pin", "clave"))
        or (said.startswith("pw") and not sign.startswith(" "))
        or (said in {"pass", "passes"} and not _is_login(text, name.start(), sign))
    ):
        return False  # what is passed, and what is short for much
    return is_said(text, start, end, is_prose=sign.startswith(" "))


def _is_login(text: str, at: int, sign: str) -> bool:
    """Return whether somebody's name stands right before: `user: ada, pass: …`."""
    return sign in {":", "="} and _USER.search(text, max(0, at - BESIDE), at) is not None


def _is_told(text: str, start: int, end: int, name: re.Match[str], sign: str) -> bool:
    """Return whether a word in small letters is told as a password: `the one for the door is …`, `changed … to …`."""
    if name["password"] is None or name[0].lower().startswith(("pin", "pw", "pass ")) or not text[start:end].isalpha():
        return False
    if sign.endswith(": ") and sign.lstrip().lower().startswith(("for ", "on ", "of ", "to ", "at ")):
        return is_said(text, start, end, is_prose=True)
    is_to = sign == " to " and _CHANGED.search(text, max(0, name.start() - LONGEST_WORD), name.start()) is not None
    return (is_to or sign.endswith(" is ")) and is_said(text, start, end, is_prose=True)


def _apart(text: str, name: re.Match[str]) -> tuple[int, int]:
    """Return where the secret stands that something is between `name` and; an empty place where there is none."""
    apart = _APART.match(text, name.end())
    if not apart or apart["rest"].lower().lstrip("_.-").startswith(_COUNTABLE):
        return 0, 0
    is_password = name["password"] is not None
    is_plain = name[0].lower().rstrip("s") == "key"
    qualifier = _qualifier(text, name.start())
    if is_plain and (not qualifier or qualifier in _OPENS_NOTHING):
        return 0, 0
    if apart["words"] and _LABEL.search(apart["words"]):
        return 0, 0  # `password, account number: 12`
    if not apart["sign"].strip() and not (qualifier or apart["rest"] or _COMPOUND.search(name[0])):
        return 0, 0  # a word in a sentence
    start = apart.end()
    end = _end(text, start, apart["quote"])
    is_strong = is_strong_password if is_password else _is_strong_key
    is_value = is_strong(text[start:end]) or _is_told(text, start, end, name, apart["sign"])
    return (start, end) if is_value else (0, 0)


def _qualifier(text: str, at: int) -> str:
    """Return the word that stands before a name as a part of it: `admin` of `ADMIN_KEY`."""
    word = _QUALIFIER.search(text, max(0, at - LONGEST_WORD), at)
    return word[1].lower() if word and (text[at - 1] in "_.-" or text[at : at + 1].isupper()) else ""


def _is_strong_key(value: str) -> bool:
    """Whether `value` can be a key without a sign that says so."""
    if not MIN_KEY <= len(value) <= LONGEST or _is_name(value) or _MAIL_OR_PLACE.fullmatch(value):
        return False
    is_one = not any(map(str.isspace, value)) and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return is_one and _entropy(value) >= MIN_HEX_ENTROPY


def is_strong_password(value: str) -> bool:
    """Whether `value` can be a password without a sign that says so."""
    if not MIN_PASSWORD <= len(value) <= LONGEST_PASSWORD or _is_name(value) or _MAIL_OR_PLACE.fullmatch(value):
        return False
    if any(map(str.isspace, value)) or not any(map(str.isalpha, value)) or _VERSION.fullmatch(value):
        return False
    return any(map(str.isdigit, value)) or any(c in _SIGNS for c in value[1:]) or _is_phrase(value) or _is_jumble(value)


def _end(text: str, start: int, quote: str) -> int:
    """Return where the value ends that begins at `start`."""
    if quote:
        end = text.find(quote, start, start + LONGEST)
        line = text.find("\n", start, end if end != -1 else start)
        return end if end != -1 and line == -1 else start
    bare = _BARE.match(text, start)
    if not bare or text[bare.end() : bare.end() + 1] in {"(", "["}:  # a call, an element
        return start
    return start + len(bare[0].rstrip(".:" if bare[0].rstrip(".:")[-1:] not in {"?", "*"} else ".:?*"))


def _is_value(value: str, *, is_quoted: bool, is_prose: bool, is_password: bool) -> bool:
    if not SHORTEST <= len(value) <= LONGEST or _NOT.fullmatch(value) or len(set(value)) < 3:  # noqa: PLR2004 - `xxxx`, `****`
        return False
    if not is_quoted and (value[0] == ":" or _MEMBER.fullmatch(value)):
        return False
    is_word = _IDENTIFIER.fullmatch(value) is not None
    if is_quoted:
        return is_password or (" " not in value and (not is_word or _entropy(value) > MIN_ENTROPY))
    if " " in value or is_word:
        return is_password and is_word and (_is_phrase(value) or (_is_jumble if is_prose else _is_mixed)(value))
    has_digit = any(map(str.isdigit, value))
    if is_password:
        return has_digit or any(not c.isalnum() for c in value)
    is_number = value.isdigit() and len(value) < MIN_RANDOM
    return has_digit and len(value) >= SHORTEST_KEY and not is_number and not value.startswith(("/", "http", "."))


def _is_key(value: str, qualifier: str) -> bool:
    """Whether `value` can be a key to something, not only one in a list; `qualifier` says of what."""
    is_thing = _THING.fullmatch(value) is not None
    return (
        len(value) >= MIN_KEY
        and not (is_thing and (not qualifier or qualifier in _OPENS_NOTHING or len(value) < MIN_HEX or "." in value))
        and "/" not in value
        and _is_varied(value, MIN_HEX_ENTROPY if is_thing else MIN_KEY_ENTROPY)
    )


def _is_name(value: str) -> bool:
    """Whether `value` stands for something else, or is a name of the program."""
    return _NOT.fullmatch(value) is not None or _MEMBER.fullmatch(value) is not None


def _is_phrase(value: str) -> bool:
    """Whether `value` is some words that one sign joins, as people are told to choose them."""
    return _PHRASE.fullmatch(value) is not None


def _is_jumble(word: str) -> bool:
    """Whether capitals and small letters take turns too often for words that are joined."""
    turns = sum(a.islower() != b.islower() for a, b in pairwise(word))
    return turns >= 4 and turns >= JUMBLE * len(word)  # noqa: PLR2004 - `JavaScriptApp` has five


def _is_mixed(word: str) -> bool:
    """Whether capitals stand where no word has them."""
    return word[1:] != word[1:].lower() and not word.isupper() and "_" not in word and "." not in word


def _is_random(value: str) -> bool:
    if (
        value.startswith("//")
        or _THING.fullmatch(value)
        or value.count("/") > MAX_SLASHES
        or _IDENTIFIER.fullmatch(value)
        or _MEMBER.fullmatch(value)
    ):
        return False
    kinds = (any(map(str.isdigit, value)), any(map(str.islower, value)), any(map(str.isupper, value)))
    return all(kinds) and _entropy(value) >= MIN_ENTROPY and _longest_word(value) <= 7  # noqa: PLR2004 - names of programs have words


def _is_other(text: str, at: int) -> bool:
    """Whether what stands before `at` says that no secret follows: a hash, an identifier, a part of a URL."""
    begin = max(0, at - MAX_BEFORE)
    word = max(text.rfind(space, begin, at) for space in " \n\"'<(")
    if PUBLIC.search(text, max(0, at - 24), at + 1) or _OF_A_RESOURCE.search(text, max(0, at - BEFORE), at + 1):
        return True
    return text.find("://", max(begin, word), at) != -1


def _longest_word(value: str) -> int:
    return max(map(len, re.findall(r"[A-Z]?[a-z]+|[A-Z]+", value)), default=0)


def _is_varied(value: str, bits: float) -> bool:
    """Whether each character of `value` has so many bits: where there are too few different ones, none is counted."""
    return len(set(value)) >= 2**bits and _entropy(value) >= bits


def _entropy(value: str) -> float:
    """Return Shannon's entropy in bits for each character of `value`."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
