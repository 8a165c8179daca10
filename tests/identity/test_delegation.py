"""One more link: N230, N231, P11, P13, P22 and P24 of identity-spec 3, and what else a request can get wrong."""

import json
from dataclasses import replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.delegation import Delegated, Delegation, Delegator, Parent, is_unnarrowed
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import decoded
from sidecar.identity.opening import Opener, Opening
from sidecar.identity.verifier import Verifier
from sidecar.model.aat import AAT_TYPE
from sidecar.model.narrowing import narrower
from sidecar.model.scope import SESSION_TYPE
from sidecar.model.strict_json import Json, parse
from tests.identity.crafting import (
    HOLDERS,
    RES,
    STS,
    VERIFIER,
    A,
    B,
    Change,
    Claims,
    Step,
    T,
    chain_b,
    drop,
    put,
    rsa_jwk,
    token_a,
    trusted,
)

OURS = HOLDERS[1]  # what the second link of a good chain is bound to
SUB = SigningKey.generate()
DELEGATOR = Delegator(holder=OURS, verifier=VERIFIER)
DEEP: Claims = {"del_max_depth": 4}
CALLS: Claims = {"tools": {"transfer": {}, "read": {}}}
ANY: Json = {"constraint_type": "wildcard"}


def parent(*steps: Step, scope: Claims | None = None, by: Verifier = VERIFIER) -> Parent:
    """Return STS → A → us as a session holds it, narrowed to `scope` where it is given."""
    deep = [replace(step, change=_also(step, put(**DEEP))) for step in (*steps, *[Step()] * (2 - len(steps)))]
    tokens = tuple(chain_b(*deep, agents=(A, B)))
    chain = by.verify(tokens, T)
    held = chain.scope if scope is None else Opener(verifier=by).narrowed(chain.scope, _asking(scope))
    return Parent(chain=chain, tokens=tokens, scope=held, expires_at=float(chain.expires_at))


def _also(step: Step, first: Change) -> Change:
    def both(claims: Claims) -> None:
        first(claims)
        if step.change:
            step.change(claims)

    return both


def _asking(scope: Claims) -> Opening:
    return Opening(scope_json=json.dumps(scope))


