"""The port by which a request may wait a moment for a key that it needs (identity-spec 2.13)."""

from collections.abc import Awaitable, Callable

from sidecar.identity.trust import MissingKeyError
from sidecar.identity.verifier import Verifier

# Waits, bounded, for a fetch that may bring the missing key. Returns the verifier to try again with, None where there
# is no use in it. Raises `TokenError` jwks_unavailable where the key may be there but cannot be fetched.
Renewed = Callable[[MissingKeyError], Awaitable[Verifier | None]]


async def not_renewed(missing: MissingKeyError) -> Verifier | None:
    """Return None: keys that nobody fetches do not change."""
    del missing
    return None
