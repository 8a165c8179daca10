"""P23: an ID-JAG is redeemed once (MCP's enterprise-managed authorization), at issuers that joserfc signs for."""

import time
from dataclasses import replace

import pytest

from sidecar.errors import EvidenceError
from sidecar.identity.adapters import Shape
from sidecar.identity.exchanges.exchange import Party, Wish
from sidecar.identity.exchanges.exchanging import ACCESS_TOKEN
from sidecar.identity.exchanges.http_post import HttpPoster
from sidecar.identity.exchanges.id_jag import Abroad
from sidecar.identity.exchanges.redeeming import ID_TOKEN, Endpoint, Redeemer
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.verifier import Verifier
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import Json
from sidecar.stores.proofs import MemoryProofs
from tests.identity.crafting import RES, drop, put
from tests.identity.domains import (
    CLIENT_AT_HOME,
    CLIENT_THERE,
    HOME,
    RESOURCE,
    THERE,
    Change,
    Claims,
    Domain,
    basic,
    serving,
    unchanged,
)

WISH = Wish(us=Party("planner"), resource=RESOURCE, words=("read",))
ABROAD = Abroad(wish=WISH, issuer=THERE, client=CLIENT_THERE)
US: Claims = {"sub": "planner"}
OTHER: Claims = {"sub": "caller", "iss": HOME}
KEY = SigningKey.generate()


def domains() -> tuple[Domain, Domain]:
    home = Domain(name=HOME, client=CLIENT_AT_HOME)
    return home, Domain(name=THERE, client=CLIENT_THERE, trusts=home)


def redeemer(home: Domain, there: Domain, **changes: object) -> Redeemer:
    made = Redeemer(
        verifier=Verifier.of([home.issuer(), there.issuer()], [RES]),
        home=Endpoint(url=home.url, authorization=basic(CLIENT_AT_HOME)),
        there=Endpoint(url=there.url, authorization=basic(CLIENT_THERE)),
        client=CLIENT_AT_HOME,
        poster=HttpPoster(),
        proofs=MemoryProofs(),
    )
    return replace(made, **changes)  # type: ignore[arg-type]  # the fields of a test's row


async def outcome(home: Domain, there: Domain, token: str = "", abroad: Abroad = ABROAD, **changes: object) -> str:
    """Return the reason why there is no token, `exchanged` where there is one."""
    kind = str(changes.pop("kind", ID_TOKEN))
    async with serving(home, there):
        try:
            given = await redeemer(home, there, **changes).exchanged(
                token or home.id_token(), abroad, time.time(), kind=kind
            )
        except EvidenceError as error:
            return error.reason if "eyJ" not in str(error) else "a token in a message"
    return "exchanged" if given.count(".") == 2 else given


async def test_p23_who_signed_in_at_home_gets_a_token_of_the_other_domain() -> None:
    home, there = domains()
    async with serving(home, there):
        by = redeemer(home, there)
        given = await by.exchanged(home.id_token(), ABROAD, time.time())
        chain = replace(by.verifier, audiences=frozenset({RESOURCE})).verify([given], time.time())

    assert (chain.principal.subject, chain.principal.issuer, chain.principal.agent) == ("ann", THERE, CLIENT_THERE)
    assert sorted(chain.scope.tools) == ["read"]
    asked = home.asked[0]
    assert (asked["audience"], asked["resource"], asked["scope"]) == (THERE, RESOURCE, "read")
    assert asked["requested_token_type"].endswith(":id-jag")
    assert there.asked[0]["grant_type"].endswith(":jwt-bearer")


async def test_p23_a_grant_is_redeemed_once_by_us_and_by_them() -> None:
    home, there = domains()
    async with serving(home, there):
        by, token = redeemer(home, there), home.id_token()
        grant = await by.granted(token, ABROAD, time.time())
        await by.redeemed(token, grant, ABROAD, time.time())

        for again, reason, asked in ((by, "replay_detected", 1), (redeemer(home, there), "exchange_failed", 2)):
            with pytest.raises(EvidenceError) as refused:
                await again.redeemed(token, grant, ABROAD, time.time())
            assert (refused.value.reason, len(there.asked)) == (reason, asked)


