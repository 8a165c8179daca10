"""A key that signs: the sidecar's own, and those of trials and tests.

The sidecar makes its own at each start and keeps it in memory. It never leaves the process: the agent sees what the
key has signed, never the key. Its public half may be known to all, and is what a delegator binds a chain to.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import jwt
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from sidecar.errors import ConfigError, TokenError
from sidecar.identity.keys import TrustedKey, admit, decoded, encoded
from sidecar.model.strict_json import Json

ALGORITHMS: Final = ("Ed25519", "ES256")

_P256_OCTETS: Final = 32
_JWS: Final = jwt.PyJWS(algorithms=["ES256"])
_JWS.register_algorithm("Ed25519", OKPAlgorithm())

Claims = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that signs with one algorithm. Never printed; `private_jwk` is for a file of mode 0600."""

    private_key: Ed25519PrivateKey | EllipticCurvePrivateKey = field(repr=False)
    public: TrustedKey

    @classmethod
    def generate(cls, algorithm: str = "Ed25519") -> "SigningKey":
        """Return a new key for `algorithm`: Ed25519 or ES256. Raises `ConfigError` for another."""
        if algorithm not in ALGORITHMS:
            raise ConfigError([f"alg must be one of {', '.join(ALGORITHMS)}"])
        return cls.of(Ed25519PrivateKey.generate() if algorithm == "Ed25519" else generate_ec(SECP256R1()))

    @classmethod
    def of(cls, private_key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> "SigningKey":
        """Return the signing key around a private key of Ed25519 or P-256."""
        return cls(private_key, admit(_public_members(private_key)))

    @classmethod
    def from_jwk(cls, jwk: Json) -> "SigningKey":
        """Return the key of a private JWK as `private_jwk` writes it. Raises `TokenError` key_invalid."""
        body = jwk if isinstance(jwk, Mapping) else {}
        secret = body.get("d")
        octets = decoded(secret) if isinstance(secret, str) else None
        if octets is None or len(octets) != _P256_OCTETS:
            raise TokenError("not a private JWK of Ed25519 or P-256", reason="key_invalid")
        try:
            if body.get("crv") == "Ed25519":
                return cls.of(Ed25519PrivateKey.from_private_bytes(octets))
            return cls.of(derive_private_key(int.from_bytes(octets), SECP256R1()))
        except ValueError:
            raise TokenError("not a private JWK of Ed25519 or P-256", reason="key_invalid") from None

    def members(self) -> dict[str, Json]:
        """Return the members of the public key that make it up, as `cnf.jwk` names it."""
        return _public_members(self.private_key)

    def public_jwk(self) -> dict[str, Json]:
        """Return the public key as a JWK, with its thumbprint as its id."""
        members = self.members()
        return {**members, "alg": self.public.algorithm, "kid": self.public.thumbprint, "use": "sig"}

    def private_jwk(self) -> dict[str, Json]:
        """Return the private key as a JWK."""
        return {**self.members(), "alg": self.public.algorithm, "d": encoded(self._secret())}

    def sign(self, claims: Claims, typ: str, *, header: Claims | None = None) -> str:
        """Return `claims` as a signed token of `typ`; `header` adds to its header."""
        text = rfc8785.dumps(claims)
        algorithm = self.public.algorithm
        return _JWS.encode(text, self.private_key, algorithm=algorithm, headers={"typ": typ, **(header or {})})

    def _secret(self) -> bytes:
        if isinstance(self.private_key, Ed25519PrivateKey):
            return self.private_key.private_bytes_raw()
        return self.private_key.private_numbers().private_value.to_bytes(_P256_OCTETS)


def _public_members(private_key: Ed25519PrivateKey | EllipticCurvePrivateKey) -> dict[str, Json]:
    if isinstance(private_key, Ed25519PrivateKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": encoded(private_key.public_key().public_bytes_raw())}
    numbers = private_key.public_key().public_numbers()
    x, y = numbers.x.to_bytes(_P256_OCTETS), numbers.y.to_bytes(_P256_OCTETS)
    return {"kty": "EC", "crv": "P-256", "x": encoded(x), "y": encoded(y)}
