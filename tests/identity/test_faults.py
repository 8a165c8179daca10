"""N236: whatever breaks inside a step, nobody is let in, and nobody is told what the token holds.

Each part that a step stands on is broken in turn: what the verifier, an issuer, a key and the limits are made of, a
chain before its proof is judged, and the ports that opening a session asks.
"""

from collections.abc import Sequence
from dataclasses import fields, replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.proofs import Presented, proved
from sidecar.identity.keys import KeySet, TrustedKey
from sidecar.identity.limits import Limits
from sidecar.identity.opening import Opening
from sidecar.identity.trust import Issuer, TrustStore
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import VerifiedChain
from tests.containing import House
from tests.identity import test_conformance_proofs as proofs
from tests.identity.crafting import STS, VERIFIER, Step, T, chain_b, token_a, trusted

OPENABLE = chain_b(*[Step(scope={"tools": {"read": {}}})] * 3)
FORMS = {"A": [token_a()], "B": chain_b()}
PARTS = [
    (kind.__name__, field.name)
    for kind in (Verifier, Limits, Issuer, TrustedKey)
    for field in fields(kind)
    if field.name != "withheld"  # it is the reason itself
]
# What these credentials do not need, so that it may be anything: by part, the forms that go on without it.
UNASKED = {
    "Verifier.trust_domain": "AB",  # of transaction tokens
    "Limits.act_depth": "AB",  # only compared
    "Limits.audiences": "A",
    "Limits.delegation_depth": "A",
    "Limits.derived_lifetime": "A",
    "Limits.proof": "AB",
    "Limits.proof_window": "AB",
    "Issuer.name": "AB",
    "Issuer.typ": "B",
    "Issuer.token_use": "B",
    "Issuer.audience_policy": "AB",  # only compared
    "Issuer.actor_source": "AB",
    "Issuer.actor_issuer_default": "AB",
    "Issuer.namespaces": "B",
    "Issuer.tool_authority": "AB",
    "Issuer.scope_map": "AB",
    "Issuer.tolerated_headers": "B",
    "Issuer.shape": "B",
    "Issuer.require_actor_proofs": "B",
    "Issuer.live": "AB",
    "TrustedKey.thumbprint": "AB",
}
# What is only compared, and then is not what it should be.
COMPARED = {
    "Issuer.issuer": "iss_key_mismatch",
    "Issuer.require_actor_proofs": "act_proof_missing",
    "TrustedKey.algorithm": "alg_key_mismatch",
    "TrustedKey.public_key": "sig_invalid",
    "TrustedKey.key_id": "key_unknown_kid",
}


def outcome(tokens: Sequence[str], by: Verifier) -> str:
    """Return why `tokens` are refused, `told` where the refusal quotes a part of them."""
    try:
        by.verify(tokens, T)
    except EvidenceError as error:
        parts = [part for token in tokens for part in token.split(".")]
        return "told" if error.__cause__ or any(part in str(error) for part in parts) else error.reason
    return "accepted"


def with_issuer(issuer: Issuer) -> Verifier:
    held = {STS.url: frozenset((key.key_id, key.thumbprint) for key in trusted().keys.keys)}
    return replace(VERIFIER, trust=TrustStore({STS.url: issuer}, held))


def judges(name: str, part: str) -> Verifier:
    """Return the verifier in which the field `part` of `name` is no use."""
    nothing = {part: object()}
    match name:
        case "Verifier":
            return replace(VERIFIER, **nothing)  # type: ignore[arg-type]  # that is the fault
        case "Limits":
            return replace(VERIFIER, limits=replace(VERIFIER.limits, **nothing))  # type: ignore[arg-type]  # as above
        case "Issuer":
            return with_issuer(replace(trusted(), **nothing))  # type: ignore[arg-type]  # as above
        case _:
            key = replace(trusted().keys.keys[0], **nothing)  # type: ignore[arg-type]  # as above
            return with_issuer(trusted(keys=KeySet(keys=(key,))))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "part"), PARTS)
def test_n236_a_step_that_stands_on_something_broken_refuses(name: str, part: str, form: str) -> None:
    place = f"{name}.{part}"
    expected = "accepted" if form in UNASKED.get(place, "") else COMPARED.get(place, "internal_error")
    assert outcome(FORMS[form], judges(name, part)) == expected


@pytest.mark.parametrize("part", [field.name for field in fields(VerifiedChain)])
def test_n236_a_proof_on_a_chain_of_which_a_part_is_broken_makes_it_no_surer(part: str) -> None:
    chain = replace(proofs.verified(proofs.CHAIN_B), **{part: object()})  # type: ignore[arg-type]  # that is the fault
    shown = Presented(proofs.CHAIN_B, proofs.pop())
    reason = "proven"
    try:
        found = proved(chain, shown, proofs.EXPECTED, T, proofs.LIMITS)
    except EvidenceError as error:
        reason = error.reason
    else:
        assert found.proof is not None
    assert reason == {"profile": "pop_invalid", "hops": "internal_error", "holder": "internal_error"}.get(
        part, "proven"
    )


class PortError(Exception):
    """A fault whose text quotes the token."""


class Port:
    """A port of which nothing answers."""

    def __getattr__(self, name: str) -> object:
        raise PortError(FORMS["B"][0], name)


PORTS = ["status", "opener", "sightings", "audit", "recorder", "throttle"]
STORES = ["revocations", "sessions", "keep"]


@pytest.mark.parametrize("part", [*PORTS, *STORES])
async def test_n236_a_port_that_breaks_opens_no_session(part: str) -> None:
    house = House()
    broken = {part: Port()}
    stores = replace(house.enforcer.stores, **broken if part in STORES else {})  # type: ignore[arg-type]  # that is the fault
    enforcer = replace(house.enforcer, stores=stores, **broken if part in PORTS else {})  # type: ignore[arg-type]  # as above

    with pytest.raises(PortError):  # which the servicer answers with `internal_error` and no text (tests/test_laws.py)
        await enforcer.open(Opening(tokens=tuple(OPENABLE)), T)

    assert await house.sessions.list(T) == ()
