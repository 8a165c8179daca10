"""From chain to session: never wider than any link, the agent's policy, or what was asked for."""

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.peers import PeerRule
from sidecar.identity.holders.proving import proof, workload_proof
from sidecar.identity.opening import MAX_SCOPE_JSON, Opener, Opening
from sidecar.identity.trial import TrialIssuer
from sidecar.model.scope import Scope, parse, permits
from sidecar.model.session import Session
from sidecar.model.strict_json import Json, compact
from tests.identity.crafting import RES, STS, USER, VERIFIER, A, B, Claims, T, put
from tests.identity.holders.test_presenters import ASKED as PRESENTED
from tests.identity.holders.test_presenters import BY, HELPER, HOLDER, LINKED, PLANNER, STRANGER, beside, svid, wit

SCOPE: Claims = {
    "tools": {"transfer": {"args": {"amount": {"constraint_type": "range", "max": 100}}}, "read": {}, "list": {}},
    "egress": ["*.example"],
    "approval": ["transfer"],
}


def minted(scope: Claims | None = None, lifetime_s: int = 900) -> tuple[str, ...]:
    return tuple(STS.mint(user=USER, agents=[A, B], scope=scope or SCOPE, at=T, audience=RES, lifetime_s=lifetime_s))


def opened(
    agent_scope: Scope | None = None, *, scope: Claims | None = None, asked: Json = None, **words: str
) -> Session:
    """Open a session with the tokens of `scope`; `asked` is scope_json as a value."""
    opening = Opening(tokens=minted(scope), scope_json=compact(asked) if asked is not None else "", **words)  # type: ignore[arg-type]  # words are strings
    return Opener(verifier=VERIFIER, agent_scope=agent_scope).opened(opening, "ses_1", T)


def reason(
    agent_scope: Scope | None = None, *, opening: Opening | None = None, asked: Json = None, scope: Claims | None = None
) -> str:
    try:
        if opening is not None:
            Opener(verifier=VERIFIER, agent_scope=agent_scope).opened(opening, "ses_1", T)
        else:
            opened(agent_scope, asked=asked, scope=scope)
    except EvidenceError as error:
        return error.reason
    return "opened"


def test_a_session_holds_what_was_asked_for_and_proven() -> None:
    session = opened(task="pay rent", task_type="payments", residency="EU")
    assert (session.id, session.opened_at, session.task, session.task_type) == ("ses_1", T, "pay rent", "payments")
    assert (session.residency, session.principal.subject, session.principal.agent) == ("EU", USER, B)
    assert sorted(session.scope.tools) == ["list", "read", "transfer"]


@pytest.mark.parametrize(
    ("cap", "expected"), [pytest.param(60, T + 60, id="cap"), pytest.param(9999, T + 900, id="token")]
)
def test_a_session_ends_with_its_chain_or_earlier(cap: int, expected: int) -> None:
    opener = Opener(verifier=VERIFIER, max_lifetime_s=cap)
    assert opener.opened(Opening(tokens=minted()), "ses_1", T).expires_at == expected


def test_the_agents_own_policy_takes_away_without_a_refusal() -> None:
    policy = parse({"tools": {"read": {"args": {"id": {"constraint_type": "max_len", "max": 3}}}, "delete": {}}})
    scope = opened(policy).scope
    assert list(scope.tools) == ["read"]
    assert permits(scope, "read", {"id": "abc"}) is None
    assert permits(scope, "read", {"id": "abcd"}) is not None


def test_n149_policy_and_token_that_share_nothing_open_nothing() -> None:
    assert reason(parse({"tools": {"delete": {}}})) == "scope_empty"
    assert reason(scope={"tools": {}}) == "scope_empty"
    assert (
        reason(parse({"tools": {"read": {}}, "mission": "a"}), scope={"tools": {"read": {}}, "mission": "b"})
        == "scope_empty"
    )


def test_tools_that_are_asked_for_are_all_that_is_left() -> None:
    opener = Opener(verifier=VERIFIER)
    session = opener.opened(Opening(tokens=minted(), tools=("read", "list")), "ses_1", T)
    assert sorted(session.scope.tools) == ["list", "read"]


