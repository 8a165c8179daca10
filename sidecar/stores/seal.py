"""What stands in the state file and must not be read or made by whoever reads or writes a copy of it: sealed rows.

A session that comes back from the file is authority, as one that the verifier made; so a row counts only if this
sidecar's key sealed it (AES-256-GCM) for its very place, room and key. The same hides what tasks and requests say of
persons. Whoever has both the key and the file can put back an older row: the key is the user's who runs the sidecar.
"""

import secrets
from dataclasses import dataclass, field
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sidecar.stores.keep import Value

NONCE_OCTETS: Final = 12  # NIST SP 800-38D, section 8.2: at random, for far fewer than 2^32 rows under one key


class Seal(Protocol):
    """Turns what is written into what is kept, and back."""

    def sealed(self, room: str, key: str, text: bytes) -> Value:
        """Return `text` as it is kept in the row `key` of `room`."""

    def opened(self, room: str, key: str, value: Value) -> bytes:
        """Return what was sealed. Raises `ValueError` where this seal did not make it for this row."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """AES-256-GCM under `key`, 32 octets."""

    key: bytes = field(repr=False)
    _cipher: AESGCM = field(init=False, repr=False, compare=False)  # making one takes as long as to seal

    def __post_init__(self) -> None:
        object.__setattr__(self, "_cipher", AESGCM(self.key))

    def sealed(self, room: str, key: str, text: bytes) -> Value:
        nonce = secrets.token_bytes(NONCE_OCTETS)
        return nonce + self._cipher.encrypt(nonce, text, _place(room, key))

    def opened(self, room: str, key: str, value: Value) -> bytes:
        if not isinstance(value, bytes) or len(value) <= NONCE_OCTETS:
            raise ValueError("not a sealed row")
        try:
            return self._cipher.decrypt(value[:NONCE_OCTETS], value[NONCE_OCTETS:], _place(room, key))
        except InvalidTag:
            raise ValueError("not sealed with this key for this row") from None


@dataclass(frozen=True, slots=True)
class Plain:
    """No seal: for what is kept nowhere."""

    def sealed(self, room: str, key: str, text: bytes) -> Value:
        del room, key
        return text

    def opened(self, room: str, key: str, value: Value) -> bytes:
        del room, key, value
        raise ValueError("nothing that is not sealed is believed")


PLAIN: Final = Plain()


def _place(room: str, key: str) -> bytes:
    return f"{room}\0{key}".encode("utf-8", "surrogatepass")
