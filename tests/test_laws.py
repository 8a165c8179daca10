"""The laws of the architecture, one by one, where no other file holds them.

Laws 3, 10 and the drain are held from outside by `test_laws_running.py` and `server/test_kill.py`, what leaves the
process by `test_canaries.py`.
"""

import ast
import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.audit.pseudonyms import Pseudonyms
from sidecar.audit.record import Entry, Recorder
from sidecar.boundaries import BOUNDARIES, build_rows
from sidecar.checks.base import Check, Known, Ports, Sizes
from sidecar.checks.size import SizeCheck
from sidecar.content.detection import NoDetector
from sidecar.enforcer import Enforcer
from sidecar.errors import ConfigError, EvidenceError, SidecarError
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.verifier import Verifier
from sidecar.model.crossing import MAX_MESSAGES, Boundary, Crossing, Direction
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope
from sidecar.model.strict_json import known_part
from sidecar.model.verdict import Answer, Decision
from sidecar.policy.load import load
from sidecar.server import convert
from sidecar.server.guard import Gate
from sidecar.stores.memory import MemoryRevocations, MemorySessions
from sidecar.stores.proofs import MemoryProofs
from sidecar.stores.sightings import MemorySightings
from sidecar.stores.trial import memory_stores
from sidecar.v1 import sidecar_pb2 as pb
from tests.chains import NOW
from tests.running import ECHO, FACE

SOURCE = Path(__file__).parent.parent / "sidecar"
ISSUER = TrialIssuer.generate()
VERIFIER = Verifier.of([ISSUER.issuer()])
POLICY = load([FACE])
DEADLINE = 0.05
PATIENCE = 10.0  # where no deadline is to pass, also on a busy machine
MESSAGE = '{"messageId":"m","role":"ROLE_USER","parts":[{"text":"hello"}]}'


# ---- law 2: a check that fails is a refusal ----------------------------------------------------------------


class PanicError(BaseException):
    """What a library in Rust raises when it panics: no Exception."""


@dataclass
class Log:
    """An audit log in a list."""

    entries: list[Entry] = field(default_factory=list)

    async def append(self, entry: Entry) -> str:
        self.entries.append(entry)
        return f"r{len(self.entries)}"


@dataclass(frozen=True)
class Faulty:
    """A check that works, and then does what none may do."""

    name: str
    check: Check
    fault: Callable[[Answer], object]

    async def __call__(self, crossing: Crossing) -> Answer:
        answer = self.fault(await self.check(crossing))
        if answer is asyncio.sleep:
            await asyncio.sleep(DEADLINE * 100)
        return answer  # type: ignore[return-value]  # what a check without types may answer


def raises(error: BaseException) -> Callable[[Answer], object]:
    def fault(_answer: Answer) -> object:
        raise error

    return fault


FAULTS: Mapping[str, tuple[Callable[[Answer], object], str]] = {
    "raises": (raises(ValueError("x")), "check_failed"),
    "has no memory left": (raises(MemoryError()), "check_failed"),
    "panics": (raises(PanicError("x")), "check_failed"),
    "is out": (raises(SidecarError("x", reason="unavailable")), "unavailable"),
    "is silent": (lambda answer: Answer((), answer.onward), "check_silent"),
    "answers nothing at all": (lambda _answer: None, "check_failed"),
    "hangs": (lambda _answer: asyncio.sleep, "deadline"),
}
POSITIONS = [
    pytest.param(boundary, index, fault, id=f"{boundary}: {row[index].__module__.rpartition('.')[2]} {fault}")
    for boundary, row in BOUNDARIES.items()
    for index in range(len(row))
    for fault in FAULTS
]


def untold(what: str, error: BaseException, **where: str) -> None:
    del what, error, where


