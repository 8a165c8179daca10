"""What a session was told, as it is written down, so that a restart forgets nothing of it.

A diary has pages, octets by key, of one session each. What was said is on numbered pages that are only ever added;
labels and facts have a page each, which is written anew. Read back, what was said is told again in its order, so that
the trail of after is the trail of before. Which calls await a response is not written down: a response of after counts
as one that nobody asked for, which is stricter, and a call costs nothing here.

A page is bounded by what crosses, the number of pages by what a trail holds: a full one writes nothing more down.
"""

import json
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from sidecar.content.origin.said import NOBODY, Asked, Said
from sidecar.errors import UnavailableError
from sidecar.model.origin import Origin
from sidecar.model.steps import Steps, listing
from sidecar.model.strict_json import Json, compact
from sidecar.model.tally import Tally

LABELS: Final = "a"  # first of all pages, so that a list of sessions reads no other
FACTS: Final = "f/"
TOLD: Final = "t/"
# Which pages tell of since later versions.
_NOBODYS: Final[tuple[frozenset[str], ...]] = (
    NOBODY.homes, NOBODY.sown, NOBODY.ends, NOBODY.whom, NOBODY.led, NOBODY.through,
)  # fmt: skip
WRITTEN: Final = 65_536  # characters of a page that are written in one step: less than half a millisecond


class Diary(Protocol):
    """Keeps the pages of each session. What was written is kept before the verdict leaves that it is from."""

    def write(self, session: str, key: str, page: bytes, until: float) -> None:
        """Put `page` in the place of the one with its key; it may be forgotten from `until` on (epoch)."""

    def burn(self, session: str) -> None:
        """Forget all pages of the session."""

    async def first(self, session: str) -> tuple[str, bytes] | None:
        """Return the first page by its key, without reading others. Raises as `read`."""

    async def read(self, session: str) -> Iterator[tuple[str, bytes]]:
        """Return the pages, in the order of their keys.

        Raises `UnavailableError` where they cannot be read, and when one is reached that is not what was written.
        """


class NoDiary:
    """Writes nothing down: for trials."""

    def write(self, _session: str, _key: str, _page: bytes, _until: float) -> None:
        pass

    def burn(self, _session: str) -> None:
        pass

    async def first(self, _session: str) -> tuple[str, bytes] | None:
        return None

    async def read(self, _session: str) -> Iterator[tuple[str, bytes]]:
        return iter(())


NO_DIARY: Final = NoDiary()


def told_key(number: int) -> str:
    """Return the key of the page of what was said as the `number`th."""
    return f"{TOLD}{number:08x}"


def user_page(text: str) -> Steps[bytes]:
    """Come to the page of the user's words."""
    return (yield from _page_of(b'["u",', [(text, b"")], b"]"))


def said_page(said: Sequence[Said], asked: Asked, instructions: str = "") -> Steps[bytes]:
    """Come to the page of the texts of another source; `instructions` is the digest of those they are."""
    texts = yield from listing((each.text, _page([each.origin, each.record])) for each in said)
    told_of = [sorted(asked.hosts), sorted(asked.acts), instructions, sorted(asked.homes), sorted(asked.sown)]
    told_of += [sorted(asked.ends), sorted(asked.whom), sorted(asked.led), sorted(asked.through)]
    return (yield from _page_of(b'["s",[', texts, b"]," + _page([asked.is_referred, *told_of])[1:]))


def _page_of(begin: bytes, texts: Sequence[tuple[str, bytes]], end: bytes) -> Steps[bytes]:
    """Come to a page with `texts` in it, each the first of a list where there is a rest of that; long ones in steps."""
    page = bytearray(begin)
    for number, (text, rest) in enumerate(texts):
        page += (b"," if number else b"") + (b"[" if rest else b"") + b'"'
        for start in range(0, len(text), WRITTEN):
            page += _page(text[start : start + WRITTEN])[1:-1]
            yield
        page += b'"' + (b"," + rest[1:] if rest else b"")
    return bytes(page + end)


def labels_page(labels: frozenset[str]) -> bytes:
    """Return the page of the session's labels."""
    return _page(sorted(labels))


def fact_page(tally: Tally | None) -> bytes:
    """Return the page of a fact; of one that nobody can tell of without a tally."""
    return _page(None if tally is None else tally.as_json())


Told = str | tuple[list[Said], Asked, str]


def told(page: bytes) -> Told:
    """Return what a page says was said: the user's words, or texts, what was asked, and the digest of instructions."""
    match _read(page):
        case ["u", str(text)]:
            return text
        case ["s", [*texts], bool(referred), [*hosts], [*acts], str(instructions), *rest] if len(rest) <= len(_NOBODYS):
            later = [_names(each) for each in rest if isinstance(each, list)]  # a page of an older version has less
            homes, sown, ends, whom, led, through = [*later, *_NOBODYS][: len(_NOBODYS)]
            asked = Asked(
                is_referred=referred,
                hosts=_names(hosts),
                acts=_names(acts),
                homes=homes,
                sown=sown,
                ends=ends,
                whom=whom,
                led=led,
                through=through,
            )
            return [_said(text) for text in texts], asked, instructions
    raise _torn()


def labels(page: bytes) -> frozenset[str]:
    """Return the labels of a page."""
    match _read(page):
        case [*found]:
            return frozenset(map(str, found))
    raise _torn()


def fact(page: bytes) -> Tally | None:
    """Return the tally of a page, None where nobody can tell."""
    held = _read(page)
    try:
        return None if held is None else Tally.of_json(held)
    except ValueError:
        raise _torn() from None


def _page(content: Json) -> bytes:
    return compact(content).encode("utf-8", "surrogatepass")


def _read(page: bytes) -> Json:
    try:
        content: Json = json.loads(page.decode("utf-8", "surrogatepass"))
    except ValueError:
        raise _torn() from None
    return content


def _said(written: Json) -> Said:
    match written:
        case [str(text), str(origin), int(record)]:
            return Said(text=text, origin=Origin(origin), record=record)
    raise _torn()


def _names(written: Sequence[Json]) -> frozenset[str]:
    return frozenset(map(str, written))


def _torn() -> UnavailableError:
    return UnavailableError("what this session was told cannot be read back: open a new one")
