"""A chain of linked tokens that travels within what it is sent for: `{"aat_chain": [root, …, leaf], "aat_pop": "…"}`.

Source: identity-spec 2.4, the presentation object.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from sidecar.errors import TokenError
from sidecar.model.strict_json import Json

MAX_TOKENS: Final = 8  # of one chain; the verifier may take fewer

_CHAIN: Final = "aat_chain"
_PROOF: Final = "aat_pop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A chain, and its proof, which is empty where none came."""

    tokens: tuple[str, ...] = field(repr=False)
    proof: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What a body says once the chain is taken out of it, and the chain, if there was one."""

    body: Json
    carried: Carried | None


def read(value: Json) -> Carried:
    """Return the chain that `value` is. Raises `TokenError` token_malformed or chain_empty where it is none."""
    body = value if isinstance(value, Mapping) else {}
    chain, proof = body.get(_CHAIN), body.get(_PROOF, "")
    if chain == []:
        raise TokenError("`aat_chain` holds no token: send the chain, root first", reason="chain_empty")
    tokens = [token for token in chain if isinstance(token, str)] if isinstance(chain, list) else []
    is_whole = isinstance(chain, list) and len(tokens) == len(chain) and 0 < len(tokens) <= MAX_TOKENS
    if not is_whole or not isinstance(proof, str) or not body.keys() <= {_CHAIN, _PROOF}:
        raise TokenError("what should carry a chain holds none: send `aat_chain`, an array of tokens, and `aat_pop`")
    return Carried(tokens=tuple(tokens), proof=proof)
