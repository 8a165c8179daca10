"""What a security event revokes, and what is no event."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.errors import TokenError
from sidecar.identity.ends.events import Event, Transmitter, event
from sidecar.identity.trial import TrialIssuer
from sidecar.model.revocation import FOREVER, Kind, Revocation, Selector
from sidecar.model.strict_json import Json
from tests.identity.crafting import EVIL, RES, STS, STS2, USER, A, Claims, T, drop, put, signed, token_a
from tests.identity.crafting import key_set as keys

CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
RISC = "https://schemas.openid.net/secevent/risc/event-type/"
OWN = "https://agent-sidecar.dev/ns/event/revoked/v1"
SIGNALS = TrialIssuer.generate("https://signals.example")
UNTIL = T + 90_000.0
ANN: Claims = {"format": "iss_sub", "iss": STS.url, "sub": USER}
TRANSMITTER = Transmitter(
    name="signals",
    issuer=SIGNALS.url,
    keys=keys(SIGNALS.key.public_jwk()),
    algorithms=frozenset({"Ed25519"}),
    audiences=frozenset({RES}),
    covers=frozenset({STS.url}),
)


def claims_of(name: str = f"{CAEP}session-revoked", body: Claims | None = None, subject: Json = None) -> Claims:
    claims: Claims = {"iss": SIGNALS.url, "iat": T - 10, "jti": "set-1", "aud": RES, "events": {name: body or {}}}
    return claims if subject is None else {**claims, "sub_id": subject}


def set_of(claims: Claims, typ: str = "secevent+jwt", by: TrialIssuer = SIGNALS, **header: Json) -> str:
    head: Claims = {"alg": "Ed25519", "typ": typ, "kid": by.key.public.thumbprint, **header}
    return signed(head, claims, by.key.private_key)


def taken(token: str, at: float = T) -> Event:
    return event(token, [TRANSMITTER], at, UNTIL)


def reason_of(token: str, at: float = T) -> str:
    try:
        taken(token, at)
    except TokenError as error:
        return error.reason
    return "accepted"


def revoked(kind: Kind, value: str, before: float = FOREVER, issuer: str = STS.url) -> Revocation:
    return Revocation(Selector(kind, value, issuer), UNTIL, before)


EARLIER, FOR_GOOD = revoked(Kind.SUBJECT, USER, T - 10.0), revoked(Kind.SUBJECT, USER)


@pytest.mark.parametrize(
    ("name", "body", "subject", "found"),
    [
        pytest.param(f"{CAEP}session-revoked", {}, ANN, EARLIER, id="what was opened until then"),
        pytest.param(f"{CAEP}session-revoked", {"subject": ANN}, None, EARLIER, id="named in the event"),
        pytest.param(f"{CAEP}token-claims-change", {"claims": {}}, ANN, EARLIER, id="claims have changed"),
        pytest.param(f"{CAEP}credential-change", {"change_type": "revoke"}, ANN, EARLIER, id="a credential is gone"),
        pytest.param(f"{RISC}account-disabled", {"reason": "hijacking"}, ANN, FOR_GOOD, id="an account is disabled"),
        pytest.param(f"{RISC}account-purged", {}, ANN, FOR_GOOD, id="an account is gone"),
        pytest.param(
            f"{CAEP}session-revoked",
            {},
            {"format": "jwt_id", "iss": STS.url, "jti": "j"},
            revoked(Kind.TOKEN, "j", T - 10.0),
            id="one token",
        ),
        pytest.param(
            f"{CAEP}session-revoked", {}, {"format": "complex", "user": ANN, "device": {"format": "opaque", "id": "x"}},
            EARLIER, id="a user of a device",
        ),
        pytest.param(
            f"{CAEP}session-revoked", {},
            {"user": ANN, "session": {"format": "jwt_id", "iss": STS.url, "jti": "j"}},
            revoked(Kind.TOKEN, "j", T - 10.0), id="a session of a user",
        ),
        pytest.param(
            f"{CAEP}session-revoked", {},
            {"format": "aliases", "identifiers": [{"format": "email", "email": "a@x.example"}, ANN]},
            EARLIER, id="one of several names",
        ),
    ],
)  # fmt: skip
def test_what_follows_from_an_event(name: str, body: Claims, subject: Json, found: Revocation) -> None:
    assert taken(set_of(claims_of(name, body, subject))).revocations == (found,)


@pytest.mark.parametrize(
    ("entry", "found"),
    [
        pytest.param({"token": "j"}, revoked(Kind.TOKEN, "j"), id="a token of its own"),
        pytest.param({"subject": USER, "issuer": STS.url}, FOR_GOOD, id="a subject"),
        pytest.param({"key": "k" * 43}, revoked(Kind.KEY, "k" * 43, issuer=""), id="a key"),
        pytest.param({"digest": "d" * 43}, revoked(Kind.DIGEST, "d" * 43, issuer=""), id="a digest"),
        pytest.param({"token": "j", "until": T + 1}, revoked(Kind.TOKEN, "j"), id="never shorter than a token lives"),
    ],
)
def test_what_follows_from_our_own_event(entry: Claims, found: Revocation) -> None:
    assert taken(set_of(claims_of(OWN, {"revoked": [entry]}))).revocations == (found,)


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param(claims_of(subject={**ANN, "iss": STS2.url}), id="another issuer's subject"),
        pytest.param(claims_of(subject={"format": "opaque", "id": "x"}), id="a name that no token has"),
        pytest.param(claims_of(subject={"format": ["iss_sub"], "sub": USER}), id="a format that is no word"),
        pytest.param(claims_of(subject={**ANN, "sub": 7}), id="a subject that is no string"),
        pytest.param(claims_of(subject={**ANN, "sub": "a\n"}), id="a subject that no token can have"),
        pytest.param(claims_of(subject={"format": "iss_sub", "sub": USER}), id="a subject of no issuer"),
        pytest.param(
            claims_of(subject={"format": "aliases", "identifiers": [{"format": "aliases", "identifiers": [ANN]}]}),
            id="names within names",
        ),
        pytest.param(claims_of(subject="ann"), id="no identifier"),
        pytest.param(claims_of(), id="no subject"),
        pytest.param(claims_of(f"{CAEP}credential-change", {"change_type": "create"}, ANN), id="a key is added"),
        pytest.param(claims_of(f"{CAEP}assurance-level-change", {}, ANN), id="an event that takes nothing"),
        pytest.param(claims_of(OWN, {"revoked": [{"agent": A}]}), id="a name that others have, too"),
        pytest.param(claims_of(OWN, {"revoked": [{"subject": USER, "issuer": STS2.url}]}), id="another issuer's"),
        pytest.param(claims_of(OWN, {"revoked": []}), id="an empty list"),
    ],
)
def test_from_some_events_nothing_follows(claims: Claims) -> None:
    assert reason_of(set_of(claims)) == "event_unsupported"


def changed(change: object) -> str:
    claims = claims_of(subject=ANN)
    assert callable(change)
    change(claims)
    return set_of(claims)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(changed(put(aud=["x", RES])), "accepted", id="one of several audiences"),
        pytest.param(set_of(claims_of(subject=ANN), "application/SECEVENT+jwt"), "accepted", id="typ in another way"),
        pytest.param(set_of(claims_of(subject=ANN), "JWT"), "typ_unexpected", id="N194 another typ"),
        pytest.param(token_a(), "typ_unexpected", id="N194 a token of access"),
        pytest.param(changed(put(iss=EVIL.url)), "iss_untrusted", id="N194 an unknown issuer"),
        pytest.param(changed(put(iss=STS.url)), "iss_untrusted", id="an issuer of tokens"),
        pytest.param(changed(put(iss=["x"])), "iss_untrusted", id="no issuer"),
        pytest.param(set_of(claims_of(subject=ANN), by=EVIL), "key_unknown_kid", id="signed by another"),
        pytest.param(set_of(claims_of(subject=ANN))[:-4] + "AAAA", "sig_invalid", id="a signature that does not hold"),
        pytest.param(changed(put(aud="https://other.example")), "aud_mismatch", id="for another"),
        pytest.param(changed(drop("aud")), "aud_mismatch", id="for nobody"),
        pytest.param(changed(put(aud=[1])), "aud_mismatch", id="an audience that is no string"),
        pytest.param(changed(put(iat=T + 31)), "time_iat_in_future", id="from the future"),
        pytest.param(changed(put(iat=T - 86_401)), "time_expired", id="too old"),
        pytest.param(changed(put(iat="x")), "claim_type", id="no date"),
        pytest.param(changed(put(iat=-1)), "claim_type", id="a date before the epoch"),
        pytest.param(
            set_of(claims_of(subject=ANN), jwk=SIGNALS.key.public_jwk()), "typ_unexpected", id="a key in the header"
        ),
        pytest.param(changed(put(iat=True)), "claim_type", id="a date that is no number"),
        pytest.param(changed(drop("jti")), "claim_type", id="no id"),
        pytest.param(changed(put(jti="x" * 129)), "claim_type", id="an id too long"),
        pytest.param(changed(drop("events")), "claim_type", id="no events"),
        pytest.param(changed(put(events={})), "claim_type", id="no event"),
        pytest.param(changed(put(events={f"e{i}": {} for i in range(17)})), "claim_type", id="too many events"),
        pytest.param(changed(put(events={f"{CAEP}session-revoked": 1})), "claim_type", id="an event that is none"),
        pytest.param(changed(put(events={OWN: {"revoked": [{"x": 1}]}})), "claim_type", id="a list that is none"),
        pytest.param("", "token_malformed", id="nothing"),
        pytest.param("x" * 20_000, "limit_token_size", id="too large"),
    ],
)
def test_n194_what_is_believed(token: str, reason: str) -> None:
    assert reason_of(token) == reason


def test_another_algorithm_than_is_configured_is_refused() -> None:
    other = replace(TRANSMITTER, algorithms=frozenset({"ES256"}))

    with pytest.raises(TokenError) as refused:
        event(set_of(claims_of(subject=ANN)), [other], T, UNTIL)

    assert refused.value.reason == "alg_not_allowed"


def test_each_copy_of_an_event_has_one_id() -> None:
    first, second = taken(set_of(claims_of(subject=ANN))), taken(set_of({**claims_of(subject=ANN), "x": 1}), T + 5)

    assert first.id == second.id == f"{SIGNALS.url} set-1"


JSON: st.SearchStrategy[Json] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.sampled_from(["", USER, STS.url, "iss_sub", "aliases", "complex"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["format", "iss", "sub", "jti", "user", "session", "identifiers"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(
    subject=JSON, body=JSON, name=st.sampled_from([f"{CAEP}session-revoked", OWN, f"{RISC}account-disabled", "other"])
)
def test_whatever_an_event_holds_it_is_taken_or_refused(subject: Json, body: Json, name: str) -> None:
    claims: Claims = json.loads(json.dumps({**claims_of(subject=subject), "events": {name: body}}))

    assert reason_of(set_of(claims)) in {"accepted", "event_unsupported", "claim_type"}