async def test_a_grant_whose_redeeming_failed_is_sent_no_second_time() -> None:
    home, there = domains()
    there.reply = put(error="server_error")
    async with serving(home, there):
        by, token = redeemer(home, there), home.id_token()
        grant = await by.granted(token, ABROAD, time.time())
        for reason in ("exchange_failed", "replay_detected"):
            with pytest.raises(EvidenceError) as refused:
                await by.redeemed(token, grant, ABROAD, time.time())
            assert refused.value.reason == reason
    assert len(there.asked) == 1


def late(claims: Claims) -> None:
    claims["exp"] = int(time.time()) + 301


GRANTS = [
    pytest.param(put(sub="ben"), "exchange_subject_changed", id="another person"),
    pytest.param(put(aud="https://else.example"), "exchange_aud_changed", id="for another issuer"),
    pytest.param(put(aud=[THERE, "https://else.example"]), "exchange_aud_changed", id="for several issuers"),
    pytest.param(put(resource="https://else.example"), "exchange_aud_changed", id="another resource"),
    pytest.param(put(resource=[RESOURCE]), "exchanged", id="the resource in a list"),
    pytest.param(put(client_id="stranger"), "exchange_act_forged", id="another client"),
    pytest.param(put(scope="read write"), "exchange_scope_widened", id="more scope"),
    pytest.param(put(act=OTHER), "exchange_act_forged", id="another actor"),
    pytest.param(put(act=US), "exchange_act_truncated", id="us, whom the other domain leaves out"),
    pytest.param(late, "time_lifetime_exceeded", id="good for too long"),
    pytest.param(put(exp=1), "time_expired", id="expired"),
    pytest.param(drop("jti"), "claim_missing", id="no jti: could be sent again"),
    pytest.param(put(cnf={"jkt": KEY.public.thumbprint}), "exchange_cnf_changed", id="bound to a key that is not ours"),
    pytest.param(put(iss="https://evil.example"), "iss_untrusted", id="a stranger's"),
]


@pytest.mark.parametrize(("change", "reason"), GRANTS)
async def test_a_grant_is_what_was_asked_for_before_it_is_sent(change: Change, reason: str) -> None:
    home, there = domains()
    home.grant = change

    assert await outcome(home, there) == reason
    assert bool(there.asked) == (reason in {"exchanged", "exchange_act_truncated"})


TOKENS = [
    pytest.param(put(sub="ben"), "exchange_subject_changed", id="R1 another person"),
    pytest.param(put(iss=HOME), "key_unknown_kid", id="R1 in the first issuer's name"),
    pytest.param(put(client_id="stranger"), "exchange_act_forged", id="R2 another client"),
    pytest.param(put(act={**US, "iss": THERE}), "exchanged", id="R2 us, by name"),
    pytest.param(put(act={"sub": "other", "iss": THERE}), "exchange_act_forged", id="R2 another actor"),
    pytest.param(put(scope="read write"), "exchange_scope_widened", id="R3 more scope"),
    pytest.param(put(aud=RES), "exchange_aud_changed", id="R4 another resource"),
    pytest.param(put(cnf={"jkt": KEY.public.thumbprint}), "exchange_cnf_changed", id="R6 a key that is not ours"),
]


@pytest.mark.parametrize(("change", "reason"), TOKENS)
async def test_what_a_grant_is_redeemed_for_is_what_was_asked_for(change: Change, reason: str) -> None:
    home, there = domains()
    there.token = change
    assert await outcome(home, there) == reason


@pytest.mark.parametrize(
    ("audience", "reason"),
    [
        pytest.param([RESOURCE], "exchanged", id="R4 for the resource"),
        pytest.param([RESOURCE, "https://more.example"], "exchange_aud_changed", id="R4 and for another"),
    ],
)
async def test_a_token_for_more_than_was_asked_for_is_refused_also_where_its_issuer_may_name_several(
    audience: list[Json], reason: str
) -> None:
    home, there = domains()
    there.audience_policy, there.token = "contains", put(aud=audience)
    assert await outcome(home, there) == reason


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(put(aud="another-client"), "aud_mismatch", id="for another client"),
        pytest.param(put(aud=[CLIENT_AT_HOME, "another"]), "aud_too_broad", id="for several clients"),
        pytest.param(put(exp=1), "time_expired", id="expired"),
        pytest.param(put(iss="https://evil.example"), "iss_untrusted", id="a stranger's"),
        pytest.param(drop("sub"), "claim_missing", id="of nobody"),
        pytest.param(put(act=OTHER), "exchanged", id="what it says of actors is not looked at"),
    ],
)
async def test_an_id_token_that_is_not_ours_is_not_sent(change: Change, reason: str) -> None:
    home, there = domains()
    assert await outcome(home, there, home.id_token(change)) == reason
    assert bool(home.asked) == (reason == "exchanged")


