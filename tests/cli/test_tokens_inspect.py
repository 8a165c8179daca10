"""What `tokens inspect` tells of a chain and of a refusal."""

from collections.abc import Sequence

import pytest

from sidecar.cli import tokens_inspect
from sidecar.errors import EvidenceError
from sidecar.model.scope import parse
from sidecar.model.strict_json import Json
from tests.identity.crafting import SCOPE, VERIFIER, A, B, Step, T, chain_b, put, token_a

NARROW: dict[str, Json] = {
    "tools": {"transfer": {"args": {"amount": {"constraint_type": "range", "min": 0, "max": 10}}}},
    "data": {"read": ["public"]},
    "egress": ["api.pay.example"],
    "budgets": {"calls": 5, "cost:EUR:2": 100},
    "autonomy": 2,
    "approval": ["transfer"],
    "mission": "m-1",
}


def told(tokens: Sequence[str]) -> dict[str, Json]:
    """Return the refusal of `tokens`."""
    with pytest.raises(EvidenceError) as refused:
        VERIFIER.verify(tokens, T)
    return dict(tokens_inspect.refusal(VERIFIER, tokens, refused.value, T))


def test_each_hop_of_a_chain_tells_what_it_gave_away() -> None:
    tokens = chain_b(Step(), Step(scope=NARROW, change=put(exp=T + 300)), agents=(A, B))
    chain = VERIFIER.verify(tokens, T)
    first, second = tokens_inspect.steps(VERIFIER, tokens, chain, T)
    assert (first.narrowed, sorted(first.scope.tools) if first.scope else None) == ((), ["read", "transfer"])
    assert second.narrowed == (
        "no read",
        "transfer: fewer arguments",
        "fewer data classes to read",
        "fewer hosts",
        "smaller budgets",
        "less autonomy",
        "expires sooner",
    )
    assert second.scope == chain.scope


def test_a_hop_that_gives_nothing_away_says_so() -> None:
    tokens = chain_b(agents=(A, B))
    found = tokens_inspect.steps(VERIFIER, tokens, VERIFIER.verify(tokens, T), T)
    assert [step.narrowed for step in found] == [(), ()]


def test_of_a_single_token_the_last_hops_scope_alone_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    chain = VERIFIER.verify([token_a()], T)
    found = tokens_inspect.steps(VERIFIER, [token_a()], chain, T)
    assert [step.scope is None for step in found] == [True, True, False]
    tokens_inspect.show(chain, found)
    assert "issuer" in capsys.readouterr().out
    hops = tokens_inspect.as_object(chain, found)["hops"]
    assert isinstance(hops, list)
    assert [hop["tools"] for hop in hops if isinstance(hop, dict)] == [None, None, ["read", "transfer"]]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param(
            {"tools": {"a": {"max_calls": 3}}}, {"tools": {"a": {"max_calls": 2}}}, "a: fewer calls", id="calls"
        ),
        pytest.param({"tools": {}}, {"tools": {}, "approval": ["a"]}, "more approvals", id="approval"),
        pytest.param({"tools": {}}, {"tools": {}, "mission": "m"}, "for one mission", id="mission"),
        pytest.param({"tools": {}}, {"tools": {}, "data": {"write": []}}, "fewer data classes to write", id="write"),
    ],
)
def test_what_narrowed_is_told_in_words(before: Json, after: Json, words: str) -> None:
    assert list(tokens_inspect.narrowed(parse(before), parse(after))) == [words]


def test_a_refusal_tells_the_step_the_token_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    wider: dict[str, Json] = {**SCOPE, "autonomy": 4}
    tokens = chain_b(Step(), Step(scope=wider), agents=(A, B))
    found = told(tokens)
    assert (found["reason"], found["step"], found["class"], found["token"]) == (
        "scope_autonomy_raised",
        "step 31",
        "scope",
        2,
    )
    tokens_inspect.show_refusal(found, len(tokens))
    shown = capsys.readouterr().out
    for words in (
        "refused: scope_autonomy_raised",
        "step 31",
        "token 2 of 2",
        "what to do:",
        "callers see: scope_insuff",
    ):
        assert words in shown


def test_a_refusal_of_the_whole_names_no_token(capsys: pytest.CaptureFixture[str]) -> None:
    found = told([*chain_b(agents=(A,)), token_a()])
    assert (found["reason"], found["token"]) == ("chain_mixed_profile", 2)
    assert told([])["reason"] == "token_missing"
    assert "token" not in told([])
    tokens_inspect.show_refusal(told([]), 0)
    assert "step 1" in capsys.readouterr().out
