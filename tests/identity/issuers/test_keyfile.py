"""Keys from files: JWK sets and PEM, and what is wrong with the others."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed448
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from sidecar.errors import ConfigError
from sidecar.identity.issuers.keyfile import MAX_BYTES, load_keys
from tests.identity.crafting import HOLDERS, P256, P384, RSA, STS, rsa_jwk


def pem(key: PublicKeyTypes) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_a_jwk_set_is_read(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(json.dumps(STS.jwks()))
    keys = load_keys(tmp_path / "keys")
    assert [key.thumbprint for key in keys.keys] == [STS.key.public.thumbprint]


def test_pem_keys_are_known_by_their_thumbprints(tmp_path: Path) -> None:
    blocks = [
        pem(STS.key.private_key.public_key()),
        pem(P256.public_key()),
        pem(P384.public_key()),
        pem(RSA.public_key()),
    ]
    (tmp_path / "keys").write_bytes(b"".join(blocks))
    keys = load_keys(tmp_path / "keys", {"PS256", "Ed25519"}).keys
    assert [key.algorithm for key in keys] == ["Ed25519", "ES256", "ES384", "PS256"]
    assert keys[0].key_id == keys[0].thumbprint == STS.key.public.thumbprint


def test_an_rsa_key_that_names_no_algorithm_needs_an_issuer_with_one(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text(json.dumps({"keys": [rsa_jwk()]}))
    assert load_keys(tmp_path / "keys", ["RS256"]).keys[0].algorithm == "RS256"
    with pytest.raises(ConfigError) as refused:
        load_keys(tmp_path / "keys", ["RS256", "PS256"])
    assert "alg_key_mismatch" in refused.value.problems[0]


PRIVATE = STS.key.private_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
BAD = [
    pytest.param(b"", "neither a JWK set nor PEM", id="empty"),
    pytest.param(b"\xff", "neither a JWK set nor PEM", id="octets"),
    pytest.param(b"[]", "not a JWK set", id="a list"),
    pytest.param(b'{"keys":[]}', "no usable key: it holds none", id="no keys"),
    pytest.param(b'{"keys":[{"kty":"EC"}]}', "no usable key: key_unsupported", id="none usable"),
    pytest.param(json.dumps({"keys": [HOLDERS[0].private_jwk()]}).encode(), "private parts", id="private JWK"),
    pytest.param(PRIVATE, "publish public keys only", id="private PEM"),
    pytest.param(pem(P256.public_key()) + PRIVATE, "publish public keys only", id="public and private PEM"),
    pytest.param(pem(P256.public_key()) + b"-----BEGIN X", "publish public keys only", id="an unclosed block"),
    pytest.param(pem(P256.public_key()).replace(b"M", b"N"), "no key", id="a broken block"),
    pytest.param(pem(P256.public_key()) * 101, "more than 100 keys", id="too many"),
    pytest.param(pem(ed448.Ed448PrivateKey.generate().public_key()), "key_unsupported", id="Ed448"),
    pytest.param(b" " * (MAX_BYTES + 1), "larger than", id="too large"),
]


@pytest.mark.parametrize(("octets", "told"), BAD)
def test_a_file_without_usable_keys_is_told_with_its_name(tmp_path: Path, octets: bytes, told: str) -> None:
    path = tmp_path / "keys"
    path.write_bytes(octets)
    with pytest.raises(ConfigError) as refused:
        load_keys(path)
    assert told in refused.value.problems[0]
    assert str(path) in refused.value.problems[0]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        load_keys(tmp_path / "none")
    assert "No such file" in refused.value.problems[0]