def house(log: Log, sessions: MemorySessions) -> Enforcer:
    sizes = Sizes(text=10_000, arguments=10_000, depth=64)
    revocations, proofs = MemoryRevocations(), MemoryProofs()
    stores = memory_stores(sessions=sessions, revocations=revocations)
    ports = Ports(
        stores=stores,
        proofs=proofs,
        known=Known(sightings=MemorySightings()),
        policy=POLICY,
        verifier=VERIFIER,
        detector=NoDetector(),
        sizes=sizes,
    )
    return Enforcer(
        rows=build_rows(ports),
        policy_version=POLICY.version,
        stores=stores,
        proofs=proofs,
        opener=Opener(verifier=VERIFIER),
        sightings=ports.known.sightings,
        audit=log,
        recorder=Recorder(vocabulary=frozenset(), pseudonyms=Pseudonyms(b"k" * 32), policy_version=POLICY.version),
        deadline=PATIENCE,
        explain=True,
        fault=untold,
    )


def tokens(scope: Mapping[str, object] | None = None) -> tuple[str, ...]:
    granted = scope or {"tools": {"echo": {}, "lookup": {}}}
    return tuple(ISSUER.mint(user="user", agents=["agent"], scope=granted, at=NOW))  # type: ignore[arg-type]  # JSON


def honest(boundary: Boundary, handle: str) -> Crossing:
    """Return a crossing that its row allows."""
    plain = Crossing(boundary=boundary, session_id=handle, at=NOW)
    return {
        Boundary.USER_INPUT: replace(plain, body="hello"),
        Boundary.LLM_REQUEST: replace(plain, body=[{"role": "user", "content": "hello"}], is_json=True),
        Boundary.LLM_OUTPUT: replace(plain, raw='{"reply":"hello"}', is_json=True, schema="answer"),
        Boundary.TOOL_CALL: replace(plain, raw=ECHO, is_json=True, tool="echo"),
        Boundary.TOOL_RESPONSE: replace(plain, raw='{"hits":[]}', is_json=True, tool="lookup"),
        Boundary.A2A_MESSAGE: replace(
            plain, raw=MESSAGE, is_json=True, direction=Direction.INBOUND, peer="agent", tokens=tokens()
        ),
    }[boundary]


@pytest.mark.parametrize("boundary", Boundary)
async def test_every_row_lets_honest_work_pass(boundary: Boundary) -> None:
    log, sessions = Log(), MemorySessions()
    it = house(log, sessions)
    handle = (await it.open(Opening(tokens=tokens()), NOW)).handle

    verdict, _ = await it.decide(honest(boundary, handle))

    assert (verdict.decision, bool(verdict.payload)) == (Decision.ALLOW, True)
    assert len(verdict.findings) == len(BOUNDARIES[boundary])


@pytest.mark.parametrize(("boundary", "index", "fault"), POSITIONS)
async def test_a_check_that_fails_anywhere_denies_and_nothing_crosses(
    boundary: Boundary, index: int, fault: str
) -> None:
    log, sessions = Log(), MemorySessions()
    it = house(log, sessions)
    handle = (await it.open(Opening(tokens=tokens()), NOW)).handle
    row = list(it.rows[boundary])
    answer, reason = FAULTS[fault]
    row[index] = Faulty(row[index].name, row[index], answer)

    deadline = DEADLINE if reason == "deadline" else PATIENCE
    verdict, _ = await replace(it, rows={boundary: row}, deadline=deadline).decide(honest(boundary, handle))

    assert (verdict.decision, verdict.payload) == (Decision.DENY, "")
    assert [f.reason for f in verdict.findings if f.reason] == [reason]
    assert [entry.decision for entry in log.entries] == [Decision.ALLOW, Decision.DENY]


class EndedError(Exception):
    """What `abort` of a call raises."""


class Call:
    """A call that remembers how it was ended."""

    async def abort(self, code: grpc.StatusCode, details: str) -> None:
        raise EndedError(code, details)


