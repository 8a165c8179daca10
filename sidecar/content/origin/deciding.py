"""Who decides about a value: a passage that orders what is done with it, or the user, who left it to that passage?"""

from collections.abc import Iterable
from typing import Final

from sidecar.content.origin.deeds import Deed
from sidecar.content.origin.due import wishes
from sidecar.content.origin.normal import address, emails, identifier, is_day, is_email, is_url, words
from sidecar.content.origin.passages import Passage, called_as_programs_do, orders_in
from sidecar.content.origin.places import (
    ONLY_SUM,
    PHRASE,
    accounts,
    is_account,
    is_followed_by,
    is_in_row,
    is_in_sentence,
    is_only_like_it,
    is_only_one,
    is_other_sum,
    is_reference,
    ordered,
)
from sidecar.content.origin.records import is_one_order
from sidecar.content.origin.speech import DUE, Order, acts, addresses, demands, is_heading, stem
from sidecar.content.origin.values import is_id, is_reached, references
from sidecar.content.origin.vocabulary import is_state
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import STRANGE, Origin

NEAR: Final = 60  # characters in front of an address in which it is told whose it is
_PAYING: Final = frozenset({"pay"})
_DELETING: Final = frozenset({"delete"})
_VISIT: Final = "browse"  # what a link is read by: what stands there is a stranger's all the same
_ADMIT: Final = "admit"
_SECURE: Final = "secure"  # what every deed may mean that changes an account
_WRITTEN: Final = frozenset({"create", "change", "send"})  # into what is the user's own, and whoever is in it may hear
_TAKEN: Final = frozenset({"book", "buy", "pay"})  # done with something that is there
_GRAVE: Final = frozenset({"delete", "pay", "secure"})  # acts that nobody leaves to a text without a word of it


def decides(wanted: Wanted, value: str | float, passage: Passage, done: Deed, *, is_named: bool = False) -> bool:
    """Return whether the passage decides over what a deed is done with, by a `value` that the user may have named."""
    if _is_told_to_a_machine(wanted, value, passage, done):
        return True
    is_his = (_VISIT in done.acts and is_url(str(value))) or _is_new_on_list(wanted, value, passage, done)
    if wanted.follows and passage.is_followed and _leads(wanted, value, done) and not is_his:
        return not passage.is_at_home(value)  # who follows a text is led by it to nothing that stands nowhere else
    return not is_named and _is_ordered(wanted, value, passage, done)


