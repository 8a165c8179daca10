"""N100 to N122 and N130 to N151 of identity-spec 3.1, and P09 to P15: what a chain of linked tokens can get wrong."""

import hashlib

import pytest

from sidecar.identity.keys import THUMBPRINT_URI, encoded
from sidecar.identity.trial import parent_hash
from sidecar.model.scope import permits
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    EVIL,
    HOLDERS,
    RES,
    SCOPE,
    STS,
    STS2,
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
    reason_of,
    trusted,
    values,
    verifier,
)

GOOD = chain_b()
OTHER_ROOT = chain_b(Step(put(jti="another")))[0]
LATER_ROOT = chain_b(Step(put(iat=T - 1)))[0]
# One holder has two parents: a narrow one, below which it delegated, and a wide one, which it shows instead.
NARROWED = chain_b(*[Step(scope={**SCOPE, "autonomy": 1})] * 3)
WIDE_ROOT = GOOD[0]


CHANGES: list[dict[str, Json]] = [
    {"del_depth": 2},
    {"del_max_depth": 3},
    {"del_depth": 0},
    {"del_depth": 9, "del_max_depth": 9},
    {"del_depth": True},
    {"del_depth": 1.0},
    {"del_depth": "1"},
    {"del_depth": None},
    {"del_max_depth": None},
    {"del_max_depth": True},
]
HASHES: dict[str, Json] = {
    "absent": None,
    "hex": hashlib.sha256(GOOD[0].rpartition(".")[0].encode()).hexdigest(),
    "padded": parent_hash(GOOD[0]) + "=",
    "whole token": encoded(hashlib.sha256(GOOD[0].encode()).digest()),
    "number": 7,
    "not ASCII": "\u00e9",
}

