r"""Passwords that commands, statements and files of programs are given without a word that names them beside the value.

`echo hunter2 | sudo -S ls`, `echo "root:hunter2" | chpasswd`, `identified by 'hunter2'`, `login ada password hunter2`
of .netrc, `net use z: \\host\share hunter2 /user:ada`. A value counts that can be a password.
"""

import re
from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers.secret_values import SAID, is_strong_password
from sidecar.content.recognizers.small_passwords import is_small_password

_VALUE = r"(?P<quote>[\"']?)(?P<value>[^\s\"'`|]{5,64})(?P=quote)"
# A word of a command, in small letters, and the command.
_COMMANDS: Final = tuple(
    (hint, re.compile(pattern, re.IGNORECASE))
    for hint, pattern in (
        ("sudo -s", rf"\becho[ ](?:-n[ ])?{_VALUE}[ ]?\|[ ]?sudo[ ]-S\b"),
        (
            "chpasswd",
            r"\becho[ ](?:-e[ ])?[\"']?[\w.-]{1,32}:(?P<value>[^\s\"'`|]{5,64})[\"']?[ ]?\|[ ]?(?:sudo[ ])?chpasswd\b",
        ),
        ("htpasswd", rf"\bhtpasswd[ ]-\w{{0,4}}b\w{{0,4}}[ ]\S{{1,128}}[ ][\w.@-]{{1,64}}[ ]{_VALUE}"),
        ("password ", rf"\b(?:login|user)[ ]\S{{1,64}}[ ]password[ ]{_VALUE}"),
        (".login(", r"\.login\(\s{0,8}[\"'][^\"'\n]{1,128}[\"'],\s{0,8}[\"'](?P<value>[^\"'\n]{5,64})[\"']"),
        (
            "identified by",
            r"\bidentified[ ](?:with[ ]\w{1,32}[ ])?by[ ](?:password[ ])?[\"'](?P<value>[^\"'\n]{5,64})[\"']",
        ),
        ("rootpw", rf"\brootpw[ ](?:--plaintext[ ])?{_VALUE}"),
        ("requirepass", rf"\brequirepass[ ]{_VALUE}"),
        ("masterauth", rf"\bmasterauth[ ]{_VALUE}"),
        ("--password", rf"--password(?:[ ]|=){_VALUE}(?=[\s\"'`]|\Z)"),
        ("mysql", r"\bmysql\w{0,8}[ ][^\n|]{0,64}?(?<=[ ])-p(?P<value>[^\s\"'`|]{5,64})"),
        ("net user", rf"\bnet[ ]user[ ]\S{{1,64}}[ ]{_VALUE}[ ]/add\b"),
        ("-u ", rf"(?<![\w-])-u[ ][\w.@-]{{1,64}}:{_VALUE}(?=[\s\"'`]|\Z)"),
        ("net use", rf"\bnet[ ]use[ ](?:\w:[ ])?\\\\\S{{1,128}}[ ]{_VALUE}[ ]/user"),
    )
)
_PLAIN: Final = frozenset({"--password", "mysql", "password ", "identified by", ".login("})  # a word is one, too


def find(text: str) -> Iterator[Span]:
    """Yield the passwords in `text` that commands are given."""
    low = text.lower()
    for hint, command in _COMMANDS:
        for match in command.finditer(text) if hint in low else ():
            if is_strong_password(match["value"]) or (
                hint in _PLAIN and is_small_password(match["value"], is_prose=True)
            ):
                yield Span(*match.span("value"), "PASSWORD", SAID)