REFUSED = [
    pytest.param(Opening(), "token_missing", id="no token"),
    pytest.param(Opening(tokens=minted(), tools=("read", "delete")), "scope_tool_added", id="a tool beyond"),
    pytest.param(Opening(tokens=minted(), tools=("Read",)), "scope_tool_added", id="another case"),
    pytest.param(Opening(tokens=minted(), tools=("read",) * 257), "limit_scope_size", id="too many tools"),
    pytest.param(Opening(tokens=minted(), proof="x"), "cnf_missing", id="a proof for a token that is bound to no key"),
    pytest.param(Opening(tokens=minted(), parent_session_id="x"), "session_unknown", id="part of none"),
    pytest.param(Opening(tokens=minted(), task="x" * 5000), "limit_string", id="long task"),
    pytest.param(Opening(tokens=minted(), scope_json="{"), "scope_malformed", id="no JSON"),
    pytest.param(Opening(tokens=minted(), scope_json='{"autonomy":1,"autonomy":4}'), "scope_malformed", id="twice"),
    pytest.param(Opening(tokens=minted(), scope_json=" " * (MAX_SCOPE_JSON + 1)), "limit_scope_size", id="long JSON"),
]


@pytest.mark.parametrize(("opening", "expected"), REFUSED)
def test_an_opening_that_cannot_be_is_refused(opening: Opening, expected: str) -> None:
    assert reason(opening=opening) == expected


ASKED: list[tuple[str, Json, str]] = [
    (
        "a narrower argument",
        {"tools": {"transfer": {"args": {"amount": {"constraint_type": "range", "max": 9}}}}},
        "opened",
    ),
    ("a tool as it is", {"tools": {"transfer": {}}}, "opened"),
    (
        "an argument wider",
        {"tools": {"transfer": {"args": {"amount": {"constraint_type": "range", "max": 101}}}}},
        "scope_args_widened",
    ),
    ("a tool beyond", {"tools": {"delete": {}}}, "scope_tool_added"),
    ("no tool", {"tools": {}}, "scope_empty"),
    ("hosts narrower", {"egress": ["api.example"]}, "opened"),
    ("hosts wider", {"egress": ["*.com"]}, "scope_egress_widened"),
    ("nothing", {}, "opened"),
    ("more approval", {"approval": ["read"]}, "opened"),
    ("an approval less is none less", {"approval": []}, "opened"),
    ("a mission of its own", {"mission": "m"}, "opened"),
    ("an unknown member", {"lifetime": 5}, "scope_unknown_member"),
    ("calls counted", {"tools": {"read": {"max_calls": 1}}}, "opened"),
    ("a budget", {"budgets": {"calls": 5, "tokens": 1, "bytes_out": 0, "cost:EUR:2": 9}}, "opened"),
    ("a budget that nobody counts", {"budgets": {"smiles": 5}}, "not_yet_supported"),
    ("money in no unit", {"budgets": {"cost:EUR": 5}}, "not_yet_supported"),
    ("data", {"data": {"read": ["public"]}}, "opened"),
    ("autonomy", {"autonomy": 2}, "opened"),
    ("all autonomy", {"autonomy": 4}, "opened"),
]


@pytest.mark.parametrize(("asked", "expected"), [pytest.param(*row[1:], id=row[0]) for row in ASKED])
def test_a_scope_that_is_asked_for_must_lie_within(asked: Json, expected: str) -> None:
    assert reason(asked=asked) == expected


def test_what_is_asked_for_is_met_with_what_is_held() -> None:
    scope = opened(asked={"tools": {"transfer": {}, "read": {"args": {"id": {"constraint_type": "wildcard"}}}}}).scope
    assert permits(scope, "transfer", {"amount": 100}) is None
    assert permits(scope, "transfer", {"amount": 101}) is not None
    assert permits(scope, "read", {"name": 1}) is not None
    assert permits(scope, "list", {}) is not None
    assert scope.approval == frozenset({"transfer"})


