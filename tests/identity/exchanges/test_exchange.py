"""N093, N232, N233 and N240 of identity-spec 3: an exchange gives what was asked for, or nothing."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from urllib.parse import parse_qs

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.exchanges.exchange import Party, Wish
from sidecar.identity.exchanges.exchanging import ACCESS_TOKEN, MAX_REPLY, Exchanger
from sidecar.identity.exchanges.http_post import HttpPoster
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.trial import Order
from sidecar.identity.verifier import Verifier
from sidecar.model.scope import SESSION_TYPE
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import Json
from tests.identity.crafting import (
    EVIL,
    RES,
    STS,
    STS2,
    VERIFIER,
    A,
    B,
    Change,
    Claims,
    T,
    chain_b,
    drop,
    put,
    signed,
    trusted,
)

US = Party(B, STS.url)
TOOL = "https://tools.example/mcp"
KEY = SigningKey.generate()
SUBJECT_SCOPE: Claims = {"tools": {"read": {}, "write": {}}}
LESS: Claims = {"tools": {"read": {}}}
WISH = Wish(us=US, resource=TOOL, words=("r",), scope=parse_scope(LESS))


def token(change: Change | None = None, by: object = None) -> str:
    """Return the token that we were called with: for us, of a user, through agent A."""
    issuer = by or STS
    assert isinstance(issuer, type(STS))
    claims = issuer.claims(Order(user="ann", agents=[A], scope=SUBJECT_SCOPE, at=T, audience=RES, lifetime_s=600))
    claims |= {"scope": "r w", "txn": "t-1"}
    if change:
        change(claims)
    return made(claims, issuer)


def made(claims: Claims, issuer: object = STS) -> str:
    assert isinstance(issuer, type(STS))
    head: Claims = {"alg": "Ed25519", "typ": "at+jwt", "kid": issuer.key.public.thumbprint}
    return signed(head, claims, issuer.key.private_key)


SUBJECT = token()
LINKED = chain_b(agents=(A,))[0]


def result(change: Change | None = None) -> Claims:
    """Return the claims of what an honest issuer gives for SUBJECT, with one change."""
    claims = STS.claims(Order(user="ann", agents=[A, B], scope=LESS, at=T, audience=TOOL, lifetime_s=300))
    claims |= {"scope": "r", "txn": "t-1", "cnf": {"jkt": KEY.public.thumbprint}}
    if change:
        change(claims)
    return claims


def inner(**members: Json) -> Json:
    return {"sub": A, "iss": STS.url, **members}


def act(*levels: Json) -> Change:
    """Return the change that makes `act` of these levels, the current actor first."""
    nested: Json = None
    for level in reversed(levels):
        assert isinstance(level, dict)
        nested = {**level, **({"act": nested} if nested else {})}
    return put(act=nested) if nested else drop("act")


OURS: Json = {"sub": B, "iss": STS.url}
X: Json = {"sub": "agent-x", "iss": STS.url}


@dataclass
class Issuer:
    """A token endpoint that answers as it is told and remembers what it was asked."""

    body: bytes = b""
    status: int = 200
    kind: str = "application/json;charset=UTF-8"
    delay: float = 0.0
    asked: list[str] = field(default_factory=list)
    url: str = ""
    busy: asyncio.Event = field(default_factory=asyncio.Event)

    def gives(self, text: str, **members: Json) -> "Issuer":
        answer = {"access_token": text, "issued_token_type": ACCESS_TOKEN, "token_type": "DPoP", **members}
        self.body = json.dumps({k: v for k, v in answer.items() if v is not None}).encode()
        return self

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(x.split(":")[1]) for x in head.lower().split("\r\n") if x.startswith("content-length"))
        self.busy.clear()
        self.asked.append(head + (await reader.readexactly(length)).decode())
        await asyncio.sleep(self.delay)
        lines = f"HTTP/1.1 {self.status} x\r\ncontent-type: {self.kind}\r\ncontent-length: {len(self.body)}\r\n"
        writer.write(f"{lines}location: /elsewhere\r\nconnection: close\r\n\r\n".encode() + self.body)
        with suppress(ConnectionError):
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        self.busy.set()


@asynccontextmanager
async def serving(issuer: Issuer) -> AsyncIterator[Issuer]:
    server = await asyncio.start_server(issuer.serve, "127.0.0.1", 0)
    issuer.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/token"
    try:
        yield issuer
    finally:
        if issuer.asked:
            await issuer.busy.wait()
        server.close()
        await server.wait_closed()


async def outcome(
    issuer: Issuer,
    subject: str = SUBJECT,
    *,
    wish: Wish = WISH,
    actor: str = "",
    by: Verifier = VERIFIER,
    holder: SigningKey | None = KEY,
) -> str:
    """Return the reason why nothing came of an exchange, or `exchanged`."""
    async with serving(issuer):
        exchanger = Exchanger(
            verifier=by, endpoint=issuer.url, poster=HttpPoster(timeout=0.2 if issuer.delay else 5.0), holder=holder
        )
        try:
            given = await exchanger.exchanged(subject, wish, T, actor=actor)
        except EvidenceError as error:
            return error.reason if "eyJ" not in str(error) else "a token in a message"
    return "exchanged" if given != subject else "fell back"


async def test_an_honest_issuer_is_asked_for_one_resource_and_its_token_taken() -> None:
    issuer = Issuer().gives(made(result()))

    assert await outcome(issuer) == "exchanged"

    head, _, body = issuer.asked[0].partition("\r\n\r\n")
    form = parse_qs(body)
    assert form["resource"] == [TOOL]
    assert form["scope"] == ["r"]
    assert form["subject_token"] == [SUBJECT]
    assert "dpop: ey" in head.lower()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(put(sub="ben"), "exchange_subject_changed", id="N232 R1 another subject"),
        pytest.param(drop("act"), "exchange_act_truncated", id="N232 R2 stripped"),
        pytest.param(act(inner()), "exchange_act_truncated", id="N232 R2 without us"),
        pytest.param(act(OURS), "exchange_act_truncated", id="N232 R2 without the history"),
        pytest.param(act(OURS, X), "exchange_act_forged", id="N232 R2 another history"),
        pytest.param(act(OURS, inner(), X), "exchange_act_forged", id="N232 R2 an extra hop before"),
        pytest.param(act(OURS, X, inner()), "exchange_act_forged", id="N232 R2 an extra hop between"),
        pytest.param(act(X, inner()), "exchange_act_forged", id="N232 R2 another instead of us"),
        pytest.param(act(OURS, inner(sub_profile="user")), "exchange_act_forged", id="N232 R2 a changed hop"),
        pytest.param(put(scope="r w"), "exchange_scope_widened", id="N232 R3 a word of the subject's not asked for"),
        pytest.param(put(scope="r admin"), "exchange_scope_widened", id="N232 R3 a word"),
        pytest.param(put(scope="R"), "exchange_scope_widened", id="N146 R3 another case"),
        pytest.param(put(scope="r payments:write"), "exchange_scope_widened", id="N146 R3 a word more"),
        pytest.param(put(scope="read"), "exchange_scope_widened", id="N146 R3 a word that begins alike"),
        pytest.param(put(scope=7), "exchange_scope_widened", id="R3 no words"),
        pytest.param(
            put(
                authorization_details=STS.claims(Order(user="a", agents=[A], scope=SUBJECT_SCOPE, at=T))[
                    "authorization_details"
                ]
            ),
            "exchange_scope_widened",
            id="N232 R3 a tool that was not asked for",
        ),
        pytest.param(put(aud=[TOOL, RES]), "exchange_aud_changed", id="N232 R4 a second audience"),
        pytest.param(put(aud=RES), "exchange_aud_changed", id="N232 R4 another audience"),
        pytest.param(put(exp=T + 601), "exchange_lifetime_widened", id="N232 R5"),
        pytest.param(put(exp=T + 600), "exchanged", id="R5 as long as the subject"),
        pytest.param(put(cnf={"jkt": STS.key.public.thumbprint}), "exchange_cnf_changed", id="N232 R6 another key"),
        pytest.param(drop("cnf"), "exchange_cnf_changed", id="N232 R6 no key"),
        pytest.param(put(cnf={"x5t#S256": KEY.public.thumbprint}), "exchange_cnf_changed", id="R6 a certificate"),
        pytest.param(put(cnf={"jwk": KEY.members()}), "exchanged", id="R6 our key in full"),
        pytest.param(put(txn="t-2"), "chain_context_changed", id="R7 another transaction"),
        pytest.param(drop("txn"), "chain_context_changed", id="R7 no transaction"),
        pytest.param(put(exp=T), "time_expired", id="the verifier first"),
        pytest.param(drop("jti"), "claim_missing", id="the verifier first, of a claim"),
    ],
)
async def test_n232_what_was_not_asked_for_is_refused(change: Change, reason: str) -> None:
    assert await outcome(Issuer().gives(made(result(change)))) == reason


async def test_n232_a_second_audience_is_refused_of_an_issuer_that_may_name_several() -> None:
    several = Verifier.of([trusted(audience_policy="contains")], [RES])

    assert await outcome(Issuer().gives(made(result(put(aud=[TOOL, RES])))), by=several) == "exchange_aud_changed"


async def test_without_a_key_of_ours_the_result_must_be_bound_to_none() -> None:
    assert await outcome(Issuer().gives(made(result())), holder=None) == "exchange_cnf_changed"
    assert await outcome(Issuer().gives(made(result(drop("cnf")))), holder=None) == "exchanged"
    certificate = put(cnf={"x5t#S256": KEY.public.thumbprint})
    assert await outcome(Issuer().gives(made(result(certificate))), holder=None) == "exchange_cnf_changed"


async def test_r3_what_is_not_asked_for_less_stays_within_the_subjects() -> None:
    all_ = replace(WISH, words=(), scope=None)
    wider = put(authorization_details=[{"type": SESSION_TYPE, "tools": {"delete": {}}}])

    assert await outcome(Issuer().gives(made(result(put(scope="r w")))), wish=all_) == "exchanged"
    assert await outcome(Issuer().gives(made(result(wider))), wish=all_) == "exchange_scope_widened"


async def test_a_stranger_signs_nothing() -> None:
    forged = signed({"alg": "Ed25519", "typ": "at+jwt"}, {**result(), "iss": STS.url}, EVIL.key.private_key)

    assert await outcome(Issuer().gives(forged)) == "sig_invalid"


async def test_another_domain_may_call_the_subject_by_another_name_if_we_say_so() -> None:
    other = replace(WISH, subjects={(STS.url, "ann"): (STS.url, "ann@corp")})

    assert await outcome(Issuer().gives(made(result(put(sub="ann@corp")))), wish=other) == "exchanged"
    assert await outcome(Issuer().gives(made(result())), wish=other) == "exchange_subject_changed"


async def test_nobody_came_before_us() -> None:
    plain = token(lambda claims: claims.update(act=None, client_id="ann"))

    assert await outcome(Issuer().gives(made(result(act(OURS)))), plain) == "exchanged"
    assert await outcome(Issuer().gives(made(result(act(OURS, X)))), plain) == "exchange_act_forged"


@pytest.mark.parametrize(
    ("subject", "actor", "reason"),
    [
        pytest.param(token(put(may_act={"sub": "agent-x"})), "", "act_not_permitted", id="N093"),
        pytest.param(token(put(may_act={"sub": B, "iss": STS2.url})), "", "act_not_permitted", id="N093 an authority"),
        pytest.param(token(put(may_act="agent-b")), "", "act_not_permitted", id="N093 no object"),
        pytest.param(token(put(may_act={"sub": B})), "", "exchanged", id="may_act names us"),
        pytest.param(token(put(aud="https://other.example")), "", "aud_mismatch", id="N233 meant for another agent"),
        pytest.param(token(put(sub=B, client_id=B, act=None)), "", "act_not_permitted", id="our own"),
        pytest.param(
            SUBJECT, token(put(sub="agent-x", client_id="agent-x", act=None)), "act_not_permitted", id="N233 another's"
        ),
        pytest.param(SUBJECT, SUBJECT, "act_not_permitted", id="N233 one for both"),
        pytest.param(SUBJECT, token(put(sub=B, client_id=B, act=None)), "exchanged", id="our own as the actor's"),
        pytest.param(SUBJECT, token(by=EVIL), "iss_untrusted", id="an actor's of a stranger"),
        pytest.param(LINKED, "", "typ_unexpected", id="a linked token, which no issuer exchanges"),
    ],
)
async def test_n233_what_is_not_ours_to_exchange_is_not_sent(subject: str, actor: str, reason: str) -> None:
    issuer = Issuer().gives(made(result()))

    assert await outcome(issuer, subject, actor=actor) == reason
    assert bool(issuer.asked) == (reason == "exchanged")


Broken = Callable[[Issuer], Issuer]


@pytest.mark.parametrize(
    "breaks",
    [
        pytest.param(lambda i: replace(i, delay=0.25), id="N240 too late"),
        pytest.param(lambda i: replace(i, body=b"<html>", kind="text/html"), id="N240 HTML"),
        pytest.param(lambda i: replace(i, kind="text/html"), id="JSON that says it is HTML"),
        pytest.param(lambda i: i.gives("x", error="invalid_grant"), id="N240 200 with an error"),
        pytest.param(lambda i: replace(i, status=400), id="an error with a token"),
        pytest.param(lambda i: replace(i, status=302), id="a redirect"),
        pytest.param(lambda i: replace(i, body=b"{"), id="no JSON"),
        pytest.param(lambda i: replace(i, body=b"\xff"), id="no UTF-8"),
        pytest.param(lambda i: replace(i, body=b"[]"), id="no object"),
        pytest.param(lambda i: replace(i, body=b" " * (MAX_REPLY + 1)), id="too large"),
        pytest.param(lambda i: i.gives(SUBJECT), id="N240 the wider token back"),
        pytest.param(lambda i: i.gives("", issued_token_type=ACCESS_TOKEN), id="no token"),
        pytest.param(lambda i: i.gives(made(result()), issued_token_type=None), id="no type"),
        pytest.param(
            lambda i: i.gives(made(result()), issued_token_type="urn:ietf:params:oauth:token-type:refresh_token"),
            id="another type",
        ),
    ],
)
async def test_n240_whatever_breaks_there_is_no_token(breaks: Broken) -> None:
    issuer = breaks(Issuer().gives(made(result())))

    assert await outcome(issuer) == "exchange_failed"
    assert len(issuer.asked) == 1


@pytest.mark.parametrize("url", ["http://sts.example/token", "file:///etc/passwd", "ftp://x", ""])
async def test_a_token_is_sent_over_tls_only(url: str) -> None:
    exchanger = Exchanger(verifier=VERIFIER, endpoint=url, poster=HttpPoster())

    with pytest.raises(EvidenceError, match="https only"):
        await exchanger.exchanged(SUBJECT, WISH, T)


async def test_an_issuer_that_is_not_there_gives_nothing() -> None:
    exchanger = Exchanger(verifier=VERIFIER, endpoint="http://127.0.0.1:1/token", poster=HttpPoster())

    with pytest.raises(EvidenceError) as refused:
        await exchanger.exchanged(SUBJECT, WISH, T)

    assert refused.value.reason == "exchange_failed"
