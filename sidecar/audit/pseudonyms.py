"""What stands in the log in the place of words that nobody may read there: digests under the audit key."""

import hmac
from dataclasses import dataclass, field
from typing import Final

from sidecar.model.steps import Steps

HMAC: Final = "hmac-sha256:"  # stands before a whole digest
UNKNOWN: Final = "unknown:"  # stands before the digest of a word that the policy does not know
SUBJECT: Final = "sub_"  # stands before a subject's pseudonym
DIGESTED: Final = 65_536  # characters of a text that are digested in one step: less than a fifth of a millisecond
_UNKNOWN_DIGITS: Final = 12  # hexadecimal; enough to tell words apart within one log
_SUBJECT_DIGITS: Final = 32  # 128 bits: two people never share a pseudonym
_CALL_DIGITS: Final = 32  # as many as calls of one session need to stay apart


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity: it is a key of caches, never data
class Pseudonyms:
    """Replaces words by digests under the audit key, a different one for each use.

    `key` is 32 bytes. With `clear`, subjects stand in the log as they are (setting audit.principals).
    """

    key: bytes = field(repr=False)
    clear: bool = False

    def digest(self, use: str, text: str) -> str:
        """Return 64 hexadecimal digits: HMAC-SHA256 of `text` for `use`."""
        # A lone surrogate cannot come in by protobuf, but a digest must never be what fails.
        message = f"{use}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.key, message, "sha256").hex()

    def masked(self, use: str, text: str) -> str:
        """Return how `text` stands in the log, of which may only be told that it is the same."""
        return HMAC + self.digest(use, text)

    def digesting(self, use: str, text: str) -> Steps[str]:
        """Come to what `digest` returns."""
        if len(text) <= DIGESTED:
            return self.digest(use, text)
        made = hmac.new(self.key, f"{use}\0".encode(), "sha256")
        for start in range(0, len(text), DIGESTED):
            made.update(text[start : start + DIGESTED].encode("utf-8", "surrogatepass"))
            yield
        return made.hexdigest()

    def subject(self, subject: str) -> str:
        """Return how `subject` stands in the log."""
        return subject if self.clear else SUBJECT + self.digest("subject", subject)[:_SUBJECT_DIGITS]

    def call(self, call_id: str) -> str:
        """Return what pairs a call and its response in the log."""
        return self.digest("call", call_id)[:_CALL_DIGITS]

    def unknown(self, word: str) -> str:
        """Return how a word stands in the log that the policy does not know."""
        return UNKNOWN + self.digest("word", word)[:_UNKNOWN_DIGITS]
