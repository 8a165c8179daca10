"""What happens to a datum that is found where it may not cross as it is."""

from enum import IntEnum


class Operator(IntEnum):
    """Ordered by what the receiver still learns, so that the strictest of several is `max`.

    ALLOW lets it pass. MASK leaves its form and its last characters. TOKEN leaves whether two data of one session are
    the same, and a tool that may have the value gets it back. HASH leaves only whether two data are the same. REDACT
    leaves only its kind. DENY stops the whole crossing.
    """

    ALLOW = 0
    MASK = 1
    TOKEN = 2
    HASH = 3
    REDACT = 4
    DENY = 5
