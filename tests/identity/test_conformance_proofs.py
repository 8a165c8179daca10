"""N103, N160 to N174 and the positive cases on proofs of possession (identity-spec 3.1 and 3.2)."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.holders.dpop import token_hash
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.holders.presentation import Expected
from sidecar.identity.holders.proofs import IF_BOUND, OFF, REQUIRED, Presented, proved
from sidecar.identity.holders.proving import Asked, proof
from sidecar.identity.keys import encoded
from sidecar.identity.limits import Limits
from sidecar.model.chain import Assurance, VerifiedChain
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    HOLDERS,
    RES,
    VERIFIER,
    A,
    B,
    C,
    Claims,
    Step,
    T,
    chain_b,
    drop,
    put,
    signed,
    token_a,
)

ARGUMENTS: Claims = {"task": "pay", "task_type": "", "tools": ["transfer"], "residency": "", "scope_json": ""}
TOOL = "sidecar.v1.Guard/OpenSession"
EXPECTED = Expected(audiences=frozenset({RES}), tool=TOOL, arguments=ARGUMENTS, since=T - 1000)
LIMITS = Limits()
HOLDER, STRANGER = HOLDERS[2], HOLDERS[3]
ES256 = SigningKey.generate("ES256")

TOKEN_A = token_a(put(cnf={"jkt": HOLDER.public.thumbprint}))
UNBOUND = token_a()
CHAIN_B = chain_b()

Change = Callable[[Claims], None]


def verified(tokens: list[str]) -> VerifiedChain:
    return VERIFIER.verify(tokens, T)


def dpop(change: Change | None = None, *, by: SigningKey = HOLDER, header: Mapping[str, Json] | None = None) -> str:
    """Return GOOD-A's proof with one change of its claims or of its header."""
    claims: Claims = {"htm": "POST", "htu": RES, "ath": token_hash(TOKEN_A), "jti": "p-1", "iat": T}
    if change:
        change(claims)
    head = {"alg": by.public.algorithm, "typ": "dpop+jwt", "jwk": by.members(), **(header or {})}
    return signed(
        {k: v for k, v in head.items() if v is not None}, claims, by.private_key, algorithm=by.public.algorithm
    )


def pop(change: Change | None = None, *, by: SigningKey = HOLDER, header: Mapping[str, Json] | None = None) -> str:
    """Return GOOD-B's proof with one change of its claims or of its header."""
    leaf = verified(CHAIN_B).hops[-1]
    claims: Claims = {
        "jti": "p-1",
        "iat": T,
        "aat_id": leaf.token_id,
        "aat_hash": leaf.digest,
        "aat_tool": TOOL,
        "aat_aud": RES,
        "hta": ARGUMENTS,
    }
    if change:
        change(claims)
    return signed({"alg": "Ed25519", "typ": "aat-pop+jwt", **(header or {})}, claims, by.private_key)


def reason(
    tokens: list[str], sent: str, expected: Expected = EXPECTED, *, at: float = T, demand: str = IF_BOUND
) -> str:
    """Return why a proof is refused, `accepted` where it is not, `leaked` where its text stands in the message."""
    try:
        proved(verified(tokens), Presented(tokens, sent), expected, at, LIMITS, demand)
    except EvidenceError as error:
        told = [part for part in (*tokens, *sent.split(".")) if len(part) > 1 and part in str(error)]
        return "leaked" if told else error.reason
    return "accepted"


def asked(**arguments: Json) -> Change:
    return put(hta={**ARGUMENTS, **arguments})


