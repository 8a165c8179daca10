"""What a piece of work asks of the world outside: files, names, connections, processes. By Python's audit events."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident

EVENTS = frozenset(
    {
        "open",
        "os.listdir",
        "os.scandir",
        "socket.__new__",
        "socket.connect",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "subprocess.Popen",
        "urllib.Request",
    }
)
_watched: dict[int, list[str]] = {}


def _note(event: str, _arguments: tuple[object, ...]) -> None:
    if _watched and event in EVENTS and (seen := _watched.get(get_ident())) is not None:
        seen.append(event)


# For the life of the process: such a hook cannot be taken away. While nobody watches it looks at one dict.
sys.addaudithook(_note)


@contextmanager
def watched() -> Iterator[list[str]]:
    """Yield the events that this thread causes, as they come."""
    seen = _watched[get_ident()] = []
    try:
        yield seen
    finally:
        del _watched[get_ident()]
