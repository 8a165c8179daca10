"""What a caller is told of a failure, and what stands in the record (2.8 of the identity specification)."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.checks.sender import SenderCheck
from sidecar.enforcer import Enforcer
from sidecar.identity import failures
from sidecar.identity.failures import FAILURES, told
from sidecar.identity.opening import Opener, Opening
from sidecar.model.crossing import Boundary, Crossing, Direction
from sidecar.model.session import Session
from sidecar.model.verdict import Decision, Finding, Severity
from sidecar.stores.memory import MemoryRevocations
from sidecar.stores.proofs import MemoryProofs
from tests.identity.crafting import VERIFIER, Change, T, put, token_a
from tests.test_enforcer import Kept, enforcer

SOURCES = Path(failures.__file__).parent


def finding(reason: str, detail: str = "") -> Finding:
    return Finding(check="identity", decision=Decision.DENY, reason=reason, message="m", path="/p", detail=detail)


TOLD = [
    pytest.param("sig_invalid", "credential_invalid", id="keys"),
    pytest.param("token_encoding", "credential_invalid", id="form"),
    pytest.param("aud_mismatch", "credential_invalid", id="claims"),
    pytest.param("chain_cycle", "credential_invalid", id="chain"),
    pytest.param("time_expired", "credential_expired", id="expired"),
    pytest.param("act_namespace", "actor_refused", id="act"),
    pytest.param("scope_tool_added", "scope_insufficient", id="scope"),
    pytest.param("pop_args_mismatch", "proof_invalid", id="holder"),
    pytest.param("key_revoked", "credential_revoked", id="status"),
    pytest.param("status_unknown", "identity_unavailable", id="status unknown"),
    pytest.param("jwks_stale", "identity_unavailable", id="trust"),
    pytest.param("clock_rollback", "identity_unavailable", id="clock"),
    pytest.param("limit_chain_size", "credential_too_large", id="limits"),
    pytest.param("exchange_act_forged", "exchange_failed", id="exchange"),
]


@pytest.mark.parametrize(("exact", "public"), TOLD)
def test_a_caller_is_told_the_class_alone(exact: str, public: str) -> None:
    (seen,) = told([finding(exact)])
    assert (seen.reason, seen.path, seen.decision) == (public, "", Decision.DENY)
    assert exact not in repr(seen)


@pytest.mark.parametrize(
    "reason",
    ["limit_rate", "pop_nonce", "session_unknown", "mint_depth_exhausted", "internal_error", "tool_not_granted", ""],
)
def test_what_a_caller_asked_for_itself_is_told_as_it_is(reason: str) -> None:
    assert told([finding(reason)]) == (finding(reason),)


def test_a_detail_leaves_in_a_trial_alone() -> None:
    sender = finding("sender_unverified", "time_expired")
    assert told([sender]) == (finding("sender_unverified"),)
    (explained,) = told([sender], explain=True)
    assert (explained.message, explained.detail) == ("m (time_expired)", "")
    assert told([finding("sig_invalid")], explain=True) == (finding("sig_invalid"),)


def reasons_raised() -> set[str]:
    """Return every reason that a module beside `failures` raises."""
    found = set()
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="reason", value=ast.Constant(str(reason))) if path.stem != "failures":
                    found.add(reason)
    return found - {""}


# They tell of this version or of what a caller wrote itself, not of a credential.
OPEN = {"not_yet_supported", "card_invalid", "card_mismatch", "card_unsigned", "config_invalid", "event_unsupported"}


def test_every_reason_that_identity_raises_has_a_class() -> None:
    assert sorted(reasons_raised() - FAILURES.keys() - OPEN) == []


CHAIN = VERIFIER.verify([token_a()], T)


def judging(audit: Kept, *, explain: bool) -> Enforcer:
    sender = SenderCheck(verifier=VERIFIER, revocations=MemoryRevocations(), proofs=MemoryProofs())
    made = enforcer([sender], audit, [], Boundary.A2A_MESSAGE)
    return replace(made, opener=Opener(verifier=VERIFIER), explain=explain)


@pytest.mark.parametrize(
    ("change", "exact", "public"),
    [
        pytest.param(put(exp=T - 5, iat=T - 9), "time_expired", "credential_expired", id="expired"),
        pytest.param(put(aud="https://other.example"), "aud_mismatch", "credential_invalid", id="audience"),
        pytest.param(put(act={"sub": 7}), "act_malformed", "actor_refused", id="act"),
    ],
)
@pytest.mark.parametrize("explain", [False, True])
async def test_the_record_keeps_what_the_caller_is_not_told(
    change: Change, exact: str, public: str, *, explain: bool
) -> None:
    audit = Kept()
    opened = await judging(audit, explain=explain).open(Opening(tokens=(token_a(change),)), T)
    assert [f.reason for f in opened.findings] == [exact if explain else public]
    assert [f.reason for f in audit.entries[0].findings] == [exact]


@pytest.mark.parametrize("explain", [False, True])
async def test_why_a_sender_is_not_proven_stands_in_the_record(*, explain: bool) -> None:
    audit = Kept()
    message = Crossing(
        boundary=Boundary.A2A_MESSAGE,
        session_id="",
        at=T,
        body={},
        peer="agent-b",
        direction=Direction.INBOUND,
        tokens=(token_a(put(sub="")),),
        session=Session(id="ses_1", chain=CHAIN, scope=CHAIN.scope, opened_at=T, expires_at=T + 60),
    )
    verdict, _ = await judging(audit, explain=explain).decide(message)
    (seen,) = verdict.findings
    assert (seen.reason, "claim_type" in seen.message, seen.detail) == ("sender_unverified", explain, "")
    assert (audit.entries[0].findings[0].detail, seen.severity) == ("claim_type", Severity.HIGH)