def asked(scope: Json = None, **changes: object) -> Delegation:
    made = Delegation(
        agent="sub",
        audience=RES,
        scope_json=json.dumps(CALLS if scope is None else scope),
        confirmation_jwk=json.dumps(SUB.public_jwk()),
        lifetime_s=300,
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields of a table's row


def reason_of(from_: Parent, what: Delegation, by: Delegator = DELEGATOR, at: float = T) -> str:
    try:
        made = by.delegated(from_, what, at)
    except EvidenceError as error:
        return error.reason if made_of_words(str(error)) else "a message that is none"
    assert isinstance(made, Delegated)
    return "delegated"


def made_of_words(message: str) -> bool:
    return bool(message) and "eyJ" not in message and not message[0].isupper() and not message.endswith(".")


def test_p22_what_is_signed_verifies_as_one_more_link_of_the_chain() -> None:
    held = parent()

    made = DELEGATOR.delegated(held, asked({"tools": {"read": {}}, "autonomy": 1}), T)

    chain = VERIFIER.verify((*held.tokens, made.token), T)
    assert chain == made.chain
    assert (chain.principal.subject, chain.principal.actors[-1]) == ("ann", "sub")
    assert (chain.hops[-1].issuer, chain.hops[-1].thumbprint) == (OURS.public.thumbprint_uri, SUB.public.thumbprint)
    assert (set(chain.scope.tools), chain.scope.autonomy) == ({"read"}, 1)
    assert made.expires_at == T + 300
    assert not is_unnarrowed(made.chain.scope, held.scope)


def test_what_the_parent_says_in_an_entry_of_its_own_the_link_says_again() -> None:
    bare: Json = [{"type": AAT_TYPE, "tools": {"read": {}}}, {"type": SESSION_TYPE}]
    step = Step(put(authorization_details=bare))
    narrow: Json = {"type": SESSION_TYPE, "tools": {"read": {"args": {"p": ANY}, "max_calls": 2}}}
    other = Step(put(authorization_details=[{"type": AAT_TYPE, "tools": {"read": {}}}, narrow]))

    for held in (parent(step, step), parent(other, other)):
        made = DELEGATOR.delegated(held, asked({"tools": {"read": {}}}), T)
        assert made.chain.scope == held.scope


def test_the_sub_agent_can_delegate_on() -> None:
    held = parent()
    made = DELEGATOR.delegated(held, asked(), T)
    next_ = Parent(
        chain=made.chain, tokens=(*held.tokens, made.token), scope=made.chain.scope, expires_at=made.expires_at
    )
    other = json.dumps(SigningKey.generate().public_jwk())

    longer = replace(VERIFIER, limits=replace(VERIFIER.limits, hops=8))
    again = Delegator(holder=SUB, verifier=longer).delegated(next_, asked(confirmation_jwk=other), T)

    assert len(again.chain.hops) == 4
    narrower(again.chain.scope, made.chain.scope)


def test_p11_a_hand_off_of_all_that_is_held_is_made_and_known_as_such() -> None:
    held = parent()

    made = DELEGATOR.delegated(held, asked(), T)

    assert is_unnarrowed(made.chain.scope, held.scope)


def test_p24_a_session_that_was_narrowed_twice_delegates_what_is_left() -> None:
    once = parent(scope={"egress": ["api.pay.example"]})
    twice = replace(once, scope=Opener(verifier=VERIFIER).narrowed(once.scope, _asking({"autonomy": 2})))

    made = DELEGATOR.delegated(twice, asked(), T)

    assert (made.chain.scope.egress, made.chain.scope.autonomy) == (frozenset({"api.pay.example"}), 2)


def test_context_and_limits_are_copied_and_nothing_else() -> None:
    held = parent(Step(put(txn="t-1", nbf=T)), Step(put(txn="t-1", nbf=T, role="admin")))

    made = DELEGATOR.delegated(held, asked(), T)

    claims = claims_of(made.token)
    assert (claims["sub"], claims["txn"], claims["nbf"], claims["del_depth"]) == ("ann", "t-1", T, 2)
    assert made.chain.mission == held.chain.mission == "m-1"
    assert "role" not in claims
    assert "status" not in claims


@pytest.mark.parametrize(
    ("lifetime", "at", "until"),
    [
        pytest.param(300, T, T + 300, id="as asked"),
        pytest.param(0, T, T + 900, id="as long as may be"),
        pytest.param(900, T + 600, T + 900, id="never beyond the parent"),
        pytest.param(60, T + 0.9, T + 60, id="in whole seconds, downwards"),
    ],
)
def test_a_link_ends_with_its_parent_at_the_latest(lifetime: int, at: float, until: int) -> None:
    assert DELEGATOR.delegated(parent(), asked(lifetime_s=lifetime), at).expires_at == until


def test_a_link_ends_with_the_session_at_the_latest() -> None:
    shorter = replace(parent(), expires_at=T + 10.5)

    assert DELEGATOR.delegated(shorter, asked(), T).expires_at == T + 10


def claims_of(token: str) -> Claims:
    octets = decoded(token.split(".")[1])
    assert octets is not None
    body = parse(octets.decode())
    assert isinstance(body, dict)
    return body


NARROW: Claims = {"tools": {"transfer": {"args": {"amount": {"constraint_type": "range", "min": 0, "max": 50}}}}}


@pytest.mark.parametrize(
    ("session", "scope", "reason", "named"),
    [
        pytest.param(None, {"tools": {"delete": {}}}, "mint_wider_than_verified", "scope_tool_added", id="a tool"),
        pytest.param(
            {"tools": {"read": {}}},
            CALLS,
            "mint_wider_than_verified",
            "scope_tool_added",
            id="N230 a tool that the session gave up, and its token still holds",
        ),
        pytest.param(
            NARROW,
            {"tools": {"transfer": {}}},
            "mint_wider_than_verified",
            "scope_args_widened",
            id="N230 arguments that the session narrowed, left out: nothing is clamped",
        ),
        pytest.param(NARROW, NARROW, "delegated", "", id="the same, written out"),
        pytest.param(
            None,
            {"tools": {"transfer": {"args": {"amount": ANY}}}},
            "mint_wider_than_verified",
            "scope_args_widened",
            id="N131 an argument",
        ),
        pytest.param(
            None,
            {"tools": {"transfer": {"args": {}}}},
            "mint_wider_than_verified",
            "scope_args_widened",
            id="N132 any arguments",
        ),
        pytest.param(
            None,
            {
                "tools": {
                    "transfer": {
                        "args": {
                            "amount": {
                                "constraint_type": "all",
                                "constraints": [{"constraint_type": "range", "min": 0, "max": 50}],
                            }
                        }
                    }
                }
            },
            "mint_wider_than_verified",
            "scope_args_widened",
            id="N134 sound, and not in AAT's table",
        ),
        *(
            pytest.param(None, {**CALLS, **wider}, "mint_wider_than_verified", named, id=f"N230 {named}")
            for wider, named in (
                ({"data": {"read": ["public", "internal", "secret"]}}, "scope_data_class_widened"),
                ({"egress": ["*.example"]}, "scope_egress_widened"),
                ({"budgets": {"calls": 21}}, "scope_budget_widened"),
                ({"autonomy": 4}, "scope_autonomy_raised"),
                ({"mission": "m-2"}, "chain_context_changed"),
            )
        ),
        pytest.param(None, {**CALLS, "approval": []}, "delegated", "", id="what asks for approval goes on asking"),
        pytest.param(None, {"autonomy": 1}, "scope_empty", "", id="no tool is named"),
        pytest.param(None, {"tools": {}}, "scope_empty", "", id="no tool"),
        pytest.param(None, {**CALLS, "x": 1}, "scope_unknown_member", "", id="an unknown member"),
        pytest.param(None, [], "scope_malformed", "", id="no object"),
        pytest.param(
            None,
            {"tools": {"read": {"args": {"p": {"constraint_type": "path_under", "dir": "/a"}}}}},
            "scope_unknown_type",
            "",
            id="what AAT has no word for",
        ),
        pytest.param(None, {"tools": {"read": {"max_calls": 3}}}, "delegated", "", id="a ceiling on calls"),
    ],
)
def test_n230_more_than_the_session_holds_is_refused_by_name(
    session: Claims | None, scope: Json, reason: str, named: str
) -> None:
    held = parent(scope=session)

    try:
        DELEGATOR.delegated(held, asked(scope), T)
        found, told = "delegated", ""
    except EvidenceError as error:
        found, told = error.reason, str(error)

    assert found == reason
    assert named in told


@pytest.mark.parametrize("text", ["", "{", '{"tools":{},"tools":{}}', json.dumps(CALLS, indent=1 << 16)])
def test_a_scope_that_cannot_be_read_is_refused(text: str) -> None:
    assert reason_of(parent(), asked(scope_json=text)) == ("limit_scope_size" if len(text) > 99 else "scope_malformed")


FORM_A = tuple(STS.mint(user="ann", agents=[B], scope=CALLS, at=T, audience=RES))
CHAIN_A = VERIFIER.verify(FORM_A, T)
HELD_A = Parent(chain=CHAIN_A, tokens=FORM_A, scope=CHAIN_A.scope, expires_at=T + 600.0)
OF_US = token_a(put(cnf={"jkt": OURS.public.thumbprint}))
BOUND_A = replace(HELD_A, chain=VERIFIER.verify([OF_US], T), tokens=(OF_US,))
OTHERS = replace(DELEGATOR, holder=SigningKey.generate())
SHALLOW = parent(Step(put(del_max_depth=1)), Step(put(del_max_depth=1)))


@pytest.mark.parametrize(
    ("held", "by", "at", "reason"),
    [
        pytest.param(HELD_A, DELEGATOR, T, "mint_root_forbidden", id="N231 form A"),
        pytest.param(BOUND_A, DELEGATOR, T, "mint_root_forbidden", id="N231 form A that is bound to our key"),
        pytest.param(parent(), OTHERS, T, "mint_root_forbidden", id="N231 another's key at the end"),
        pytest.param(SHALLOW, DELEGATOR, T, "mint_depth_exhausted", id="N231 as deep as the tokens allow"),
        pytest.param(
            parent(),
            replace(DELEGATOR, verifier=replace(VERIFIER, limits=replace(VERIFIER.limits, hops=2))),
            T,
            "mint_depth_exhausted",
            id="N231 as long as is read here",
        ),
        pytest.param(
            replace(parent(), tokens=tuple(chain_b(agents=(A, B)))),
            DELEGATOR,
            T,
            "mint_unverified_parent",
            id="N231 other tokens than those that verified",
        ),
        pytest.param(
            replace(parent(), tokens=()), DELEGATOR, T, "mint_unverified_parent", id="N231 the tokens are not there"
        ),
        pytest.param(parent(), DELEGATOR, T + 900, "mint_unverified_parent", id="N231 the chain is over"),
        pytest.param(
            replace(parent(), expires_at=T + 5.0), DELEGATOR, T + 5, "mint_unverified_parent", id="the session is over"
        ),
        pytest.param(
            parent(),
            replace(DELEGATOR, verifier=Verifier.of([])),
            T,
            "iss_untrusted",
            id="the issuer is out",
        ),
    ],
)
def test_n231_only_a_live_chain_that_ends_at_us_is_delegated_from(
    held: Parent, by: Delegator, at: float, reason: str
) -> None:
    assert reason_of(held, asked(), by, at) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({"audience": ""}, "claim_missing", id="no audience"),
        pytest.param({"audience": "https://elsewhere.example"}, "aud_mismatch", id="not the root's"),
        pytest.param({"agent": ""}, "claim_missing", id="no agent"),
        pytest.param({"agent": "a\nb"}, "claim_missing", id="an agent that is no name"),
        pytest.param({"lifetime_s": 901}, "time_lifetime_exceeded", id="too long"),
        pytest.param({"lifetime_s": -1}, "time_lifetime_exceeded", id="backwards"),
        pytest.param({"confirmation_jwk": ""}, "cnf_missing", id="no key"),
        pytest.param({"confirmation_jwk": "[]"}, "cnf_invalid", id="no key at all"),
        pytest.param(
            {"confirmation_jwk": json.dumps(SUB.public_jwk(), indent=3000)}, "cnf_invalid", id="a key that is too long"
        ),
        pytest.param({"scope_json": '{"tools":[]}'}, "scope_malformed", id="tools in a list"),
        pytest.param(
            {"confirmation_jwk": json.dumps(SUB.private_jwk())}, "key_private_or_symmetric", id="N053 a private key"
        ),
        pytest.param(
            {"confirmation_jwk": json.dumps({"kty": "oct", "k": "AA"})}, "key_private_or_symmetric", id="a secret"
        ),
        pytest.param({"confirmation_jwk": json.dumps(OURS.public_jwk())}, "chain_self_delegation", id="N116 ours"),
        pytest.param({"confirmation_jwk": json.dumps(HOLDERS[0].public_jwk())}, "chain_cycle", id="N117 earlier"),
        pytest.param({"confirmation_jwk": json.dumps(rsa_jwk(alg="PS256"))}, "delegated", id="an RSA key"),
    ],
)
def test_what_is_wrong_with_the_request_is_told(change: dict[str, object], reason: str) -> None:
    assert reason_of(parent(), replace(asked(), **change)) == reason  # type: ignore[arg-type]  # a table's row


def test_p13_a_link_adds_the_audience_that_no_parent_names() -> None:
    only_leaf = parent(Step(drop("aud")))

    made = DELEGATOR.delegated(only_leaf, asked(), T)

    assert made.chain.audience == only_leaf.chain.audience == {RES}


def test_a_chain_for_two_audiences_is_delegated_to_the_other() -> None:
    other = "https://helper.example"
    held = parent(Step(put(aud=[RES, other])), Step(put(aud=[RES, other])))

    made = DELEGATOR.delegated(held, asked(audience=other), T)

    theirs = Verifier.of([trusted()], [other])
    assert theirs.verify((*held.tokens, made.token), T).audience == {other}


def test_no_token_and_no_key_shows_in_what_is_printed() -> None:
    held = parent()
    made = DELEGATOR.delegated(held, asked(), T)

    printed = repr((held, made, DELEGATOR))

    assert "eyJ" not in printed
    assert str(OURS.private_jwk()["d"]) not in printed
