"""The key that a credential is bound to: what `cnf` says (RFC 7800), and a client certificate (RFC 8705).

Steps 32 and, for mutual TLS, 33 of identity-spec 2.6.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from sidecar.errors import TokenError
from sidecar.identity.keys import TrustedKey, admit, decoded, encoded
from sidecar.model.chain import Confirmation
from sidecar.model.strict_json import Json

METHODS: Final = ("jkt", "x5t#S256", "jwk")
_SHA256_OCTETS: Final = 32


def confirmation(cnf: Json) -> Confirmation | None:
    """Return the key that a single token is bound to, None where there is no `cnf`; step 32.

    Raises `TokenError` cnf_invalid, or the reason why the key that stands in it cannot be one.
    """
    if cnf is None:
        return None
    if not isinstance(cnf, Mapping) or len(cnf) != 1:
        raise TokenError("`cnf` must name exactly one key", reason="cnf_invalid")
    method, value = next(iter(cnf.items()))
    if method == "jwk":
        return of_key(admit(value, rsa_algorithm="PS256"))
    if method not in METHODS or not isinstance(value, str) or len(decoded(value) or b"") != _SHA256_OCTETS:
        raise TokenError("`cnf` names a key in a way that is not known", reason="cnf_invalid")
    return Confirmation(thumbprint=value) if method == "jkt" else Confirmation(certificate=value)


def of_key(key: TrustedKey) -> Confirmation:
    """Return the confirmation of a credential that holds its holder's public key."""
    return Confirmation(thumbprint=key.thumbprint, key=key)


def check_certificate(holder: Confirmation, certificate: bytes) -> None:
    """Return where `certificate` is the one that a credential is bound to.

    `certificate` is the DER of the client certificate that TLS itself verified, empty where there was none; one from
    a header would be anybody's. Raises `TokenError` cnf_mismatch.
    """
    shown = encoded(hashlib.sha256(certificate).digest())
    if not certificate or not hmac.compare_digest(shown, holder.certificate):
        message = "the token is bound to another client certificate: connect with the one that it names"
        raise TokenError(message, reason="cnf_mismatch")
