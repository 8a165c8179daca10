"""What does a text say that is written so that a search for it fails?

A text is read as a person or a program would read it: without what is not seen, with look-alikes as what they look
like, decoded, and closed up. Each reading is a `View` that knows where every character stands in what was sent. A text
without any of it has no views, and costs one look for signs that begin them.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from sidecar.content.normal.characters import folded, latin, numeric, turned
from sidecar.content.normal.encodings import decoded, unescaped
from sidecar.content.normal.layout import closed, joined, spelled
from sidecar.content.normal.mails import mails
from sidecar.content.normal.pulled import pulled
from sidecar.content.normal.view import Edit, View
from sidecar.content.normal.wrapped import wrapped

MAX_DEPTH: Final = 2  # of Base64 in Base64
MAX_ROUNDS: Final = 3  # of reading what was read
MAX_VIEWS: Final = 66  # of one text
LEAD: Final = 40  # characters before an encoded run, which may tell what it is: "call NTU1LTAxMDA="

_Stage = Callable[[str], Iterable[Edit]]
_FOREIGN: Final[tuple[_Stage, ...]] = (folded, latin)  # nothing of it stands in ASCII
_STAGES: Final[tuple[_Stage, ...]] = (joined, spelled, mails, closed, numeric)


def views(text: str) -> Iterator[View]:
    """Yield every reading of `text` that differs from it: as a whole, and of each encoded run."""
    for count, view in enumerate(_views(View.of(text), 0), 1):
        yield view
        if count == MAX_VIEWS:
            return


def _views(sent: View, depth: int) -> Iterator[View]:
    read = _read(sent)
    shown = _staged(sent, (turned,))
    whole = (read,) if shown is sent else (read, _read(shown))  # who reads sees it turned, and a program does not
    yield from (view for view in whole if view is not sent)
    for view in (sent, *(view for view in whole if view is not sent)):
        yield from (view.part(*run) for look in (pulled, wrapped) for run in look(view.text))
    if depth < MAX_DEPTH:
        for run in decoded(read.text):
            inner = read.within(run, LEAD)
            yield inner
            yield from _views(inner, depth + 1)


def _read(sent: View) -> View:
    """Return `sent` as it is read; itself where that is the same."""
    for _ in range(MAX_ROUNDS):  # markup within an escape, an address within an address
        view = _staged(sent, (unescaped,))
        if not view.text.isascii():
            view = _staged(view, _FOREIGN)
        view = _staged(view, _STAGES)
        if view is sent:
            break
        sent = view
    return sent


def _staged(view: View, stages: Iterable[_Stage]) -> View:
    for stage in stages:
        edits = list(stage(view.text))
        if edits:
            view = view.edited(edits)
    return view
