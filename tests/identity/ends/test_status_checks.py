"""Issuers are asked about their own tokens: when a session is opened, and of lists again while it lasts."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from sidecar.errors import FetchError, OverloadError, TokenError
from sidecar.identity.ends import status_checks
from sidecar.identity.ends.status_checks import BACK_OFF_SECONDS, MAX_FLIGHTS, STALE_SECONDS, StatusChecks, StatusRules
from sidecar.model.chain import VerifiedChain
from tests.identity.crafting import STS, VERIFIER, Claims, Step, T, chain_b, claims_a, put, token_a
from tests.identity.ends.test_introspection import reply
from tests.identity.ends.test_status_list import URI, status_token

ORIGINS = frozenset({"https://sts.example"})
REQUIRED = StatusRules(lists="required", origins=ORIGINS)
STATUS: Claims = {"status_list": {"idx": 0, "uri": URI}}
TTL = 600


@dataclass
class Server:
    """An issuer's server that answers as told; what is an exception is raised."""

    lists: dict[str, bytes | Exception] = field(default_factory=dict)
    reply: Claims | Exception | bytes = b""
    asked: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    slow: asyncio.Event | None = None

    async def fetch(self, url: str, accept: str) -> bytes:
        self.asked.append(url)
        assert accept == "application/statuslist+jwt"
        if self.slow:
            await self.slow.wait()
        found = self.lists.get(url, FetchError("not there"))
        if isinstance(found, Exception):
            raise found
        return found

    async def ask(self, url: str, form: Mapping[str, str], authorization: str, accept: str) -> bytes:
        self.asked.append(url)
        self.accepted.append(accept)
        assert form["token"].count(".") == 2
        assert authorization == "Basic eA=="
        if isinstance(self.reply, Exception):
            raise self.reply
        return self.reply if isinstance(self.reply, bytes) else json.dumps(self.reply).encode()


def checks(server: Server, rules: StatusRules = REQUIRED) -> StatusChecks:
    return StatusChecks({STS.url: rules}, lambda: VERIFIER.trust, server.fetch, server.ask)


def presented(status: object = STATUS, jti: str = "j") -> tuple[VerifiedChain, list[str]]:
    tokens = [token_a(lambda claims: claims.update({"jti": jti, **({"status": status} if status else {})}))]  # type: ignore[dict-item]  # JSON
    return VERIFIER.verify(tokens, T), tokens


async def reason_of(it: StatusChecks, shown: tuple[VerifiedChain, list[str]] | None = None, at: float = T) -> str:
    try:
        await it.check(*(shown or presented()), at)
    except TokenError as error:
        return error.reason
    return "accepted"


@pytest.mark.parametrize(
    ("value", "reason"),
    [(0, "accepted"), (1, "token_revoked"), (2, "status_suspended"), (3, "status_invalid")],
)
async def test_n189_a_token_stands_as_its_list_says(value: int, reason: str) -> None:
    assert await reason_of(checks(Server({URI: status_token([value])}))) == reason


@pytest.mark.parametrize(
    ("rules", "status", "reason", "fetches"),
    [
        pytest.param(StatusRules(lists="off", origins=ORIGINS), STATUS, "accepted", 0, id="off"),
        pytest.param(StatusRules(lists="if_present", origins=ORIGINS), None, "accepted", 0, id="none, if present"),
        pytest.param(StatusRules(lists="if_present", origins=ORIGINS), STATUS, "status_unknown", 1, id="if present"),
        pytest.param(REQUIRED, None, "status_unknown", 0, id="none, required"),
        pytest.param(REQUIRED, STATUS, "status_unknown", 1, id="N190 unreachable"),
        pytest.param(
            REQUIRED, {"status_list": {"idx": 0, "uri": "https://evil.example/1"}}, "status_unknown", 0, id="elsewhere"
        ),
        pytest.param(REQUIRED, {"other": 1}, "status_invalid", 0, id="another kind of status"),
    ],
)
async def test_n190_what_cannot_be_learned_is_refused(
    rules: StatusRules, status: object, reason: str, fetches: int
) -> None:
    server = Server()

    assert (await reason_of(checks(server, rules), presented(status)), len(server.asked)) == (reason, fetches)


