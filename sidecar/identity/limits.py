"""How much a credential may be (identity-spec 2.10), and how far clocks may differ (2.11)."""

from dataclasses import dataclass
from typing import Final

KIB: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Defaults of the specification. Sizes are in characters or members, times in seconds."""

    token: int = 16 * KIB
    chain: int = 64 * KIB  # of all tokens together
    hops: int = 4
    header: int = 2 * KIB  # decoded
    header_depth: int = 4
    header_members: int = 32
    act_depth: int = 4
    json_depth: int = 16
    json_members: int = 512  # of one object
    json_string: int = 4 * KIB  # octets
    audiences: int = 8
    identifier: int = 512  # `sub`, `iss`, `client_id`
    token_id: int = 128
    delegation_depth: int = 8
    derived_lifetime: int = 900  # a link that its issuer cannot revoke lives a quarter of an hour
    skew: int = 30  # for `nbf` and `iat`; `exp` has none
    proof: int = 8 * KIB
    proof_window: int = 30  # seconds that a proof of possession is good for, once it was made
