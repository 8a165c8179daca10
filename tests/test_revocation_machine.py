"""Whatever is revoked, listed, closed and called in whatever order, no call passes with a revoked hop.

The model beside the machine says in plain words what a selector hits; and what is not hit goes on.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sidecar.containment import Order
from sidecar.errors import SessionError
from sidecar.identity.opening import Opening
from sidecar.model.chain import VerifiedChain
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.revocation import Kind, Revocation, Selector
from sidecar.model.verdict import Decision
from tests.containing import LIFETIME, House
from tests.identity.crafting import RES, STS, VERIFIER, A, B, Step, T, chain_b


def single(user: str, *agents: str) -> list[str]:
    return STS.mint(user=user, agents=agents, scope={"tools": {"t": {}}}, at=T, audience=RES)


OPENABLE: Final = chain_b(*[Step(scope={"tools": {"read": {}}})] * 3)
CHAINS: Final = [
    OPENABLE[:1],
    OPENABLE[:2],
    OPENABLE,
    single("ann", A),
    single("ann", A, B),
    single("bob", B),
    single("bob"),
]
PROVEN: Final = [VERIFIER.verify(tokens, T) for tokens in CHAINS]


def hits(selector: Selector, chain: VerifiedChain) -> bool:
    """Say in plain words whether `selector` hits `chain`."""
    value, issuer, who = selector.value, selector.issuer, chain.principal
    names = [(who.issuer, who.subject), *((hop.authority, hop.actor) for hop in chain.hops)]
    continued = [one.digest for one in PROVEN[: len(chain.hops) - 1]] if chain.profile.startswith("aat") else []
    found: dict[Kind, bool] = {
        Kind.TOKEN: any(hop.token_id == value and issuer in {"", hop.issuer} for hop in chain.hops),
        Kind.DIGEST: any(hop.digest == value for hop in chain.hops),
        Kind.KEY: any(hop.thumbprint == value for hop in chain.hops),
        Kind.SUBJECT: any(name == value and issuer in {"", authority} for authority, name in names),
        Kind.AGENT: value in (who.actors or (who.subject,)),
        Kind.CHAIN: any(digest.startswith(value) for digest in [*continued, chain.digest]),
    }
    return found[selector.kind]


def selectors() -> list[Selector]:
    found = []
    for chain in PROVEN:
        for hop in chain.hops:
            found += [Selector(Kind.TOKEN, hop.token_id), Selector(Kind.TOKEN, hop.token_id, hop.issuer)]
            found += [Selector(Kind.DIGEST, hop.digest), Selector(Kind.SUBJECT, hop.actor)]
            found += [Selector(Kind.KEY, hop.thumbprint)] if hop.thumbprint else []
        found += [Selector(Kind.AGENT, name) for name in chain.principal.actors]
        found += [Selector(Kind.SUBJECT, chain.principal.subject, chain.principal.issuer)]
        found += [Selector(Kind.CHAIN, chain.digest[:20]), Selector(Kind.AGENT, chain.principal.subject)]
    return found


SELECTORS: Final = st.sampled_from(selectors())
T_ = TypeVar("T_")


@dataclass
class Opened:
    handle: str
    chain: VerifiedChain
    expires_at: float
    closed: bool = False


class Machine(RuleBasedStateMachine):
    """Operators, events, lists, a clock, and sessions that come and go."""

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.house = House()
        self.now = float(T)
        self.opened: list[Opened] = []
        self.added: list[Revocation] = []
        self.listed: list[Revocation] = []
        self.events = 0

    def run(self, work: Coroutine[object, object, T_]) -> T_:
        return self.loop.run_until_complete(work)

    def is_revoked(self, chain: VerifiedChain) -> bool:
        held = [*self.added, *self.listed]
        return any(self.now < one.until and hits(one.selector, chain) for one in held)

    @rule(index=st.integers(0, len(CHAINS) - 1))
    def open(self, index: int) -> None:
        expired = self.now >= PROVEN[index].expires_at
        opened = self.run(self.house.enforcer.open(Opening(tokens=tuple(CHAINS[index])), self.now))

        assert (opened.session is None) == (expired or self.is_revoked(PROVEN[index]))
        if opened.session:
            self.opened.append(Opened(opened.handle, PROVEN[index], opened.session.expires_at))

    @rule(selector=SELECTORS)
    def revoke(self, selector: Selector) -> None:
        self.run(self.house.containment.ordered(Order(selector=selector), self.now))
        self.added.append(Revocation(selector, self.now + LIFETIME))
        self._end_those_hit()

    @rule(chosen=st.lists(SELECTORS, max_size=2))
    def replace_the_list(self, chosen: list[Selector]) -> None:
        self.listed = [Revocation(one, self.now + 50) for one in chosen]
        self.run(self.house.containment.listed(self.listed, self.now))
        self._end_those_hit()

    @rule(selector=SELECTORS, again=st.booleans())
    def event(self, selector: Selector, *, again: bool) -> None:
        known = again and self.events > 0
        self.events += not known
        one = Revocation(selector, self.now + 100)
        done = self.run(self.house.containment.happened(f"e{self.events}", [one], self.now))

        assert (done is None) == known
        if not known:
            self.added.append(one)
            self._end_those_hit()

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def revoke_a_session(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.opened))
        try:
            self.run(self.house.containment.ordered(Order(session_id=one.handle), self.now))
        except SessionError:
            assert one.closed or self.now >= one.expires_at
            return
        leaf = one.chain.hops[-1]
        self.added.append(Revocation(Selector(Kind.DIGEST, leaf.digest), self.now + LIFETIME))
        self._end_those_hit()

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.opened))
        try:
            self.run(self.house.enforcer.close(one.handle, self.now))
        except SessionError:
            assert one.closed or self.now >= one.expires_at
        one.closed = True

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def call(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.opened))
        crossing = Crossing(boundary=Boundary.USER_INPUT, session_id=one.handle, at=self.now, body="x")

        verdict, _ = self.run(self.house.enforcer.decide(crossing))

        over = one.closed or self.now >= one.expires_at or self.is_revoked(one.chain)
        assert (verdict.decision is Decision.DENY) == over

    @rule(seconds=st.sampled_from([1, 30, 60, 400]))
    def wait(self, seconds: int) -> None:
        self.now += seconds

    def _end_those_hit(self) -> None:
        for one in self.opened:
            one.closed = one.closed or (self.now < one.expires_at and self.is_revoked(one.chain))

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.loop.close()


TestRevocation = pytest.mark.slow(Machine.TestCase)
TestRevocation.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