@pytest.mark.parametrize(
    ("typ", "reason"),
    [
        pytest.param("at+jwt", "typ_unexpected", id="an access token as ID token"),
        pytest.param("oauth-id-jag+jwt", "typ_unexpected", id="a grant as ID token"),
    ],
)
async def test_only_an_id_token_says_who_signed_in(typ: str, reason: str) -> None:
    home, there = domains()
    now = int(time.time())
    claims: Claims = {"iss": HOME, "sub": "ann", "aud": CLIENT_AT_HOME, "exp": now + 60, "iat": now, "jti": "j"}
    assert await outcome(home, there, home.signed(typ, claims)) == reason
    assert home.asked == []


def subject(home: Domain, change: Change = unchanged) -> str:
    """Return the token that another agent called us with, for a person who is two hops away."""
    now = int(time.time())
    claims: Claims = {
        "iss": HOME,
        "sub": "ann",
        "aud": RES,
        "client_id": "caller",
        "jti": "s",
        "exp": now + 600,
        "iat": now,
        "scope": "read write",
        "act": OTHER,
        "txn": "t",
    }
    change(claims)
    return home.signed("at+jwt", claims)


GRANTED: Json = {**US, "act": OTHER}
GIVEN: Json = {**US, "iss": THERE, "act": OTHER}


@pytest.mark.parametrize(
    ("granted", "token", "reason"),
    [
        pytest.param(put(act=GRANTED, txn="t"), put(act=GIVEN, txn="t"), "exchanged", id="all"),
        pytest.param(put(txn="t"), put(txn="t"), "exchange_act_truncated", id="R2 the grant leaves out who acted"),
        pytest.param(
            put(act=GRANTED, txn="t"), put(txn="t"), "exchange_act_truncated", id="R2 the token leaves out who acted"
        ),
        pytest.param(put(act=GRANTED, txn="u"), put(act=GIVEN), "chain_context_changed", id="R7 in the grant"),
        pytest.param(put(act=GRANTED, txn="t"), put(act=GIVEN, txn="u"), "chain_context_changed", id="R7 in the token"),
        pytest.param(
            put(act=GRANTED, txn="t"),
            put(act=GIVEN, txn="t", exp=int(time.time()) + 3000),
            "exchange_lifetime_widened",
            id="R5",
        ),
    ],
)
async def test_who_acted_before_crosses_with_an_access_token(granted: Change, token: Change, reason: str) -> None:
    home, there = domains()
    home.grant, there.token = granted, token
    names = {"": frozenset({HOME, THERE})}
    both = [replace(one.issuer(), namespaces=names, actor_issuer_default=one.name) for one in (home, there)]
    by = Verifier.of(both, [RES])
    assert await outcome(home, there, subject(home), verifier=by, kind=ACCESS_TOKEN) == reason


async def test_a_grant_outlives_no_token_that_it_was_given_for() -> None:
    home, there = domains()
    token = subject(home, put(exp=int(time.time()) + 60))
    home.grant = put(act=GRANTED, txn="t")
    assert await outcome(home, there, token, kind=ACCESS_TOKEN) == "exchange_lifetime_widened"
    assert there.asked == []


@pytest.mark.parametrize(
    ("granted", "token", "words"),
    [
        pytest.param(put(scope=""), unchanged, ("read",), id="a grant of no scope at all"),
        pytest.param(put(scope=""), put(scope="read"), (), id="where none was asked for, too"),
        pytest.param(drop("scope"), put(scope="read write"), ("read",), id="a grant that leaves it to the other"),
    ],
)
async def test_r3_scope_is_what_was_asked_for_and_granted(
    granted: Change, token: Change, words: tuple[str, ...]
) -> None:
    home, there = domains()
    home.grant, there.token = granted, token if token is not unchanged else put(scope="read")
    abroad = replace(ABROAD, wish=replace(WISH, words=words))
    assert await outcome(home, there, abroad=abroad) == "exchange_scope_widened"


