"""Values sealed with AES-GCM under a key from a file, each bound to its session, its peer and its token.

Who moves a sealed value to another token or session finds that it opens no more. What two spellings have in common is
kept as a keyed digest of the session, so that nobody without the key can try values, nor find one in two sessions.
"""

import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sidecar.errors import UnavailableError
from sidecar.stores.base import Drawer

NONCE_BYTES: Final = 12  # NIST SP 800-38D; random, under a key of each session's own
MARK_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Sealer:
    """`key` is 32 bytes; whoever has it and the vault's file has the values."""

    key: bytes = field(repr=False)

    def sealed(self, drawer: Drawer, token: str, value: str) -> bytes:
        """Return `value` so that only `opened` reads it, for the same drawer and token."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        raw = value.encode("utf-8", "surrogatepass")
        return nonce + self._cipher(drawer).encrypt(nonce, raw, _bound(drawer, token))

    def opened(self, drawer: Drawer, token: str, sealed: bytes) -> str:
        """Return the value. Raises `UnavailableError` where it was sealed by another key or for another place."""
        try:
            raw = self._cipher(drawer).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(drawer, token))
        except (InvalidTag, ValueError):
            raise UnavailableError("a value of the vault cannot be opened: is privacy.vault_key another one?") from None
        return raw.decode("utf-8", "surrogatepass")

    def mark(self, drawer: Drawer, entity: str, common: str) -> bytes:
        """Return what stands for a value in look-ups: `common` is what its spellings have in common."""
        return self._derived("mark", *_named(drawer), entity, common)[:MARK_BYTES]

    def _cipher(self, drawer: Drawer) -> AESGCM:
        return AESGCM(self._derived("seal", drawer.session_id))

    def _derived(self, *parts: str) -> bytes:
        return hmac.digest(self.key, _joined(*parts), "sha256")


def _bound(drawer: Drawer, token: str) -> bytes:
    return _joined(*_named(drawer), token)


def _named(drawer: Drawer) -> tuple[str, str]:
    return drawer.session_id, drawer.peer


def _joined(*parts: str) -> bytes:
    """Return `parts` as bytes that no other parts give: a peer's name may hold anything."""
    return json.dumps(parts).encode()
