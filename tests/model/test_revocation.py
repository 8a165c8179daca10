"""What a chain can be revoked by, and what is hit."""

import pytest

from sidecar.errors import CallerError, OverloadError
from sidecar.identity.keys import decoded, encoded
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import chain_digest
from sidecar.model.revocation import (
    FOREVER,
    MAX_CLEAR,
    DenySet,
    Kind,
    Revocation,
    Selector,
    marks,
    token_of,
)
from tests.identity.crafting import (
    HOLDERS,
    RES,
    STS,
    USER,
    VERIFIER,
    A,
    B,
    C,
    Step,
    T,
    chain_b,
    claims_a,
    put,
    signed,
    token_a,
    trusted,
    verifier,
)

LINKED = verifier().verify(chain_b(*[Step(change=put(txn="txn-1"))] * 3), T)
SINGLE = verifier().verify([token_a()], T)
LATER = T + 100.0


def held(*selectors: Selector, until: float = LATER, issued_before: float = FOREVER) -> DenySet:
    found = DenySet()
    found.add([Revocation(one, until, issued_before) for one in selectors], T)
    return found


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        pytest.param(Selector(Kind.TOKEN, "jti-0", STS.url), "chain_ancestor_revoked", id="N185 the root's id"),
        pytest.param(Selector(Kind.TOKEN, "jti-1"), "chain_ancestor_revoked", id="a link's id, of any issuer"),
        pytest.param(Selector(Kind.TOKEN, "jti-2"), "token_revoked", id="its own id"),
        pytest.param(Selector(Kind.TOKEN, "jti-0", "https://evil.example"), "", id="an id of another issuer"),
        pytest.param(Selector(Kind.TOKEN, "jti"), "", id="the beginning of an id"),
        pytest.param(Selector(Kind.DIGEST, LINKED.hops[1].digest), "chain_ancestor_revoked", id="a link's digest"),
        pytest.param(Selector(Kind.DIGEST, LINKED.hops[2].digest), "token_revoked", id="its own digest"),
        pytest.param(Selector(Kind.KEY, HOLDERS[1].public.thumbprint), "key_revoked", id="N186 a holder in the middle"),
        pytest.param(Selector(Kind.KEY, HOLDERS[3].public.thumbprint), "", id="nobody's key"),
        pytest.param(Selector(Kind.SUBJECT, USER), "subject_revoked", id="the subject"),
        pytest.param(Selector(Kind.SUBJECT, USER, STS.url), "subject_revoked", id="the subject of its issuer"),
        pytest.param(Selector(Kind.SUBJECT, USER, "https://evil.example"), "", id="a subject of another issuer"),
        pytest.param(Selector(Kind.SUBJECT, A), "subject_revoked", id="a hop as a subject"),
        pytest.param(Selector(Kind.SUBJECT, USER.upper()), "", id="another case"),
        pytest.param(Selector(Kind.AGENT, A), "subject_revoked", id="the first agent"),
        pytest.param(Selector(Kind.AGENT, C), "subject_revoked", id="the last agent"),
        pytest.param(Selector(Kind.AGENT, USER), "", id="the subject is no agent"),
        pytest.param(Selector(Kind.TRANSACTION, "txn-1"), "token_revoked", id="the transaction"),
        pytest.param(Selector(Kind.MISSION, "m-1"), "token_revoked", id="the mission"),
        pytest.param(Selector(Kind.CHAIN, LINKED.digest), "token_revoked", id="the chain's digest"),
        pytest.param(Selector(Kind.CHAIN, LINKED.digest[:16]), "token_revoked", id="its beginning"),
        pytest.param(
            Selector(Kind.CHAIN, chain_digest([LINKED.hops[0].digest])),
            "chain_ancestor_revoked",
            id="what it continues",
        ),
        pytest.param(Selector(Kind.CHAIN, SINGLE.digest[:16]), "", id="another chain"),
    ],
)
def test_a_chain_dies_if_any_hop_matches(selector: Selector, reason: str) -> None:
    assert held(selector).reason(LINKED, T) == reason


