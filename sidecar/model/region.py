"""Where people live and where tools and models run, as far as residency needs it: countries, and unions of them.

Countries are ISO 3166-1 alpha-2; `EU` and `EEA` stand for their members. Any other word is a place of its own, which
lies in nothing but itself (`eu-west-1`).
"""

from collections.abc import Iterable
from typing import Final

EU: Final = frozenset(  # since 2020-02-01
    {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
    }
)  # fmt: skip
EEA: Final = EU | {"IS", "LI", "NO"}
_UNIONS: Final = {"EU": EU, "EEA": EEA, "EL": frozenset({"GR"})}  # the Union's own institutions write EL
_LETTERS: Final = 2


def within(place: str, regions: Iterable[str]) -> bool:
    """Whether all of `place` lies in `regions`; what is not known lies nowhere."""
    return bool(place) and _members(place) <= _union(regions)


def concerns(residency: str, subjects_in: str) -> bool:
    """Whether somebody who lives at `residency` may live in `subjects_in`: also where nobody can tell."""
    return not is_home(residency) or not _members(residency).isdisjoint(_members(subjects_in))


def is_home(word: str) -> bool:
    """Whether `word` says where somebody lives: a country's code, or a union."""
    name = word.strip().upper()
    return name in _UNIONS or (len(name) == _LETTERS and name.isascii() and name.isalpha())


def _members(place: str) -> frozenset[str]:
    name = place.strip().upper()
    return _UNIONS.get(name, frozenset({name}))


def _union(regions: Iterable[str]) -> frozenset[str]:
    return frozenset[str]().union(*map(_members, regions))