def _is_ordered(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether the passage orders the deed with the value, or what the user did not speak of."""
    if passage.is_at_home(value) or is_entrusted(wanted, value, passage, done):
        return False
    given, meant = orders_in(passage, done)
    if isinstance(value, str) and is_reached(value):
        if not meant and is_passed_on(wanted, value, passage, done):
            return False
        by_this = bool(ordered(value, passage.text, meant, passage.lines))
        if by_this or _is_the_one_meant(wanted, value, passage, done):
            return by_this
        said = [one for one in given if one in meant or not is_heading(passage.text, one[0])]
        said += demands(passage.text)
        if _is_entered(wanted, passage, done):
            return is_in_sentence(value, passage.text, said, passage.lines)
        return bool(ordered(value, passage.text, said, passage.lines)) or _is_wished_for(value, passage)
    is_left_open = not (
        wanted.handed_over
        or wanted.speaks_of(done)
        or wanted.names(done)
        or is_row_of_his(wanted, value, passage, done)
    )
    return bool(ordered(value, passage.text, given if is_left_open else meant, passage.lines))


def _is_wished_for(value: str, passage: Passage) -> bool:
    """Return whether the passage wishes for something in the sentence of an address: a link is only to be read."""
    wished: list[Order] = [(at, (DUE,)) for at in wishes(passage.text)] if is_email(value) else []
    return is_in_sentence(value, passage.text, wished, ())


def _is_entered(wanted: Wanted, passage: Passage, done: Deed) -> bool:
    """Return whether the user has entered what a record tells at which he pointed, and nothing leaves by it.

    Then what is ordered in other sentences of it (`write clearly`) is no word about it; what the tool does still is.
    """
    return done.only_writes and passage.is_referred and passage.is_meant and wanted.names(done)


def _is_the_one_meant(wanted: Wanted, value: str, passage: Passage, done: Deed) -> bool:
    """Return whether it is the only address in what the user told of, for what his own words ask for.

    Then what else is ordered there (`call her before noon`) is no word about it; what the tool does still is.
    """
    if not (wanted.pointing.describes and passage.is_referred and passage.is_meant and is_email(value)) or set(
        emails(passage.text)
    ) != {value}:
        return False
    if _SECURE in done.meant and _ADMIT not in done.acts:
        return False  # somebody is added to a team; an account's own address is nobody's to name
    return wanted.names(done) and (not done.is_grave or wanted.fits(done))


def _is_told_to_a_machine(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether the passage speaks to a machine around the value, which nobody told to follow it."""
    if (wanted.follows and passage.is_followed) or passage.is_at_home(value):
        return False
    spoken_to = [*addresses(passage.text), *called_as_programs_do(passage.text, done)]
    if ordered(value, passage.text, spoken_to, passage.lines):
        return True
    return is_followed_by(value, passage.text, [at for at, _ in spoken_to])


def is_mere(wanted: Wanted, value: str | float, passage: Passage, done: Deed, kind: str) -> bool:
    """Return whether a stranger's passage merely tells a value of this kind, in what the user asked for.

    A sum is told where the user pointed; there somebody may also ask for it whom the user wants paid, for where it goes
    is another argument. What is counted where something is paid for is told where nothing is ordered beside it.
    """
    if passage.is_led or passage.origin is Origin.SUSPICIOUS or _is_told_to_a_machine(wanted, value, passage, done):
        return False
    if kind == "money":
        if is_other_sum(value, passage.text):
            return False
        is_meant = passage.is_meant and passage.is_referred
        is_bill = wanted.is_asked(done) and ONLY_SUM not in passage.acts
        return is_meant and (is_bill or not _is_ordered(wanted, value, passage, done))
    if kind == "number" and "pay" in done.acts | done.costs:
        return not ordered(value, passage.text, orders_in(passage, done)[0], passage.lines)
    return not _is_ordered(wanted, value, passage, done)


def is_paid_into(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether what is paid goes to an account by the user's will, where only this text of a stranger's names it.

    So it is in what the user has paid, and where he himself asked for the payment; but not in the place of another one,
    where the text was only to tell the sum, or somebody whom the user named was found to have an account; and where the
    record has a field for it, into that one alone.
    """
    if not (isinstance(value, str) and is_account(identifier(value))):
        return True
    if "pay" not in done.acts | done.costs:
        return "send" not in done.acts or wanted.names(done)  # who is told of it pays
    if is_account_left(wanted, value, passage, done):
        return True
    if ONLY_SUM in passage.acts or wanted.owes_one_of_several or wanted.has_paid(passage.whom, done):
        return False
    is_left = "pay" in passage.acts or (wanted.names(done) and passage.is_meant)
    is_own = not passage.accounts or identifier(value) in passage.accounts
    return is_left and is_own and "change" not in acts({done.own.verb})


def is_entrusted(wanted: Wanted, value: str | float, passage: Passage, done: Deed, *, is_known: bool = False) -> bool:
    """Return whether the user left it to this very text: told to follow it, or to do just this with it.

    `Pay the bill in bill.txt`: then the bill may say to pay what it comes to, as long as it names one account. Who
    is told to follow a text need not follow it to an account or an address, nor pay for what it orders.
    """
    if not passage.is_referred:
        return False
    if _is_place_left(wanted, value, passage, done, is_known=is_known):
        return True
    is_place = _leads(wanted, value, done) or _refers(wanted, value, done)
    is_led = wanted.follows and passage.is_followed and (is_known or not is_place)
    if (is_led and not _stays(wanted, done, is_known=is_known)) or _is_left_to(wanted, value, passage, done):
        return True
    is_sent = isinstance(value, str) and is_url(value) and _VISIT in done.acts and wanted.tells_of_page
    if (is_sent or not is_place) and _is_told_by(wanted, value, passage, done):
        return True
    left = passage.acts & done.acts if "buy" not in done.acts else frozenset()  # a bill has nothing bought
    if "pay" in left:
        paid = 0 if is_reference(value, passage.text) else value
        is_one = is_only_one(paid, passage.payees) and not (wanted.owes_one_of_several and leads(value))
        return is_one and not is_other_sum(value, passage.text)
    return bool(left) and not is_place and is_one_order(passage, done)


def is_account_left(
    wanted: Wanted, value: str | float, passage: Passage, done: Deed, *, is_known: bool = False
) -> bool:
    """Return whether the user has something paid into the account that just this text tells: `to the one in his mail`.

    It is by the one whom he named, and tells no other; or a tool answers for the account, as `is_known` tells. With it
    goes the sum.
    """
    is_sum = not isinstance(value, str)
    if not (passage.is_referred and passage.is_meant and (is_sum or accounts(str(value)))):
        return False
    is_one = (is_known and not is_sum) or (passage.is_by and is_only_one(value, passage.payees))
    return is_one and wanted.leaves_account and wanted.names(done) and not is_other_sum(value, passage.text)


def _is_place_left(wanted: Wanted, value: str | float, passage: Passage, done: Deed, *, is_known: bool) -> bool:
    """Return whether the user says that just this text tells into which account, or to whom, something goes."""
    if not passage.is_meant:
        return False
    is_left = is_account_left(wanted, value, passage, done, is_known=is_known)
    is_left = is_left or _is_new_on_list(wanted, value, passage, done)
    return is_left or _is_address_left(wanted, value, passage, done) or _is_counted(wanted, value, passage, done)


def _is_new_on_list(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether a list of the user's own gives what he himself says to make its name: `the code in my plan`.

    It leads nowhere, as nothing has it yet. There is one like it, and nothing on the list orders the deed.
    """
    if not (wanted.follows_own and passage.is_referred and passage.is_followed and isinstance(value, str)):
        return False
    is_made = "create" in done.acts and done.acts.isdisjoint(_TAKEN) and not done.tells
    is_made = is_made and _SECURE not in done.meant and wanted.names(done) and wanted.fits(done)
    is_one = is_made and is_id(value) and is_only_like_it(value, passage.text)
    return is_one and not orders_in(passage, done)[1]


def _is_address_left(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether it is the only address that the one whom the user named tells: `to his new address`.

    Or that of somebody whom both call so: `with her midwife`, where she writes of `my midwife`.
    """
    if not (passage.is_referred and passage.is_meant and passage.is_by and f"e:{value}" in passage.payees):
        return False
    is_grave = not (done.acts | done.costs).isdisjoint(_GRAVE)
    is_one = sum(key.startswith("e:") for key in passage.payees) == 1
    if not is_one or is_grave or not wanted.names(done):
        return False
    return wanted.leaves_address or is_called_so(wanted, str(value), passage.text)


def is_called_so(wanted: Wanted, value: str, text: str) -> bool:
    """Return whether in front of an address in a folded text stands what the user calls the one it is for: `client`."""
    before = words(text[max((at := text.find(value)) - NEAR, 0) : max(at, 0)])
    return not wanted.roles.isdisjoint(before)


def _is_counted(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether the user means all addresses of a text by their number: `invite the two guests in guests.txt`."""
    if not (passage.is_referred and passage.is_meant and isinstance(value, str) and is_email(value)):
        return False
    named = set(emails(passage.text))
    is_grave = not (done.acts | done.costs).isdisjoint(_GRAVE)
    return value in named and not is_grave and len(named) in wanted.counts and wanted.names(done)


def is_row_of_his(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether it stands in a row of a table that the user pointed at for just this: `enter the rents from …`.

    A row orders nothing, as long as nothing in the table does.
    """
    is_meant = passage.is_referred and passage.is_meant and wanted.wants(done)
    return is_meant and is_in_row(value, passage.text, passage.lines) and not orders_in(passage, done)[1]


def _is_told_by(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether the user asked for it with what the one whom he named tells in this record.

    `She sent me the figures, enter them`, `put the meeting in my calendar`, `invite him to the room that she names`,
    `read the page that she sent me a link to`; and where a letter goes, if he says that she tells where.
    """
    if not (passage.is_by and passage.is_meant and _is_spoken_of(wanted, done)) or _is_unsaid_state(wanted, value):
        return False
    if "send" in done.acts and wanted.leaves_where and isinstance(value, str):
        return len(words(value)) >= PHRASE and any(map(str.isdigit, value))  # as by post
    if not wanted.leaves:
        return False
    is_kept = done.meant <= _WRITTEN and "send" not in done.acts
    return is_kept or ("admit" in done.acts and is_one_order(passage, done))


def _is_spoken_of(wanted: Wanted, done: Deed) -> bool:
    """Return whether the user's own words ask for it, and tell of what it is done to, where that is special."""
    return wanted.names(done) and (not done.is_special or wanted.tells_of(done))


def _is_unsaid_state(wanted: Wanted, value: str | float) -> bool:
    """Return whether a value is a state that something is brought to by an act that the user did not speak of.

    What is set to `cancelled` is cancelled.
    """
    if not isinstance(value, str) or " " in value or not is_state(value):
        return False
    done = acts({stem(value)})
    return bool(done) and done.isdisjoint(acts(wanted.said))


def _leads(wanted: Wanted, value: str | float, done: Deed) -> bool:
    """Return whether a value is where a deed goes, or what it is done to.

    What is only written down goes nowhere, where the list that says so is the user's own.
    """
    return leads(value) and not (_is_own(wanted, done) and not accounts(str(value)))


def _refers(wanted: Wanted, value: str | float, done: Deed) -> bool:
    """Return whether a value has an address in it, and more is done with that than to write it down."""
    if not isinstance(value, str) or is_day(value) or _is_own(wanted, done):
        return False
    return bool(references(value))


def _is_own(wanted: Wanted, done: Deed) -> bool:
    return done.only_writes and wanted.follows_own


def leads(value: str | float) -> bool:
    """Return whether a value is where something goes, or what a tool does it to: an address, an account, an id."""
    if not isinstance(value, str) or is_day(value):
        return False
    return is_id(value) or bool(identifier(value) or accounts(value)) or any(map(is_reached, references(value)))


def _stays(wanted: Wanted, done: Deed, *, is_known: bool) -> bool:
    """Return whether a deed stays with the user, whatever text was to be followed: deletion, rights, what lets in.

    So does payment, unless a tool answers for what is paid.
    """
    is_account = _SECURE in done.meant and not wanted.names(done)
    kept = _GRAVE - _PAYING if is_known else _GRAVE
    return is_account or bool((done.acts | done.costs | done.meant & _DELETING) & kept - acts(wanted.said))


def is_passed_on(wanted: Wanted, value: str, passage: Passage, done: Deed) -> bool:
    """Return whether the user wants somebody told what this one said, or the only page that he named."""
    if not (passage.is_by and wanted.leaves and "send" in done.acts) or is_email(value):
        return False  # whom it is told to is nothing that is told
    if not is_url(value):
        return len(words(value)) >= PHRASE
    return wanted.tells_of_page and set(map(address, references(passage.text))) == {address(value)}


def smuggled(wanted: Wanted, value: str, found: Iterable[Passage], done: Deed) -> bool:
    """Return whether a stranger's link stands in what is told to somebody, though the user spoke of none.

    One that stands nowhere may have stood there in disguise. A page's link to its own site is none, nor, where the user
    has somebody told something, one of somebody of whom he said that he wrote.
    """
    if not (is_url(value) and done.tells) or wanted.tells_of_link or not (found or "://" in value):
        return False
    leaves = wanted.leaves and wanted.tells(done)
    return not any(each.origin not in STRANGE or each.is_at_home(value) or (leaves and each.is_by) for each in found)


def _is_left_to(wanted: Wanted, value: str | float, passage: Passage, done: Deed) -> bool:
    """Return whether the user asked for it as somebody says, and this is the only such value that he names."""
    if not wanted.leaves or "send" in done.acts:
        return False  # whoever may say where a message goes has it sent to himself
    if not isinstance(value, str) or references(value):
        return False
    if not passage.is_followed or _is_unsaid_state(wanted, value):
        return False
    if wanted.names(done) and not _is_spoken_of(wanted, done):
        return False
    own = wanted.names(done) or wanted.may_be_asked_for(done)  # a text that is followed asks for itself
    is_asked = own or (wanted.is_asked(done) and done.acts.isdisjoint(_GRAVE))
    return is_asked and is_only_like_it(value, passage.text)
