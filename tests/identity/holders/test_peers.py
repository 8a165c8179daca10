"""N082 to N084, N104 and N175: the process that asks, and the credential (identity-spec 2.6 G)."""

from dataclasses import replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.peers import PeerRule, bound, check_peer
from sidecar.model.chain import Assurance, Proof, VerifiedChain
from sidecar.model.session import Peer
from tests.identity.crafting import HOLDERS, STS, USER, VERIFIER, A, B, C, Step, T, chain_b, drop, put
from tests.identity.crafting import RES as AUDIENCE

BOB, CAROL = Peer(pid=1, uid=1001, gid=100), Peer(pid=2, uid=1002, gid=100)
KEYS = [holder.public.thumbprint for holder in HOLDERS]
RULES = (PeerRule(uid=1001, agent=B, key=KEYS[1]), PeerRule(uid=1002, agent=C, key=KEYS[2]))


def form_a(*agents: str) -> VerifiedChain:
    return VERIFIER.verify(STS.mint(user=USER, agents=agents, scope={}, at=T, audience=AUDIENCE), T)


def form_b(*steps: Step, agents: tuple[str, ...] = (A, B, C)) -> VerifiedChain:
    return VERIFIER.verify(chain_b(*steps, agents=agents), T)


def reason(chain: VerifiedChain, peer: Peer | None, rules: tuple[PeerRule, ...] = RULES) -> str:
    try:
        check_peer(chain, peer, rules)
    except EvidenceError as error:
        return error.reason
    return "accepted"


@pytest.mark.parametrize(
    ("chain", "peer", "expected"),
    [
        pytest.param(form_a(A, B), BOB, "accepted", id="its own name"),
        pytest.param(form_a(A), BOB, "act_peer_mismatch", id="N082 another's"),
        pytest.param(form_a(B, "x"), BOB, "act_peer_mismatch", id="N083 its own name is history"),
        pytest.param(form_a(B, A), BOB, "act_peer_mismatch", id="N084 in the other order"),
        pytest.param(form_a(A, B), Peer(pid=1, uid=5, gid=5), "act_peer_mismatch", id="a user nobody configured"),
        pytest.param(form_a(A, B), None, "peer_unauthenticated", id="N175 nobody said who"),
        pytest.param(form_b(), CAROL, "accepted", id="its own key"),
        pytest.param(form_b(agents=(A, B)), CAROL, "peer_key_unbound", id="N104 cut short: the parent's key"),
        pytest.param(form_b(agents=(A, B)), BOB, "accepted", id="the parent itself"),
        pytest.param(form_b(), None, "peer_unauthenticated", id="N175 linked"),
        pytest.param(
            form_b(Step(), Step(), Step(put(client_id=B))), CAROL, "peer_key_unbound", id="its key under another name"
        ),
    ],
)
def test_who_asks_is_who_the_credential_names(chain: VerifiedChain, peer: Peer | None, expected: str) -> None:
    assert reason(chain, peer) == expected


@pytest.mark.parametrize(
    ("rule", "single", "linked"),
    [
        pytest.param(PeerRule(uid=1002), "accepted", "accepted", id="any agent"),
        pytest.param(PeerRule(gid=100), "accepted", "accepted", id="by group"),
        pytest.param(PeerRule(uid=1002, gid=5), "act_peer_mismatch", "peer_key_unbound", id="user and group"),
        pytest.param(PeerRule(agent=C), "accepted", "peer_key_unbound", id="a name, which a delegator gave"),
        pytest.param(PeerRule(key=KEYS[2]), "accepted", "accepted", id="a key"),
        pytest.param(PeerRule(key=KEYS[1]), "accepted", "peer_key_unbound", id="another key"),
    ],
)
def test_what_a_rule_leaves_out_is_not_asked_for(rule: PeerRule, single: str, linked: str) -> None:
    assert (reason(form_a(A, C), CAROL, (rule,)), reason(form_b(), CAROL, (rule,))) == (single, linked)


def test_without_rules_anybody_may() -> None:
    assert reason(form_b(), None, ()) == reason(form_a(A), None, ()) == "accepted"


PROOF = Proof(thumbprint=KEYS[2], token_id="p", issued_at=T, until=T + 60)


@pytest.mark.parametrize(
    ("chain", "rules", "expected"),
    [
        pytest.param(replace(form_b(), proof=PROOF), RULES, Assurance.BOUND, id="name and key"),
        pytest.param(form_b(), RULES, Assurance.ASSERTED, id="not proven"),
        pytest.param(replace(form_b(), proof=PROOF), RULES[:1], Assurance.ASSERTED, id="another's rule"),
        pytest.param(
            replace(form_b(), proof=PROOF), (PeerRule(key=KEYS[2]),), Assurance.ASSERTED, id="a key for no name"
        ),
        pytest.param(replace(form_b(), proof=PROOF), (PeerRule(agent=C),), Assurance.ASSERTED, id="a name for no key"),
        pytest.param(
            replace(form_b(Step(), Step(), Step(put(client_id=B))), proof=PROOF),
            RULES,
            Assurance.ASSERTED,
            id="the key under another's name",
        ),
        pytest.param(
            replace(form_b(Step(), Step(), Step(drop("client_id"))), proof=PROOF),
            RULES,
            Assurance.ASSERTED,
            id="the key under no name",
        ),
        pytest.param(replace(form_a(A, C), proof=PROOF), RULES, Assurance.ISSUER, id="one token"),
    ],
)
def test_a_name_is_bound_where_key_and_name_are_configured(
    chain: VerifiedChain, rules: tuple[PeerRule, ...], expected: Assurance
) -> None:
    assert bound(chain, rules).hops[-1].assurance is expected
