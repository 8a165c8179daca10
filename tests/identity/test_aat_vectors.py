"""T9: the public vectors of linked tokens (draft-niyikiza-oauth-attenuating-agent-tokens-02), all 67 and those since.

Each is re-expressed in our claims (`aat_vectors`): what the draft permits we permit, but where identity-spec asks for
more, and such a row says where. What it refuses we refuse, for the reason of 2.8 that stands for its step.
"""

import base64
import hashlib
import json

import pytest

from sidecar.identity.keys import THUMBPRINT_URI
from sidecar.model.scope import permits
from sidecar.model.strict_json import Json
from tests.identity import aat_scope_vectors, aat_vectors
from tests.identity.aat_building import (
    AGENTS,
    HELD,
    LEAF,
    MIDDLE,
    PERMIT,
    READ,
    ROOT,
    WHOLE,
    Tools,
    Vector,
    as_step,
    at_call,
    c,
    grown,
    headed,
    judged,
    proof,
    shown,
    vector,
)
from tests.identity.crafting import HOLDERS, STS, VERIFIER, Change, T, chain_b, drop, put, reason_of
from tests.identity.test_reference import ours, theirs

EARLY = [*aat_vectors.EARLY, *aat_scope_vectors.EARLY]
LATER = [*aat_vectors.LATER, *aat_scope_vectors.LATER]
TABLE = [pytest.param(one, id=f"{one.id} {one.shows}") for one in (*EARLY, *LATER)]
LATE = [pytest.param(one, id=f"{one.id} {one.shows}") for one in (*EARLY, *LATER) if one.at_call]

# The ids of the published set: with letters, and with numbers up to the last one.
LETTERS = {"4": "bc", "10": "bc", "11": "bcd", "12": "b", "13": "b", "14": "b"}
NUMBERS = {"6": 2, "7": 4, "8": 4, "9": 4, "15": 6, "16": 6, "17": 8, "18": 2, "20": 6, "21": 5}
SINCE = {"6": (3, 10), "7": (5, 6), "8": (5, 9), "20": (7, 8), "21": (6, 12), "22": (1, 23)}


def test_all_67_are_there_and_all_48_that_came_since() -> None:
    early = {"J.1", "J.2", "J.3", "J.5", *(f"J.{n}" for n in LETTERS)}
    early |= {f"J.{n}.{letter}" for n, letters in LETTERS.items() for letter in letters}
    early |= {f"J.{n}.{i}" for n, last in NUMBERS.items() for i in range(1, last + 1)}
    later = {"J.14.c"} | {f"J.{n}.{i}" for n, (first, last) in SINCE.items() for i in range(first, last + 1)}
    assert (len(EARLY), {one.id for one in EARLY}) == (67, early)
    assert (len(LATER), {one.id for one in LATER}) == (48, later)


@pytest.mark.parametrize("one", TABLE)
def test_a_public_vector_comes_out_as_it_should(one: Vector) -> None:
    assert judged(one) == one.expected


@pytest.mark.parametrize("one", TABLE)
def test_what_the_draft_permits_is_permitted_unless_the_row_says_why_not(one: Vector) -> None:
    assert (judged(one) == PERMIT) == (not one.step and not one.stricter)


@pytest.mark.parametrize("one", LATE)
def test_a_call_that_the_chain_does_not_grant_is_refused_by_its_scope_whatever_the_proof(one: Vector) -> None:
    assert (one.step, at_call(one)) == ("6b", one.at_call)


@pytest.mark.parametrize("one", TABLE)
def test_another_verifier_says_the_same_of_the_chain(one: Vector) -> None:
    assert ours(one.chain) == theirs(one.chain)


# ---- where our profile asks for more than the draft ------------------------------------------------------


def all_links(change: Change, *links: Tools) -> list[str]:
    """Return a chain of `links` with the same change in each."""
    return chain_b(*(as_step(i, tools, change) for i, tools in enumerate(links)), agents=AGENTS[: len(links)])


LONG, DAYS = put(exp=T + 1500), put(exp=T + 90 * 86400 - 300)
EDDSA = {"alg": "EdDSA", "typ": "aat+jwt"}
DEMANDS: list[tuple[str, str, list[str], str]] = [
    ("J.1", "2.4: the root names whom it is for", grown(LEAF, change=drop("sub")), "claim_missing"),
    ("J.1", "2.4: at least one link carries `aud`", grown(LEAF, change=drop("aud")), "claim_missing"),
    ("J.3", "2.4: so does a chain", all_links(drop("aud"), ROOT, MIDDLE, LEAF), "claim_missing"),
    ("J.3", "2.10: a link lives 900 s", grown(ROOT, MIDDLE, change=LONG), "time_lifetime_exceeded"),
    ("J.21.5", "2.10: a root lives 3600 s, not 90 days", grown(LEAF, change=DAYS), "time_lifetime_exceeded"),
    ("J.1", "2.4: EdDSA, as the 67 had it", [headed(grown(LEAF)[0], EDDSA, STS.key)], "alg_not_allowed"),
    (
        "J.3",
        "2.4: EdDSA in a link, as the 67 had it",
        [*WHOLE[:2], headed(WHOLE[2], EDDSA, HOLDERS[1])],
        "alg_not_allowed",
    ),
]


