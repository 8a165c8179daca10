"""What an issuer answers about its own token must be what the token says."""

import json

import pytest

from sidecar.errors import TokenError
from sidecar.identity.introspection import MAX_REPLY, answer, asked, authorization, judge
from sidecar.model.strict_json import Json
from tests.identity.crafting import STS, USER, Claims, claims_a

TOKEN: Claims = {**claims_a(), "scope": "read write"}
GOOD: Claims = {
    "active": True,
    "sub": USER,
    "client_id": TOKEN["client_id"],
    "act": TOKEN["act"],
    "scope": "write read",
    "iss": STS.url,
}


def judged(reply: Claims | bytes, token: Claims = TOKEN) -> str:
    try:
        judge(reply if isinstance(reply, bytes) else json.dumps(reply).encode(), token)
    except TokenError as error:
        return error.reason
    return "accepted"


def without(*names: str) -> Claims:
    return {name: value for name, value in GOOD.items() if name not in names}


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        pytest.param(GOOD, "accepted", id="as the token says"),
        pytest.param({**GOOD, "username": "x", "token_type": "DPoP"}, "accepted", id="more than was asked"),
        pytest.param(without("iss"), "accepted", id="without what may be left out"),
        pytest.param({**GOOD, "active": False}, "introspection_inactive", id="N193 not active"),
        pytest.param({"active": False}, "introspection_inactive", id="not active, and no more"),
        pytest.param(without("act"), "introspection_mismatch", id="N193 no act"),
        pytest.param({**GOOD, "sub": "bob"}, "introspection_mismatch", id="N193 another subject"),
        pytest.param(without("sub"), "introspection_mismatch", id="no subject"),
        pytest.param({**GOOD, "client_id": "x"}, "introspection_mismatch", id="another client"),
        pytest.param({**GOOD, "act": {"sub": "x"}}, "introspection_mismatch", id="another actor"),
        pytest.param({**GOOD, "scope": "read"}, "introspection_mismatch", id="less scope"),
        pytest.param({**GOOD, "scope": "read write all"}, "introspection_mismatch", id="more scope"),
        pytest.param({**GOOD, "scope": ["read"]}, "introspection_mismatch", id="a scope that is no string"),
        pytest.param({**GOOD, "iss": "https://evil.example"}, "introspection_mismatch", id="another issuer"),
        pytest.param({**GOOD, "jti": "x"}, "introspection_mismatch", id="another token"),
        pytest.param({**GOOD, "exp": 1}, "introspection_mismatch", id="another end"),
        pytest.param({**GOOD, "active": 1}, "status_unknown", id="active is a number"),
        pytest.param({**GOOD, "active": "true"}, "status_unknown", id="active is a word"),
        pytest.param(without("active"), "status_unknown", id="no active"),
        pytest.param(b"", "status_unknown", id="nothing"),
        pytest.param(b"<html>", "status_unknown", id="no JSON"),
        pytest.param(b"[]", "status_unknown", id="no object"),
        pytest.param(b'{"active":true,"active":false}', "status_unknown", id="a member twice"),
        pytest.param(b'{"active":true}' + b" " * MAX_REPLY, "status_unknown", id="too large"),
    ],
)
def test_n193_what_is_answered(reply: Claims | bytes, reason: str) -> None:
    assert judged(reply) == reason


@pytest.mark.parametrize("told", [None, {}, {"sub": "x"}, True])
def test_a_token_without_an_actor_is_answered_without_one(told: Json) -> None:
    token = {name: value for name, value in TOKEN.items() if name != "act"}

    assert judged(without("act"), token) == "accepted"
    assert judged({**GOOD, "act": told}, token) == ("accepted" if told is None else "introspection_mismatch")


def test_a_scope_that_is_no_string_equals_none() -> None:
    assert judged({**GOOD, "scope": 1}, {**TOKEN, "scope": 1}) == "introspection_mismatch"


def test_the_token_is_sent_as_a_form() -> None:
    assert asked("a.b.c") == {"token": "a.b.c", "token_type_hint": "access_token"}


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "application/json", b"{}"),
        (201, "application/json", b""),
        (401, "application/json", b""),
        (200, "text/html", b""),
    ],
)
def test_only_a_success_in_json_is_an_answer(status: int, kind: str, body: bytes) -> None:
    assert answer(status, kind, b"{}") == body


@pytest.mark.parametrize(
    ("line", "header"),
    [
        ("client:secret", "Basic Y2xpZW50OnNlY3JldA=="),
        ("client:secret\n", "Basic Y2xpZW50OnNlY3JldA=="),
        ("a b:c:d", "Basic YSUyMGI6YyUzQWQ="),  # form-encoded first (RFC 6749, section 2.3.1)
    ],
)
def test_the_client_proves_itself(line: str, header: str) -> None:
    assert authorization(line) == header


@pytest.mark.parametrize("line", ["", "client", "client:", ":secret", "a:b\nc:d", "a:b\x00"])
def test_credentials_are_one_line(line: str) -> None:
    with pytest.raises(ValueError, match="client_id:client_secret"):
        authorization(line)