OTHER = chain_b(Step(put(jti="other")))
PRIVATE = {**HOLDER.members(), "d": HOLDER.private_jwk()["d"]}
BOTH = [
    ("N163 signed by another holder", {"by": STRANGER}, "pop_invalid"),
    ("N163 alg HS256", {"header": {"alg": "HS256"}}, "pop_invalid"),
    ("N163 alg none", {"header": {"alg": "none"}}, "pop_invalid"),
    ("EdDSA names two curves", {"header": {"alg": "EdDSA"}}, "pop_invalid"),
    ("a private key in the header", {"header": {"jwk": PRIVATE}}, "pop_invalid"),
    ("N046 another typ", {"header": {"typ": "at+jwt"}}, "pop_invalid"),
    ("no typ", {"header": {"typ": ""}}, "pop_invalid"),
    ("crit", {"header": {"crit": ["b64"]}}, "pop_invalid"),
    ("no jti", {"change": drop("jti")}, "pop_invalid"),
    ("an empty jti", {"change": put(jti="")}, "pop_invalid"),
    ("a long jti", {"change": put(jti="x" * 129)}, "pop_invalid"),
    ("jti a number", {"change": put(jti=7)}, "pop_invalid"),
    ("no iat", {"change": drop("iat")}, "pop_invalid"),
    ("iat a string", {"change": put(iat=str(T))}, "pop_invalid"),
    ("iat a boolean", {"change": put(iat=True)}, "pop_invalid"),
    ("iat a float", {"change": put(iat=T + 0.5)}, "pop_invalid"),
    ("iat below zero", {"change": put(iat=-1)}, "pop_invalid"),
    ("N169 iat 31 s ago", {"change": put(iat=T - 31)}, "pop_stale"),
    ("N169 iat 31 s ahead", {"change": put(iat=T + 31)}, "pop_stale"),
    ("P16 iat 30 s ahead", {"change": put(iat=T + 30)}, "accepted"),
    ("iat 30 s ago", {"change": put(iat=T - 30)}, "accepted"),
    ("a nonce that nobody asked for", {"change": put(nonce="n")}, "accepted"),
    ("a claim that nobody knows", {"change": put(extra={"a": [1]})}, "accepted"),
    ("some KiB of what nobody asked for", {"change": put(extra=["x" * 2000] * 2)}, "accepted"),
    ("more than 8 KiB", {"change": put(extra=["x" * 3000] * 3)}, "pop_invalid"),
    ("good", {}, "accepted"),
]
DPOP = [
    ("a key from elsewhere", {"header": {"jku": "https://evil.example/"}}, "pop_invalid"),
    ("N164 another token", {"change": put(ath=token_hash(UNBOUND))}, "pop_token_mismatch"),
    ("no ath", {"change": drop("ath")}, "pop_invalid"),
    ("N165 GET", {"change": put(htm="GET")}, "pop_target_mismatch"),
    ("N165 post", {"change": put(htm="post")}, "pop_target_mismatch"),
    ("htm a list", {"change": put(htm=["POST"])}, "pop_invalid"),
    ("N165 another host", {"change": put(htu="https://other.example/a2a")}, "pop_target_mismatch"),
    ("N165 another path", {"change": put(htu="https://planner.example/a2b")}, "pop_target_mismatch"),
    ("N165 a path below", {"change": put(htu=f"{RES}/x")}, "pop_target_mismatch"),
    ("N165 http", {"change": put(htu="http://planner.example/a2a")}, "pop_target_mismatch"),
    ("another spelling", {"change": put(htu="HTTPS://Planner.example:443/x/../%61%32a?q#f")}, "accepted"),
    ("no jwk", {"header": {"jwk": None}}, "pop_invalid"),
    ("jwk a string", {"header": {"jwk": "x"}}, "pop_invalid"),
    ("jwk with alg of another kind", {"header": {"jwk": {**HOLDER.members(), "alg": "ES256"}}}, "pop_invalid"),
]
POP = [
    ("N164 another hash", {"change": put(aat_hash=verified(OTHER).hops[0].digest)}, "pop_token_mismatch"),
    ("N164 another id", {"change": put(aat_id="jti-1")}, "pop_token_mismatch"),
    ("no hash", {"change": drop("aat_hash")}, "pop_invalid"),
    ("N165 another audience", {"change": put(aat_aud="https://other.example")}, "pop_target_mismatch"),
    ("N165 several audiences", {"change": put(aat_aud=[RES])}, "pop_target_mismatch"),
    ("no audience", {"change": drop("aat_aud")}, "pop_target_mismatch"),
    ("N166 another call", {"change": put(aat_tool="transfer")}, "pop_tool_mismatch"),
    ("N167 another value", {"change": asked(task="pay more")}, "pop_args_mismatch"),
    ("N167 a tool more", {"change": asked(tools=["transfer", "read"])}, "pop_args_mismatch"),
    ("N167 a key more", {"change": asked(parent="x")}, "pop_args_mismatch"),
    ("N167 a key less", {"change": put(hta={"task": "pay"})}, "pop_args_mismatch"),
    ("no arguments", {"change": drop("hta")}, "pop_invalid"),
    ("arguments in a list", {"change": put(hta=[ARGUMENTS])}, "pop_invalid"),
    ("the header brings the right key", {"header": {"jwk": HOLDER.members()}}, "accepted"),
    ("the header brings the signer's key", {"by": STRANGER, "header": {"jwk": STRANGER.members()}}, "pop_invalid"),
    ("a key from elsewhere is ignored", {"header": {"jku": "https://evil.example/"}}, "accepted"),
]
FORM_A = [pytest.param(*row[1:], id=row[0]) for row in [*BOTH, *DPOP]]
FORM_B = [pytest.param(*row[1:], id=row[0]) for row in [*BOTH, *POP]]


