"""A long work in steps: what it comes to, and where others may have their turn meanwhile."""

from collections.abc import Generator, Iterable
from itertools import islice
from typing import Final, TypeVar

T = TypeVar("T")
Steps = Generator[None, None, T]  # a work that comes to a `T`, and yields where others may have their turn
BATCH: Final = 64  # of many small things that are looked at in one step: less than half a millisecond


def finished(steps: Steps[T]) -> T:
    """Return what `steps` come to, without a pause."""
    while True:
        try:
            next(steps)
        except StopIteration as done:
            result: T = done.value
            return result


def listing(items: Iterable[T]) -> Steps[list[T]]:
    """Come to the list of `items`."""
    left, found = iter(items), list[T]()
    while some := list(islice(left, BATCH)):
        found += some
        yield
    return found
