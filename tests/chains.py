"""Verified chains for tests: minted and verified, since nothing but the verifier can make one."""

from collections.abc import Mapping, Sequence

from sidecar.identity.trial import TrialIssuer
from sidecar.identity.verifier import Verifier
from sidecar.model.chain import VerifiedChain
from sidecar.model.strict_json import Json
from sidecar.protocols.a2a.authz import EXTENSION

NOW = 1_800_000_000.0
_ISSUER = TrialIssuer.generate()
_VERIFIER = Verifier.of([_ISSUER.issuer()])


def chain(
    tools: Sequence[str] = ("a", "b"), *, user: str = "user", agents: Sequence[str] = ("agent",)
) -> VerifiedChain:
    """Return a chain that lets `agents` use `tools` for `user` from NOW on."""
    scope: Mapping[str, Json] = {"tools": {tool: {} for tool in tools}}
    return _VERIFIER.verify(_ISSUER.mint(user=user, agents=agents, scope=scope, at=NOW), NOW)


def put_in(message: Mapping[str, Json], tokens: list[str], proof: str = "") -> dict[str, Json]:
    """Return `message` with a chain in its metadata, as a receiver that knows the extension reads it."""
    metadata = message.get("metadata")
    held = metadata if isinstance(metadata, Mapping) else {}
    value: dict[str, Json] = {"aat_chain": tokens, **({"aat_pop": proof} if proof else {})}
    return {**message, "metadata": {**held, EXTENSION: value}}
