"""What is hidden in a text that is judged part by part, because it may still be being written.

Only what is hidden within a few words is found so: characters that nobody sees, and addresses that carry data. A
part's plain words are never touched, as with personal data (`content.parts`).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sidecar.content.injection.scoring import Reader
from sidecar.content.injection.signals import Signal, concealed
from sidecar.content.parts import Part
from sidecar.model.injection import Kind

LOCAL: Final = frozenset({Kind.HIDDEN_CHARACTERS, Kind.URL})
WITHOUT_PAUSE: Final = 16  # parts: about a millisecond


async def concealed_in(text: str, parts: Sequence[Part], reader: Reader, before: int = 0) -> list[tuple[Signal, ...]]:
    """Return what each of `parts` hides, as offsets in `text`, before which stand `before` characters of the whole."""
    found: list[tuple[Signal, ...]] = []
    for number, part in enumerate(parts):
        if number % WITHOUT_PAUSE == WITHOUT_PAUSE - 1:
            await asyncio.sleep(0)
        found.append(() if part.is_plain else _concealed(text, part, reader, before))
    return found


def _concealed(text: str, part: Part, reader: Reader, before: int) -> tuple[Signal, ...]:
    window, by = text[part.window_start : part.window_end], part.window_start
    signals = concealed(window, reader, begins=by + before == 0)
    moved = (replace(s, start=max(s.start + by, part.lead), end=min(s.end + by, part.end)) for s in signals)
    return tuple(s for s in moved if s.kind in LOCAL and s.start < s.end)
