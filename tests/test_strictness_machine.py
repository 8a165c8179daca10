"""Law 4 over the whole way of a crossing, with state in a file: whatever happens, a session never gets milder.

What it may do, how much of it alone, and what it has touched are looked at after each step, over restarts, too; and a
few calls are made again and again, which may be answered more strictly than before, and never less.

A scope's level 3 is left out: what cannot be undone it denies (identity-spec N237), where level 2 asks a person.
"""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from sidecar.app.state import State
from sidecar.checks.origin import Remembering
from sidecar.conduct import Earning
from sidecar.config import Settings
from sidecar.config.settings import AuditSettings
from sidecar.content.origin.trails import Trails
from sidecar.errors import SessionError
from sidecar.identity.opening import Opening
from sidecar.model.autonomy import Agent
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.policy import Policy
from sidecar.stores.base import NO_VAULT
from sidecar.stores.memory import MemoryRevocations
from tests.housing import AT, House, house
from tests.policy.packing import loaded

T = TypeVar("T")
FILES: dict[str, str | bytes] = {
    "tools.yaml": """
tools:
  look: {effects: [read]}
  records: {effects: [read], trust: trusted, reads: [pii]}
  note: {effects: [write]}
  pay: {effects: [money]}
""",
    "rules.yaml": """
facts: {looked: "boundary == 'tool_response' && tool.name == 'look'"}
rules:
  - {id: all, on: [tool_call], then: deny, severity: critical, when: "tool.name == 'look' && text.contains('all')"}
  - {id: trifecta, on: [tool_call], then: require_approval, when: "tool.name == 'note' && 'pii' in session.labels"}
  - {id: often, on: [tool_call], then: deny, when: "tool.name == 'pay' && facts.looked.count > 2"}
""",
    "autonomy.yaml": """
levels:
  0: {approve: ["*"]}
  1: {approve: [write, money]}
  2: {approve: [money]}
  3: {approve: []}
  4: {approve: []}
start: 1
promote: {after_clean_calls: 3, within: 1h, up_to: 3}
demote: {on: [rule_denied_critical], to: 0}
""",
    "tasks.yaml": "tasks: {small: {tools: {look: {}, note: {}}}}",
}
PROBES = ("look", "records", "note", "pay")
LESS = st.lists(st.sampled_from(PROBES), min_size=1, max_size=3)


@dataclass
class Known:
    """What a session was when it was looked at last."""

    scope: Scope
    autonomy: int = 4
    labels: frozenset[str] = frozenset()
    answers: dict[str, Decision] = field(default_factory=dict)


class Living(RuleBasedStateMachine):
    """A sidecar that is used, ruled by hand, and killed."""

    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = TemporaryDirectory()
        self.policy: Policy = loaded(Path(self.folder.name), FILES)
        self.at = AT
        self.works = 0
        self.known: dict[str, Known] = {}
        self.state: State | None = None
        self.starts()

    def teardown(self) -> None:
        self.stops()
        self.loop.close()
        self.folder.cleanup()

    def run(self, work: Coroutine[None, None, T]) -> T:
        return self.loop.run_until_complete(work)

    def starts(self) -> None:
        settings = Settings(audit=AuditSettings(path=Path(self.folder.name) / "audit.db"))
        self.state = State(settings, MemoryRevocations(), NO_VAULT)
        self.state.start(self.at)
        self.trails = Trails(kept=self.state.diary)
        stores = self.state.stores
        it = house(stores, policy=self.policy, trails=self.trails)
        memory = Remembering(self.trails, self.policy.catalogue, self.policy.facts)
        assert self.policy.autonomy is not None
        path_ = replace(it.path, memory=memory, conduct=Earning(stores.standings, self.policy.autonomy))
        opener = replace(path_.opener, tasks=self.policy.tasks)
        self.it = House(replace(path_, opener=opener), it.log)

    def stops(self) -> None:
        assert self.state is not None
        self.state.file._close()  # as a kill does: what was answered is kept

    @initialize(target=sessions)
    def opens_one(self) -> str:
        return self.opened({}, "")

    @rule(target=sessions, autonomy=st.sampled_from([None, 2, 4]), task_type=st.sampled_from(["", "small"]))
    def opens(self, autonomy: int | None, task_type: str) -> str:
        return self.opened({"autonomy": autonomy} if autonomy else {}, task_type)

    def opened(self, scope: dict[str, Json], task_type: str) -> str:
        handle = self.run(self.it.open(scope, task_type=task_type))
        if handle.startswith("refused"):  # the token grants more than the task needs, and says so
            return handle
        self.known[handle] = Known(self.run(self.it.path.stores.sessions.get(handle, self.at)).scope)
        return handle

    @rule(session=sessions, tools=LESS)
    def narrows(self, session: str, tools: list[str]) -> None:
        self.run(self.it.path.narrow(session, Opening(tools=tuple(tools)), self.at))

    @rule(session=sessions, autonomy=st.sampled_from([0, 1, 2, 4]))
    def narrows_autonomy(self, session: str, autonomy: int) -> None:
        asked = Opening(scope_json=json.dumps({"autonomy": autonomy}))
        self.run(self.it.path.narrow(session, asked, self.at))

    @rule(session=sessions, tool=st.sampled_from(["look", "records"]), times=st.integers(1, 3))
    def works_well(self, session: str, tool: str, times: int) -> None:
        for _ in range(times):
            self.works += 1
            self.run(self.it.call(session, tool, at=self.at, n=self.works))
            self.run(self.it.answer(session, tool, at=self.at))

    @rule(session=sessions)
    def misbehaves(self, session: str) -> None:
        self.run(self.it.call(session, "look", at=self.at, q="all"))

    @rule(level=st.integers(0, 4), task_type=st.sampled_from(["", "small"]))
    def is_moved_by_hand(self, level: int, task_type: str) -> None:
        standings = self.it.path.stores.standings
        for agent in {Agent.of(one) for one, _ in self.run(self.it.path.stores.sessions.list(self.at))}:
            standings.set(replace(agent, task_type=task_type), level, self.at, start=1)
        self.run(self.it.path.stores.keep.kept())

    @rule(level=st.integers(2, 4), task_type=st.sampled_from(["", "small"]))
    def is_raised_and_killed(self, level: int, task_type: str) -> None:
        self.at += 1
        self.is_moved_by_hand(level, task_type)
        self.is_killed()

    @rule(seconds=st.integers(1, 60))
    def time_passes(self, seconds: int) -> None:
        self.at = min(self.at + seconds, AT + 1000)

    @rule()
    def is_killed(self) -> None:
        self.stops()
        self.starts()

    @invariant()
    def nothing_has_become_milder(self) -> None:
        for handle, before in self.known.items():
            with suppress(SessionError):
                session = self.run(self.it.path.stores.sessions.get(handle, self.at))
                narrower(session.scope, before.scope)
                before.scope = session.scope
                for tool in PROBES:
                    verdict = self.run(self.it.call(handle, tool, at=self.at))
                    assert verdict.decision >= before.answers.get(tool, Decision.ALLOW), (tool, before)
                    assert verdict.crossing.autonomy <= before.autonomy
                    before.answers[tool] = verdict.decision
                    before.autonomy = verdict.crossing.autonomy
                labels = self.run(self.trails.labels(session.id))
                assert labels >= before.labels
                before.labels = labels


@pytest.mark.slow
def test_a_session_never_gets_milder_and_a_label_never_disappears() -> None:
    run_state_machine_as_test(Living, settings=settings(max_examples=40, stateful_step_count=15, deadline=None))
