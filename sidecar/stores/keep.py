"""What outlives the process, and how a store keeps it: the one pattern of all state.

A store holds its state in dictionaries, and each of its verbs changes them without awaiting anything in between: so a
verb is atomic, and so it is as fast as a dictionary. What it has changed it tells the `Keep`, row by row. Before any
answer leaves, whoever answers awaits `kept` once: then all that was changed up to there is on disk, in one
transaction, also what others changed meanwhile. A verdict that changed state leaves only after the state is written;
where it cannot be written, there is no verdict, and what was taken stays taken.

To add state: write a store with verbs as in `stores.ledger`, give it a room of its own (a name that nobody else
uses), call `put` and `drop` where the dictionaries change, and read `rows` in a verb `restore`. Tests run against
`NOWHERE` and against a file alike (tests/stores/conftest.py). A store whose verbs are atomic on a server, as Redis's
are, has no need of a `Keep`: its verbs have kept what they return.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple, Protocol

Value = str | bytes


class Row(NamedTuple):
    """One row of a room. It may be forgotten from `until` on, in seconds since the epoch.

    A tuple: every call makes several, and a dataclass takes five times as long to make.
    """

    key: str
    value: Value
    until: float


class Keep(Protocol):
    """Keeps rows in rooms. Only `kept` waits."""

    def put(self, room: str, row: Row) -> None:
        """Keep `row` in place of the row with its key."""

    def put_later(self, room: str, row: Row) -> None:
        """Keep `row` as `put` does, with what is kept next or within a second: only for what nobody decides by."""

    def drop(self, room: str, key: str) -> None:
        """Forget the row with this key; silent where there is none."""

    def clear(self, room: str) -> None:
        """Forget all rows of the room; silent where there is none."""

    def rows(self, room: str) -> Iterator[Row]:
        """Yield the rows that are kept, by key; what was put since the last `kept` is not among them."""

    async def kept(self) -> None:
        """Return once all that was put and dropped before is kept. Raises `UnavailableError`; then it is tried again.

        Costs nothing where there was nothing.
        """


class Nowhere:
    """Keeps nothing: for tests, trials, and stores that need not outlive the process."""

    def put(self, room: str, row: Row) -> None:
        pass

    def put_later(self, room: str, row: Row) -> None:
        pass

    def drop(self, room: str, key: str) -> None:
        pass

    def clear(self, room: str) -> None:
        pass

    def rows(self, room: str) -> Iterator[Row]:
        del room
        return iter(())

    async def kept(self) -> None:
        pass


NOWHERE: Final = Nowhere()