@pytest.mark.parametrize(("chain", "reason"), [pytest.param(*row[2:], id=f"{row[0]} {row[1]}") for row in DEMANDS])
def test_what_a_public_vector_leaves_out_and_our_profile_asks_for(chain: list[str], reason: str) -> None:
    assert reason_of(chain) == reason


@pytest.mark.parametrize(
    ("change", "header", "reason"),
    [
        pytest.param(drop("aat_hash"), "aat-pop+jwt", "pop_invalid", id="2.4: `aat_hash`, which the 67 had not"),
        pytest.param(drop("aat_aud"), "aat-pop+jwt", "pop_target_mismatch", id="2.4: `aat_aud`"),
        pytest.param(put(hta={"file": 2**53}), "aat-pop+jwt", "pop_invalid", id="2.6: integers to 2^53-1"),
        pytest.param(put(), "aat-pop+jwt", PERMIT, id="nothing is left out"),
        pytest.param(put(), "application/AAT-PoP+jwt", PERMIT, id="2.6, step 9: a media type in another spelling"),
    ],
)
def test_what_a_public_proof_leaves_out_and_our_profile_asks_for(change: Change, header: str, reason: str) -> None:
    sent = shown(proof(WHOLE, READ, change), HELD, {"alg": "Ed25519", "typ": header})
    assert judged(vector("J.3", "a proof", WHOLE, READ, sent=sent)) == reason


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 1e20, 0.5])
def test_j_8_8_within_our_profile_a_number_that_a_double_holds_is_permitted(number: float) -> None:
    assert judged(vector("J.8.8", "a number", grown({"t": {"id": c("wildcard")}}), ("t", {"id": number}))) == PERMIT


# ---- what the draft calls well-formed (its section 3.4) --------------------------------------------------

TRUE: Json = True
WELL_FORMED: list[tuple[str, Json, Json]] = [
    ("nothing is excluded", c("not_one_of", excluded=[]), "x"),
    ("nothing is required", c("contains", required=[]), []),
    ("nothing but nothing is allowed", c("subset", allowed=[]), []),
    ("a range without bounds", c("range"), 10**6),
    ("one of some lists", c("one_of", values=[[1], {}]), [1.0]),
    ("exactly null", c("exact", value=None), None),
    ("exactly false", c("exact", value=False), False),
    ("not optional, in so many words", {**c("wildcard"), "optional": False}, "x"),
]
NOT_WELL_FORMED: list[tuple[str, Json, str]] = [
    ("exactly a list", c("exact", value=[1]), "scope_malformed"),
    ("exactly an object", c("exact", value={}), "scope_malformed"),
    ("one of a text", c("one_of", values="ab"), "scope_malformed"),
    ("one of nothing", c("one_of", values=[]), "scope_malformed"),
    ("a bound that is null", c("range", min=None), "scope_malformed"),
    ("a bound that is true", c("range", min=TRUE), "scope_malformed"),
    ("a flag without its bound", c("range", min=1, max_inclusive=True), "scope_malformed"),
    ("a flag that is no boolean", c("range", min=1, min_inclusive=1), "scope_malformed"),
    ("optional in a text", {**c("wildcard"), "optional": "true"}, "scope_malformed"),
    ("a member of another type", c("exact", value=1, values=[1]), "scope_unknown_member"),
]


@pytest.mark.parametrize(("constraint", "value"), [pytest.param(*row[1:], id=row[0]) for row in WELL_FORMED])
def test_what_the_draft_calls_well_formed_is_read(constraint: Json, value: Json) -> None:
    scope = VERIFIER.verify(grown({"t": {"a": constraint}}), T).scope
    assert permits(scope, "t", {"a": value}) is None
    assert permits(scope, "t", {"b": value}) is not None


@pytest.mark.parametrize(("constraint", "reason"), [pytest.param(*row[1:], id=row[0]) for row in NOT_WELL_FORMED])
def test_what_the_draft_calls_not_well_formed_is_refused(constraint: Json, reason: str) -> None:
    assert reason_of(grown({"t": {"a": constraint}})) == reason


def test_a_range_that_is_empty_may_be_written_and_grants_no_call() -> None:
    below = {"t": {"a": c("range", min=1, max=1, min_inclusive=False)}}
    scope = VERIFIER.verify(grown({"t": {"a": c("range", min=1, max=1)}}, below), T).scope
    assert [permits(scope, "t", {"a": number}) is None for number in (0.9, 1, 1.1)] == [False] * 3


# ---- the hashes ------------------------------------------------------------------------------------------


def _said(token: str) -> dict[str, str]:
    payload: dict[str, str] = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return payload


def _hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode("ascii")).digest()).rstrip(b"=").decode()


def test_a_link_names_the_hash_of_header_and_claims_of_its_parent_and_a_proof_that_of_the_last_link() -> None:
    inputs = [_hash(".".join(token.split(".")[:2])) for token in WHOLE]
    assert [_said(token)["par_hash"] for token in WHOLE[1:]] == inputs[:2]
    assert _said(shown(proof(WHOLE, READ), HELD))["aat_hash"] == inputs[2]


def test_a_link_names_its_parents_key_by_its_rfc_7638_thumbprint() -> None:
    texts = [f'{{"crv":"Ed25519","kty":"OKP","x":"{key.members()["x"]}"}}' for key in HOLDERS[:2]]
    assert [_said(token)["iss"] for token in WHOLE[1:]] == [THUMBPRINT_URI + _hash(text) for text in texts]