@pytest.mark.parametrize(("changes", "expected"), FORM_A)
def test_a_proof_for_one_token(changes: dict[str, Change], expected: str) -> None:
    assert reason([TOKEN_A], dpop(**changes)) == expected  # type: ignore[arg-type]  # a row's words


@pytest.mark.parametrize(("changes", "expected"), FORM_B)
def test_a_proof_for_linked_tokens(changes: dict[str, Change], expected: str) -> None:
    assert reason(CHAIN_B, pop(**changes)) == expected  # type: ignore[arg-type]  # a row's words


@pytest.mark.parametrize(
    ("hta", "arguments", "expected"),
    [
        pytest.param(1.0, 1, "accepted", id="P15 1.0 for 1"),
        pytest.param(True, 1, "pop_args_mismatch", id="N167 true for 1"),
        pytest.param("1", 1, "pop_args_mismatch", id="N167 text for 1"),
        pytest.param({"a": 1, "b": 2}, {"b": 2, "a": 1}, "accepted", id="in another order"),
        pytest.param(None, 0, "pop_args_mismatch", id="nothing for 0"),
    ],
)
def test_arguments_are_compared_by_what_they_mean(hta: Json, arguments: Json, expected: str) -> None:
    wanted = replace(EXPECTED, arguments={"a": arguments})
    assert reason(CHAIN_B, pop(put(hta={"a": hta})), wanted) == expected


@pytest.mark.parametrize("tokens", [pytest.param([TOKEN_A], id="A"), pytest.param(CHAIN_B, id="B")])
@pytest.mark.parametrize(
    ("sent", "demand", "expected"),
    [
        pytest.param("", IF_BOUND, "pop_missing", id="N162 none"),
        pytest.param("", REQUIRED, "pop_missing", id="N162 none where all must be bound"),
        pytest.param("", OFF, "accepted", id="none where none is needed"),
        pytest.param("x.y.z", OFF, "pop_invalid", id="one that does not hold where none is needed"),
        pytest.param("x", IF_BOUND, "pop_invalid", id="no token"),
        pytest.param("a" * 8193, IF_BOUND, "pop_invalid", id="too long"),
        pytest.param("e30.e30.e30", IF_BOUND, "pop_invalid", id="nothing in it"),
        pytest.param("ü.ü.ü", IF_BOUND, "pop_invalid", id="not base64url"),
    ],
)
def test_a_bound_credential_needs_a_proof(tokens: list[str], sent: str, demand: str, expected: str) -> None:
    assert reason(tokens, sent, demand=demand) == expected


@pytest.mark.parametrize(
    ("sent", "demand", "expected"),
    [
        pytest.param("", IF_BOUND, "accepted", id="bearer"),
        pytest.param("", REQUIRED, "cnf_missing", id="N160 bearer where all must be bound"),
        pytest.param(dpop(), IF_BOUND, "cnf_missing", id="a proof of a key that it is not bound to"),
    ],
)
def test_a_credential_that_is_bound_to_no_key(sent: str, demand: str, expected: str) -> None:
    assert reason([UNBOUND], sent, demand=demand) == expected


@pytest.mark.parametrize("form", ["A", "B"])
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(put(nonce="fresh"), "accepted", id="the one that is given"),
        pytest.param(None, "pop_nonce", id="N170 none"),
        pytest.param(put(nonce="stale"), "pop_nonce", id="N170 another"),
        pytest.param(put(nonce=["fresh"]), "pop_nonce", id="N170 in a list"),
        pytest.param(put(nonce="x" * 300), "pop_nonce", id="long"),
    ],
)
def test_a_nonce_is_asked_for_where_it_is_configured(form: str, change: Change | None, expected: str) -> None:
    wanted = replace(EXPECTED, nonces=frozenset({"fresh", "x" * 300}))
    tokens, sent = ([TOKEN_A], dpop(change)) if form == "A" else (CHAIN_B, pop(change))
    assert reason(tokens, sent, wanted) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [pytest.param(T, "accepted", id="made since"), pytest.param(T + 1, "pop_stale", id="N169, N173 made before")],
)
def test_what_may_have_been_taken_before_a_restart_is_refused(since: float, expected: str) -> None:
    assert reason(CHAIN_B, pop(), replace(EXPECTED, since=since), at=T + 1) == expected