async def test_an_issuer_without_rules_is_not_asked() -> None:
    server = Server()
    it = StatusChecks({}, lambda: VERIFIER.trust, server.fetch, server.ask)

    assert (await reason_of(it), server.asked) == ("accepted", [])


async def test_n122_what_a_link_says_of_its_status_is_not_looked_at() -> None:
    server = Server({URI: status_token([0])})
    tokens = chain_b(
        Step(change=put(status=STATUS)),
        Step(change=put(status={"status_list": {"idx": 0, "uri": "https://evil.example/1"}})),
    )

    assert await reason_of(checks(server), (VERIFIER.verify(tokens, T), tokens)) == "accepted"
    assert server.asked == [URI]


async def test_only_the_token_that_was_verified_is_asked_about() -> None:
    (chain, _), (_, others) = presented(jti="a"), presented(jti="b")

    assert await reason_of(checks(Server({URI: status_token([0])})), (chain, others)) == "internal_error"


async def test_a_list_is_fetched_once_for_all_and_again_when_its_time_is_over() -> None:
    server = Server({URI: status_token([0])}, slow=asyncio.Event())
    it = checks(server)
    waiting = [asyncio.ensure_future(reason_of(it, presented(jti=str(i)))) for i in range(20)]
    await asyncio.sleep(0)
    assert server.slow
    server.slow.set()

    assert set(await asyncio.gather(*waiting)) == {"accepted"}
    await reason_of(it, at=T + TTL - 1)
    once = len(server.asked)
    await reason_of(it, at=T + TTL)
    assert (once, len(server.asked)) == (1, 2)


async def test_whoever_hangs_up_leaves_the_fetch_to_the_others() -> None:
    server = Server({URI: status_token([0])}, slow=asyncio.Event())
    it = checks(server)
    first, second = (asyncio.ensure_future(reason_of(it)) for _ in range(2))
    await asyncio.sleep(0)

    first.cancel()
    assert server.slow
    server.slow.set()

    assert await second == "accepted"
    assert len(server.asked) == 1


async def test_a_server_that_is_out_is_left_alone_for_a_moment() -> None:
    server = Server()
    it = checks(server)
    await reason_of(it)
    server.lists[URI] = status_token([0])

    assert await reason_of(it, at=T + BACK_OFF_SECONDS - 1) == "status_unknown"
    assert len(server.asked) == 1
    assert await reason_of(it, at=T + BACK_OFF_SECONDS) == "accepted"


async def test_a_port_that_breaks_is_no_answer_and_tells_nothing() -> None:
    it = checks(Server({URI: ValueError("canary")}))

    with pytest.raises(TokenError) as refused:
        await it.check(*presented(), T)

    assert (refused.value.reason, "canary" in str(refused.value)) == ("status_unknown", False)


async def test_only_so_many_lists_are_fetched_at_once() -> None:
    server = Server(slow=asyncio.Event())
    it = checks(server)
    uris = [f"{URI}/{i}" for i in range(MAX_FLIGHTS + 1)]
    shown = [presented({"status_list": {"idx": 0, "uri": uri}}, jti=uri[-9:]) for uri in uris]
    waiting = [asyncio.ensure_future(reason_of(it, one)) for one in shown[:-1]]
    await asyncio.sleep(0.01)

    assert await reason_of(it, shown[-1]) == "status_unknown"
    assert len(server.asked) == MAX_FLIGHTS
    assert server.slow
    server.slow.set()
    await asyncio.gather(*waiting)


async def test_n191_a_list_that_is_rolled_back_does_not_take_back_what_was_revoked() -> None:
    server = Server({URI: status_token([1], change=put(iat=T - 5))})
    it = checks(server)
    await reason_of(it)
    server.lists[URI] = status_token([0], change=put(iat=T - 6))

    assert await reason_of(it, at=T + TTL) == "status_invalid"


async def test_a_token_in_use_that_is_revoked_is_found_when_its_list_is_due() -> None:
    server = Server({URI: status_token([0])})
    it = checks(server)
    chain, tokens = presented()
    await it.check(chain, tokens, T)
    server.lists[URI] = status_token([1])
    digest = chain.hops[0].digest

    found = [await it.refresh(at) for at in (T + TTL - 1, T + TTL, T + TTL + 1)]

    assert found == [{}, {digest: "token_revoked"}, {}]  # once: from then on it is in the deny set