@pytest.mark.parametrize(
    ("selector", "reason"),
    [
        pytest.param(token_of(SINGLE)[0], "token_revoked", id="its digest"),
        pytest.param(token_of(SINGLE)[1], "token_revoked", id="its id"),
        pytest.param(Selector(Kind.AGENT, A), "subject_revoked", id="an actor before"),
        pytest.param(Selector(Kind.SUBJECT, B, STS.url), "subject_revoked", id="the actor as its issuer's subject"),
        pytest.param(Selector(Kind.CHAIN, SINGLE.digest[:20]), "token_revoked", id="its chain"),
        pytest.param(Selector(Kind.TRANSACTION, "txn-1"), "", id="a transaction that it has not"),
    ],
)
def test_one_token_is_a_chain_as_well(selector: Selector, reason: str) -> None:
    assert held(selector).reason(SINGLE, T) == reason


def test_whoever_acts_alone_is_an_agent_too() -> None:
    alone = verifier(trusted(actor_source="act_or_client")).verify(
        STS.mint(user=A, agents=[], scope={"tools": {"t": {}}}, at=T, audience=RES), T
    )

    assert held(Selector(Kind.AGENT, A)).reason(alone, T) == "subject_revoked"


def test_the_digest_of_a_chain_is_the_one_that_it_is_recorded_under() -> None:
    assert chain_digest(hop.digest for hop in LINKED.hops) == LINKED.digest
    assert chain_digest([SINGLE.hops[0].digest]) == SINGLE.digest


@pytest.mark.parametrize(
    ("at", "reason"),
    [pytest.param(LATER - 1, "subject_revoked", id="before"), pytest.param(LATER, "", id="at its end")],
)
def test_a_revocation_lasts_as_long_as_it_says(at: float, reason: str) -> None:
    assert held(Selector(Kind.SUBJECT, USER)).reason(LINKED, at) == reason


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(T - 1, "", id="issued after"),
        pytest.param(T, "subject_revoked", id="issued in that second"),
        pytest.param(FOREVER, "subject_revoked", id="whenever"),
    ],
)
def test_what_was_issued_later_is_not_meant(before: float, reason: str) -> None:
    assert held(Selector(Kind.SUBJECT, USER), issued_before=before).reason(LINKED, T) == reason


def test_revoking_twice_never_shortens_the_first() -> None:
    one = Selector(Kind.SUBJECT, USER)
    found = held(one, until=LATER)
    found.add([Revocation(one, T + 1.0, T - 5.0)], T)

    assert found.reason(LINKED, LATER - 1) == "subject_revoked"
    assert len(found) == 1


def test_a_list_is_replaced_whole_and_takes_back_nothing_that_was_added() -> None:
    found = held(Selector(Kind.KEY, HOLDERS[0].public.thumbprint))
    found.replace_list([Revocation(Selector(Kind.AGENT, C), FOREVER)])
    before = found.reason(SINGLE, T), found.reason(LINKED, T)

    found.replace_list([Revocation(Selector(Kind.AGENT, B), FOREVER)])

    assert before == ("", "key_revoked")
    assert found.reason(SINGLE, T) == "subject_revoked"
    assert found.reason(LINKED, T) == "key_revoked"


def test_the_epoch_moves_with_each_change_and_only_then() -> None:
    found = DenySet(epoch=7)
    epochs = []
    for change in (
        lambda: found.add([Revocation(Selector(Kind.AGENT, "x"), LATER)], T),
        lambda: found.add([], T),
        lambda: found.reason(LINKED, T),
        lambda: found.replace_list([]),
    ):
        change()
        epochs.append(found.epoch)

    assert epochs == [8, 8, 8, 9]


def test_what_nothing_hit_is_looked_at_again_when_something_is_revoked() -> None:
    found = held(Selector(Kind.AGENT, "x"))
    before = found.reason(LINKED, T), found.reason(LINKED, T)
    found.add([Revocation(Selector(Kind.AGENT, A), LATER)], T)

    assert (before, found.reason(LINKED, T)) == (("", ""), "subject_revoked")


def test_what_is_remembered_of_chains_that_nothing_hit_has_a_bound() -> None:
    found = held(Selector(Kind.AGENT, "x"))
    found._clear = {(str(one),): 0 for one in range(MAX_CLEAR)}

    assert (found.reason(LINKED, T), len(found._clear)) == ("", 1)


