"""Where an issuer's metadata is, and which key set it names (RFC 8414; OpenID Connect Discovery 1.0).

The URL is built from the issuer in the settings, never from a token. Metadata that calls its issuer otherwise, be it by
one character, is another issuer's.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from sidecar.errors import FetchError, JsonError
from sidecar.model.strict_json import parse

OIDC: Final = "oidc"


def metadata_url(issuer: str, kind: str) -> str:
    """Return where the metadata of `issuer` is: below its host for rfc8414, below its whole path for oidc."""
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    if kind == OIDC:
        path = f"{path}/.well-known/openid-configuration"
    else:
        path = f"/.well-known/oauth-authorization-server{path}"
    return f"{parts.scheme}://{parts.netloc}{path}"


def keys_url(metadata: bytes, issuer: str) -> str:
    """Return the URL of the key set. Raises `FetchError` discovery_issuer_mismatch or jwks_malformed."""
    try:
        document = parse(metadata.decode("utf-8"))
    except (UnicodeDecodeError, JsonError):
        raise FetchError("the issuer's metadata is not JSON", reason="jwks_malformed") from None
    body = document if isinstance(document, Mapping) else {}
    if body.get("issuer") != issuer:
        message = "the metadata is of another issuer: compare `issuer` with it byte by byte"
        raise FetchError(message, reason="discovery_issuer_mismatch")
    url = body.get("jwks_uri")
    if not isinstance(url, str):
        raise FetchError("the issuer's metadata names no `jwks_uri`", reason="jwks_malformed")
    return url
