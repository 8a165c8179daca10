"""What is thrown at the verifier: any octets are read or refused, never another error.

One target for each door: strict JSON, one JWS, a chain, a scope. `make fuzz` runs them guided by coverage, where
atheris is installed; `test_fuzz.py` runs a plain mutator over the same corpus, for seconds.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from sidecar.errors import EvidenceError, JsonError
from sidecar.identity.jws import claims_of, parsed
from sidecar.identity.limits import Limits
from sidecar.model.aat import parse_aat
from sidecar.model.chain import VerifiedChain
from sidecar.model.scope import parse as parse_scope
from sidecar.model.strict_json import Json, compact, parse
from tests.identity.crafting import STS, VERIFIER, T, chain_b, claims_a, signed_octets, token_a

CORPUS: Final = Path(__file__).parent / "corpus"
LIMITS: Final = Limits()
HEADER: Final = json.dumps({"alg": "Ed25519", "typ": "at+jwt", "kid": STS.key.public.thumbprint}).encode()


def strict_json(octets: bytes) -> None:
    """Read octets; what is read is written and read again as the same, and as Python's own parser reads it."""
    try:
        value = parse(octets.decode("utf-8", "surrogateescape"))
    except JsonError:
        return
    assert parse(compact(value)) == value
    assert json.loads(octets) == value


def token(octets: bytes) -> None:
    """Take a token apart, or refuse it."""
    try:
        claims_of(parsed(octets.decode("utf-8", "replace"), LIMITS), LIMITS)
    except EvidenceError:
        return


def payload(octets: bytes) -> None:
    """Verify or refuse what a trusted issuer signs, whatever it is."""
    chain([signed_octets(HEADER, octets, STS.key.private_key)])


def tokens(octets: bytes) -> None:
    """Verify or refuse a chain of any texts, one a line."""
    chain(octets.decode("utf-8", "replace").split("\n"))


def chain(texts: list[str]) -> None:
    """Hold that nothing but a verified chain comes out, and nothing but foreseen evidence is raised."""
    try:
        reason = "" if isinstance(VERIFIER.verify(texts, T), VerifiedChain) else "internal_error"
    except EvidenceError as error:
        reason = error.reason
    assert reason != "internal_error"


def scope(octets: bytes) -> None:
    """Read or refuse a scope, by both readers."""
    try:
        value: Json = parse(octets.decode("utf-8", "replace"))
    except JsonError:
        return
    for read in (parse_scope, parse_aat):
        try:
            read(value)
        except EvidenceError:
            continue


TARGETS: Final[Mapping[str, Callable[[bytes], None]]] = {
    target.__name__: target for target in (strict_json, token, payload, tokens, scope)
}


def seeds(target: str) -> list[bytes]:
    """Return what mutation begins with: the kept corpus, and a good input."""
    claims = claims_a()
    details = claims["authorization_details"]
    assert isinstance(details, list)
    good = {
        "strict_json": json.dumps(claims),
        "token": token_a(),
        "payload": json.dumps(claims),
        "tokens": "\n".join(chain_b()),
        "scope": json.dumps(details[0]),
    }
    return [good[target].encode(), *(path.read_bytes() for path in sorted((CORPUS / target).glob("*")))]
