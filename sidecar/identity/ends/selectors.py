"""What a list of revocations says: JSON → selectors, all or none.

    {"revoked": [{"subject": "ann", "issuer": "https://sts.example", "until": 1800000000}, {"agent": "planner"}]}

Each entry names one thing; `until` and `issued_before` are whole seconds since the epoch. Nothing here does I/O.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sidecar.errors import CallerError
from sidecar.identity.claims import LATEST_DATE
from sidecar.model.revocation import FOREVER, MAX_REVOCATIONS, Kind, Revocation, Selector
from sidecar.model.strict_json import Json

MAX_PROBLEMS: Final = 20  # told of one list: nobody reads on
_KINDS: Final = frozenset(kind.value for kind in Kind)
_OTHERS: Final = frozenset({"issuer", "until", "issued_before"})


def revocations(value: Json, problems: list[str], until: float = FOREVER) -> tuple[Revocation, ...]:
    """Return the revocations that `value` lists, or nothing after adding what is wrong to `problems`.

    `until` is for entries that tell no end. Problems name the place and never what stands there.
    """
    entries = value.get("revoked") if isinstance(value, Mapping) else None
    if not isinstance(entries, list | tuple) or not isinstance(value, Mapping) or value.keys() - {"revoked"}:
        problems.append("/: must be an object with one member, `revoked`, a list")
        return ()
    if len(entries) > MAX_REVOCATIONS:
        problems.append(f"/revoked: more than {MAX_REVOCATIONS} entries")
        return ()
    found: list[Revocation] = []
    for index, entry in enumerate(entries):
        try:
            found.append(_revocation(entry, until))
        except CallerError as error:
            problems.append(f"/revoked/{index}: {error}")
            if len(problems) >= MAX_PROBLEMS:
                break
    return () if problems else tuple(found)


def _revocation(entry: Json, until: float) -> Revocation:
    """Return what one entry revokes. Raises `CallerError`."""
    members = entry if isinstance(entry, Mapping) else {}
    kinds: Sequence[str] = sorted(_KINDS & members.keys())
    if len(kinds) != 1 or members.keys() - _KINDS - _OTHERS:
        told = ", ".join(sorted(_KINDS))
        raise CallerError(f"must name one of {told}; beside it issuer, until and issued_before")
    value, issuer = members[kinds[0]], members.get("issuer", "")
    if not isinstance(value, str) or not isinstance(issuer, str):
        raise CallerError("must name it as a string")
    return Revocation(
        Selector(Kind(kinds[0]), value, issuer),
        _date(members.get("until"), until),
        _date(members.get("issued_before"), FOREVER),
    )


def _date(value: Json, otherwise: float) -> float:
    if value is None:
        return otherwise
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LATEST_DATE:
        raise CallerError("until and issued_before are whole seconds since the epoch")
    return float(value)
