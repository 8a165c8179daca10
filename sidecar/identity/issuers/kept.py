"""What is kept of an issuer's keys over a restart (identity-spec 2.13): the set, its age, and what was seen of ids.

An outage must not end with a restart what it would not have ended without one, and a restart must not make anybody
forget: a bundle goes back in its sequence, or an id comes back with another key, after a restart as before it. The age
counts from the fetch. What an issuer's metadata named is kept with its keys. Whatever is read is judged as if
it had just been fetched; nothing here does I/O or reads a clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sidecar.errors import FetchError, TokenError
from sidecar.identity.issuers.generations import EMPTY, NOTHING, PRIVATE, Generation
from sidecar.identity.keys import MAX_KEY_ID, MAX_KEYS, KeySet, admit, members
from sidecar.model.strict_json import MAX_INTEGER, Json

VERSION: Final = 1
MAX_ISSUERS: Final = 1000
MAX_TEXT: Final = 4096  # characters of a name, a URL or a reason
MAX_SEEN: Final = 4 * MAX_KEYS  # ids of one issuer
_WITHHELD: Final = frozenset({"", EMPTY, PRIVATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One issuer's keys. `loaded_at` is in seconds since the epoch; None: nothing was ever loaded.

    `name`, `issuer` and `source` are the settings' at that time: where one of them is another now, nothing is taken
    over. The times in `generation` mean nothing here.
    """

    name: str
    issuer: str
    source: str
    loaded_at: float | None
    generation: Generation

    def resumed(self, at: float, mono: float) -> Generation:
        """Return the generation to go on with at `at` (seconds since the epoch), which is `mono` on the other clock.

        Keys of the future are not used: how old they are is not known. What was seen stays.
        """
        held = self.generation
        if self.loaded_at is None or self.loaded_at > at:
            return Generation(sequence=held.sequence, known=held.known, withheld=held.withheld)
        return Generation(
            keys=held.keys,
            loaded_at=mono - (at - self.loaded_at),
            sequence=held.sequence,
            withheld=held.withheld,
            known=held.known,
            named=held.named,
        )


def as_json(kept: Sequence[Kept]) -> dict[str, Json]:
    """Return `kept` as JSON: public keys, and what they are called."""
    return {"version": VERSION, "issuers": [_as_json(one) for one in kept]}


def from_json(value: Json) -> tuple[Kept, ...]:
    """Return what `as_json` wrote. Raises `FetchError` jwks_malformed for anything else."""
    try:
        body = _object(value)
        if body.get("version") != VERSION:
            raise _damaged()
        return tuple(map(_from_json, _list(body.get("issuers"), MAX_ISSUERS)))
    except TokenError:
        raise _damaged() from None


def _as_json(one: Kept) -> dict[str, Json]:
    held = one.generation
    return {
        "name": one.name,
        "issuer": one.issuer,
        "source": one.source,
        "loaded_at": None if one.loaded_at is None else int(one.loaded_at),  # never younger than it is
        "sequence": held.sequence,
        "withheld": held.withheld,
        "named": held.named,
        "known": dict(held.known),
        "refused": dict(held.keys.refused),
        "keys": [members(key) for key in held.keys.keys],
    }


def _from_json(value: Json) -> Kept:
    body = _object(value)
    withheld = _text(body.get("withheld"))
    if withheld not in _WITHHELD:
        raise _damaged()
    keys = tuple(map(admit, _list(body.get("keys"), MAX_KEYS)))
    if len({key.key_id for key in keys}) != len(keys):
        raise _damaged()
    set_ = KeySet(keys=keys, refused=_texts(body.get("refused"))) if keys or body.get("refused") else NOTHING
    return Kept(
        name=_text(body.get("name")),
        issuer=_text(body.get("issuer")),
        source=_text(body.get("source")),
        loaded_at=_whole(body.get("loaded_at")),
        generation=Generation(
            keys=set_,
            sequence=_whole(body.get("sequence")),
            withheld=withheld,
            known=_texts(body.get("known")),
            named=_text(body.get("named", "")),  # a file of an earlier version has none
        ),
    )


def _object(value: Json) -> Mapping[str, Json]:
    if not isinstance(value, Mapping):
        raise _damaged()
    return value


def _list(value: Json, most: int) -> Sequence[Json]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise _damaged()
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise _damaged()
    return value


def _texts(value: Json) -> dict[str, str]:
    body = _object(value)
    if len(body) > MAX_SEEN or any(len(name) > MAX_KEY_ID for name in body):
        raise _damaged()
    return {name: _text(text) for name, text in body.items()}


def _whole(value: Json) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_INTEGER:
        raise _damaged()
    return value


def _damaged() -> FetchError:
    return FetchError("not what is kept of issuers' keys", reason="jwks_malformed")
