"""Where tables go: a terminal as wide as it is, and anything else without cutting a word off."""

import os
from typing import Final

from rich.console import Console

UNCUT: Final = 1000  # characters: no table of ours is as wide


def screen() -> Console:
    """Return standard output. Away from a terminal, and without COLUMNS, a table is as wide as what it holds."""
    console = Console()
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        return Console(width=UNCUT)
    return console
