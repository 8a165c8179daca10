"""The one path: it fails closed, and records before it answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.checks.base import Check
from sidecar.enforcer import Enforcer
from sidecar.errors import TokenError, UnavailableError
from sidecar.identity.opening import Opener
from sidecar.identity.trust import trust_store
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.verdict import Answer, Decision, Finding, Verdict, worst
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores

NOW = 1_800_000_000.0
HELLO = Crossing(boundary=Boundary.USER_INPUT, session_id="s", at=NOW, body="hello")
WORSE = list(Decision)


@dataclass(frozen=True)
class Fake:
    """A check that does as told."""

    name: str = "fake"
    decision: Decision = Decision.ALLOW
    raises: Exception | None = None
    sleeps: float = 0.0
    spins: bool = False
    onward: str | None = None
    silent: bool = False

    async def __call__(self, crossing: Crossing) -> Answer:
        await asyncio.sleep(self.sleeps)
        if self.spins:  # never waits, so that no timeout interrupts it
            until = asyncio.get_running_loop().time() + 0.03
            while asyncio.get_running_loop().time() < until:
                pass
        if self.raises:
            raise self.raises
        if self.silent:
            return Answer(())
        onward = None if self.onward is None else replace(crossing, body=self.onward)
        return Answer((Finding(check=self.name, decision=self.decision, reason=self.decision.name.lower()),), onward)


@dataclass
class Kept:
    """An audit log in a list."""

    entries: list[Entry] = field(default_factory=list)

    async def append(self, entry: Entry) -> str:
        self.entries.append(entry)
        return f"r{len(self.entries)}"


class Full:
    """An audit log that cannot keep anything."""

    async def append(self, entry: Entry) -> str:
        raise UnavailableError("disk full")


def enforcer(
    checks: Sequence[Check], audit: Kept | Full, faults: list[str], boundary: Boundary = Boundary.USER_INPUT
) -> Enforcer:
    verifier = Verifier(trust=trust_store([]), audiences=frozenset({"a"}))
    return Enforcer(
        rows={boundary: tuple(checks)},
        policy_version="v",
        stores=memory_stores(),
        opener=Opener(verifier=verifier),
        audit=audit,
        recorder=Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version="v"),
        deadline=0.02,
        explain=True,
        proofs=MemoryProofs(),
        sightings=MemorySightings(),
        fault=lambda what, error, **_where: faults.append(f"{what}: {type(error).__name__}"),
    )


async def decided(checks: Sequence[Check]) -> Verdict:
    verdict, _ = await enforcer(checks, Kept(), []).decide(HELLO)
    return verdict


ALLOW, DENY, ASK = Fake("allow"), Fake("deny", Decision.DENY), Fake("ask", Decision.REQUIRE_APPROVAL)


@pytest.mark.parametrize(
    ("checks", "decision", "ran"),
    [
        pytest.param([], Decision.DENY, [], id="nobody vouched"),
        pytest.param([ALLOW], Decision.ALLOW, ["allow"], id="all allow"),
        pytest.param([DENY, ALLOW], Decision.DENY, ["deny"], id="stops at the first deny"),
        pytest.param(
            [ALLOW, ASK, ALLOW], Decision.REQUIRE_APPROVAL, ["allow", "require_approval", "allow"], id="asks on"
        ),
        pytest.param([ASK, DENY], Decision.DENY, ["require_approval", "deny"], id="deny after a question"),
        pytest.param([Fake(raises=TokenError("x"))], Decision.DENY, ["token_malformed"], id="evidence"),
        pytest.param([Fake(raises=UnavailableError("x"))], Decision.DENY, ["unavailable"], id="a store is out"),
        pytest.param([Fake(raises=ValueError("bug"))], Decision.DENY, ["check_failed"], id="a bug denies"),
        pytest.param([Fake(raises=TimeoutError())], Decision.DENY, ["check_failed"], id="a check's own timeout"),
        pytest.param([Fake(silent=True)], Decision.DENY, ["check_silent"], id="silence denies"),
        pytest.param([Fake(sleeps=9)], Decision.DENY, ["deadline"], id="too slow denies"),
        pytest.param([ALLOW, Fake(sleeps=9)], Decision.DENY, ["allow", "deadline"], id="too slow after another denies"),
        pytest.param([Fake(spins=True), ALLOW], Decision.DENY, ["deadline"], id="too busy denies"),
        pytest.param([ALLOW, Fake(spins=True)], Decision.DENY, ["allow", "deadline"], id="too busy at the end denies"),
    ],
)
async def test_a_row_fails_closed(checks: list[Check], decision: Decision, ran: list[str]) -> None:
    verdict = await decided(checks)

    assert (verdict.decision, [f.reason for f in verdict.findings]) == (decision, ran)


async def test_a_boundary_without_a_row_is_refused() -> None:
    verdict, _ = await enforcer([ALLOW], Kept(), [], Boundary.TOOL_CALL).decide(HELLO)

    assert verdict.decision is Decision.DENY


async def test_a_rewrite_is_handed_on() -> None:
    verdict = await decided([Fake(decision=Decision.REDACT, onward="h***"), ALLOW])

    assert (verdict.decision, verdict.crossing.payload) == (Decision.REDACT, "h***")


async def test_a_fault_is_told_without_its_text() -> None:
    faults: list[str] = []

    verdict, _ = await enforcer([Fake(raises=ValueError("canary"))], Kept(), faults).decide(HELLO)

    assert faults == ["check failed: ValueError"]
    assert "canary" not in str(verdict)


@pytest.mark.parametrize("boundary", list(Boundary))
async def test_n235_no_record_no_verdict(boundary: Boundary) -> None:
    it = enforcer([ALLOW], Full(), [], boundary)

    with pytest.raises(UnavailableError):
        await it.decide(replace(HELLO, boundary=boundary))


async def test_every_verdict_is_recorded_refusals_too() -> None:
    kept = Kept()
    it = enforcer([DENY], kept, [])

    _, first = await it.decide(HELLO)
    _, second = await it.decide(HELLO)

    assert [entry.decision for entry in kept.entries] == [Decision.DENY, Decision.DENY]
    assert first != second


def test_a_verdict_is_not_a_boolean() -> None:
    with pytest.raises(TypeError, match="decision"):
        bool(Verdict(crossing=HELLO, findings=(), policy_version="v"))


@given(st.lists(st.sampled_from(WORSE)), st.sampled_from(WORSE))
def test_one_more_finding_never_makes_a_verdict_milder(decisions: list[Decision], more: Decision) -> None:
    findings = tuple(Finding(check="c", decision=decision) for decision in decisions)

    before, after = worst(findings), worst((*findings, Finding(check="c", decision=more)))

    assert after >= before or not findings  # without findings it is DENY because nobody vouched
    assert after >= more
