"""Could a word be a password, by what stands before it?

A password that is a word is one because something before it says so: its name, that of an account, a verb. Whoever
looks for forms only lets all other words go (`content.plain`). A text in which such a word could be written in another
way, by signs or by letters that stand apart, says nothing: then any word may be one.
"""

import re
from typing import Final

from sidecar.content.lines import ends_a_group
from sidecar.content.plain import follows, is_brief, is_ordinary

OVERLAP: Final = 32  # characters of a cue at most: looked at again behind what was looked at
VERB: Final = 10  # characters of a verb before a word, with its space

# Beginnings and ends of what passwords, codes, keys and accounts are called, and of commands that take one.
_CUE: Final = re.compile(
    r"pass|pwd|\bpw|kennwort|contrase|senha|wachtwoord|parol|has[l\u0142]o|l[o\u00f6]senord|salasana|clave|code|pin\b"
    r"|combination|word|secret|token|key|auth|cred|bearer|phrase|mnemonic|recover|seed|log|user|account|sign|answer"
    r"|identified|echo|sudo|root|require|master|mysql|mariadb|curl|docker|smb|7z|konto|compte|cuenta"
    r"|\b(?:it|mine|this|that|them) (?:back )?to\b",
    re.IGNORECASE,
)
# What may be read in another way: escapes, markup, other alphabets, letters that stand apart, strings that are joined.
_ODD: Final = re.compile(
    r"[<&%\\@]|[^\x20-\x7e\s\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff\u0153\u2010-\u2014\u2018-\u201e\u2022\u2026\u2705]"
    r"|[^\W_][*`~]{1,6}[^\W_]|\w-\s|[\"'] ?[+] ?[\"']|\]\("
    r"|(?<![^\W_])(?:[^\W\d_](?:[^\w\n]|_){1,3}){3}[^\W\d_](?![^\W_])"
)
_VERB: Final = re.compile(r"(?i)\b(?:use|using|enter|type|try|take|choose|chose|picked?|set|put|with|have|got)[ ]\Z")
_USED: Final = re.compile(
    r"(?i)\b(?:us(?:e|ing)|enter|type|tr[iy]|took|tak|cho[os]se|pick|set|put|with|have|got)\w{0,3}[ ]\S{1,64}[ ]as\b"
)
_AS: Final = "as"


class Telling:
    """What the words of `text` from `low` on say of those that follow; asked from left to right."""

    def __init__(self, text: str, low: int) -> None:
        self._text = text
        self._low = self._seen = low
        self._tells = False

    def tells(self, at: int) -> bool:
        """Whether something before `at` could say that a password follows."""
        if not self._tells:
            begin = max(self._low, self._seen - OVERLAP)
            self._tells = any(sign.search(self._text, begin, at) is not None for sign in (_CUE, _ODD))
            self._seen = at
        return self._tells

    def is_used(self, at: int) -> bool:
        """Whether something before `at` could be a password that is named behind it: `use … as the password`."""
        return _USED.search(self._text, self._low, at) is not None

    def frees(self, word: re.Match[str], following: str | None) -> bool | None:
        """Whether no form and no password begins with `word`; None where more must be seen to know.

        `following` is the next word; None where it has not come to its end.
        """
        is_short = is_brief(word[0])
        if not (is_short or is_ordinary(word[0])) or self.tells(word.start()):
            return False
        if any(map(str.isdigit, word[0])) and ends_a_group(self._text, self._low, word.start()):
            return False  # it may be the last group of a number
        is_used = _VERB.search(self._text, max(self._low, word.start() - VERB), word.start()) is not None
        if is_ordinary(word[0]) and not is_used:
            return True
        if following is None:
            return None
        return following.lower() != _AS and (is_ordinary(word[0]) or follows(following))