def test_p24_a_session_narrows_and_never_comes_back() -> None:
    opener = Opener(verifier=VERIFIER)
    once = opener.narrowed(opened().scope, Opening(tools=("read", "list")))
    twice = opener.narrowed(once, Opening(scope_json='{"egress":["api.example"]}', tools=("read",)))
    assert (list(twice.tools), twice.egress) == (["read"], frozenset({"api.example"}))
    with pytest.raises(EvidenceError) as refused:
        opener.narrowed(twice, Opening(tools=("list",)))
    assert refused.value.reason == "scope_tool_added"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        pytest.param(Opening(tools=("delete",)), "session_widen_refused", id="N229 a tool beyond"),
        pytest.param(Opening(scope_json='{"egress":["*.com"]}'), "session_widen_refused", id="N229 hosts wider"),
        pytest.param(Opening(scope_json="{"), "scope_malformed", id="no JSON"),
        pytest.param(Opening(scope_json='{"budgets":{"x":1}}'), "not_yet_supported", id="a ceiling nobody holds"),
    ],
)
def test_a_session_in_use_is_never_widened(request_: Opening, expected: str) -> None:
    with pytest.raises(EvidenceError) as refused:
        Opener(verifier=VERIFIER).narrower(opened().scope, request_)
    assert refused.value.reason == expected


def test_a_session_in_use_is_narrowed() -> None:
    scope = Opener(verifier=VERIFIER).narrower(opened().scope, Opening(tools=("read",)))
    assert list(scope.tools) == ["read"]


def test_what_an_opening_holds_is_not_shown() -> None:
    assert "eyJ" not in repr(Opening(tokens=minted(), proof="eyJ"))


# ---- a chain that ends at the sidecar's own key: nobody can prove that key, and what else is shown must hold -------

STRANGE_DOMAIN = TrialIssuer.generate("spiffe://strange.example")
OWN_KEY = PeerRule(workload=HELPER, agent=HELPER, key=HOLDER.public.thumbprint)
THEIRS = workload_proof(STRANGER, wit(key=STRANGER), LINKED, PRESENTED)


@pytest.mark.parametrize(
    ("sent", "peers", "expected"),
    [
        pytest.param("", (), "opened", id="nothing"),
        pytest.param(svid(), (), "opened", id="P21 the workload that it names"),
        pytest.param(svid(put(sub=PLANNER)), (), "act_peer_mismatch", id="another workload"),
        pytest.param(svid(put(aud=["https://elsewhere.example"])), (), "aud_mismatch", id="a token for elsewhere"),
        pytest.param(svid(put(exp=T)), (), "time_expired", id="a token that ended"),
        pytest.param(svid(by=STRANGE_DOMAIN), (), "key_unknown_kid", id="a token that another domain signed"),
        pytest.param(THEIRS, (), "peer_key_unbound", id="N176 a WIT of another key"),
        pytest.param(wit(), (), "pop_missing", id="a WIT without its proof"),
        pytest.param("x.y.z", (), "pop_invalid", id="no token"),
        pytest.param(beside(proof(STRANGER, LINKED, PRESENTED), svid()), (), "pop_invalid", id="a stranger's proof"),
        pytest.param("", (OWN_KEY,), "peer_unauthenticated", id="none where one is asked for"),
        pytest.param(svid(), (OWN_KEY,), "opened", id="the one that is asked for"),
    ],
)
def test_a_workload_that_brings_a_chain_of_our_own_key_is_held_to_be_its_actor(
    sent: str, peers: tuple[PeerRule, ...], expected: str
) -> None:
    opener = Opener(verifier=BY, holder=HOLDER, peers=peers, proofs="required", since=T - 1000)
    opening = Opening(tokens=tuple(LINKED), proof=sent)
    if expected == "opened":
        session = opener.opened(opening, "ses_1", T)
        assert (session.chain.workload is not None, session.tokens) == (bool(sent), tuple(LINKED))
        return
    with pytest.raises(EvidenceError) as refused:
        opener.opened(opening, "ses_1", T)
    assert refused.value.reason == expected
