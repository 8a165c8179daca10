"""Transaction tokens (identity-spec 2.3, `txn@1`): behind a setting, no authentication, for one trust domain."""

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.dpop import token_hash
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.peers import PeerRule, check_peer
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.presenters import Presenters
from sidecar.identity.holders.proofs import IF_BOUND, REQUIRED, Presented
from sidecar.identity.holders.proving import Asked, workload_proof
from sidecar.identity.opening import OPEN_SESSION
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import FORM_A, FORM_B, TRANSACTION
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.strict_json import Json
from sidecar.v1 import sidecar_pb2 as pb
from tests.identity.crafting import HOLDERS, RES, STS, USER, Change, Claims, T, drop, put, signed, trusted
from tests.identity.holders.test_presenters import HELPER, TD, account, platform, svid, wit
from tests.running import AUDIENCE, running

DOMAIN = "td.example"
ASKER = "spiffe://td.example/gateway"
TTS = trusted(
    profiles=frozenset({TRANSACTION}), tool_authority="scope_map", scope_map={"pay": ("transfer",), "see": ("read",)}
)
ON = frozenset({FORM_A, FORM_B, TRANSACTION})
BY = replace(Verifier.of([TTS, platform(TD, "spiffe")], [RES]), profiles=ON, trust_domain=DOMAIN)
EXPECTED = Expected(audiences=frozenset({RES}), tool=OPEN_SESSION, arguments={}, since=T - 1000)
HOLDER = HOLDERS[1]


def txn(change: Change | None = None, header: Mapping[str, Json] | None = None) -> str:
    """Return the token of a transaction of USER that ASKER asked for, with one change."""
    claims: Claims = {
        "iss": STS.url,
        "sub": USER,
        "aud": DOMAIN,
        "iat": T,
        "exp": T + 300,
        "txn": "t-1",
        "scope": "pay see",
        "req_wl": ASKER,
        "tctx": {"amount": 7},
    }
    if change:
        change(claims)
    head: Claims = {"alg": "Ed25519", "typ": "txntoken+jwt", "kid": STS.key.public.thumbprint, **(header or {})}
    return signed(head, claims, STS.key.private_key)


def verified(token: str, by: Verifier = BY) -> str:
    try:
        by.verify([token], T)
    except EvidenceError as error:
        return error.reason
    return "accepted"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        *(
            pytest.param(drop(name), "claim_missing", id=f"no {name}")
            for name in ("iss", "sub", "aud", "exp", "iat", "txn", "scope", "req_wl")
        ),
        pytest.param(put(jti="j"), "accepted", id="an id of its own"),
        pytest.param(put(req_wl=["x"]), "claim_type", id="several askers"),
        pytest.param(put(req_wl=""), "claim_type", id="an asker without a name"),
        pytest.param(put(txn=7), "claim_type", id="a number of a transaction"),
        pytest.param(put(scope=["pay"]), "scope_malformed", id="scope in a list"),
        pytest.param(put(aud="other.example"), "aud_mismatch", id="another trust domain"),
        pytest.param(put(aud=RES), "aud_mismatch", id="one resource"),
        pytest.param(put(aud=[DOMAIN, "other.example"]), "aud_too_broad", id="two trust domains"),
        pytest.param(put(exp=T), "time_expired", id="expired"),
        pytest.param(put(exp=T + 901), "time_lifetime_exceeded", id="good for too long"),
        pytest.param(put(act={"sub": "agent", "iss": STS.url}), "accepted", id="an agent acts"),
        pytest.param(put(act={"sub": USER, "iss": STS.url}), "act_self", id="who acts for itself"),
        pytest.param(put(act="agent"), "act_malformed", id="an actor that is no object"),
    ],
)
def test_a_transaction_token_says_all_that_it_must(change: Change, reason: str) -> None:
    assert verified(txn(change)) == reason


def test_it_is_off_unless_the_sidecar_and_its_issuer_are_set_to_take_it() -> None:
    off = replace(BY, profiles=frozenset({FORM_A, FORM_B}))
    other = replace(Verifier.of([trusted()], [RES]), profiles=ON, trust_domain=DOMAIN)
    assert (verified(txn(), off), verified(txn(), other)) == ("profile_disabled", "profile_disabled")
    assert verified(txn(None, {"jwk": {}})) == "header_forbidden_param"
    with pytest.raises(EvidenceError) as refused:
        BY.verify([txn(), txn()], T)
    assert refused.value.reason == "typ_unexpected"


@pytest.mark.parametrize("name", [ASKER, "agent"])
def test_n091_whoever_is_barred_asks_for_no_transaction(name: str) -> None:
    barred = replace(BY, denied_actors=frozenset({name}))
    assert verified(txn(put(act={"sub": "agent", "iss": STS.url})), barred) == "act_actor_denied"


def brought(sent: str, peers: tuple[PeerRule, ...] = (), demand: str = IF_BOUND) -> VerifiedChain:
    token = txn()
    presenters = Presenters(by=BY, demand=demand, peers=peers)
    chain = presenters.proven(BY.verify([token], T), Presented([token], sent), EXPECTED, T)
    check_peer(chain, None, peers)
    return chain


