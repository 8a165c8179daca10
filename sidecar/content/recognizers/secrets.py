"""Secrets: what its issuer marked, and what a name or its randomness tells."""

from collections.abc import Iterator
from typing import Final

from sidecar.content.detection import Span
from sidecar.content.recognizers import secret_commands, secret_forms, secret_prose, secret_values

ENTITIES: Final = frozenset({"API_KEY", "CONNECTION_STRING", "JWT", "PASSWORD", "PRIVATE_KEY"})
REPLACES: Final = ENTITIES


def find(text: str) -> Iterator[Span]:
    """Yield the secrets in `text`."""
    yield from secret_forms.find(text)
    yield from secret_values.find(text)
    yield from secret_commands.find(text)
    yield from secret_prose.find(text)
