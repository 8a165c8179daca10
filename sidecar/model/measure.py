"""How large a JSON value is. Uses no recursion, and stops at the limit that it is given."""

from collections.abc import Iterator

from sidecar.model.strict_json import Json


def deeper(value: Json, than: int) -> bool:
    """Return whether `value` is nested more than `than` deep. Uses no recursion."""
    return any(depth > than for depth, _ in nodes(value))


def members(value: Json, *, stop: int) -> int:
    """Return how many values `value` holds, itself included, or a number beyond `stop`."""
    count = 0
    for count, _ in enumerate(nodes(value), start=1):
        if count > stop:
            break
    return count


def characters(value: Json, *, stop: int) -> int:
    """Return how many characters the strings and member names of `value` hold, or a number beyond `stop`."""
    count = 0
    for _, item in nodes(value):
        if isinstance(item, str):
            count += len(item)
        elif isinstance(item, dict):
            count += sum(map(len, item))
        if count > stop:
            break
    return count


def nodes(value: Json) -> Iterator[tuple[int, Json]]:
    """Yield every value in `value`, itself first, each with the depth that it stands at; the root's is 0."""
    waiting: list[tuple[int, Json]] = [(0, value)]
    while waiting:
        depth, item = waiting.pop()
        yield depth, item
        if isinstance(item, dict):
            waiting.extend((depth + 1, member) for member in item.values())
        elif isinstance(item, list | tuple):
            waiting.extend((depth + 1, member) for member in item)
