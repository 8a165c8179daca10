"""T2 and T6 of identity-spec 3.3: what is delegated verifies and only shrinks; each beginning of a chain is one."""

import asyncio
import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sidecar.errors import EvidenceError
from sidecar.identity.delegation import Delegated, Delegation, Delegator, Parent
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import Presented, proved
from sidecar.identity.holders.proving import Asked, proof
from sidecar.identity.opening import Opener, Opening
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.narrowing import narrower
from sidecar.model.scope import Scope, permits
from tests.containing import House
from tests.identity.crafting import HOLDERS, RES, STS, VERIFIER, T, chain_b, reason_of
from tests.identity.test_reference import Made, chains
from tests.model.scopes import Entry, calls, edited, entries

KEYS = [SigningKey.generate() for _ in range(4)]
LONG = replace(VERIFIER, limits=replace(VERIFIER.limits, hops=8))


def root(scope: Entry) -> Parent | None:
    """Return a session on a chain of one link, bound to the first key; None for an atom that AAT has no word for."""
    tokens = STS.mint_linked(user="ann", agents=["a"], scope=scope, at=T, audience=RES, holder=KEYS[0], deeper=6)
    try:
        chain = LONG.verify(tokens, T)
    except EvidenceError:
        return None
    return Parent(chain=chain, tokens=tuple(tokens), scope=chain.scope, expires_at=float(chain.expires_at))


def asked(scope: Entry, to: SigningKey) -> Delegation:
    key = json.dumps(to.public_jwk())
    return Delegation(agent="sub", audience=RES, scope_json=json.dumps(scope), confirmation_jwk=key, lifetime_s=60)


@settings(max_examples=40, deadline=None)
@given(st.data(), entries(), calls())
def test_t2_what_is_delegated_only_shrinks(data: st.DataObject, scope: Entry, call: tuple[str, Entry]) -> None:
    held, wanted = root(scope), scope
    for holder, to in pairwise(KEYS):
        wanted = data.draw(edited(wanted))
        made = attempt(holder, held, asked(wanted, to)) if held else None
        if held is None or made is None:
            return
        tokens = (*held.tokens, made.token)
        chain = LONG.verify(tokens, T)
        narrower(chain.scope, held.scope)
        assert permits(chain.scope, *call) is not None or permits(held.scope, *call) is None
        held = Parent(chain=chain, tokens=tokens, scope=chain.scope, expires_at=float(chain.expires_at))


def attempt(holder: SigningKey, held: Parent, what: Delegation) -> Delegated | None:
    """Return the link, None where it is refused; nothing but a refusal is raised, and none of a fault within."""
    try:
        return Delegator(holder=holder, verifier=LONG).delegated(held, what, T)
    except EvidenceError as error:
        if error.reason == "internal_error":
            raise
        return None


@settings(max_examples=60, deadline=None)
@given(st.data(), entries(), st.lists(st.sampled_from(["t", "u", "v"]), max_size=2))
def test_t2_sessions_that_are_delegated_open_elsewhere_and_only_shrink(
    data: st.DataObject, scope: Entry, kept: list[str]
) -> None:
    """One sidecar after the other: each opens what the one before signed, narrows it, and delegates on."""
    held = root(scope)
    tokens, wanted, above = held.tokens if held else (), scope, held.scope if held else None
    for holder, to in pairwise(KEYS):
        opened = asyncio.run(handed_on(holder, tokens, tuple(kept) if holder is KEYS[1] else (), asked(wanted, to)))
        if opened is None or above is None:
            return
        session, made = opened
        narrower(session, above)
        if made is None:
            return
        tokens, above, wanted = (*tokens, made.token), session, data.draw(edited(wanted))
        narrower(made.chain.scope, session)


async def handed_on(
    holder: SigningKey, tokens: tuple[str, ...], tools: tuple[str, ...], what: Delegation
) -> tuple[Scope, Delegated | None] | None:
    """Return the scope of a session that the sidecar of `holder` opens, and what it delegates from it."""
    house = House()
    enforcer = replace(house.enforcer, opener=Opener(verifier=LONG, holder=holder))
    opened = await enforcer.open(Opening(tokens=tokens), T)
    if opened.session is not None and tools:
        opened = await enforcer.narrow(opened.handle, Opening(tools=tools), T)
    if opened.session is None:
        return None
    session = opened.session
    signed = await enforcer.delegate(opened.handle, what, T)
    assert all(finding.reason != "internal_error" for finding in signed.findings)
    return session.scope, signed.made


@settings(max_examples=40, deadline=None)
@given(entries())
def test_t2_all_that_is_held_can_always_be_handed_on(scope: Entry) -> None:
    held = root(scope)
    if held is None or not held.scope.tools:
        return
    names: Entry = {"tools": {name: {} for name in held.scope.tools}}

    made = Delegator(holder=KEYS[0], verifier=LONG).delegated(held, asked(names, KEYS[1]), T)

    narrower(held.scope, made.chain.scope)


@settings(max_examples=40, deadline=None)
@given(chains(most=0))
def test_t6_every_beginning_of_a_chain_that_holds_holds_for_its_own_holder(made: Made) -> None:
    expected = Expected(audiences=frozenset({RES}), tool="t", arguments={})
    if reason_of(list(made.tokens)) != "accepted":
        return
    for length in range(1, len(made.tokens) + 1):
        tokens = made.tokens[:length]
        shown = [
            Presented(tokens, proof(holder, tokens, Asked(audience=RES, tool="t", arguments={}, at=T)))
            for holder in HOLDERS[:length]
        ]
        verified = VERIFIER.verify(tokens, T)
        assert proved(verified, shown[-1], expected, T, VERIFIER.limits).proof is not None
        assert [refused(verified, other, expected) for other in shown[:-1]] == ["pop_invalid"] * (length - 1)


def refused(chain: VerifiedChain, shown: Presented, expected: Expected) -> str:
    with pytest.raises(EvidenceError) as error:
        proved(chain, shown, expected, T, VERIFIER.limits)
    return error.value.reason


@pytest.mark.parametrize("length", [1, 2, 3])
def test_t6_every_beginning_of_a_chain_is_a_chain_of_its_own_holder(length: int) -> None:
    tokens = chain_b()[:length]
    holder = HOLDERS[length - 1]
    expected = Expected(audiences=frozenset({RES}), tool="t", arguments={})
    text = proof(holder, tokens, Asked(audience=RES, tool="t", arguments={}, at=T))

    chain = proved(VERIFIER.verify(tokens, T), Presented(tokens, text), expected, T, VERIFIER.limits)

    assert chain.proof is not None
    assert chain.hops[-1].assurance in {Assurance.ISSUER, Assurance.ASSERTED, Assurance.PROVED}
    other = Presented(tokens, proof(HOLDERS[length], tokens, Asked(audience=RES, tool="t", arguments={}, at=T)))
    with pytest.raises(EvidenceError):
        proved(chain, other, expected, T, VERIFIER.limits)
