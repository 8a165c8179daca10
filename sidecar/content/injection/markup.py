"""Which parts of HTML and Markdown does a reader not see, though the model reads them?

Comments, elements that a style, an attribute or their kind keeps from the page, and attributes that hold text.
None of this is bad in itself: pages are full of it. What it says is judged as text by whoever asks. One pass over
the tags; the end of a hidden element is found by counting tags of its name.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from html import unescape
from typing import Final

MAX_TAG: Final = 4_000  # characters of one tag; what is longer is text


class Veil(StrEnum):
    """What keeps a part from the reader."""

    COMMENT = "comment"
    ELEMENT = "element"
    ATTRIBUTE = "attribute"


@dataclass(frozen=True, slots=True)
class Veiled:
    """`text[start:end]` is not shown; `says` is what it holds for who reads the source."""

    start: int
    end: int
    veil: Veil
    says: str


_COMMENT: Final = re.compile(r"<!--|<\?(?!php|xml)[a-z]|(?m:^)[ \t]{0,3}\[[^\]\n]{1,40}\]:[ \t]{1,4}(?:#|<>)[ \t]{1,4}")
_CLOSINGS: Final = {"<!": "-->", "<?": "?>"}
_TAG: Final = re.compile(rf"<(/?)([a-zA-Z][a-zA-Z0-9-]{{0,30}})((?:\s|/)[^<>]{{0,{MAX_TAG}}})?>")
_ATTRIBUTE: Final = re.compile(r"([a-zA-Z_:][\w:.-]{0,60})(?:\s{0,8}=\s{0,8}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_SPEAKING: Final = frozenset(
    {"alt", "title", "aria-label", "aria-description", "placeholder", "value", "content", "summary"}
)
_VOID: Final = frozenset({"img", "input", "br", "hr", "meta", "link", "area", "base", "col", "source", "track", "wbr"})
_UNSHOWN: Final = frozenset({"template", "noscript", "desc", "metadata"})
_INVISIBLE: Final = re.compile(
    r"display:none|visibility:(?:hidden|collapse)|opacity:0?(?:\.0\d*)?(?:;|$)|font-size:[01]?(?:\.\d+)?(?:px|pt|em|rem|%)?(?:;|$)"
    r"|(?:left|top|right|text-indent|margin-left):-\d{3,}|(?:^|;)(?:max-)?(?:height|width):[01](?:px)?(?:;|$)"
    r"|(?:^|;)color:(?:transparent|(?:rgb|hsl)a\([^)]{1,40},0?(?:\.0\d*)?\))|clip:rect\(0|clip-path:inset\((?:50|100)%|transform:scale\(0\)|mso-hide:all"
)
_COLOUR: Final = re.compile(r"(?:^|;)color:([^;]+)")
_BACKGROUND: Final = re.compile(r"background(?:-color)?:([^;\s]+)")
_WHITE: Final = frozenset(
    {"white", "#fff", "#ffffff", "#fefefe", "#fdfdfd", "rgb(255,255,255)", "rgba(255,255,255,1)", "hsl(0,0%,100%)"}
)


_NAMED: Final = {"white": "#ffffff", "black": "#000000", "red": "#ff0000", "blue": "#0000ff", "rgb(0,0,0)": "#000000"}
_BRIEF: Final = 4  # characters of a colour as #fff


def veiled(text: str) -> tuple[Veiled, ...]:
    """Return the parts of `text` that a reader of the page or the rendered Markdown does not see, in order."""
    if "<" not in text and "]:" not in text:
        return ()
    found = [*_comments(text), *_tags(text)]
    return tuple(sorted(found, key=lambda part: (part.start, part.end)))


def _comments(text: str) -> Iterator[Veiled]:
    at = 0
    while match := _COMMENT.search(text, at):
        closing = _CLOSINGS.get(match.group()[:2], "\n")
        end = text.find(closing, match.end())
        inner = len(text) if end == -1 else end  # a comment that nobody closes hides the rest
        at = inner if end == -1 or closing == "\n" else end + len(closing)
        at = max(at, match.end())
        yield Veiled(match.start(), at, Veil.COMMENT, text[match.end() : inner].strip(" \t()\"'"))


def _tags(text: str) -> Iterator[Veiled]:
    name, start, inner, depth = "", 0, 0, 0  # of the hidden element that is open
    for match in _TAG.finditer(text):
        closes, tag, rest = match.group(1), match.group(2).lower(), match.group(3) or ""
        if name:
            if tag == name and not rest.endswith("/"):
                depth += -1 if closes else 1
            if not depth:
                yield _element(text, start, match.end(), text[inner : match.start()])
                name = ""
            continue
        if closes:
            continue
        attributes = {m[1].lower(): (m[2] or m[3] or m[4] or "", m) for m in _ATTRIBUTE.finditer(rest)}
        for key, (value, where) in attributes.items():
            if " " in value and (key in _SPEAKING or key.startswith("data-")):
                group = next(g for g in (2, 3, 4) if where[g])
                begin = match.start(3) + where.start(group)
                yield Veiled(begin, begin + len(value), Veil.ATTRIBUTE, unescape(value))
        if tag not in _VOID and not rest.endswith("/") and _is_hidden(tag, {k: v for k, (v, _) in attributes.items()}):
            name, start, inner, depth = tag, match.start(), match.end(), 1
    if name:
        yield _element(text, start, len(text), text[inner:])


def _element(text: str, start: int, end: int, inner: str) -> Veiled:
    return Veiled(start, min(end, len(text)), Veil.ELEMENT, unescape(_TAG.sub(" ", inner)).strip())


def _is_hidden(tag: str, attributes: dict[str, str]) -> bool:
    if tag in _UNSHOWN or "hidden" in attributes or attributes.get("aria-hidden", "").lower() == "true":
        return True
    style = "".join(attributes.get("style", "").lower().split())
    if _INVISIBLE.search(style):
        return True
    colour, ground = _COLOUR.search(style), _BACKGROUND.search(style)
    if colour is None:
        return attributes.get("color", "").lower() in _WHITE
    shade = _shade(colour[1])
    return shade == _shade(ground[1]) if ground else shade in _WHITE


def _shade(value: str) -> str:
    """Return a colour as it is compared with another: six figures for three, and for the commonest names."""
    plain = value.replace("!important", "")
    plain = _NAMED.get(plain, plain)
    return "#" + "".join(2 * figure for figure in plain[1:]) if len(plain) == _BRIEF and plain[0] == "#" else plain
