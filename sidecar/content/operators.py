"""What stands in the place of a datum that may not cross as it is.

Every form is stable: what it leaves holds nothing that would be replaced again, so that a conversation whose
history is sent once more crosses unchanged. A hash is written in consonants, since eight digits in a
placeholder would be a telephone number to the next reader, and vowels make names.
"""

import hashlib
import hmac
import re
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from sidecar.model.operator import Operator
from sidecar.model.tokens import Forms

VISIBLE: Final = 4  # characters that a mask leaves at the end, as on a receipt
MASK: Final = "*"
HASH_LETTERS: Final = 12  # 48 bits: by chance two of ten million differing values meet about once in five
_ALPHABET: Final = "bcdfghjkmnpqrstv"  # one letter for each half byte


def apply(operator: Operator, entity: str, value: str, key: bytes, token: str = "") -> str:
    """Return what crosses instead of `value`.

    `key` is for HASH and `token` for TOKEN; without them, these become the stricter REDACT.

    DENY lets nothing cross; what this returns for it stands in the names of places only.
    """
    match operator:
        case Operator.ALLOW:
            return value
        case Operator.MASK:
            return mask(value)
        case Operator.HASH if key:
            return hashed(entity, value, key)
        case Operator.TOKEN if token:
            return token
        case _:
            return redact(entity)


def mask(value: str) -> str:
    """Return `value` with its letters and digits masked, but for the last four, and never more than half of them."""
    places = [i for i, c in enumerate(value) if c.isalnum() or c == MASK]
    hidden = len(places) - min(VISIBLE, len(places) // 2)
    characters = list(value)
    for place in places[:hidden]:
        characters[place] = MASK
    return "".join(characters)


def masked_whole(value: str) -> str:
    """Return `value` with all its letters and digits masked."""
    return "".join(MASK if c.isalnum() else c for c in value)


def redact(entity: str) -> str:
    """Return the placeholder that tells the kind and nothing else."""
    return f"<{entity}>"


def hashed(entity: str, value: str, key: bytes) -> str:
    """Return a placeholder that is the same for the same value, and tells nothing else to who lacks the key."""
    message = entity.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
    digest = hmac.new(key, message, hashlib.sha256).hexdigest()
    return f"<{entity}:{''.join(_ALPHABET[int(c, 16)] for c in digest[:HASH_LETTERS])}>"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Finds what `pattern` matches. Plain text (ASCII) that holds none of `signs`, in small letters, holds none."""

    pattern: re.Pattern[str]
    signs: frozenset[str]

    def finditer(self, text: str, start: int = 0, end: int = sys.maxsize) -> Iterator[re.Match[str]]:
        """Return the matches in `text[start:end]`, as a pattern does."""
        if text.isascii():
            looked = text[start:end].lower()
            if not any(sign in looked for sign in self.signs):
                return iter(())
        return self.pattern.finditer(text, start, end)


def leftovers(entities: Iterable[str], tokens: Collection[str] = ()) -> Leftovers:
    """Return what finds that which `mask`, `redact` and `hashed` write for `entities`, and of little else.

    Besides, tokens of the kinds `tokens`, in every form.

    Only known kinds: were any capitals between brackets a placeholder, `<JANE_DOE>` would cross unseen. Of a
    mask, only what no emphasis looks like: at least four asterisks on one line, then at most four characters;
    letters without a space between, since `**** John` may be an oath and a man. Were these looked at again,
    `***@******e.org` would be an address of the web. All repeats are bounded: it takes linear time.
    """
    names = "|".join(sorted(map(re.escape, entities), key=lambda name: (-len(name), name)))
    placeholder = rf"<(?:{names})(?::[{_ALPHABET}]{{{HASH_LETTERS}}})?>"
    forms = Forms(tokens)
    written = [forms.pattern] if tokens else []
    pattern = re.compile("|".join([placeholder, _masked(r"[^\W_]", r"\s"), _masked(r"\d", r"\n"), *written]))
    return Leftovers(pattern, forms.signs | {"<", MASK})


def _masked(character: str, gap_without: str) -> str:
    gap = rf"[^\w*{gap_without}]"
    stars = rf"(?:\*{gap}{{0,2}}){{{VISIBLE},{2 * VISIBLE}}}"
    return rf"{stars}{character}(?:{gap}?{character}){{0,{VISIBLE - 1}}}(?![\w*])"
