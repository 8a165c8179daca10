"""N176 to N178, P20 and P21: the workload that presents a credential (identity-spec 2.5, 2.6 G and 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.adapters import PRESETS, Shape
from sidecar.identity.holders.dpop import token_hash
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.peers import PeerRule, check_peer
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.presenters import MAX_PARTS, Presenters
from sidecar.identity.holders.proofs import IF_BOUND, OFF, Presented
from sidecar.identity.holders.proving import Asked, proof, workload_proof
from sidecar.identity.holders.wpt import CHAIN, credential_hash
from sidecar.identity.opening import OPEN_SESSION
from sidecar.identity.trial import TrialIssuer
from sidecar.identity.trust import Issuer
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.session import Peer
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    RES,
    STS,
    USER,
    Change,
    Claims,
    Step,
    T,
    chain_b,
    drop,
    put,
    signed,
    trusted,
)

TD = TrialIssuer.generate("spiffe://td.example")
CLUSTER = TrialIssuer.generate("https://cluster.example")
OTHER_CLUSTER = TrialIssuer.generate("https://other.example")
PLANNER, HELPER = "spiffe://td.example/planner", "spiffe://td.example/helper"
ACCOUNT = "system:serviceaccount:shop:helper"
HOLDER, STRANGER = HOLDERS[1], HOLDERS[3]
EXPECTED = Expected(audiences=frozenset({RES}), tool=OPEN_SESSION, arguments={}, since=T - 1000)
BOB = Peer(pid=1, uid=1001, gid=100)


def platform(issuer: TrialIssuer, preset: str) -> Issuer:
    typ = PRESETS[preset]["typ"]
    assert isinstance(typ, tuple)
    named = frozenset(str(one).lower() for one in typ)
    return replace(issuer.issuer(), typ=named, shape=Shape(id_claim="", actor_only=True))


ISSUERS = (trusted(), platform(TD, "spiffe"), platform(CLUSTER, "kubernetes"), platform(OTHER_CLUSTER, "kubernetes"))
BY = Verifier.of(ISSUERS, [RES])
LINKED = chain_b(Step(), agents=(PLANNER, HELPER))
SINGLE = STS.mint(user=USER, agents=[PLANNER, HELPER], scope={}, at=T, audience=RES)
ASKED = Asked(audience=RES, tool=OPEN_SESSION, arguments={}, at=T)


def wit(change: Change | None = None, *, key: SigningKey = HOLDER, by: TrialIssuer = TD, typ: str = "wit+jwt") -> str:
    """Return the WIT of HELPER, which holds `key`, with one change."""
    jwk: Json = {**key.members(), "alg": "Ed25519"}
    claims: Claims = {"sub": HELPER, "exp": T + 300, "iat": T, "cnf": {"jwk": jwk}}
    if change:
        change(claims)
    return signed({"alg": "Ed25519", "typ": typ, "kid": by.key.public.thumbprint}, claims, by.key.private_key)


WIT = wit()
POP = proof(HOLDER, LINKED, ASKED)


def wpt(
    change: Change | None = None,
    *,
    by: SigningKey = HOLDER,
    single: bool = False,
    header: Mapping[str, Json] | None = None,
) -> str:
    """Return the WPT that presents LINKED, or SINGLE, by WIT, with one change."""
    bound: Claims = (
        {"ath": token_hash(SINGLE[0])} if single else {"oth": {CHAIN: credential_hash(BY.verify(LINKED, T))}}
    )
    claims: Claims = {"aud": RES, "exp": T + 60, "iat": T, "jti": "w-1", "wth": token_hash(WIT), **bound}
    if change:
        change(claims)
    return signed({"alg": "Ed25519", "typ": "wpt+jwt", **(header or {})}, claims, by.private_key)


def svid(change: Change | None = None, *, by: TrialIssuer = TD) -> str:
    """Return the JWT-SVID of HELPER, for us, with one change."""
    claims: Claims = {"sub": HELPER, "aud": [RES], "exp": T + 300, "iat": T}
    if change:
        change(claims)
    return signed({"alg": "Ed25519", "typ": "JWT", "kid": by.key.public.thumbprint}, claims, by.key.private_key)


def account(change: Change | None = None, *, by: TrialIssuer = CLUSTER) -> str:
    """Return the token of a Kubernetes service account, for us, with one change."""
    claims: Claims = {"iss": by.url, "sub": ACCOUNT, "aud": [RES], "exp": T + 600, "iat": T}
    if change:
        change(claims)
    return signed({"alg": "Ed25519", "kid": by.key.public.thumbprint}, claims, by.key.private_key)


def shown(
    tokens: Sequence[str],
    sent: str,
    rules: Sequence[PeerRule] = (),
    *,
    by: Verifier = BY,
    expected: Expected = EXPECTED,
    demand: str = IF_BOUND,
    peer: Peer | None = None,
) -> VerifiedChain:
    chain = Presenters(by=by, demand=demand, peers=rules).proven(
        by.verify(tokens, T), Presented(tokens, sent), expected, T
    )
    check_peer(chain, peer, rules)
    return chain


def reason(tokens: Sequence[str], sent: str, rules: Sequence[PeerRule] = (), **how: object) -> str:
    """Return why what was sent is refused, `accepted` where it is not, `leaked` where the message tells of it."""
    try:
        shown(tokens, sent, rules, **how)  # type: ignore[arg-type]  # the fields of a table's row
    except EvidenceError as error:
        return "leaked" if "eyJ" in str(error) else error.reason
    return "accepted"


def beside(*parts: str) -> str:
    return " ".join(parts)


def test_p20_a_workload_whose_key_ends_the_chain_is_bound_to_its_name() -> None:
    chain = shown(LINKED, beside(POP, WIT, wpt()))

    assert chain.workload is not None
    assert (chain.workload.name, chain.workload.thumbprint) == (HELPER, HOLDER.public.thumbprint)
    assert chain.hops[-1].assurance is Assurance.BOUND
    assert [one.token_id for one in chain.proofs][1:] == ["w-1"]


def test_p20_what_the_holders_side_makes_is_accepted() -> None:
    single = workload_proof(HOLDER, WIT, SINGLE, ASKED)
    assert reason(LINKED, beside(POP, workload_proof(HOLDER, WIT, LINKED, ASKED))) == "accepted"
    assert reason(SINGLE, single) == "accepted"
    assert reason(LINKED, beside(POP, single)) == "pop_token_mismatch"
    nonce = replace(EXPECTED, nonces=frozenset({"n"}))
    assert reason(SINGLE, single, expected=nonce) == "pop_nonce"
    assert reason(SINGLE, workload_proof(HOLDER, WIT, SINGLE, replace(ASKED, nonce="n")), expected=nonce) == "accepted"


STRANGE_WIT = wit(key=STRANGER)
NAMELESS = chain_b(Step(), Step(drop("client_id")), agents=(PLANNER, HELPER))
MISNAMED = chain_b(Step(), Step(put(client_id=PLANNER)), agents=(PLANNER, HELPER))
BY_STRANGER = wpt(put(wth=token_hash(STRANGE_WIT)), by=STRANGER)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(beside(POP, STRANGE_WIT, BY_STRANGER), "peer_key_unbound", id="N176 the WIT's key is another"),
        pytest.param(
            beside(POP, WIT, wpt(put(oth={CHAIN: credential_hash(BY.verify(LINKED, T)), "x": "y"}))),
            "pop_invalid",
            id="N177 an entry of oth that nobody knows",
        ),
        pytest.param(beside(POP, wit(put(exp=T + 299)), wpt()), "pop_token_mismatch", id="N177 wth of another WIT"),
        pytest.param(beside(POP, WIT, wpt(drop("wth"))), "pop_token_mismatch", id="no wth"),
        pytest.param(beside(POP, WIT, wpt(drop("oth"))), "pop_token_mismatch", id="bound to no chain"),
        pytest.param(beside(POP, WIT, wpt(put(oth={}))), "pop_token_mismatch", id="oth that holds nothing"),
        pytest.param(beside(POP, WIT, wpt(put(oth={CHAIN: "x"}))), "pop_token_mismatch", id="bound to another chain"),
        pytest.param(beside(POP, WIT, wpt(put(oth=[CHAIN]))), "pop_invalid", id="oth is no object"),
        pytest.param(beside(POP, WIT, wpt(put(ath="x"))), "pop_token_mismatch", id="ath of another token"),
        pytest.param(beside(POP, WIT, wpt(put(ath=token_hash(LINKED[-1])))), "accepted", id="ath of the last link"),
        pytest.param(
            beside(POP, WIT, wpt(put(tth="x"))), "pop_token_mismatch", id="a transaction token that is not there"
        ),
        pytest.param(beside(POP, WIT, wpt(by=STRANGER)), "pop_invalid", id="signed with another key than the WIT's"),
        pytest.param(beside(POP, WIT, wpt(header={"alg": "EdDSA"})), "pop_invalid", id="an algorithm by half a name"),
        pytest.param(
            beside(POP, WIT, wpt(header={"jwk": HOLDER.members()})), "pop_invalid", id="a header that brings a key"
        ),
        pytest.param(beside(POP, WIT, wpt(drop("jti"))), "pop_invalid", id="no jti"),
        pytest.param(beside(POP, WIT, wpt(drop("aud"))), "pop_invalid", id="no aud"),
        pytest.param(beside(POP, WIT, wpt(put(aud=[RES]))), "pop_invalid", id="aud is a list"),
        pytest.param(beside(POP, WIT, wpt(put(aud="https://x"))), "pop_target_mismatch", id="for another target"),
        pytest.param(beside(POP, WIT, wpt(put(aud=RES + "#f"))), "accepted", id="the same target, spelled otherwise"),
        pytest.param(beside(POP, WIT, wpt(drop("exp"))), "pop_invalid", id="no exp"),
        pytest.param(beside(POP, WIT, wpt(put(exp=True))), "pop_invalid", id="exp is a truth value"),
        pytest.param(beside(POP, WIT, wpt(put(exp=T))), "pop_stale", id="expired"),
        pytest.param(beside(POP, WIT, wpt(put(iat=T - 31))), "pop_stale", id="made too long ago"),
        pytest.param(beside(POP, WIT, wpt(put(iat="now"))), "pop_invalid", id="iat is a word"),
        pytest.param(beside(POP, WIT, wpt(drop("iat"))), "accepted", id="no iat, and it ends soon"),
        pytest.param(
            beside(POP, WIT, wpt(lambda claims: (drop("iat")(claims), put(exp=T + 61)(claims))[0])),
            "pop_stale",
            id="no iat, and it ends late",
        ),
        pytest.param(beside(POP, WIT), "pop_missing", id="a WIT alone"),
        pytest.param(beside(POP, wpt()), "pop_invalid", id="a WPT alone"),
        pytest.param(beside(WIT, wpt()), "pop_missing", id="a WPT is no proof of the chain's own key"),
        pytest.param(beside(POP, WIT, WIT), "pop_invalid", id="a kind twice"),
        pytest.param(beside(POP, svid(), WIT, wpt()), "pop_invalid", id="two workloads"),
        pytest.param(beside(POP, svid(), WIT), "pop_invalid", id="a WIT and a platform's token"),
        pytest.param(beside(POP, WIT, "", wpt()), "pop_invalid", id="two spaces"),
        pytest.param(" " * MAX_PARTS, "pop_invalid", id="spaces alone"),
        pytest.param(beside(POP, "x" * 8193), "pop_invalid", id="a part that is too long"),
        pytest.param(beside(POP, svid(put(x=["y" * 3000] * 3))), "pop_invalid", id="a workload's that is too long"),
        pytest.param(beside(wpt(), POP, WIT), "accepted", id="in any order"),
        pytest.param(beside(POP, wit(put(exp=T)), wpt()), "time_expired", id="a WIT that has expired"),
        pytest.param(beside(POP, wit(drop("cnf")), wpt()), "claim_missing", id="a WIT without a key"),
        pytest.param(beside(POP, wit(put(cnf={"jkt": "x"})), wpt()), "cnf_invalid", id="a WIT with a thumbprint"),
        pytest.param(
            beside(POP, wit(put(cnf={"jwk": HOLDER.members()})), wpt()), "cnf_invalid", id="a key without algorithm"
        ),
        pytest.param(beside(POP, wit(put(aud="https://x")), wpt()), "aud_mismatch", id="a WIT for somebody else"),
        pytest.param(beside(POP, wit(put(sub="spiffe://x/y")), wpt()), "iss_untrusted", id="another trust domain's"),
        pytest.param(beside(POP, wit(by=STS), wpt()), "key_unknown_kid", id="a WIT by the user's issuer"),
        pytest.param(beside(POP, wit(put(iss=STS.url), by=STS), wpt()), "typ_unexpected", id="in its own name, too"),
    ],
)
def test_a_workload_proves_that_it_presents_this_chain(sent: str, expected: str) -> None:
    assert reason(LINKED, sent) == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(beside(WIT, wpt(single=True)), "accepted", id="by ath"),
        pytest.param(beside(WIT, wpt()), "pop_token_mismatch", id="by a chain only"),
        pytest.param(beside(WIT, wpt(put(ath="x"), single=True)), "pop_token_mismatch", id="another token's ath"),
        pytest.param(svid(), "accepted", id="P21 a JWT-SVID"),
        pytest.param(svid(put(aud=["https://x"])), "aud_mismatch", id="a JWT-SVID for somebody else"),
        pytest.param(svid(put(sub=PLANNER)), "act_peer_mismatch", id="N083 an actor before"),
        pytest.param(svid(put(cnf={"jkt": "x"})), "pop_missing", id="a JWT-SVID that is bound to a key"),
        pytest.param(account(), "act_peer_mismatch", id="a service account, which the token does not name"),
        pytest.param(
            account(put(aud=["https://kubernetes.default.svc"])), "aud_mismatch", id="N178 the API server's token"
        ),
        pytest.param(
            account(put(sub=HELPER)), "act_peer_mismatch", id="a cluster that calls its account by a SPIFFE ID"
        ),
        pytest.param(WIT, "pop_missing", id="a WIT alone"),
        pytest.param("x.y.z", "cnf_missing", id="no token at all"),
    ],
)
def test_a_workload_is_held_to_be_the_actor_that_one_token_names(sent: str, expected: str) -> None:
    assert reason(SINGLE, sent) == expected


NAMED_RULE = PeerRule(workload=ACCOUNT, issuer=CLUSTER.url, agent=HELPER)


@pytest.mark.parametrize(
    ("tokens", "sent", "rules", "peer", "expected"),
    [
        pytest.param(SINGLE, account(), [NAMED_RULE], None, "accepted", id="P21 an account under the actor's name"),
        pytest.param(
            SINGLE, account(by=OTHER_CLUSTER), [NAMED_RULE], None, "act_peer_mismatch", id="another cluster's"
        ),
        pytest.param(
            SINGLE, account(), [replace(NAMED_RULE, agent=PLANNER)], None, "act_peer_mismatch", id="for another actor"
        ),
        pytest.param(
            SINGLE,
            account(),
            [replace(NAMED_RULE, issuer="")],
            None,
            "act_peer_mismatch",
            id="a name that could be any's",
        ),
        pytest.param(SINGLE, account(), [PeerRule(agent=HELPER)], None, "act_peer_mismatch", id="a rule for anybody"),
        pytest.param(SINGLE, svid(), [PeerRule(workload=HELPER)], None, "accepted", id="by its own name"),
        pytest.param(
            SINGLE, "", [PeerRule(workload=HELPER)], BOB, "act_peer_mismatch", id="a workload that is not shown"
        ),
        pytest.param(SINGLE, "", [PeerRule(workload=HELPER)], None, "peer_unauthenticated", id="N175 nobody at all"),
        pytest.param(
            SINGLE, svid(), [PeerRule(uid=1001, workload=HELPER)], None, "act_peer_mismatch", id="and no process"
        ),
        pytest.param(SINGLE, svid(), [PeerRule(uid=1001, workload=HELPER)], BOB, "accepted", id="both"),
        pytest.param(SINGLE, svid(), [PeerRule(uid=7)], BOB, "act_peer_mismatch", id="another user's process"),
        pytest.param(LINKED, beside(POP, WIT, wpt()), [PeerRule(agent=HELPER)], None, "accepted", id="P20 with rules"),
        pytest.param(
            LINKED, beside(POP, svid()), [PeerRule(agent=HELPER)], None, "peer_key_unbound", id="a JWT-SVID ties no key"
        ),
        pytest.param(
            LINKED,
            beside(POP, WIT, wpt()),
            [PeerRule(agent=PLANNER)],
            None,
            "peer_key_unbound",
            id="a rule for another",
        ),
        pytest.param(LINKED, beside(POP, svid()), [], None, "accepted", id="P21 a JWT-SVID beside a chain"),
        pytest.param(
            LINKED,
            beside(POP, svid()),
            [PeerRule(workload=HELPER, agent=HELPER, key=HOLDER.public.thumbprint)],
            None,
            "accepted",
            id="a key that the operator tied to the workload",
        ),
    ],
)
def test_rules_say_which_workload_is_which_agent(
    tokens: Sequence[str], sent: str, rules: Sequence[PeerRule], peer: Peer | None, expected: str
) -> None:
    assert reason(tokens, sent, rules, peer=peer) == expected


TIED = PeerRule(workload=HELPER, agent=HELPER, key=HOLDER.public.thumbprint)


def beside_own(tokens: Sequence[str]) -> str:
    return beside(proof(HOLDER, tokens, ASKED), workload_proof(HOLDER, WIT, tokens, ASKED))


def test_a_name_that_a_delegator_gave_to_anothers_key_is_refused() -> None:
    assert reason(MISNAMED, beside_own(MISNAMED)) == "act_peer_mismatch"


def test_a_holder_without_a_name_is_the_workload_that_holds_its_key() -> None:
    assert shown(NAMELESS, beside_own(NAMELESS)).hops[-1].assurance is Assurance.BOUND
    assert reason(NAMELESS, beside(proof(HOLDER, NAMELESS, ASKED), svid())) == "act_peer_mismatch"


@pytest.mark.parametrize(
    ("sent", "rules", "expected"),
    [
        pytest.param(beside(POP, svid()), (), Assurance.ASSERTED, id="a JWT-SVID ties no key"),
        pytest.param(POP, (TIED,), Assurance.ASSERTED, id="a key that is tied to a workload that is not shown"),
        pytest.param(beside(POP, svid()), (TIED,), Assurance.BOUND, id="and one that is"),
        pytest.param(
            beside(POP, WIT, wpt()), (PeerRule(workload=PLANNER, key="x"),), Assurance.BOUND, id="rules about others"
        ),
    ],
)
def test_how_sure_the_last_hop_is(sent: str, rules: tuple[PeerRule, ...], expected: Assurance) -> None:
    by = Presenters(by=BY, peers=rules)
    assert by.proven(BY.verify(LINKED, T), Presented(LINKED, sent), EXPECTED, T).hops[-1].assurance is expected


def test_without_its_own_proof_a_wpt_binds_nothing() -> None:
    assert shown(LINKED, beside(WIT, wpt()), demand=OFF).hops[-1].assurance is Assurance.ASSERTED


def ends_soon(claims: Claims) -> None:
    claims["exp"] = T + 40
    del claims["iat"]


def test_a_proof_without_iat_is_refused_where_it_may_have_been_taken_before_the_start() -> None:
    late = wpt(drop("iat"))
    for since, expected in ((T, "pop_stale"), (T - 1, "accepted")):
        assert reason(LINKED, beside(POP, WIT, late), expected=replace(EXPECTED, since=since)) == expected
    chain = shown(LINKED, beside(POP, WIT, late))
    assert chain.workload is not None
    assert chain.workload.proof is not None
    assert chain.workload.proof.until == T + 60
    soon = shown(LINKED, beside(POP, WIT, wpt(ends_soon)))
    assert [one.until for one in soon.proofs][1:] == [T + 40]


def test_n091_a_workload_on_the_deny_list_presents_nothing() -> None:
    barred = replace(BY, denied_actors=frozenset({ACCOUNT}))
    assert reason(SINGLE, account(), [NAMED_RULE], by=barred) == "act_actor_denied"


def test_where_no_platform_is_trusted_its_tokens_prove_nothing() -> None:
    plain = Verifier.of([trusted()], [RES])
    assert reason(SINGLE, svid(), by=plain) == "cnf_missing"
    assert reason(SINGLE, beside(WIT, wpt(single=True)), by=plain) == "iss_untrusted"
