"""The extension that carries a chain: taken out of everything, and believed in one place only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import TokenError
from sidecar.model.steps import finished
from sidecar.model.strict_json import Json, compact
from sidecar.protocols.a2a.authz import EXTENSION, message_in, taking_out
from sidecar.protocols.carried import MAX_TOKENS, Opened
from tests.chains import put_in
from tests.identity.crafting import values

PLAIN: dict[str, Json] = {"messageId": "m", "role": "ROLE_USER", "parts": [{"text": "hi"}]}
CHAIN: dict[str, Json] = {"aat_chain": ["a.b.c", "d.e.f"], "aat_pop": "p.q.r"}
CARRYING = put_in(PLAIN, ["a.b.c", "d.e.f"], "p.q.r")
OTHER = put_in(PLAIN, ["x.y.z"])


def opened_of(body: Json) -> Opened:
    return finished(taking_out(body))


def in_params(message: Json) -> Json:
    return {"jsonrpc": "2.0", "id": 1, "method": "SendMessage", "params": {"message": message}}


@pytest.mark.parametrize(
    ("wrap"),
    [
        pytest.param(lambda m: m, id="a message"),
        pytest.param(in_params, id="a request"),
        pytest.param(lambda m: {"jsonrpc": "2.0", "id": 1, "result": m}, id="a response of 0.3"),
        pytest.param(lambda m: {"jsonrpc": "2.0", "id": 1, "result": {"message": m}}, id="a response of 1.0"),
        pytest.param(lambda m: {"result": {"task": {"id": "t", "status": {"message": m}}}}, id="a task"),
        pytest.param(lambda m: {"result": {"statusUpdate": {"status": {"message": m}}}}, id="an update"),
    ],
)
def test_a_chain_comes_with_the_message_and_does_not_cross(wrap: object) -> None:
    assert callable(wrap)

    opened = opened_of(wrap(CARRYING))

    assert opened.body == wrap(PLAIN)
    assert opened.carried is not None
    assert (opened.carried.tokens, opened.carried.proof) == (("a.b.c", "d.e.f"), "p.q.r")
    assert message_in(opened.body) == PLAIN


def test_other_metadata_stays() -> None:
    opened = opened_of({**CARRYING, "metadata": {"k": 1, EXTENSION: CHAIN}})

    assert opened.body == {**PLAIN, "metadata": {"k": 1}}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"result": {"task": {"id": "t", "history": [CARRYING], "status": {}}}}, id="a history"),
        pytest.param({**PLAIN, "parts": [{"text": "x", "metadata": {EXTENSION: CHAIN}}]}, id="a part"),
        pytest.param({**PLAIN, "parts": [{"data": CARRYING}]}, id="data"),
        pytest.param({"params": {"message": PLAIN, "metadata": {EXTENSION: CHAIN}}}, id="a request's metadata"),
        pytest.param({**PLAIN, EXTENSION: CHAIN}, id="beside the metadata"),
        pytest.param([CARRYING], id="a list"),
    ],
)
def test_elsewhere_it_is_nobodys_word_and_does_not_cross_either(body: Json) -> None:
    opened = opened_of(body)

    assert opened.carried is None
    assert EXTENSION not in compact(opened.body)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(
            {"params": {"message": CARRYING}, "result": {"message": OTHER}}, "token_ambiguous", id="N228 two chains"
        ),
        pytest.param({**PLAIN, "metadata": {EXTENSION: {"aat_chain": []}}}, "chain_empty", id="N001 an empty list"),
        *(
            pytest.param({**PLAIN, "metadata": {EXTENSION: value}}, "token_malformed", id=str(value)[:30])
            for value in values(
                None,
                [],
                {},
                "a.b.c",
                {"aat_chain": "a.b.c"},
                {"aat_chain": ["a", 1]},
                {"aat_chain": ["a"] * (MAX_TOKENS + 1)},
                {"aat_chain": ["a"], "aat_pop": 1},
                {"aat_chain": ["a"], "more": 1},
            )
        ),
    ],
)
def test_what_is_no_chain_is_refused(body: Json, reason: str) -> None:
    with pytest.raises(TokenError) as refused:
        opened_of(body)

    assert refused.value.reason == reason


@pytest.mark.parametrize("body", values(None, [], {}, {"x": PLAIN}, {"params": [PLAIN]}, {"result": 7}))
def test_where_nothing_is_said_there_is_no_message(body: Json) -> None:
    assert message_in(body) == {}


def test_the_same_chain_twice_is_one() -> None:
    opened = opened_of({"params": {"message": CARRYING}, "result": {"message": CARRYING}})

    assert opened.carried is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["metadata", "parts", "message", "params", "x"]), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_what_does_not_carry_it_is_left_as_it_is(body: Json) -> None:
    opened = opened_of(body)

    assert opened.body is body
    assert opened.carried is None