async def test_r3_the_new_token_grants_no_tool_that_the_first_did_not() -> None:
    home, there = domains()

    def granted(claims: Claims) -> None:
        claims.update(act=GRANTED, txn="t")
        del claims["scope"]

    home.grant, there.token = granted, put(act=GIVEN, txn="t", scope="read write")
    names = {"": frozenset({HOME, THERE})}
    both = [replace(one.issuer(), namespaces=names, actor_issuer_default=one.name) for one in (home, there)]
    abroad, token = replace(ABROAD, wish=replace(WISH, words=())), subject(home, put(scope="read"))
    found = await outcome(home, there, token, abroad, verifier=Verifier.of(both, [RES]), kind=ACCESS_TOKEN)
    assert found == "exchange_scope_widened"


@pytest.mark.parametrize(
    ("changes", "header", "reason"),
    [
        pytest.param({"shape": Shape(actor_only=True)}, {}, "typ_unexpected", id="an issuer of workloads' names"),
        pytest.param({"algorithms": frozenset({"Ed25519"})}, {}, "alg_not_allowed", id="another algorithm"),
        pytest.param({}, {"jwk": {"kty": "oct", "k": "AA"}}, "header_forbidden_param", id="a key of its own"),
    ],
)
async def test_an_id_token_is_signed_as_its_issuer_signs(
    changes: dict[str, object], header: Claims, reason: str
) -> None:
    home, there = domains()
    now = int(time.time())
    claims: Claims = {"iss": HOME, "sub": "ann", "aud": CLIENT_AT_HOME, "exp": now + 60, "iat": now}
    token = home.signed("JWT", claims, **header)
    issuer = replace(home.issuer(), **changes)  # type: ignore[arg-type]  # the fields of a table's row
    by = Verifier.of([issuer, there.issuer()], [RES])
    assert await outcome(home, there, token, verifier=by) == reason
    assert home.asked == []


async def test_n093_an_access_token_that_names_another_is_not_sent() -> None:
    home, there = domains()
    token = subject(home, put(may_act={"sub": "other"}))
    assert await outcome(home, there, token, kind=ACCESS_TOKEN) == "act_not_permitted"
    assert await outcome(home, there, token, kind="urn:x") == "typ_unexpected"
    assert home.asked == []


async def test_another_name_there_is_taken_where_a_map_says_so() -> None:
    home, there = domains()
    there.subjects = {"ann": "u-17"}
    wish = replace(WISH, subjects={(HOME, "ann"): (THERE, "u-17")})

    assert await outcome(home, there) == "exchange_subject_changed"
    assert await outcome(home, there, abroad=replace(ABROAD, wish=wish)) == "exchanged"


async def test_the_new_token_is_bound_to_our_key_where_we_have_one() -> None:
    home, there = domains()
    assert await outcome(home, there, holder=KEY) == "exchange_cnf_changed"
    there.token = put(cnf={"jkt": KEY.public.thumbprint})
    assert await outcome(home, there, holder=KEY) == "exchanged"


async def test_the_session_scope_that_was_asked_for_holds() -> None:
    home, there = domains()
    for tool, reason in (("read", "exchanged"), ("write", "exchange_scope_widened")):
        wish = replace(WISH, scope=parse_scope({"tools": {tool: {}}}))
        assert await outcome(home, there, abroad=replace(ABROAD, wish=wish)) == reason


@pytest.mark.parametrize(
    ("at_home", "change"),
    [
        pytest.param(True, put(issued_token_type=ACCESS_TOKEN), id="no grant"),
        pytest.param(True, put(error="access_denied"), id="refused at home"),
        pytest.param(False, put(issued_token_type=ACCESS_TOKEN), id="the answer to another request"),
        pytest.param(False, drop("access_token"), id="no token"),
    ],
)
async def test_n240_without_an_answer_there_is_no_token(at_home: bool, change: Change) -> None:  # noqa: FBT001 - a row
    home, there = domains()
    (home if at_home else there).reply = change
    assert await outcome(home, there) == "exchange_failed"
