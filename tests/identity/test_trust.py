"""What a configuration of issuers can get wrong, and what a store answers."""

from dataclasses import replace

import pytest

from sidecar.errors import ConfigError, TokenError
from sidecar.identity.jws import parsed, verified
from sidecar.identity.keys import KeySet, TrustedKey, decoded
from sidecar.identity.limits import Limits
from sidecar.identity.trust import Issuer, trust_store
from tests.identity.crafting import P256, STS, STS2, token_a, trusted

WRONG = [
    pytest.param(replace(trusted(), issuer=""), "`issuer` is empty", id="no name"),
    pytest.param(trusted(keys=KeySet(keys=())), "no usable key", id="no key"),
    pytest.param(trusted(profiles=frozenset({"adc-03@1"})), "`profiles` knows", id="profile"),
    pytest.param(trusted(audience_policy="any"), "`audience_policy` is", id="audience"),
    pytest.param(trusted(actor_source="client"), "`actor_source` is", id="actor"),
    pytest.param(trusted(tool_authority="both"), "`tool_authority` is", id="authority"),
]


@pytest.mark.parametrize(("issuer", "told"), WRONG)
def test_a_setting_that_cannot_be_is_an_error_at_start(issuer: Issuer, told: str) -> None:
    with pytest.raises(ConfigError) as refused:
        trust_store([issuer])
    assert told in refused.value.problems[0]


def test_all_problems_are_told_together() -> None:
    with pytest.raises(ConfigError) as refused:
        trust_store([trusted(), trusted(), trusted(STS2, audience_policy="any", actor_source="x")])
    assert len(refused.value.problems) == 3


def test_an_issuer_is_found_byte_by_byte() -> None:
    store = trust_store([trusted(), trusted(STS2)])
    assert store.issuer(STS.url).issuer == STS.url
    with pytest.raises(TokenError):
        store.issuer(STS.url + "/")


def test_a_configured_typ_is_a_media_type() -> None:
    store = trust_store([trusted(typ=frozenset({"JWT", "application/AT+jwt"}))])
    assert [store.expects(typ) for typ in ("jwt", "at+jwt", "JWT")] == [True, True, False]


TOKEN = parsed(token_a(), Limits())


def test_a_key_object_of_another_kind_verifies_nothing() -> None:
    crossed = TrustedKey(algorithm="Ed25519", thumbprint="x", public_key=P256.public_key())
    with pytest.raises(TokenError) as refused:
        verified(TOKEN, crossed, Limits())
    assert refused.value.reason == "sig_invalid"


def test_a_library_that_breaks_is_a_refusal() -> None:
    nothing = TrustedKey(algorithm="ES256", thumbprint="x", public_key=object())  # type: ignore[arg-type]  # broken on purpose
    with pytest.raises(TokenError) as refused:
        verified(parsed(token_a(header={"alg": "ES256"}), Limits()), nothing, Limits())
    assert refused.value.reason == "internal_error"
    assert refused.value.__suppress_context__


def test_the_payload_that_was_signed_is_the_one_that_is_looked_at() -> None:
    signed_payload = TOKEN.signing_input.partition(b".")[2].decode()
    assert decoded(signed_payload) == TOKEN.payload
    with pytest.raises(TokenError) as refused:
        verified(replace(TOKEN, signing_input=TOKEN.signing_input[:-1]), STS.key.public, Limits())
    assert refused.value.reason == "sig_invalid"
