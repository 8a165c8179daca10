"""A stream keeps the detector that it began with, and lets it go at its end, whatever the end is."""

from dataclasses import replace

import pytest

from sidecar.audit.record import Entry
from sidecar.errors import UnavailableError
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.operator import Operator
from sidecar.streaming import OutputStream
from tests.content.finding import Needles
from tests.identity.crafting import T
from tests.vaulting import House, privacy

ASKED = privacy({"PERSON": Operator.REDACT})


class Lent(Needles):
    """Counts who holds it."""

    held = 0

    def hold(self) -> None:
        self.held += 1

    def let_go(self) -> None:
        self.held -= 1


class Full:
    """An audit log that takes nothing more."""

    async def append(self, _entry: Entry) -> str:
        raise UnavailableError("audit backlog is full")


async def begun(house: House, *, full: bool = False) -> OutputStream:
    first = Crossing(boundary=Boundary.LLM_OUTPUT, session_id=await house.open(), at=float(T), body="")
    enforcer = replace(house.enforcer, audit=Full()) if full else house.enforcer
    return OutputStream(lambda: enforcer, first)


async def test_a_stream_holds_its_detector_until_its_end() -> None:
    detector = Lent()
    stream = await begun(House(ASKED, detector))

    await stream.feed("I am Ada.", float(T))
    while_open = detector.held
    await stream.end(float(T))

    assert (while_open, detector.held) == (1, 0)


async def test_a_stream_that_cannot_be_recorded_lets_its_detector_go() -> None:
    detector = Lent()
    stream = await begun(House(ASKED, detector), full=True)

    with pytest.raises(UnavailableError):
        await stream.end(float(T))

    assert detector.held == 0
