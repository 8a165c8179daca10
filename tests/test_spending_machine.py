"""T8 of identity-spec 3.3: what is committed is never more than the budget of any ancestor, whatever runs at once."""

import asyncio
import json
from collections.abc import Coroutine
from contextlib import suppress
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from sidecar.errors import SessionError
from sidecar.identity.delegation import Delegation
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.opening import Opening
from sidecar.model.account import CALLS, Account
from sidecar.model.session import Session
from sidecar.model.verdict import Verdict
from tests.housing import AT, ELSEWHERE, HERE, House, house, linked, why

T = TypeVar("T")
BUDGET = st.integers(0, 12)
IDS = st.sampled_from(["", "a", "b", "c"])
COSTLY = "call_budget_exhausted"


class Spending(RuleBasedStateMachine):
    """A tree of sessions and delegations under one root, and the number of calls that passed in each."""

    sessions = Bundle("sessions")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.it: House = house()
        self.tokens = linked({"budgets": {CALLS: 20}}, deeper=3)
        self.passed: dict[str, int] = {}  # session → calls that passed
        self.handed = 0  # what left the pod
        self.ceilings: dict[Account, int] = {}
        self.open: dict[str, Session] = {}

    def teardown(self) -> None:
        self.loop.close()

    def run(self, work: Coroutine[None, None, T]) -> T:
        return self.loop.run_until_complete(work)

    def taken(self, handle: str) -> str:
        """Note the session of `handle`, and return the handle."""
        if not handle.startswith("refused"):
            session = self.open[handle] = self.run(self.it.path.stores.sessions.get(handle, AT))
            for purse in session.purses:  # as it was first: narrowing only makes it less, also less than was spent
                self.ceilings.setdefault(purse.account, purse.ceilings[CALLS])
        return handle

    @rule(target=sessions, budget=BUDGET)
    def opens(self, budget: int) -> str:
        scope = json.dumps({"budgets": {CALLS: budget}})
        return self.taken(self.run(self.it.open_by(self.tokens, scope_json=scope)))

    @rule(target=sessions, whole=sessions, budget=BUDGET)
    def opens_within(self, whole: str, budget: int) -> str:
        asked = {"budgets": {CALLS: budget}} if budget % 2 else {}
        scope = json.dumps(asked)
        return self.taken(self.run(self.it.open_by(self.tokens, parent_session_id=whole, scope_json=scope)))

    @rule(target=sessions, session=sessions, budget=BUDGET, here=st.booleans())
    def delegates(self, session: str, budget: int, *, here: bool) -> str:
        holder = json.dumps(SigningKey.generate().public_jwk())
        scope = json.dumps({"tools": {"look": {}}, "budgets": {CALLS: budget}})
        asked = Delegation(agent="sub", audience=HERE if here else ELSEWHERE, scope_json=scope, confirmation_jwk=holder)
        signed = self.run(self.it.path.delegate(session, asked, AT))
        if signed.made is None:
            return "refused"
        if not here:
            self.handed += budget
            return "refused: it left"
        return self.taken(self.run(self.it.open_by([*self.tokens, signed.made.token])))

    @rule(session=sessions, ids=st.lists(IDS, min_size=1, max_size=8), n=st.integers(0, 1))
    def calls_at_once(self, session: str, ids: list[str], n: int) -> None:
        async def at_once() -> list[Verdict]:
            return await asyncio.gather(*(self.it.call(session, call_id=one, given={"n": n}) for one in ids))

        for verdict in self.run(at_once()):
            assert why(verdict) in {"allow", COSTLY, "session_unknown", "call_id_reused", "call_repeated"}
            if verdict.released and verdict.crossing.reserved:
                self.passed[session] = self.passed.get(session, 0) + 1

    @rule(session=sessions, call_id=IDS)
    def reports(self, session: str, call_id: str) -> None:
        self.run(self.it.answer(session, call_id=call_id))

    @rule(session=sessions, budget=BUDGET)
    def narrows(self, session: str, budget: int) -> None:
        asked = Opening(scope_json=json.dumps({"budgets": {CALLS: budget}}))
        self.run(self.it.path.narrow(session, asked, AT))

    @rule(session=sessions)
    def closes(self, session: str) -> None:
        if session in self.open:
            self.run(_closed(self.it, session))

    @invariant()
    def no_ancestor_gave_more_than_it_has(self) -> None:
        ledger = self.it.path.stores.ledger
        for handle, session in self.open.items():
            own = self.run(ledger.spent(Account("session", session.id), CALLS))
            assert self.passed.get(handle, 0) <= own
        for account, ceiling in self.ceilings.items():
            assert self.run(ledger.spent(account, CALLS)) <= ceiling
        assert sum(self.passed.values()) + self.handed <= 20


async def _closed(it: House, handle: str) -> None:
    with suppress(SessionError):  # closed before, or with what it was part of
        await it.path.close(handle, AT)


def test_t8_whatever_runs_at_once_no_ancestor_gives_more_than_it_has() -> None:
    run_state_machine_as_test(Spending, settings=settings(max_examples=15, stateful_step_count=20))
