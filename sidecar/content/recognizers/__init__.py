"""Recognizers of our own: each module finds its kinds in a text, in linear time, and imports no model."""

from collections.abc import Iterable
from typing import Final, Protocol

from sidecar.content.detection import Span
from sidecar.content.recognizers import (
    accounts,
    addresses,
    ages,
    cards,
    contacts,
    documents,
    fields,
    forenames,
    letterheads,
    locations,
    occupations,
    organisations,
    people,
    phones,
    secrets,
    socials,
    tables,
    turned_names,
)


class Recognizer(Protocol):
    """A module (or object) that finds its kinds. For those in `REPLACES` Presidio's own recognizers do not run."""

    @property
    def ENTITIES(self) -> frozenset[str]:  # noqa: N802 - a module's constant
        """The kinds that it can find."""

    @property
    def REPLACES(self) -> frozenset[str]:  # noqa: N802 - a module's constant
        """Those of its kinds that nobody else needs to look for."""

    def find(self, text: str, /) -> Iterable[Span]:
        """Yield what is found, also of kinds that nobody asked for, and below any threshold; in any order."""


OWN: Final[tuple[Recognizer, ...]] = (
    accounts,
    addresses,
    ages,
    cards,
    contacts,
    documents,
    fields,
    forenames,
    letterheads,
    locations,
    occupations,
    organisations,
    people,
    phones,
    secrets,
    socials,
    tables,
    turned_names,
)