@pytest.mark.parametrize("error", [ValueError("canary"), PanicError("canary")], ids=["error", "panic"])
async def test_what_breaks_outside_of_checks_ends_the_call_and_tells_nothing(error: BaseException) -> None:
    gate = Gate(1, untold)

    async def reply() -> None:
        raise error

    with pytest.raises(EndedError) as ended:
        await gate.answer(Call(), reply)  # type: ignore[arg-type]  # it has the method that is called

    assert ended.value.args == (grpc.StatusCode.INTERNAL, "internal_error")
    assert gate.in_flight == 0


# ---- law 4: a session only ever gets stricter --------------------------------------------------------------

WIDE = {"tools": {"t": {"args": {"a": {"constraint_type": "range", "min": 0, "max": 9}}}, "u": {}}, "egress": ["*.x"]}
ATOMS = st.sampled_from(
    [
        {"constraint_type": "wildcard"},
        {"constraint_type": "range", "min": 0, "max": 9},
        {"constraint_type": "range", "min": 2, "max": 5},
        {"constraint_type": "range", "min": -1},
        {"constraint_type": "exact", "value": 3},
        {"constraint_type": "one_of", "values": [3, 4, "x"]},
        {"constraint_type": "not_one_of", "excluded": [3]},
    ]
)
GRANTS = st.fixed_dictionaries({}, optional={"args": st.dictionaries(st.sampled_from(["a", "b", "*"]), ATOMS)})
SCOPES = st.fixed_dictionaries(
    {},
    optional={
        "tools": st.dictionaries(st.sampled_from(["t", "u", "v"]), GRANTS, max_size=3),
        "egress": st.lists(st.sampled_from(["*.x", "a.x", "y", "*.a.x"]), max_size=2),
        "approval": st.lists(st.sampled_from(["t", "u"]), unique=True, max_size=2),
    },
)
ASKED = st.builds(
    lambda scope, tools: Opening(scope_json=scope, tools=tuple(tools)),
    st.none().map(lambda _: "") | SCOPES.map(json.dumps) | st.text(max_size=10),
    st.lists(st.sampled_from(["t", "u", "v"]), max_size=2),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ASKED, min_size=1, max_size=6))
async def test_no_sequence_of_narrowings_widens_a_session(asked: list[Opening]) -> None:
    sessions = MemorySessions()
    it = house(Log(), sessions)
    handle = (await it.open(Opening(tokens=tokens(WIDE)), NOW)).handle
    held = (await sessions.get(handle, NOW)).scope

    for opening in asked:
        opened = await it.narrow(handle, opening, NOW)
        now = (await sessions.get(handle, NOW)).scope
        narrower(now, held)  # raises where it is wider
        assert opened.session is not None or now == held
        held = now


@settings(max_examples=50, deadline=None)
@given(st.lists(ASKED, min_size=2, max_size=6))
async def test_narrowings_at_once_take_away_what_each_of_them_takes(asked: list[Opening]) -> None:
    sessions = MemorySessions()
    it = house(Log(), sessions)
    handle = (await it.open(Opening(tokens=tokens(WIDE)), NOW)).handle

    opened = await asyncio.gather(*(it.narrow(handle, opening, NOW) for opening in asked))

    last = (await sessions.get(handle, NOW)).scope
    for one in opened:
        narrower(last, one.session.scope if one.session else Scope(tools=last.tools))


# ---- law 5: only the verifier makes what was verified; law 7: one clock ------------------------------------


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(SOURCE.rglob("*.py")):
        if path.parent.name != "v1":
            yield str(path.relative_to(SOURCE)), ast.parse(path.read_text(encoding="utf-8"))


def dotted(node: ast.AST) -> str:
    match node:
        case ast.Attribute(value, attr):
            return f"{dotted(value)}.{attr}"
        case ast.Name(name):
            return name
        case ast.Call(func):
            return f"{dotted(func)}()"
    return ""


def uses(found: Callable[[str], bool]) -> dict[str, list[str]]:
    """Return by module the dotted names in it that are `found`, each once."""
    table = {
        name: sorted({word for node in ast.walk(tree) if (word := dotted(node)) and found(word)})
        for name, tree in modules()
    }
    return {name: words for name, words in table.items() if words}