def test_when_it_is_full_nothing_is_dropped_and_nothing_more_is_taken() -> None:
    found = DenySet(capacity=2)
    one, two, three = (Revocation(Selector(Kind.SUBJECT, name), LATER) for name in (USER, "b", "c"))
    found.add([one, two], T)
    epoch = found.epoch

    with pytest.raises(OverloadError) as full:
        found.add([one, three], T)
    with pytest.raises(OverloadError):
        found.replace_list([one, two, three])

    assert full.value.reason == "revocations_full"
    assert (found.epoch, len(found)) == (epoch, 2)
    assert found.reason(LINKED, T) == "subject_revoked"
    found.add([two], T)  # what is held already takes no room


def test_what_has_run_out_makes_room() -> None:
    found = DenySet(capacity=1)
    found.add([Revocation(Selector(Kind.SUBJECT, "b"), LATER)], T)

    found.add([Revocation(Selector(Kind.SUBJECT, USER), LATER + 100)], LATER)

    assert found.reason(LINKED, LATER) == "subject_revoked"


@pytest.mark.parametrize(
    ("kind", "value", "issuer"),
    [
        pytest.param(Kind.SUBJECT, "", "", id="empty"),
        pytest.param(Kind.SUBJECT, "x" * 513, "", id="too long"),
        pytest.param(Kind.SUBJECT, "qqq", "x" * 513, id="an issuer too long"),
        pytest.param(Kind.SUBJECT, "qqq\n", "", id="a control character"),
        pytest.param(Kind.AGENT, "qqq", "https://sts.example", id="an issuer's agent"),
        pytest.param(Kind.KEY, "x" * 42, "", id="no thumbprint"),
        pytest.param(Kind.DIGEST, "x" * 43 + "=", "", id="padding"),
        pytest.param(Kind.CHAIN, "0123456789abcde", "", id="a beginning that is too short"),
        pytest.param(Kind.CHAIN, "ABCDEF0123456789", "", id="upper case"),
    ],
)
def test_what_can_match_nothing_or_too_much_is_refused(kind: Kind, value: str, issuer: str) -> None:
    with pytest.raises(CallerError) as refused:
        Selector(kind, value, issuer)

    assert value == "" or value not in str(refused.value)


def test_a_selector_shows_nobody() -> None:
    assert USER not in repr(Selector(Kind.SUBJECT, USER))


def test_each_selector_of_a_chain_is_among_its_marks() -> None:
    found = marks(LINKED)

    assert {("token", "", "jti-0"), ("agent", "", B), ("subject", STS.url, USER)} <= found
    assert ("chain", "", LINKED.digest) not in found


def test_n188_another_signature_over_the_same_token_is_the_same_token() -> None:
    issuer = STS.__class__.generate(STS.url, "ES256")
    (token,) = issuer.mint(user=USER, agents=[A], scope={"tools": {"t": {}}}, at=T, audience=RES)
    judge = Verifier.of([issuer.issuer()], [RES])
    first, second = judge.verify([token], T), judge.verify([high_s(token)], T)

    assert token != high_s(token)
    assert held(token_of(first)[0]).reason(second, T) == "token_revoked"


def test_n188_the_same_claims_written_anew_are_the_same_token() -> None:
    claims = claims_a()
    first, again = (
        VERIFIER.verify([signed({"alg": "Ed25519", "typ": "at+jwt"}, written, STS.key.private_key)], T)
        for written in (claims, dict(reversed(claims.items())))
    )
    by_id = [one for one in token_of(first) if one.kind is Kind.TOKEN]

    assert first.digest != again.digest
    assert [held(one).reason(again, T) for one in by_id] == ["token_revoked"] * len(by_id) != []


def high_s(token: str) -> str:
    """Return the token with its ECDSA signature written in the other way: (r, n - s)."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    head, _, signature = token.rpartition(".")
    octets = decoded(signature) or b""
    other = (order - int.from_bytes(octets[32:])).to_bytes(32)
    return f"{head}.{encoded(octets[:32] + other)}"
