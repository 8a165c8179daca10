"""What an issuer says of its token after it was issued: the port that OpenSession asks (identity-spec 2.6, step 39)."""

from collections.abc import Sequence
from typing import Protocol

from sidecar.model.chain import VerifiedChain


class Status(Protocol):
    """Asks the issuer of a chain's root whether the token still counts, where its settings say so."""

    async def check(self, chain: VerifiedChain, tokens: Sequence[str], at: float) -> None:
        """Return where `chain`, verified from `tokens`, may be used at `at` (seconds since the epoch).

        Raises `TokenError` token_revoked, status_suspended, status_invalid, status_unknown, introspection_inactive or
        introspection_mismatch.
        """


class NoStatus:
    """No issuer's tokens are asked about: a token counts until it expires or is revoked here."""

    async def check(self, chain: VerifiedChain, tokens: Sequence[str], at: float) -> None:
        pass