async def test_a_suspended_token_may_come_back() -> None:
    server = Server({URI: status_token([0])})
    it = checks(server)
    chain, tokens = presented()
    await it.check(chain, tokens, T)
    digest = chain.hops[0].digest

    server.lists[URI] = status_token([2], change=put(ttl=30))
    suspended = [await it.refresh(T + TTL), await it.refresh(T + TTL + 1)]
    server.lists[URI] = status_token([0])

    assert suspended == [{digest: "status_suspended"}] * 2
    assert await it.refresh(T + TTL + 30) == {}
    assert await reason_of(it, at=T + TTL + 30) == "accepted"


async def test_an_outage_leaves_open_sessions_an_hour_and_opens_none() -> None:
    server = Server({URI: status_token([0], change=lambda claims: claims.update(exp=T + 9000))})
    it = checks(server)
    chain, tokens = presented_for(2 * STALE_SECONDS)
    await it.check(chain, tokens, T)
    server.lists[URI] = FetchError("out")

    assert await reason_of(it, at=T + TTL) == "status_unknown"
    assert await it.refresh(T + TTL + STALE_SECONDS - 1) == {}
    assert await it.refresh(T + TTL + STALE_SECONDS + BACK_OFF_SECONDS) == {chain.hops[0].digest: "status_unknown"}


def presented_for(seconds: float) -> tuple[VerifiedChain, list[str]]:
    """Return a token that lives so long."""
    tokens = [token_a(put(status=STATUS, jti="j"))]
    return replace(VERIFIER.verify(tokens, T), expires_at=T + int(seconds)), tokens


async def test_tokens_that_have_expired_are_watched_no_more() -> None:
    server = Server({URI: status_token([0])})
    it = checks(server)
    await reason_of(it)

    assert await it.refresh(T + 10_000) == {}
    assert len(server.asked) == 1


async def test_what_is_kept_has_bounds() -> None:
    server = Server()
    it = checks(server)
    for i in range(status_checks.MAX_LISTS + 2):
        uri = f"{URI}/{i}"
        server.lists[uri] = status_token([0], change=put(sub=uri))
        await it.check(*presented({"status_list": {"idx": 0, "uri": uri}}, jti=str(i)), T)

    assert len(it._lists) == status_checks.MAX_LISTS
    assert URI + "/0" not in it._lists
    it._watched = dict.fromkeys(map(str, range(status_checks.MAX_WATCHED)), next(iter(it._watched.values())))
    with pytest.raises(OverloadError):
        await it.check(*presented(jti="more"), T)


INTROSPECTED = StatusRules(introspection="https://sts.example/introspect", authorization="Basic eA==")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({}, "accepted", id="as the token says"),
        pytest.param({"active": False}, "introspection_inactive", id="N193 not active"),
        pytest.param({"act": None}, "introspection_mismatch", id="N193 no act"),
        pytest.param({"sub": "bob"}, "introspection_mismatch", id="N193 another subject"),
    ],
)
async def test_n193_the_issuer_is_asked(change: Claims, reason: str) -> None:
    claims = claims_a()
    server = Server(reply={"active": True, **{n: claims[n] for n in ("sub", "client_id", "act")}, **change})

    assert await reason_of(checks(server, INTROSPECTED)) == reason
    assert server.asked == ["https://sts.example/introspect"]


@pytest.mark.parametrize("reply", [b"", b"x", TimeoutError(), ValueError("canary")])
async def test_no_answer_is_status_unknown(reply: bytes | Exception) -> None:
    assert await reason_of(checks(Server(reply=reply), INTROSPECTED)) == "status_unknown"


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        pytest.param(reply(put(token_introspection={"active": False})), "introspection_inactive", id="N193 signed"),
        pytest.param(b'{"active":false}', "status_unknown", id="not signed"),
    ],
)
async def test_where_replies_must_be_signed_only_such_are_heard(octets: bytes, reason: str) -> None:
    server = Server(reply=octets)

    assert await reason_of(checks(server, replace(INTROSPECTED, signed_for=frozenset({"me"})))) == reason
    assert server.accepted == ["application/token-introspection+jwt"]
