"""Spaces and line's ends that are written otherwise: a space that is not broken, a line's end as JSON writes it.

Each is read as what it is, in as many characters as it has, so that nothing moves and no second look is needed.
"""

import re
from typing import Final

_SPACES: Final = dict.fromkeys(map(ord, "\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))), " ")
# `12 Mill Road\nLeeds` within a string of JSON; `C:\new` and `\name` go on in small letters.
_ESCAPED = re.compile(r"(?<!\\)(?:\\{1,2}[nrt])+(?=[^a-z\\]|\Z)")


def evened(text: str) -> str:
    """Return `text` with plain spaces and line's ends, as long as it was."""
    if "\\" in text:
        text = _ESCAPED.sub(lambda written: " " * (len(written[0]) - 1) + "\n", text)
    return text if text.isascii() else text.translate(_SPACES)