CHAIN = [
    pytest.param(GOOD[1:], "iss_untrusted", id="N100 no root"),
    pytest.param([GOOD[0], GOOD[2]], "sig_invalid", id="N101 no middle"),
    pytest.param([GOOD[0], GOOD[2], GOOD[1]], "sig_invalid", id="N102 swapped"),
    pytest.param(chain_b(Step(), Step(signer=EVIL.key)), "sig_invalid", id="N105 a stranger's signature"),
    pytest.param(
        chain_b(Step(), Step(put(iss=EVIL.key.public.thumbprint_uri))),
        "chain_issuer_not_parent_holder",
        id="N106 another thumbprint",
    ),
    pytest.param(
        chain_b(Step(), Step(put(iss=STS.url))), "chain_issuer_not_parent_holder", id="N106 the issuer's own name"
    ),
    pytest.param([WIDE_ROOT, *NARROWED[1:]], "chain_parent_hash_mismatch", id="N107 the same holder's wider parent"),
    pytest.param(chain_b(Step(), Step(parent=OTHER_ROOT)), "chain_parent_hash_mismatch", id="N107 another parent"),
    pytest.param([OTHER_ROOT, *GOOD[1:]], "chain_parent_hash_mismatch", id="N108 issued again, another jti"),
    pytest.param([LATER_ROOT, *GOOD[1:]], "chain_parent_hash_mismatch", id="N108 issued again, another iat"),
    *(
        pytest.param(chain_b(Step(), Step(put(par_hash=value))), "chain_parent_hash_mismatch", id=f"N109 {name}")
        for name, value in HASHES.items()
    ),
    pytest.param(chain_b(Step(put(par_hash="x"))), "chain_root_invalid", id="N110 par_hash on the root"),
    pytest.param(chain_b(Step(put(del_depth=1))), "chain_root_invalid", id="N110 root at depth 1"),
    pytest.param(chain_b(Step(drop("del_depth"))), "chain_root_invalid", id="N110 root without depth"),
    *(pytest.param(chain_b(Step(), Step(put(**change))), "chain_depth", id=f"N111 {change}") for change in CHANGES),
    pytest.param(chain_b(Step(put(del_max_depth=9))), "chain_depth", id="N111 nine"),
    pytest.param(chain_b(Step(put(del_max_depth=0))), "chain_depth", id="N112 a terminal parent"),
    pytest.param(chain_b(Step(), Step(put(sub="ben"))), "chain_principal_changed", id="N113"),
    pytest.param(
        chain_b(Step(put(exp=T + 600)), Step(put(exp=T + 601)), agents=(A, B)), "chain_lifetime_widened", id="N114 exp"
    ),
    pytest.param(
        chain_b(Step(), Step(put(iat=T - 1, exp=T + 890)), agents=(A, B)), "chain_lifetime_widened", id="N114 iat"
    ),
    pytest.param(
        chain_b(Step(put(nbf=T)), Step(put(nbf=T - 1)), agents=(A, B)),
        "chain_lifetime_widened",
        id="N114 an earlier nbf",
    ),
    pytest.param(chain_b(Step(put(nbf=T)), Step()), "chain_lifetime_widened", id="N114 nbf dropped"),
    pytest.param(chain_b(Step(), Step(put(jti="jti-0"))), "chain_duplicate_jti", id="N115"),
    pytest.param(chain_b(Step(), Step(), Step(put(jti="jti-0"))), "chain_duplicate_jti", id="N115 two apart"),
    pytest.param(
        chain_b(Step(put(txn="t1")), Step(put(txn="t2"))), "chain_context_changed", id="N118 another transaction"
    ),
    pytest.param(chain_b(Step(put(txn="t1")), Step()), "chain_context_changed", id="N118 transaction dropped"),
    pytest.param(
        chain_b(Step(), Step(scope={**SCOPE, "mission": "m-2"})), "chain_context_changed", id="N118 another mission"
    ),
    pytest.param(
        chain_b(Step(), Step(scope={k: v for k, v in SCOPE.items() if k != "mission"})),
        "chain_context_changed",
        id="N118 mission dropped",
    ),
    pytest.param(chain_b(Step(), Step(put(aud="https://other"))), "aud_mismatch", id="N119 elsewhere"),
    pytest.param(chain_b(*[Step(drop("aud"))] * 3), "claim_missing", id="N119 nobody says whom for"),
    pytest.param(chain_b(Step(), Step(signer=STS.key)), "sig_invalid", id="N120 the issuer signs a link"),
    pytest.param(chain_b(Step(drop("cnf"))), "cnf_missing", id="N160 no cnf"),
    *(
        pytest.param(chain_b(Step(put(cnf=cnf))), "cnf_invalid", id=f"N160 {cnf}")
        for cnf in values({}, "x", [], {"jkt": "a"}, {"jwk": {}, "jkt": "a"})
    ),
    pytest.param(chain_b(Step(put(cnf={"jwk": "x"}))), "key_invalid", id="cnf no key"),
    pytest.param(
        chain_b(Step(put(cnf={"jwk": HOLDERS[0].private_jwk()}))), "key_private_or_symmetric", id="N053 private"
    ),
    pytest.param(chain_b(Step(), Step(put(exp=T))), "time_expired", id="an expired link"),
    pytest.param(chain_b(Step(drop("sub"))), "claim_missing", id="a root without subject"),
    pytest.param(
        chain_b(Step(put(exp=T + 3600)), Step(put(exp=T + 901))), "time_lifetime_exceeded", id="a link that lives long"
    ),
    pytest.param(chain_b(Step(), Step(header={"alg": "EdDSA"})), "alg_not_allowed", id="a link that says EdDSA"),
    pytest.param(chain_b(Step(), Step(header={"alg": "ES256"})), "alg_key_mismatch", id="a link by another alg"),
    pytest.param([*GOOD, "x.y.z", "x.y.z"], "limit_chain_hops", id="N012"),
    pytest.param(
        [*GOOD[:2], GOOD[2].rpartition(".")[0] + "." + encoded(bytes(61))], "sig_invalid", id="a short signature"
    ),
    pytest.param([*GOOD[:2], GOOD[2] + "\n"], "token_malformed", id="N004 in the last link"),
]


@pytest.mark.parametrize(("tokens", "reason"), CHAIN)
def test_a_chain_that_does_not_hold_is_refused(tokens: list[str], reason: str) -> None:
    assert reason_of(tokens) == reason


def _holder(index: int) -> Change:
    return put(cnf={"jwk": {k: v for k, v in HOLDERS[index].public_jwk().items() if k in {"kty", "crv", "x"}}})


def test_n116_a_holder_does_not_delegate_to_itself() -> None:
    assert reason_of(chain_b(Step(), Step(_holder(0)))) == "chain_self_delegation"


def test_n117_a_holder_does_not_come_back() -> None:
    assert reason_of(chain_b(Step(), Step(), Step(_holder(0)))) == "chain_cycle"


def test_n121_an_issuer_signs_roots_only_where_it_may() -> None:
    by = verifier(trusted(profiles=frozenset({"at-jwt-act@1"})))
    assert reason_of(GOOD, by=by) == "profile_disabled"


EVIL_STATUS = put(status={"status_list": {"idx": 0, "uri": "https://evil.example"}})


def test_n122_a_status_list_of_the_delegators_own_is_ignored() -> None:
    assert reason_of(chain_b(Step(), Step(EVIL_STATUS))) == "accepted"


def test_n120_a_root_of_another_issuer_needs_its_own_key() -> None:
    assert reason_of(chain_b(Step(put(iss=STS2.url)))) == "key_unknown_kid"


