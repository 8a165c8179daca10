"""T7: no call passes with a revoked hop or a key that its issuer has taken back, in whatever order things happen.

Keys are rotated, withdrawn and brought back, fetches fail and succeed, somebody revokes, and the clock goes on in
simulated time, so that the keepers' own fetches happen, too. The model beside it is what the issuer's server handed
out last, when that was, and what was revoked; it knows nothing of how either is kept. What stands on no such thing
goes on.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sidecar.checks.session import SessionCheck
from sidecar.containment import Order
from sidecar.enforcer import Enforcer
from sidecar.errors import FetchError, SessionError
from sidecar.identity.issuers.generations import Fetched, Refresh
from sidecar.identity.issuers.refresh import Trust, Trusted
from sidecar.identity.issuers.sources import UrlSource
from sidecar.identity.keys import KeySet
from sidecar.identity.opening import Opening
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import MissingKeyError, TrustStore
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import VerifiedChain
from sidecar.model.crossing import Boundary, Crossing
from sidecar.model.revocation import Kind, Selector
from sidecar.model.verdict import Decision
from tests.containing import LIFETIME, House
from tests.identity.crafting import RES, STS, VERIFIER, A, B, Claims, T, trusted
from tests.trust.simulated import CLOCK, SimulatedLoop, now

R = TypeVar("R")
REFRESH: Final = Refresh(interval=120.0, max_stale=400.0)
ISSUERS: Final = [TrialIssuer.generate(STS.url) for _ in range(4)]  # one issuer, and the keys of its life
MOST: Final = 8  # sessions of one run: each is called after every step
SCOPE: Final[Claims] = {"tools": {"t": {}}}


@dataclass
class Server:
    """The issuer's endpoint: `published` are the keys, `given` what it handed out last, and when."""

    published: set[int] = field(default_factory=lambda: {0})
    given: frozenset[int] = frozenset()
    given_at: float = 0.0
    is_down: bool = False

    async def load(self) -> Fetched:
        if self.is_down:
            raise FetchError("down", reason="jwks_unavailable")
        self.given, self.given_at = frozenset(self.published), now()
        return Fetched(keys=KeySet(keys=tuple(ISSUERS[one].issuer().keys.keys[0] for one in sorted(self.given))))


@dataclass
class Opened:
    """A session, the key that it stands on, and what was revoked of it."""

    handle: str
    key: int
    chain: VerifiedChain
    is_closed: bool = False


