"""Whatever comes late, twice or out of order, and whatever is done to the clock: a limit gives no more than it has."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.app.clock import TOLERANCE
from sidecar.identity.opening import Opening
from sidecar.model.crossing import Outcome
from sidecar.stores.rates import MemoryRates
from sidecar.stores.state_file import StateFile
from sidecar.stores.trial import memory_stores
from tests.clocks import Machine
from tests.housing import AT, House, house, token
from tests.limiting import ask, policy, told

WINDOW, COUNT, BURST = 600.0, 6, 3
PRICED = 50_000  # micro-dollars of a call of `pay`
MOST = 10 * PRICED
RATE = f"rates: [{{per: subject, limit: {COUNT}/10m, burst: {BURST}}}]"
JUMPS = st.lists(
    st.tuples(st.sampled_from(["pass", "set", "held", "off", "kill", "token"]), st.floats(0, 900)), max_size=12
)


def most(moments: Sequence[float]) -> int:
    """Return by how many more calls passed by some moment than burst and pace allow since the beginning.

    Not between any two moments: what was held back until a token showed that its time had come is given then.
    """
    allowed = [BURST + int((moment - AT + TOLERANCE) * COUNT / WINDOW) + 1 for moment in moments]
    return max(count - most_ for count, most_ in enumerate(allowed, start=1))


class World:
    """A sidecar on a machine whose clock anybody may set; `true` is what the time is, and `passed` when calls did."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.machine, self.true = folder, Machine(wall=AT), AT
        self.passed: list[float] = []
        self.starts()
        self.clock.keep()

    def starts(self) -> None:
        self.clock, self.file = self.machine.clock(self.folder), StateFile(self.folder / "live.db")
        self.file.start(self.clock.now() - self.clock.ahead())
        rates = MemoryRates(self.file)
        rates.restore()
        it = house(replace(memory_stores(), rates=rates, keep=self.file), policy=policy(RATE))
        self.it = House(replace(it.path, ahead=self.clock.ahead), it.log)

    async def call(self) -> None:
        """Call as often as it may be let through, and once more, in a session of its own."""
        at = self.clock.now()
        opened = await self.it.path.open(Opening(tokens=tuple(token({}, at=int(at)))), at)
        found = [(await self.it.call(opened.handle, at=at)).released for _ in range(BURST + 1)]
        self.passed += [self.true] * sum(found)

    def lasts(self, kind: str, seconds: float) -> None:
        """Let time pass: as it does, while the machine is held, or off."""
        self.true += seconds
        if kind == "pass":
            self.machine.pass_(seconds)
        elif kind == "held":
            self.machine.held(seconds)
        else:
            self.machine.restarted(seconds, f"{self.true}")

    async def step(self, kind: str, seconds: float) -> None:
        if kind == "set":
            self.machine.wall += seconds
        elif kind == "token":
            self.clock.attested(int(self.true))
        elif kind == "kill":
            self.file._close()
            self.starts()
        else:
            self.lasts(kind, seconds)
            if kind == "off":
                await self.step("kill", 0.0)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(JUMPS)
def test_rates_give_no_more_than_burst_and_pace_of_the_time_that_truly_passed(steps: list[tuple[str, float]]) -> None:
    """True time is what an issuer's clock says; the machine's is set, held, and started anew, and all is killed."""

    async def run(folder: Path) -> list[float]:
        world = World(folder)
        await world.call()
        for kind, seconds in steps:
            await world.step(kind, seconds)
            await world.call()
        world.file._close()
        return world.passed

    with TemporaryDirectory() as folder:
        passed = asyncio.run(run(Path(folder)))

    assert passed
    assert most(passed) <= 0


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["call", "prompt", "report", "again", "other"]), st.integers(0, 7), st.integers(0, 30_000)
    ),
    max_size=40,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(REPORTS, st.permutations(range(8)))
def test_reports_that_are_late_doubled_or_of_others_free_no_budget(
    steps: list[tuple[str, int, int]], order: list[int]
) -> None:
    """What was let through is paid, or reserved, or was reported as less once: in sum never more than there is."""

    async def run() -> None:
        it = house(policy=policy(f"budgets: [{{per: subject, window: 1d, cost_usd: {MOST / 1_000_000}}}]"))
        handle, other = await it.open({}), await it.open({}, user="bob")
        least: dict[str, int] = {}  # call → what it costs at least, by what was reported first, else what was reserved
        for step, number, tokens in steps:
            name = f"c{order[number]}"
            if step == "call" and name not in least:
                verdict = await it.call(handle, "pay", call_id=name, at=AT)
                least |= {name: PRICED} if verdict.released else {}
            elif step == "prompt" and name not in least:
                verdict = await ask(it, handle, name, most=tokens + 1)
                least |= {name: verdict.crossing.micro_usd} if verdict.released else {}
            elif step in {"report", "again"}:
                for _ in range(2):
                    reported = await told(it, handle, name, (1, tokens // 10))
                    if reported.crossing.closed and name in least:
                        least[f"{name} over"] = least.pop(name) + reported.crossing.micro_usd
                await it.answer(handle, "pay", call_id=name, outcome=Outcome.ERROR)
            elif step == "other":
                await told(it, other, name, (0, 0))
                await it.answer(other, "pay", call_id=name)
            assert sum(least.values()) <= MOST + 3000 * 15  # one may come to more than was reserved, once told
        left = 0
        while (await it.call(handle, "pay", at=AT, given={"n": left})).released:
            left += 1
        assert left <= max(0, (MOST - sum(least.values())) // PRICED)

    asyncio.run(run())


async def test_a_report_before_its_call_and_one_after_the_session_free_nothing() -> None:
    it = house(policy=policy("budgets: [{per: subject, window: 1d, cost_usd: 0.10}]"))
    handle = await it.open({})
    await it.answer(handle, "pay", call_id="a")
    assert (await it.call(handle, "pay", call_id="a")).released
    assert (await it.call(handle, "pay", call_id="b")).released
    await it.path.close(handle, AT)
    late = await it.answer(handle, "pay", call_id="a", outcome=Outcome.ERROR)

    assert not late.released
    assert not (await it.call(await it.open({}), "pay", call_id="a")).released
    assert late.findings[0].reason == "session_unknown"