ACCEPTED = [
    pytest.param(GOOD[:1], id="P09 root alone"),
    pytest.param(GOOD, id="P11 the same scope handed on"),
    pytest.param(NARROWED, id="the chain below the narrow parent"),
    pytest.param([LATER_ROOT], id="the root that is issued again"),
    pytest.param(chain_b(Step(drop("aud")), Step(drop("aud"))), id="P13 only the last says whom for"),
    pytest.param(chain_b(Step(drop("aud"))), id="P13 a child adds an audience"),
    pytest.param(chain_b(Step(), Step(put(aud=[RES, "https://other"]))), id="an audience of several"),
    pytest.param(chain_b(Step(put(foo=1)), Step(put(foo={}))), id="P14 unknown claims"),
    pytest.param(chain_b(Step(put(txn="t")), Step(put(txn="t")), Step(put(txn="t"))), id="one transaction"),
    pytest.param(chain_b(Step(), Step(drop("sub", "client_id"))), id="a link without names"),
    pytest.param(chain_b(Step(header={"jwk": EVIL.key.public_jwk()})), id="a key in the header is ignored"),
    pytest.param(chain_b(Step(put(nbf=T)), Step(put(nbf=T + 1)), Step(put(nbf=T + 2))), id="later and later"),
]


@pytest.mark.parametrize("tokens", ACCEPTED)
def test_a_good_chain_is_accepted(tokens: list[str]) -> None:
    assert reason_of(tokens) == "accepted"


def test_p10_a_chain_that_narrows_in_every_dimension_is_worth_its_end() -> None:
    narrower: Claims = {
        "tools": {
            "transfer": {
                "args": {
                    "amount": {"constraint_type": "range", "min": 0, "max": 50},
                    "memo": {"constraint_type": "one_of", "values": ["rent"]},
                },
                "max_calls": 2,
            }
        },
        "data": {"read": ["public"], "write": []},
        "egress": ["api.pay.example"],
        "budgets": {"calls": 5, "cost:EUR:2": 10, "tokens": 7},
        "autonomy": 2,
        "approval": ["transfer"],
        "mission": "m-1",
    }
    chain = VERIFIER.verify(chain_b(Step(), Step(scope=narrower), Step(scope=narrower)), T)
    scope = chain.scope
    assert list(scope.tools) == ["transfer"]
    assert scope.tools["transfer"].max_calls == 2
    assert (scope.reads, scope.writes) == (frozenset({"public"}), frozenset())
    assert (scope.egress, scope.autonomy, scope.mission) == (frozenset({"api.pay.example"}), 2, "m-1")
    assert scope.budgets == {"calls": 5, "cost:EUR:2": 10, "tokens": 7}
    assert permits(scope, "transfer", {"amount": 50, "memo": "rent"}) is None
    assert permits(scope, "transfer", {"amount": 51, "memo": "rent"}) is not None
    assert permits(scope, "transfer", {"amount": 5, "memo": "gift"}) is not None
    assert permits(scope, "read", {}) is not None


def test_who_acts_is_read_from_the_root_down() -> None:
    chain = VERIFIER.verify(chain_b(Step(), Step(drop("client_id"))), T)
    assert chain.principal.subject == "ann"
    assert chain.principal.actors == (A, HOLDERS[1].public.thumbprint_uri, "agent-c")
    # The issuer names the first holder; the second proved its key by signing; the third is its delegator's word.
    assert [hop.assurance.value for hop in chain.hops] == ["issuer", "proved", "asserted"]
    assert chain.hops[1].actor.startswith(THUMBPRINT_URI)


def test_a_name_that_a_delegator_gives_is_asserted_and_so_is_a_last_key_without_proof() -> None:
    named = VERIFIER.verify(GOOD, T)
    unnamed = VERIFIER.verify(chain_b(Step(), Step(), Step(drop("client_id"))), T)
    assert [hop.assurance.value for hop in named.hops] == ["issuer", "asserted", "asserted"]
    assert unnamed.hops[-1].assurance.value == "asserted"


def test_t6_every_beginning_of_a_good_chain_is_a_good_chain_and_wider() -> None:
    scopes = [VERIFIER.verify(GOOD[:end], T).scope for end in (1, 2, 3)]
    assert [sorted(scope.tools) for scope in scopes] == [["read", "transfer"]] * 3


def test_the_window_of_a_chain_is_that_of_all_its_links() -> None:
    tokens = chain_b(Step(), Step(put(exp=T + 800, iat=T)), Step(put(exp=T + 700, nbf=T + 5)))
    chain = VERIFIER.verify(tokens, T)
    assert (chain.not_before, chain.expires_at) == (T + 5, T + 700)
    assert chain.audience == frozenset({RES})


def test_digests_tell_chains_apart() -> None:
    first, again, other = (VERIFIER.verify(tokens, T).digest for tokens in (GOOD, GOOD, GOOD[:2]))
    assert first == again
    assert first != other
    assert len(first) == 64
