"""Metadata is where the issuer says, and of the issuer that was asked, to the byte."""

import json

import pytest

from sidecar.errors import FetchError
from sidecar.identity.issuers.discovery import keys_url, metadata_url
from sidecar.model.strict_json import Json

ISSUER = "https://sts.example"


@pytest.mark.parametrize(
    ("issuer", "rfc8414", "oidc"),
    [
        (
            "https://sts.example",
            "https://sts.example/.well-known/oauth-authorization-server",
            "https://sts.example/.well-known/openid-configuration",
        ),
        (
            "https://sts.example/realms/shop",
            "https://sts.example/.well-known/oauth-authorization-server/realms/shop",
            "https://sts.example/realms/shop/.well-known/openid-configuration",
        ),
        (
            "https://sts.example:8443/",
            "https://sts.example:8443/.well-known/oauth-authorization-server",
            "https://sts.example:8443/.well-known/openid-configuration",
        ),
    ],
)
def test_where_the_metadata_is(issuer: str, rfc8414: str, oidc: str) -> None:
    assert (metadata_url(issuer, "rfc8414"), metadata_url(issuer, "oidc")) == (rfc8414, oidc)


def test_metadata_names_the_keys() -> None:
    told = {"issuer": ISSUER, "jwks_uri": "https://sts.example/jwks", "more": [1]}
    assert keys_url(json.dumps(told).encode(), ISSUER) == "https://sts.example/jwks"


def told(**members: Json) -> bytes:
    return json.dumps({"issuer": ISSUER, "jwks_uri": "https://sts.example/jwks", **members}).encode()


@pytest.mark.parametrize(
    ("metadata", "reason"),
    [
        pytest.param(told(issuer=f"{ISSUER}/"), "discovery_issuer_mismatch", id="N205 a slash more"),
        pytest.param(told(issuer="https://STS.example"), "discovery_issuer_mismatch", id="another case"),
        pytest.param(told(issuer=None), "discovery_issuer_mismatch", id="none"),
        pytest.param(told(issuer=[ISSUER]), "discovery_issuer_mismatch", id="a list"),
        pytest.param(b"[]", "discovery_issuer_mismatch", id="no object"),
        pytest.param(told(jwks_uri=7), "jwks_malformed", id="no url"),
        pytest.param(b'{"issuer":"https://sts.example","issuer":"x"}', "jwks_malformed", id="twice"),
        pytest.param(b"\xff", "jwks_malformed", id="no text"),
        pytest.param(b"<html>", "jwks_malformed", id="no json"),
    ],
)
def test_metadata_that_is_not_the_issuers(metadata: bytes, reason: str) -> None:
    with pytest.raises(FetchError) as refused:
        keys_url(metadata, ISSUER)
    assert refused.value.reason == reason
