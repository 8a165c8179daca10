"""What people read: on a terminal as wide as it is, and anywhere else without cutting a word off."""

import os
from datetime import UTC, datetime
from typing import Final

from rich.console import Console
from rich.table import Column

UNCUT: Final = 1000  # characters: no table of ours is as wide
_ID_WIDTH: Final = 22  # characters: three of a kind, `_`, and eighteen digits
_TIME_WIDTH: Final = 9  # characters


def screen() -> Console:
    """Return standard output. Away from a terminal, and without COLUMNS, a table is as wide as what it holds."""
    console = Console()
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        return Console(width=UNCUT)
    return console


def ids(title: str) -> Column:
    """Return a column of ids, which are copied from the table: they stand there whole."""
    return Column(title, no_wrap=True, min_width=_ID_WIDTH)


def times(title: str) -> Column:
    """Return a column of times of day, by which somebody must have acted: they stand there whole."""
    return Column(title, no_wrap=True, min_width=_TIME_WIDTH)


def moment(seconds: int) -> str:
    """Return a moment since the epoch as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def printable(text: str) -> str:
    """Return what a token or a key set says as a terminal may show it: it must not steer it."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