def test_only_the_verifier_makes_a_verified_chain() -> None:
    assert uses(lambda word: word == "VerifiedChain()") == {
        "identity/verifier.py": ["VerifiedChain()"],
        "stores/session_form.py": ["VerifiedChain()"],  # out of what the sidecar's own key sealed
    }


CLOCKS = {"time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "datetime.now", "datetime.utcnow",
          "datetime.today", "date.today", "time.clock_gettime", "time.localtime", "time.gmtime"}  # fmt: skip
READ_CLOCKS = {
    "app/clock.py": ["time.time"],  # the clock itself
    "content/worker/rank.py": ["time.clock_gettime"],  # how long a process has worked, which is no time of day
    "identity/issuers/keeper.py": ["time.clock_gettime"],  # how old keys are, and how far the clock may have come
    "server/control.py": ["time.time"],  # the door for operators
    "server/guard.py": ["time.time"],  # the door
    "server/peer.py": ["time.monotonic"],  # how long a ticket is good
    "app/trust_record.py": ["time.time"],  # when it was written, for operators
}


def test_the_clock_is_read_at_the_doors_alone() -> None:
    read = uses(CLOCKS.__contains__)

    # The command line is a door, too: it mints, and asks for "the last hour".
    assert {name: words for name, words in read.items() if not name.startswith("cli/")} == READ_CLOCKS


def test_waits_are_timed_by_the_loop_alone() -> None:
    loops = uses(lambda word: word.endswith((".get_running_loop().time", "loop.time")))

    assert set(loops) == {
        "asking.py",
        "audit/log.py",
        "content/injection/classifier.py",
        "content/turns.py",
        "content/worker/detector.py",  # when a call is late
        "content/worker/line.py",  # when an answer is late
        "enforcer.py",
        "server/streams.py",
        "server/waiting.py",  # for a person
    }


# ---- law 6: everything has a limit; and no name that only the payload knows is told ------------------------


async def test_a_prompt_of_more_messages_than_can_be_judged_is_refused_and_not_read() -> None:
    sizes = SizeCheck(Sizes(text=10**9, arguments=1, depth=1))
    many = convert.llm_request(pb.LlmRequest(messages=[pb.Message()] * (MAX_MESSAGES + 1000)), NOW)
    most = convert.llm_request(pb.LlmRequest(messages=[pb.Message()] * MAX_MESSAGES), NOW)

    answers = [await sizes(many), await sizes(most)]

    assert isinstance(many.body, list)
    assert len(many.body) == MAX_MESSAGES + 1
    assert [answer.decision for answer in answers] == [Decision.DENY, Decision.ALLOW]
    assert answers[0].findings[0].reason == "too_many_messages"


@pytest.mark.parametrize(
    ("path", "told"),
    [
        pytest.param("", "", id="the whole"),
        pytest.param("/a/0/b", "/a/0/b", id="all known"),
        pytest.param("/a/Ann/b", "/a", id="a name of the payload"),
        pytest.param("/Ann", "", id="at once"),
        pytest.param("/a/123456789", "/a", id="somebody's number is no index"),
        pytest.param("/c~1d/e~0f/x", "/c~1d/e~0f", id="escaped"),
        pytest.param("/a/٣", "/a", id="a digit that no index has"),
        pytest.param("/a/01", "/a", id="no index begins with 0"),
        pytest.param("Ann", "", id="no pointer"),
    ],
)
def test_a_place_is_told_as_far_as_its_names_are_known(path: str, told: str) -> None:
    assert known_part(path, frozenset({"a", "b", "c/d", "e~f"})) == told


# ---- the tree of errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(SidecarError(), "internal_error", id="any"),
        pytest.param(EvidenceError(), "evidence_invalid", id="evidence"),
        pytest.param(ConfigError([]), "config_invalid", id="configuration"),
    ],
)
def test_an_error_has_a_reason_of_its_kind_where_none_is_given(error: SidecarError, reason: str) -> None:
    assert error.reason == reason
