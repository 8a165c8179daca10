"""Agent Cards: signed by whom we pinned, in the form that the protocol's own signer writes, and by nobody else."""

import json
from collections.abc import Mapping

import pytest
import rfc8785
from a2a.types import AgentCard
from a2a.utils.signing import create_agent_card_signer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToDict, ParseDict
from jwt.api_jwk import PyJWK

from sidecar.errors import ConfigError, EvidenceError
from sidecar.identity.cards import NO_PINS, Pinned, Pins
from sidecar.identity.holders.holder import SigningKey
from sidecar.identity.keys import KeySet, admit, encoded
from sidecar.model.strict_json import Json
from sidecar.protocols.agent_card import MAX_CARD, MAX_SIGNATURES, read
from tests.identity.crafting import EVIL, Claims, signed

PEER = "https://helper.example/a2a"
KEY = SigningKey.generate("ES256")
KID = KEY.public.thumbprint
CARD: dict[str, Json] = {
    "name": "helper",
    "description": "",
    "version": "1",
    "supportedInterfaces": [{"url": PEER, "protocolBinding": "JSONRPC", "protocolVersion": "1.0"}],
    "skills": [],
    "capabilities": {},
}
PINS = Pins.of([Pinned(peer=PEER, keys=KeySet(keys=(admit(KEY.public_jwk()),)))])


def signature(
    card: Mapping[str, Json], by: SigningKey = KEY, *, kid: str | None = KID, empties: bool = True, **header: Json
) -> dict[str, Json]:
    """Return an entry of `signatures` over `card`; `kid` None leaves it out."""
    plain = {k: v for k, v in card.items() if k != "signatures" and (empties or v not in ("", [], {}))}
    named: Mapping[str, Json] = {"kid": kid} if kid is not None else {}
    head, _, signed = by.sign(plain, "JOSE", header={**named, **header}).split(".")
    return {"protected": head, "signature": signed}


def sent(*signatures: Json, **changes: Json) -> str:
    return json.dumps({**CARD, **changes, "signatures": list(signatures)})


def reason_of(text: str, peer: str = PEER, pins: Pins = PINS) -> str:
    try:
        return "verified" if pins.is_signed(read(text), peer) else "not pinned"
    except EvidenceError as error:
        return error.reason


GOOD = signature(CARD)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(sent(GOOD), "verified", id="as it was signed"),
        pytest.param(sent(signature(CARD, empties=False)), "verified", id="signed without what is empty"),
        pytest.param(sent(signature(CARD, EVIL.key), GOOD), "verified", id="one of two holds"),
        pytest.param(sent(GOOD, name="helper2"), "card_invalid", id="changed after it was signed"),
        pytest.param(sent(GOOD, skills=[{"id": "x"}]), "card_invalid", id="a skill added"),
        pytest.param(sent(), "card_unsigned", id="no signature"),
        pytest.param(json.dumps(CARD), "card_unsigned", id="no member for one"),
        pytest.param(sent(signature(CARD, EVIL.key)), "card_invalid", id="another's key under our id"),
        pytest.param(sent(signature(CARD, kid=None)), "card_invalid", id="no kid"),
        pytest.param(sent(signature(CARD, kid="x")), "card_invalid", id="another kid"),
        pytest.param(sent(signature(CARD, kid="")), "card_invalid", id="an empty kid"),
        pytest.param(sent(signature(CARD, jku="https://evil.example/keys")), "verified", id="jku is not looked at"),
        pytest.param(
            sent(signature(CARD, EVIL.key, jwk=EVIL.key.public_jwk())), "card_invalid", id="a key that it brings"
        ),
        pytest.param(sent(signature(CARD, crit=["x"])), "card_invalid", id="crit"),
        pytest.param(sent({**GOOD, "signature": "AAAA"}), "card_invalid", id="no signature at all"),
        pytest.param(sent({**GOOD, "protected": "{}{0}"}), "card_invalid", id="no header"),
        pytest.param(sent({"protected": GOOD["protected"]}), "card_invalid", id="half a signature"),
        pytest.param(sent("x"), "card_invalid", id="no object"),
        pytest.param(sent(*[GOOD] * (MAX_SIGNATURES + 1)), "card_invalid", id="too many"),
        pytest.param(json.dumps({**CARD, "signatures": {}}), "card_invalid", id="no array"),
        pytest.param(" " * (MAX_CARD + 1), "card_invalid", id="too long"),
        pytest.param('{"name":"a","name":"b"}', "card_invalid", id="a member twice"),
        pytest.param("[]", "card_invalid", id="a list"),
        pytest.param(sent(GOOD, supportedInterfaces=[{"url": "https://x"}]), "card_mismatch", id="another agent's"),
    ],
)
def test_a_card_of_a_pinned_peer_is_signed_or_refused(text: str, reason: str) -> None:
    assert reason_of(text) == reason


