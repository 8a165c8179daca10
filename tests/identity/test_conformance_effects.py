"""What identity-spec 3 asserts of every refusal: no session, no proof taken, nothing asked outside, nothing told.

The vectors are those of the tables beside this file, each presented to the path by which sessions are opened.
"""

from collections.abc import Iterable, Iterator, Sequence

import pytest
from _pytest.mark.structures import ParameterSet

from sidecar.identity.opening import Opening
from sidecar.stores.proofs import MemoryProofs
from tests.identity import test_conformance_chain as linked
from tests.identity import test_conformance_claims as claims
from tests.identity import test_conformance_form as form
from tests.identity import test_conformance_scope as scopes
from tests.identity.crafting import Change, Step, T, chain_b, put, token_a
from tests.identity.outside import watched
from tests.test_enforcer_holder import Log, enforcer

SHORTEST = 12  # characters of a token's part that could be told from chance


def vectors() -> Iterator[ParameterSet]:
    """Yield the tokens of each refused vector, and the reason."""
    yield from _whole([*form.FORM, *form.HEADER, *linked.CHAIN])
    for row in (*claims.CLAIMS, *claims.ACTORS):
        change, reason = row.values
        yield pytest.param([token_a(_change(change))], reason, id=row.id)
    for name, details, reason in scopes.ENTRIES:
        step = Step(put(authorization_details=details))
        yield pytest.param(chain_b(step, agents=("a",)), reason, id=name)
    for name, parent, child, reason in scopes.EDITS:
        yield pytest.param(chain_b(Step(scope=parent), Step(scope=child), agents=("a", "b")), reason, id=name)


def _whole(rows: Iterable[ParameterSet]) -> Iterator[ParameterSet]:
    for row in rows:
        tokens, reason = row.values
        if isinstance(tokens, list) and all(isinstance(token, str) for token in tokens):
            yield pytest.param(tokens, reason, id=row.id)


def _change(value: object) -> Change:
    assert callable(value)
    return value


@pytest.mark.parametrize(
    ("tokens", "reason"),
    [row for row in vectors() if row.values[1] != "accepted"],
)
async def test_a_refusal_has_no_effect_and_tells_nothing(tokens: Sequence[str], reason: str) -> None:
    proofs = MemoryProofs()
    house = enforcer(proofs=proofs)

    with watched() as seen:
        opened = await house.open(Opening(tokens=tuple(tokens)), T)

    assert isinstance(house.audit, Log)
    (entry,) = house.audit.entries
    assert [finding.reason for finding in entry.findings] == [reason]
    assert (opened.session, len(proofs), seen) == (None, 0, [])
    assert await house.stores.sessions.list(T) == ()
    parts = [part for token in tokens for part in token.split(".") if len(part) >= SHORTEST]
    told = f"{entry} {opened}"
    assert [part for part in parts if part in told] == []
