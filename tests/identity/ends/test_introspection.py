"""What an issuer answers about its own token must be what the token says."""

import json
from dataclasses import replace

import pytest

from sidecar.errors import TokenError
from sidecar.identity.ends.introspection import (
    ACCEPT_SIGNED,
    MAX_REPLY,
    answer,
    asked,
    authorization,
    judge,
    judge_signed,
)
from sidecar.model.strict_json import Json
from tests.identity.crafting import RES, STS, STS2, USER, Change, Claims, T, claims_a, drop, put, signed

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


def reply(change: Change | None = None, *, by: object = STS, **header: Json) -> bytes:
    """Return GOOD as its issuer signs it for us, with one change."""
    assert isinstance(by, type(STS))
    claims: Claims = {"iss": STS.url, "aud": "me", "iat": T, "token_introspection": GOOD}
    if change:
        change(claims)
    head: Claims = {"alg": "Ed25519", "typ": "token-introspection+jwt", "kid": STS.key.public.thumbprint, **header}
    return signed(head, claims, by.key.private_key).encode()


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(reply(), "accepted", id="signed for us"),
        pytest.param(reply(put(aud=["x", RES])), "accepted", id="by our audience, among others"),
        pytest.param(reply(put(iat=T - 60)), "accepted", id="a minute ago"),
        pytest.param(reply(put(iat=T + 30)), "accepted", id="by a clock that is ahead"),
        pytest.param(reply(typ="application/token-introspection+jwt"), "accepted", id="the type in full"),
        pytest.param(reply(put(token_introspection={"active": False})), "introspection_inactive", id="N193 not active"),
        pytest.param(
            reply(put(token_introspection=without("act"))), "introspection_mismatch", id="N193 no act, and signed"
        ),
        pytest.param(reply(put(token_introspection=None)), "status_unknown", id="nothing about the token"),
        pytest.param(reply(put(iss=STS2.url)), "status_unknown", id="in another's name"),
        pytest.param(reply(drop("iss")), "status_unknown", id="in nobody's name"),
        pytest.param(reply(put(aud="other")), "status_unknown", id="for somebody else"),
        pytest.param(reply(put(aud=[["me"]])), "status_unknown", id="for a list in a list"),
        pytest.param(reply(drop("aud")), "status_unknown", id="for nobody"),
        pytest.param(reply(put(iat=T - 61)), "status_unknown", id="kept by somebody"),
        pytest.param(reply(put(iat=T + 31)), "status_unknown", id="from the future"),
        pytest.param(reply(put(iat="now")), "status_unknown", id="a word for now"),
        pytest.param(reply(drop("iat")), "status_unknown", id="from any time"),
        pytest.param(reply(by=STS2), "status_unknown", id="signed with another key"),
        pytest.param(reply(kid="x"), "status_unknown", id="signed with a key that nobody knows"),
        pytest.param(reply(typ="at+jwt"), "status_unknown", id="an access token"),
        pytest.param(reply(jwk={}), "status_unknown", id="a header that brings a key"),
        pytest.param(json.dumps(GOOD).encode(), "status_unknown", id="not signed"),
        pytest.param(b"\xff", "status_unknown", id="not text"),
        pytest.param(reply(put(x="x" * MAX_REPLY)), "status_unknown", id="too large"),
    ],
)
def test_a_signed_reply_is_of_the_issuer_for_us_and_of_now(octets: bytes, reason: str) -> None:
    try:
        judge_signed(octets, TOKEN, STS.issuer(), {"me", RES}, T)
    except TokenError as error:
        found = error.reason if "eyJ" not in str(error) else "leaked"
    else:
        found = "accepted"
    assert found == reason


def test_an_issuers_algorithms_hold_for_its_replies_too() -> None:
    with pytest.raises(TokenError) as refused:
        judge_signed(reply(), TOKEN, replace(STS.issuer(), algorithms=frozenset({"ES256"})), {"me"}, T)
    assert refused.value.reason == "status_unknown"


@pytest.mark.parametrize(("kind", "body"), [(ACCEPT_SIGNED, b"x"), ("application/json", b"")])
def test_what_is_not_signed_is_no_answer_where_it_must_be(kind: str, body: bytes) -> None:
    assert answer(200, kind, b"x", ACCEPT_SIGNED) == body