@pytest.mark.parametrize(
    ("peer", "card"),
    [
        pytest.param("helper", {"name": "helper"}, id="by its name"),
        pytest.param("https://a.example", {"name": "x", "url": "https://a.example"}, id="by the URL of 0.3"),
        pytest.param(
            "https://b.example",
            {"name": "x", "additionalInterfaces": [{"url": "https://b.example"}, 7]},
            id="by another interface",
        ),
    ],
)
def test_of_a_peer_that_is_not_pinned_a_card_says_nothing(peer: str, card: Mapping[str, Json]) -> None:
    assert reason_of(json.dumps(card), peer, NO_PINS) == "not pinned"
    assert reason_of(json.dumps(card), "another", NO_PINS) == "card_mismatch"


def test_what_the_protocols_own_signer_signs_is_verified() -> None:
    card = ParseDict(CARD, AgentCard())
    signer = create_agent_card_signer(
        PyJWK({**KEY.private_jwk(), "kty": "EC"}),
        {"kid": KID, "alg": "ES256", "jku": None, "typ": "JOSE"},
    )
    signed = MessageToDict(signer(card))

    assert reason_of(json.dumps(signed)) == "verified"
    assert reason_of(json.dumps({**signed, "version": "2"})) == "card_invalid"


def test_none_is_no_algorithm() -> None:
    head = encoded(json.dumps({"alg": "none", "kid": KID}).encode())

    assert reason_of(sent({"protected": head, "signature": "AA"})) == "card_invalid"


def test_an_algorithm_must_be_named_in_full() -> None:
    key = SigningKey.generate()
    pins = Pins.of([Pinned(peer=PEER, keys=KeySet(keys=(admit(key.public_jwk()),)))])
    head: Claims = {"alg": "EdDSA", "kid": key.public.thumbprint}
    protected, _, _ = signed(head, None, key.private_key).split(".")
    named, _, _ = signed({**head, "alg": "Ed25519"}, None, key.private_key).split(".")
    body = rfc8785.dumps(CARD)

    def over(header: str) -> str:
        octets = f"{header}.{encoded(body)}".encode()
        assert isinstance(key.private_key, Ed25519PrivateKey)
        return sent({"protected": header, "signature": encoded(key.private_key.sign(octets))})

    assert reason_of(over(named), pins=pins) == "verified"
    assert reason_of(over(protected), pins=pins) == "card_invalid"


def test_a_peer_is_pinned_once_and_with_a_key() -> None:
    one = Pinned(peer="a", keys=KeySet(keys=()))

    with pytest.raises(ConfigError) as refused:
        Pins.of([one, one])

    assert len(refused.value.problems) == 3


def test_whether_a_peer_verifies_chains_is_the_settings_to_say() -> None:
    pins = Pins.of([Pinned(peer="a", keys=KeySet(keys=(KEY.public,)), is_verifier=True)])

    assert [pins.is_verifier(peer) for peer in ("a", "b")] == [True, False]
