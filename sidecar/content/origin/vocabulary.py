"""What is known of the verbs, things and effects of tools, by which it is told what a tool does and who asks for it."""

import re
from typing import Final

from sidecar.content.origin.speech import LISTED, LOOKED_UP, stem

SHORTEST: Final = 4  # letters of a thing's name

# Things that tell an act by themselves (`schedule_transaction`), unless the verb does something else with them.
_TELLING_WORDS: Final = (
    "money transaction payment transfer reservation booking message email mail comment invitation review purchase "
    "order refund checkout cart deposit password key ssh credential account login permission role access ownership "
    "owner collaborator participant member webpage website page link url post reply dm text collaborators form"
)
TELLING: Final = frozenset(map(stem, _TELLING_WORDS.split()))
MAKING: Final = frozenset({"create", "send"})
TAKING: Final = frozenset({"change", "delete", "stop", "reject", "close", "lock", "raise", "return"})
# Things of many tools, by which none is told.
_GENERAL_WORDS: Final = (
    "account app data detail details document email entry event file info information item items list mail message "
    "name object page profile result service setting settings state status system text thing tool user value website "
    "direct external internal new personal private public quick"
)
GENERAL: Final = frozenset(map(stem, _GENERAL_WORDS.split()))
EFFECTS: Final = {
    "money": frozenset({"pay", "buy", "book", "return"}),
    "delete": frozenset({"delete", "stop", "reject", "close"}),
    "message": frozenset({"send"}),
    "code": frozenset({"run"}),
    "account": frozenset({"admit", "secure", "change"}),
    "write": frozenset({"create", "change"}),
}
RAISING: Final = frozenset({"raise"})  # what sets a limit raises or lowers it
PAYING: Final = frozenset({"pay"})
PAYMENTS: Final = frozenset({"standing order", "direct debit"})  # of an order nothing is bought
BUYING: Final = frozenset({"buy"})
PAID: Final = frozenset({"pay", "buy"})
SECURING: Final = frozenset({"secure"})
STAYING: Final = frozenset({"delete", "secure", "run"})
# Who only says something to somebody lets nobody in: `answer him` invites no guest.
_SAYING_WORDS: Final = (
    "reply respond inform tell notify comment answer ask greet congratulate thank announce advise brief apologize "
    "apologise wish acknowledge direct whisper ping remind dm text message write contact"
)
# Who only writes something down books nothing: `put the hotel in my calendar`.
ENTERING: Final = frozenset({"#enter", *map(stem, ["put", "enter", "note", "record", "save", "store"])})
# What does so into something that is there is asked for by any of these, but ordered in a stranger's text by none.
APPENDING: Final = frozenset(map(stem, ("append", "insert", "prepend")))
ADDING: Final = ENTERING | {stem("add")}
SAYING: Final = frozenset({"#send", *map(stem, _SAYING_WORDS.split())})
# An answer goes to whoever wrote, whatever that was: a school's note, an enquiry. So by it any telling may be meant.
ANSWERING: Final = frozenset(map(stem, ("answer", "reply", "respond")))
# Nor does who gives or shares something, by a tool of these verbs: it is asked for in words for letting in.
INVITING: Final = frozenset(map(stem, ("invite", "admit", "enroll", "enrol")))
FILLING: Final = frozenset({"create", "fill"})
ONLY_FILLING: Final = frozenset({"fill"})
HIRING: Final = frozenset({stem("rent")})  # who says so as a verb has something for a time: `the rent` is none
COLLECTING: Final = frozenset(map(stem, ("charge", "bill")))  # by these money comes in, and none is given back
VERIFYING: Final = frozenset(map(stem, ("verify", "confirm", "authenticate", "validate")))
FETCHING: Final = frozenset({"read", "egress"})  # of a tool that reads what lies elsewhere
VISITING: Final = frozenset({"browse"})
WRITING: Final = stem("write")  # to somebody, or into something
KEEPING: Final = frozenset({"create", "change"})
KEPT: Final = frozenset({"write", "code"})
NOTING: Final = frozenset({"read", "write"})  # effects of what leaves nothing out
PUBLISHING: Final = frozenset({"upload", "create"})
VISITED_TOO: Final = frozenset({"browse", "fill", "download"})
VISITED: Final = frozenset(map(stem, ["webpage", "website", "page", "link", "site", "article", "blog", "story", "url"]))
TELLING_EFFECTS: Final = frozenset({"message", "egress"})  # of a tool that tells somebody something, and no more
SENDING: Final = frozenset({"send"})
# By these words something is told, too, where no tool does with it what else they mean.
_BRINGING_WORDS: Final = "copy paste quote repeat mirror bring get give pass hand drop leave"
BRINGING: Final = frozenset(map(stem, _BRINGING_WORDS.split()))
MADE: Final = frozenset({"create", "book", "buy"})
BOOKED: Final = frozenset({"event", "stay", "meal", "journey", "car"})  # what bookings are of
SET: Final = BOOKED | {"booking"}  # for a time
DELETED: Final = frozenset({"#delete"})  # in more than one word: by whatever tool takes something away
OTHERWISE: Final = frozenset({"account", "delete", "money", "message"})  # of a tool that visits nothing
# What is sent, paid, visited and filled in as a rule.
USUAL: Final = {
    "send": frozenset({"message", "person"}),
    "pay": frozenset({"money", "goods"}),
    "admit": frozenset({"person"}),
    "browse": frozenset({"page"}),
    "fill": frozenset({"page"}),
}


_WRITTEN: Final = re.compile(r"[a-z0-9]+(?:_+[a-z0-9]+)+\Z")


def parted(name: str) -> str:
    """Return the words of a tool's name: `createEvent` and `mcp:github/create-event` have some."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).casefold()


def written(name: str) -> str:
    """Return a tool's name as only programs write it, folded: `send_mail` of `mail/send_mail`; of others, nothing."""
    found = _WRITTEN.search(name.casefold())
    return found.group() if found else ""


def verb_of(thing: str) -> str:
    """Return the stem of the verb for what has this stem, of `deliver` for that of `delivery`; of others, nothing."""
    verb = thing if thing in LISTED else thing.removesuffix("er").removesuffix("al")
    return verb if verb in LISTED - LOOKED_UP and len(verb) >= SHORTEST else ""


def is_word_for(own: str, verb: str) -> bool:
    """Return whether a word with this stem asks for what a tool's own verb does: `add it to the minutes` for append."""
    return verb == own or (own in APPENDING and verb in ADDING)


def is_for_another(verb: str, shared: frozenset[str], done: frozenset[str]) -> bool:
    """Return whether the word with this stem means none of these acts, though it stands for the `shared` ones.

    Who says something lets nobody in, who writes or fills something in books nothing, who charges gives nothing back.
    """
    if verb in HIRING and "book" not in done:
        return True
    if "admit" in done or "book" in done:
        is_other = verb in (SAYING if "admit" in done else ENTERING)
        return is_other or ("book" in done and shared <= ONLY_FILLING)
    return "return" in done and verb in COLLECTING


def is_state(word: str) -> bool:
    """Return whether a word of a tool's name tells what was done to its things before: `checkout_selected_cart`."""
    return word.endswith("ed") and stem(word) in LISTED


def is_published(done: frozenset[str]) -> bool:
    """Return whether these acts of a verb make what others visit: `publish_page`, not `submit_form`."""
    return not done.isdisjoint(PUBLISHING) and done.isdisjoint(VISITED_TOO)
