"""N227: a token is found again however it is written, and nothing else is taken for one."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.steps import finished
from sidecar.model.strict_json import Json, compact
from sidecar.protocols.passthrough import MAX_SEGMENT, mark, marking, marks
from tests.identity.crafting import P256, signed_octets, token_a

TOKEN = token_a()
HEAD, PAYLOAD, SIGNATURE = TOKEN.split(".")
ES256 = signed_octets(b'{"alg":"ES256"}', b'{ "iss": "x", "sub": "y", "exp": 1800000000 }', P256, algorithm="ES256")


def marks_in(value: Json) -> frozenset[str]:
    return finished(marking(value if isinstance(value, str) else compact(value)))


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(TOKEN, id="unchanged"),
        pytest.param(f"Authorization: Bearer {TOKEN}\n", id="in a header"),
        pytest.param({"a": [{"b": TOKEN}]}, id="nested"),
        pytest.param({TOKEN: 1}, id="as a name"),
        pytest.param(f"{HEAD}==.{PAYLOAD}==.{SIGNATURE}==", id="re-padded"),
        pytest.param(f"{HEAD}.{PAYLOAD}.", id="without its signature"),
        pytest.param(f"{HEAD}.{PAYLOAD}.{SIGNATURE[::-1]}", id="with another signature"),
        pytest.param({"payload": PAYLOAD, "protected": HEAD, "signature": SIGNATURE}, id="re-serialised"),
        pytest.param(json.dumps({"payload": PAYLOAD, "signatures": []}), id="re-serialised, as text"),
        pytest.param(TOKEN.replace("-", "+").replace("_", "/"), id="in the other alphabet"),
        pytest.param(f"https://x.example/?token={TOKEN}&a=b", id="in a URL"),
        pytest.param("x" * 1000 + " " + TOKEN, id="behind much else"),
    ],
)
def test_n227_a_token_is_found_again(value: Json) -> None:
    assert mark(TOKEN) in marks_in(value)


def test_a_payload_that_begins_with_white_space_is_found_too() -> None:
    assert mark(ES256) in marks_in({"t": ES256})


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("hello, what a day", id="words"),
        pytest.param(None, id="nothing"),
        pytest.param(17, id="a number"),
        pytest.param(base64.b64encode(b"\x89PNG" * 100).decode(), id="an image"),
        pytest.param("e" + "y" * MAX_SEGMENT + "y", id="larger than any token"),
        pytest.param(token_a(lambda claims: claims.update(jti="another")), id="another token"),
    ],
)
def test_nothing_else_is_taken_for_it(value: Json) -> None:
    assert mark(TOKEN) not in marks_in(value)


def test_what_is_no_token_has_no_mark() -> None:
    assert marks(["", "a", ".", "a..b"]) == frozenset()
    assert marks([TOKEN, "x"]) == {mark(TOKEN)}


@given(st.text(), st.text())
def test_any_text_around_it_that_is_no_base64_hides_nothing(before: str, after: str) -> None:
    assert mark(TOKEN) in marks_in(f"{before} {TOKEN} {after}")
