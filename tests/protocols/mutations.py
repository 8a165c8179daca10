"""Messages that are nearly right: every way to drop, rename, retype or double one member of a sample."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sidecar.model.strict_json import Json

Place = tuple[str | int, ...]

# One of each type, and of what stands on the edge between what is there and what is not.
VALUES: Final[Sequence[Json]] = (
    *(None, True, 0, 1, -1, 1.5, 2**40, "", "x", "1", "AAAA", "A"),
    *([], {}, [1], ["x"], [None], {"x": 1}),
)


def places(value: Json, at: Place = ()) -> Iterator[Place]:
    """Yield the place of every member and item in `value`, at any depth."""
    inside: Iterator[tuple[str | int, Json]] = iter(())
    if isinstance(value, dict):
        inside = iter(value.items())
    elif isinstance(value, list):
        inside = iter(enumerate(value))
    for key, member in inside:
        yield (*at, key)
        yield from places(member, (*at, key))


def mutations(sample: Json) -> Iterator[tuple[str, Json]]:
    """Yield copies of `sample` with one change each, and the change in words."""
    for place in places(sample):
        for value in VALUES:
            yield f"{place} = {value!r}", _changed(sample, place, value)
        yield f"{place} dropped", _dropped(sample, place)
        if isinstance(place[-1], str):
            for name in (place[-1] + "x", place[-1].upper(), "kind"):
                yield f"{place} renamed {name}", _renamed(sample, place, name)
            yield f"{place} and a stranger", _changed(sample, (*place[:-1], "stranger"), "x")


def renamed_everywhere(value: Json, names: Mapping[str, str]) -> Json:
    """Return `value` with its members renamed by `names`, at any depth."""
    if isinstance(value, dict):
        return {names.get(str(name), str(name)): renamed_everywhere(member, names) for name, member in value.items()}
    return [renamed_everywhere(item, names) for item in value] if isinstance(value, list) else value


def _parent(root: Json, place: Place) -> dict[str | int, Json] | list[Json]:
    found: Json = root
    for key in place[:-1]:
        found = found[key]  # type: ignore[index]  # a place of this very value
    assert isinstance(found, dict | list)
    return found


def _changed(sample: Json, place: Place, value: Json) -> Json:
    root = copy.deepcopy(sample)
    _parent(root, place)[place[-1]] = value  # type: ignore[index]  # as above
    return root


def _dropped(sample: Json, place: Place) -> Json:
    root = copy.deepcopy(sample)
    del _parent(root, place)[place[-1]]  # type: ignore[arg-type]  # as above
    return root


def _renamed(sample: Json, place: Place, name: str) -> Json:
    root = copy.deepcopy(sample)
    parent = _parent(root, place)
    assert isinstance(parent, dict)
    parent[name] = parent.pop(place[-1])
    return root
