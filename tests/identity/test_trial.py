"""What a trial issuer mints is what the verifier takes; its file is read as it was written."""

import pytest

from sidecar.errors import ConfigError, TokenError
from sidecar.identity.trial import SigningKey, TrialIssuer, linked_details
from sidecar.identity.verifier import DEFAULT_AUDIENCE, Verifier
from sidecar.model.strict_json import Json
from tests.identity.crafting import Claims, T

SCOPE: Claims = {"tools": {"read": {"max_calls": 3}, "pay": {"args": {"to": {"constraint_type": "wildcard"}}}}}


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
def test_both_forms_verify_with_both_algorithms(algorithm: str) -> None:
    issuer = TrialIssuer.generate(algorithm=algorithm)
    by = Verifier.of([issuer.issuer()])
    single = by.verify(issuer.mint(user="ann", agents=["a", "b"], scope=SCOPE, at=T), T)
    chain = by.verify(issuer.mint_linked(user="ann", agents=["a", "b"], scope=SCOPE, at=T), T)
    assert single.audience == chain.audience == frozenset({DEFAULT_AUDIENCE})
    assert single.principal == chain.principal
    assert single.scope == chain.scope


def test_a_user_alone_acts_for_itself() -> None:
    issuer = TrialIssuer.generate()
    chain = Verifier.of([issuer.issuer()]).verify(issuer.mint(user="ann", agents=[], scope=SCOPE, at=T), T)
    assert (chain.principal.agent, chain.principal.actors) == ("ann", ())


def test_each_link_may_have_a_scope_of_its_own_and_the_last_key_can_be_kept() -> None:
    issuer, holder = TrialIssuer.generate(), SigningKey.generate("ES256")
    narrow: Claims = {"tools": {"read": {"max_calls": 1}}}
    tokens = issuer.mint_linked(user="u", agents=["a", "b"], scope=[SCOPE, narrow], at=T, holder=holder)
    chain = Verifier.of([issuer.issuer()]).verify(tokens, T)
    assert list(chain.scope.tools) == ["read"]
    assert chain.hops[-1].thumbprint == holder.public.thumbprint


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256"])
def test_an_issuer_file_is_read_as_it_was_written(algorithm: str) -> None:
    issuer = TrialIssuer.generate("https://x.example", algorithm)
    again = TrialIssuer.from_file(issuer.as_file())
    assert (again.url, again.jwks()) == (issuer.url, issuer.jwks())


NO_FILES: list[Json] = [
    None,
    [],
    {},
    {"issuer": "", "key": {}},
    {"issuer": "x"},
    {"issuer": "x", "key": {"crv": "P-256", "d": "AA"}},
    {"issuer": "x", "key": {"crv": "P-256", "d": "A" * 43}},
    {"issuer": "x", "key": {"d": 7}},
]


@pytest.mark.parametrize("value", NO_FILES)
def test_another_file_is_no_issuers(value: Json) -> None:
    with pytest.raises(TokenError) as refused:
        TrialIssuer.from_file(value)
    assert refused.value.reason == "key_invalid"


def test_a_trial_signs_with_two_algorithms_only() -> None:
    with pytest.raises(ConfigError):
        SigningKey.generate("RS256")


def test_a_private_key_is_not_shown() -> None:
    key = SigningKey.generate()
    assert str(key.private_jwk()["d"]) not in repr(key)
    assert "private" not in repr(key)


def test_a_scope_of_a_link_is_split_between_its_two_entries() -> None:
    plain = linked_details({"tools": {"read": {}}})
    both = linked_details({**SCOPE, "autonomy": 1})
    assert len(plain) == 1
    assert both[1]["tools"] == {"read": {"max_calls": 3}, "pay": {}}  # type: ignore[index, call-overload]  # an object
    assert both[0]["tools"]["read"] == {}  # type: ignore[index, call-overload]  # an object