def test_n103_a_chain_that_is_cut_short_has_another_proof() -> None:
    assert reason(CHAIN_B[:2], pop()) == "pop_token_mismatch"  # by C, whose key is not that of the link before
    assert reason(CHAIN_B[:2], pop(by=HOLDERS[1])) == "pop_token_mismatch"
    assert reason(CHAIN_B[:2], pop(drop("aat_hash"))) == "pop_invalid"
    assert reason(CHAIN_B[:2], pop(put(aat_hash=7))) == "pop_invalid"
    assert reason(CHAIN_B[:2], ".".join([pop().split(".")[0], "e30x", "AAAA"])) == "pop_invalid"


def test_p03_what_is_taken_is_named_by_the_key() -> None:
    chain = proved(verified([TOKEN_A]), Presented([TOKEN_A], dpop()), EXPECTED, T, LIMITS)
    assert chain.proof is not None
    assert (chain.proof.thumbprint, chain.proof.token_id) == (HOLDER.public.thumbprint, "p-1")
    assert (chain.proof.issued_at, chain.proof.until) == (T, T + 60)
    assert [hop.assurance for hop in chain.hops] == [Assurance.ISSUER, Assurance.ASSERTED, Assurance.ISSUER]
    assert "p-1" not in repr(chain)


def test_p09_a_root_alone() -> None:
    tokens = chain_b(agents=[A])
    asking = Asked(audience=RES, tool=TOOL, arguments=ARGUMENTS, at=T)
    chain = proved(verified(tokens), Presented(tokens, proof(HOLDERS[0], tokens, asking)), EXPECTED, T, LIMITS)
    assert chain.hops[-1].assurance is Assurance.ISSUER


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param(drop("client_id"), Assurance.PROVED, id="named by its key"),
        pytest.param(None, Assurance.ASSERTED, id="named by its delegator"),
        pytest.param(put(client_id="courier"), Assurance.ASSERTED, id="named as another agent by its delegator"),
    ],
)
def test_a_proof_is_of_the_key_and_not_of_a_name(change: Change | None, expected: Assurance) -> None:
    tokens = chain_b(Step(), Step(change), agents=[A, B])
    asking = Asked(audience=RES, tool=TOOL, arguments=ARGUMENTS, at=T)
    before = verified(tokens)
    chain = proved(before, Presented(tokens, proof(HOLDERS[1], tokens, asking)), EXPECTED, T, LIMITS)
    assert (before.hops[-1].assurance, chain.hops[-1].assurance) == (Assurance.ASSERTED, expected)


@pytest.mark.parametrize("key", [pytest.param(HOLDER, id="Ed25519"), pytest.param(ES256, id="ES256")])
def test_a_proof_that_is_made_here_holds_here(key: SigningKey) -> None:
    token = token_a(put(cnf={"jkt": key.public.thumbprint}))
    asking = Asked(audience=RES, tool=TOOL, arguments=ARGUMENTS, at=T + 0.9, nonce="n")
    assert (
        reason([token], proof(key, [token], asking), replace(EXPECTED, nonces=frozenset({"n"})), at=T + 1) == "accepted"
    )


def test_a_token_may_hold_its_key_instead_of_the_thumbprint() -> None:
    token = token_a(put(cnf={"jwk": HOLDER.members()}))
    assert reason([token], dpop(put(ath=token_hash(token)))) == "accepted"
    assert reason([token], dpop(put(ath=token_hash(token)), by=STRANGER)) == "pop_invalid"


def test_t3_any_character_changed_is_refused() -> None:
    good = pop()
    for at in range(0, len(good), 7):
        other = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        assert reason(CHAIN_B, other) != "accepted"


def test_a_proof_is_strict_json_in_canonical_base64url() -> None:
    head, _, signature = pop().split(".")
    twice = encoded(json.dumps({"jti": "a"}).encode()[:-1] + b',"jti":"b"}')
    assert reason(CHAIN_B, f"{head}.{twice}.{signature}") == "pop_invalid"
    assert reason(CHAIN_B, pop() + "==") == "pop_invalid"
    assert C in verified(CHAIN_B).principal.actors


def test_n236_a_fault_on_the_way_is_a_refusal_without_its_text() -> None:
    broken = replace(verified(CHAIN_B), hops=())
    with pytest.raises(EvidenceError, match="could not be judged") as refused:
        proved(broken, Presented(CHAIN_B, pop()), EXPECTED, T, LIMITS)
    assert (refused.value.reason, refused.value.__cause__) == ("internal_error", None)
