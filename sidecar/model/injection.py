"""What is meant for the model behind the reader's back: its kinds, and what may follow where one is found."""

from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a rule pack may say something about.

    Characters that nobody sees; comments, hidden elements and attributes that say something to the model; encoded
    text that does; addresses of pictures and links that carry data; marks of chat templates; and passages in the
    open that address the model.
    """

    HIDDEN_CHARACTERS = "hidden_characters"
    HIDDEN_MARKUP = "hidden_markup"
    ENCODED = "encoded"
    URL = "url"
    TURNS = "turns"
    INSTRUCTIONS = "instructions"


class Action(IntEnum):
    """Ordered by what is left to the receiver, so that the strictest of several is `max`.

    ALLOW lets it pass unseen. LABEL lets it pass and labels the crossing. SPOTLIGHT marks the text as data, so that
    the model can tell it from what it is asked to do. STRIP takes it out. REQUIRE_APPROVAL asks a person. DENY
    stops the crossing. All but ALLOW label.
    """

    ALLOW = 0
    LABEL = 1
    SPOTLIGHT = 2
    STRIP = 3
    REQUIRE_APPROVAL = 4
    DENY = 5