def reason(sent: str, peers: tuple[PeerRule, ...] = (), demand: str = IF_BOUND) -> str:
    try:
        brought(sent, peers, demand)
    except EvidenceError as error:
        return error.reason
    return "accepted"


WIT = wit()
SHOWN = workload_proof(HOLDER, WIT, [txn()], Asked(audience=RES, tool=OPEN_SESSION, arguments={}, at=T))


def wpt(**bound: Json) -> str:
    claims: Claims = {"aud": RES, "exp": T + 60, "jti": "w", "wth": token_hash(WIT), **bound}
    return f"{WIT} {HOLDER.sign(claims, 'wpt+jwt')}"


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param("", "peer_unauthenticated", id="nobody"),
        pytest.param(SHOWN, "accepted", id="P20 a WIT and its WPT"),
        pytest.param(svid(), "accepted", id="P21 a JWT-SVID"),
        pytest.param(wpt(), "pop_token_mismatch", id="a WPT over no token"),
        pytest.param(wpt(tth="x"), "pop_token_mismatch", id="a WPT over another transaction"),
        pytest.param(wpt(ath=token_hash(txn())), "pop_token_mismatch", id="a WPT over it as an access token"),
    ],
)
def test_a_transaction_token_authenticates_nobody(sent: str, expected: str) -> None:
    assert reason(sent) == expected


def test_the_workload_that_brings_it_is_the_actor_and_all_before_are_history() -> None:
    chain = brought(SHOWN)

    assert (chain.principal.subject, chain.principal.actors) == (USER, (ASKER, HELPER))
    assert [hop.assurance for hop in chain.hops] == [Assurance.ISSUER, Assurance.ASSERTED, Assurance.BOUND]
    assert (chain.transaction, sorted(chain.scope.tools)) == ("t-1", ["read", "transfer"])
    assert brought(svid()).hops[-1].assurance is Assurance.ISSUER
    assert BY.trust.lost(chain) == ""


def test_peers_say_which_agent_the_workload_is() -> None:
    rule = PeerRule(workload=HELPER, agent="helper")
    assert brought(svid(), (rule,)).principal.agent == "helper"
    assert brought(
        svid(), (PeerRule(agent="gateway"), PeerRule(workload=ASKER, agent="asker"), rule)
    ).principal.agent == ("helper")
    assert reason(svid(), (PeerRule(agent="gateway"),)) == "act_peer_mismatch"
    assert reason(svid(), (PeerRule(workload=ASKER, agent="gateway"),)) == "act_peer_mismatch"


def test_where_every_credential_is_proven_it_needs_a_wpt() -> None:
    assert (reason(SHOWN, demand=REQUIRED), reason(svid(), demand=REQUIRED)) == ("accepted", "cnf_missing")


async def test_a_transaction_over_the_wire_and_never_out_again(tmp_path: Path) -> None:
    td = TrialIssuer.generate("spiffe://td.example", "ES256")
    (tmp_path / "td.json").write_text(json.dumps(td.jwks()), encoding="utf-8")
    more = (
        'profiles = ["txn@1"]\ntool_authority = "scope_map"\nscope_map = {"e" = ["echo"]}\n'
        f'[[identity.issuers]]\nname = "td"\nissuer = "{td.url}"\npreset = "spiffe"\nkeys = "td.json"\n'
    )
    async with running(tmp_path, identity=f'trust_domain = "{DOMAIN}"', issuer_more=more) as sidecar:
        now, key = int(time.time()), SigningKey.generate()
        own: Claims = {"iat": now, "exp": now + 60, "iss": sidecar.issuer.url, "scope": "e"}
        claims: Claims = {"sub": "ann", "aud": DOMAIN, "txn": "t", "req_wl": ASKER, **own}
        token = sidecar.issuer.key.sign(claims, "txntoken+jwt", header={"kid": sidecar.issuer.key.public.thumbprint})
        named: Claims = {"sub": HELPER, "exp": now + 60, "cnf": {"jwk": {**key.members(), "alg": "Ed25519"}}}
        card = td.key.sign(named, "wit+jwt", header={"kid": td.key.public.thumbprint})
        shown = workload_proof(key, card, [token], Asked(audience=AUDIENCE, tool="", arguments={}, at=now))
        asked = [
            await sidecar.guard.OpenSession(pb.OpenSessionRequest(tokens=[token], proof=sent)) for sent in ("", shown)
        ]
        verdict = await sidecar.guard.CheckToolCall(
            pb.ToolCall(session_id=asked[1].session_id, tool="echo", arguments_json=json.dumps({"text": token, "n": 1}))
        )

    assert [[one.reason for one in each.findings] for each in asked] == [["peer_unauthenticated"], []]
    assert (asked[1].principal.subject, asked[1].principal.agent) == ("ann", HELPER)
    assert "call_token_passthrough" in [one.reason for one in verdict.findings]


def test_a_service_account_that_is_not_trusted_brings_nothing() -> None:
    assert reason(account()) == "iss_untrusted"