class Machine(RuleBasedStateMachine):
    """One issuer, its server, operators, and sessions that come and go."""

    @initialize()
    def begin(self) -> None:
        self.loop = SimulatedLoop()
        self.server = Server()
        self.house = House()
        self.opened: list[Opened] = []
        self.revoked: list[Selector] = []
        self.trust = self.run(self._begun())
        self.enforcer = self._with(self.trust.store)
        self.trust.listen(self._changed)
        self.run(self.trust.start())

    async def _begun(self) -> Trust:
        issuer = replace(trusted(), name="sts", keys=KeySet(keys=()), live=True)
        one = Trusted(issuer=issuer, source=UrlSource(url="https://sts.example/jwks"), loader=self.server)
        return Trust([one], REFRESH, self._fault, CLOCK)

    def _fault(self, what: str, error: BaseException, **_where: str) -> None:
        raise AssertionError(what) from error

    def _changed(self, store: TrustStore) -> None:
        self.enforcer = self._with(store)

    def _with(self, store: TrustStore) -> Enforcer:
        """Return the enforcer over the same stores and other keys, as the app puts one in place."""
        verifier = replace(VERIFIER, trust=store)
        check = SessionCheck(self.house.sessions, self.house.revocations, store)
        return replace(
            self.house.enforcer,
            rows={Boundary.USER_INPUT: (check,)},
            opener=replace(self.house.enforcer.opener, verifier=verifier),
            renewed=self._renewed,
        )

    async def _renewed(self, missing: MissingKeyError) -> Verifier | None:
        return self.enforcer.opener.verifier if await self.trust.renewed(missing) else None

    def run(self, work: Coroutine[object, object, R]) -> R:
        return self.loop.run_until_complete(work)

    @property
    def at(self) -> float:
        return T + self.loop.time()

    def is_stale(self) -> bool:
        return self.loop.time() - self.server.given_at >= REFRESH.max_stale

    def is_trusted(self, key: int) -> bool:
        return key in self.server.given and not self.is_stale()

    def is_revoked(self, chain: VerifiedChain) -> bool:
        names = {(Kind.AGENT, name) for name in chain.principal.actors}
        names |= {(Kind.SUBJECT, chain.principal.subject), *((Kind.SUBJECT, hop.actor) for hop in chain.hops)}
        names |= {(Kind.TOKEN, hop.token_id) for hop in chain.hops}
        names |= {(Kind.KEY, hop.thumbprint) for hop in chain.hops if hop.thumbprint}
        return any((one.kind, one.value) in names for one in self.revoked)

    # ---- the issuer --------------------------------------------------------------------------------------

    @rule(key=st.integers(0, 3))
    def rotate(self, key: int) -> None:
        self.server.published.add(key)

    @precondition(lambda self: self.server.published)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self.server.published.discard(data.draw(st.sampled_from(sorted(self.server.published))))

    @rule()
    def break_down_or_recover(self) -> None:
        self.server.is_down = not self.server.is_down

    # ---- operators and time ------------------------------------------------------------------------------

    @rule()
    def refresh(self) -> None:
        self.run(self.trust.loaded())

    @rule(seconds=st.sampled_from([0.5, 29, 31, 119.5, 200]))
    def wait(self, seconds: float) -> None:
        self.run(asyncio.sleep(seconds))

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def revoke(self, data: st.DataObject) -> None:
        chain = data.draw(st.sampled_from(self.opened)).chain
        hop = data.draw(st.sampled_from(chain.hops))
        choices = [Selector(Kind.TOKEN, hop.token_id), Selector(Kind.SUBJECT, hop.actor)]
        choices += [Selector(Kind.AGENT, name) for name in chain.principal.actors]
        choices += [Selector(Kind.KEY, hop.thumbprint)] if hop.thumbprint else []
        selector = data.draw(st.sampled_from(choices))
        self.run(self.house.containment.ordered(Order(selector=selector), self.at))
        self.revoked.append(selector)

    # ---- callers -----------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.opened) < MOST)
    @rule(
        key=st.sampled_from([0, 0, 0, 1, 1, 2, 3]),
        user=st.sampled_from(["ann", "bob"]),
        agents=st.sampled_from([[A], [A, B], [B]]),
        linked=st.booleans(),
    )
    def open(self, key: int, user: str, agents: list[str], *, linked: bool) -> None:
        mint = ISSUERS[key].mint_linked if linked else ISSUERS[key].mint
        tokens = mint(user=user, agents=agents, scope=SCOPE, at=self.at, audience=RES)
        chain = replace(VERIFIER, trust=_store(key)).verify(tokens, self.at)
        was_trusted = self.is_trusted(key)

        opened = self.run(self.enforcer.open(Opening(tokens=tuple(tokens)), self.at))

        if opened.session is None:
            assert not was_trusted or self.is_revoked(chain)
        else:
            assert self.is_trusted(key)
            assert not self.is_revoked(chain)
            self.opened.append(Opened(opened.handle, key, chain))

    @invariant()
    def call(self) -> None:
        """Call in every session, whatever has just happened."""
        if not hasattr(self, "enforcer"):
            return
        asked = [Crossing(boundary=Boundary.USER_INPUT, session_id=o.handle, at=self.at, body="x") for o in self.opened]

        found = [self.run(self.enforcer.decide(crossing))[0].decision is Decision.ALLOW for crossing in asked]

        assert found == [self.may_call(one) for one in self.opened]

    def may_call(self, one: Opened) -> bool:
        is_over = one.is_closed or self.at >= one.chain.expires_at or self.is_revoked(one.chain)
        return not is_over and self.is_trusted(one.key)

    @precondition(lambda self: self.opened)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.opened))
        with suppress(SessionError):
            self.run(self.enforcer.close(one.handle, self.at))
        one.is_closed = True

    def teardown(self) -> None:
        if hasattr(self, "loop"):
            self.run(self.trust.stop())
            self.loop.close()


def _store(key: int) -> TrustStore:
    return Verifier.of([ISSUERS[key].issuer()], [RES]).trust


assert REFRESH.max_stale * 100 < LIFETIME  # what is revoked stays so for longer than a run lasts
TestT7NothingPassesThatWasTakenBack = pytest.mark.slow(Machine.TestCase)
TestT7NothingPassesThatWasTakenBack.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
