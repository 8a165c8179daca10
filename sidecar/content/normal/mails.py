"""E-mail addresses whose sign is a word, and whose domain is written as it is: `ada.byron at example.org`.

Much stands at a place whose name is a domain (`we met at example.org`), so what is before the word must look like a
name of a mailbox: joined words, digits at its end, or any word where the text right before speaks of mail.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.normal.view import Edit
from sidecar.content.recognizers.cues import listed

_TOP = r"(?:com|org|net|edu|gov|info|io|ai|dev|app|co|biz|cloud|tech|online|example|test|[a-z]{2})"
_AT = re.compile(
    rf"(?P<at>[ ]at[ ])(?P<host>(?:[a-z\d](?:[a-z\d-]{{0,61}}[a-z\d])?\.){{1,4}}{_TOP})(?![\w/@(-]|\.\w)", re.IGNORECASE
)
_LOCAL = re.compile(r"(?<![\w.@/+-])[A-Za-z][\w.+-]{1,63}\Z")
_LONGEST: Final = 64
_JOINED = re.compile(r"[A-Za-z]\w*(?:[._+-]\w+)+|[a-z]+\d{1,6}")
_FILE = re.compile(
    r".*\.(?:py|[jt]sx?|md|json|txt|html?|pdf|csv|ya?ml|sh|go|rs|java|c|cpp|h|zip|exe|png|jpe?g|xml|log|ini|toml|cfg"
    r"|sql|rb|php|css|ipynb|docx?|xlsx?|gz)",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"\b(?:e-?mails?|mail|write(?: to)?(?: me)?|reach(?:ed)?|contact(?:ed)?|message|cc|address|inbox|mailbox)\b",
    re.IGNORECASE,
)
_REACH: Final = 40  # characters before a name in which a word speaks of mail
_NOBODY: Final = listed(
    """
    me us him her them it you here there this that available found look looked looking hosted located live lives out
    back only directly online anytime website site page portal team desk office address addresses mail email contact
    contacts service hosting registered stored kept published posted listed sold as is are was were be free open and
    or but for with by on in to of up one all both everyone anybody staff them themselves myself form link url domain
    server host account
    """
)


def mails(text: str) -> Iterator[Edit]:
    """Yield the words that stand for the sign of an e-mail address."""
    if " at " not in text and " AT " not in text and " At " not in text:
        return
    for found in _AT.finditer(text):
        local = _LOCAL.search(text, max(0, found.start() - _LONGEST), found.start())
        if local and _is_mailbox(text, local):
            yield Edit(*found.span("at"), "@")


def _is_mailbox(text: str, local: re.Match[str]) -> bool:
    name = local[0]
    if _JOINED.fullmatch(name):
        return _FILE.fullmatch(name) is None
    if not name.isalpha() or name.lower() in _NOBODY:
        return False
    return _CUE.search(text, max(0, local.start() - _REACH), local.start()) is not None
