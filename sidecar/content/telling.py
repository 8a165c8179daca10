"""Could a word be a password, by what stands before it?

A password that is a word is one because something before it says so: its name, that of an account, a verb. Whoever
looks for forms only lets all other words go (`content.plain`). A text in which such a word could be written in another
way, by signs or by letters that stand apart, says nothing: then any word may be one.
"""

import re
from typing import Final

from sidecar.content.lines import ends_a_group
from sidecar.content.plain import STAMP, begins_small, follows, is_brief, is_ordinary

OVERLAP: Final = 32  # characters of a cue at most: looked at again behind what was looked at
AT_ONCE: Final = 96  # characters that are looked at together: most have nothing
VERB: Final = 10  # characters of a verb before a word, with its space

# Beginnings and ends of what passwords, codes, keys and accounts are called, and of commands that take one.
_CUES: Final = (
    *("pass", "pwd", "kennwort", "contrase", "senha", "wachtwoord", "parol", "haslo", "has\u0142o", "losenord"),
    *("l\u00f6senord", "salasana", "clave", "code", "combination", "word", "secret", "token", "key", "auth", "cred"),
    *("bearer", "phrase", "mnemonic", "recover", "seed", "log", "user", "account", "sign", "answer", "identified"),
    *("echo", "sudo", "root", "require", "master", "mysql", "mariadb", "curl", "docker", "smb", "7z"),
    *("konto", "compte", "cuenta"),
)
_WHOLE: Final = re.compile(r"\bpw|pin\b|\b(?:it|mine|this|that|them) (?:back )?to\b", re.IGNORECASE)
_IN_WHOLE: Final = ("pw", "pin", " to")  # of which each match of it has one
# What may be read in another way: escapes, markup, other alphabets, letters that stand apart, strings that are joined.
_ODD: Final = re.compile(
    r"[^\x20-$'-;=-?A-\[\]-\x7e\s\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0153\u2010-\u2014\u2018-\u201e\u2022\u2026\u2705]"
)
_JOINED: Final = re.compile(r"[^\W_][*`~]{1,6}[^\W_]|\w-\s|[\"'] ?[+] ?[\"']|\]\(")
_IN_JOINED: Final = ("-", "*", "`", "~", "+", "](")  # the same
_LETTERS: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_](?:[^\w\n]|_){1,3}){3}[^\W\d_](?![^\W_])")
_IN_LETTERS: Final = re.compile(r"[\W_][^\W\d_][\W_]{1,3}[^\W\d_][\W_]{1,3}[^\W\d_](?![^\W_])")
_VERBS: Final = ("use", "using", "enter", "type", "try", "take", "choose", "chose", "pick", "picked", "set", "put")
_ALL_VERBS: Final = (*_VERBS, "with", "have", "got")
_VERB: Final = re.compile(rf"(?i)\b(?:{'|'.join(_ALL_VERBS)})[ ]\Z")
_USED: Final = re.compile(
    r"(?i)\b(?:us(?:e|ing)|enter|type|tr[iy]|took|tak|cho[os]se|pick|set|put|with|have|got)\w{0,3}[ ]\S{1,64}[ ]as\b"
)
_AS: Final = "as"
# RFC 3164, section 4.1.2: `Nov  2 10:00:00`.
_MONTHS: Final = frozenset(["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"])
_DAY: Final = re.compile(r"[1-9]|[0-3]\d")
_TIME: Final = re.compile(r"[0-2]\d:[0-5]\d:[0-5]\d(?:[.,]\d{1,6})?")


class Telling:
    """What the words of a text from `low` on say of those that follow; the text may grow from question to question."""

    def __init__(self, low: int) -> None:
        self._low = self._silent = low  # up to the latter nothing is said
        self._said: int | None = None  # where something was said before

    def tells(self, text: str, at: int) -> bool:
        """Whether something in `text` before `at`, where a word begins, could say that a password follows."""
        if self._said is not None and at >= self._said:
            return True
        if at <= self._silent:
            return False
        begin, ahead = max(self._low, self._silent - OVERLAP), min(len(text), max(at, self._silent + AT_ONCE))
        if not _has_sign(text, begin, ahead):
            self._silent = ahead
            return False
        if ahead > at and not _has_sign(text, begin, at):
            self._silent = at
            return False
        self._said = at
        return True

    def is_used(self, text: str, at: int) -> bool:
        """Whether something before `at` could be a password that is named behind it: `use \u2026 as the password`."""
        return " as" in text[self._low : at].lower() and _USED.search(text, self._low, at) is not None

    def frees(self, text: str, word: re.Match[str], following: str | None, begun: str = "") -> bool | None:
        """Whether no form and no password begins with `word`; None where more must be seen to know.

        `following` is the next word; None where it has not come to its end, or an end may come first. `begun` is what
        has come of it.
        """
        if _begins_a_record(word[0], following or "", text[word.start() - 1 : word.start()]):
            return True
        is_long = is_ordinary(word[0])
        if not (is_long or is_brief(word[0])) or self.tells(text, word.start()):
            return False
        has_digit = not word[0].isalpha() and any(map(str.isdigit, word[0]))
        if has_digit and not STAMP.fullmatch(word[0]) and ends_a_group(text, self._low, word.start()):
            return False  # it may be the last group of a number
        if is_long and not self._is_behind_a_verb(text, word.start()):
            return True
        if following is None:
            return begins_small(begun, _digits(word[0])) or None
        return following.lower() != _AS and (is_long or follows(following, _digits(word[0])))

    def _is_behind_a_verb(self, text: str, at: int) -> bool:
        begin = max(self._low, at - VERB)
        return text[begin : max(begin, at - 1)].lower().endswith(_ALL_VERBS) and bool(_VERB.search(text, begin, at))


def _digits(word: str) -> str:
    """Return the digits of an amount, with no mark and no sign of money."""
    return "".join(filter(str.isalnum, word))


def _begins_a_record(word: str, following: str, before: str) -> bool:
    """Whether `word` is the month of a record of a log, at the beginning of its line, or the day, before its time."""
    if word in _MONTHS:
        return before in {"", "\n"} and _DAY.fullmatch(following) is not None
    return _DAY.fullmatch(word) is not None and _TIME.fullmatch(following) is not None


def _has_sign(text: str, begin: int, end: int) -> bool:
    """Whether something in `text[begin:end]` tells a password, or may be read in another way."""
    low = text[begin:end].lower()
    if _ODD.search(text, begin, end):
        return True
    for cue in _CUES:
        if cue in low:
            return True
    if any(part in low for part in _IN_WHOLE) and _WHOLE.search(text, begin, end):
        return True
    if any(part in low for part in _IN_JOINED) and _JOINED.search(text, begin, end):
        return True
    return _IN_LETTERS.search(text, begin, end) is not None and _LETTERS.search(text, begin, end) is not None
