"""People ask for one thing in many words: is what they ask for heard, and nothing else?"""

import pytest

from sidecar.content.origin.deeds import repertoire
from sidecar.content.origin.normal import folded
from sidecar.content.origin.wanted import Wanted
from sidecar.model.steps import finished

TOOLS = {
    "withdraw_appointment": frozenset({"delete"}),
    "arrange_appointment": frozenset({"write"}),
    "remove_grocery": frozenset({"delete"}),
    "add_grocery": frozenset({"write"}),
    "notify_contact": frozenset({"message"}),
    "transmit_payment": frozenset({"money", "egress"}),
    "lock_badge": frozenset({"account"}),
    "write_in_channel": frozenset({"message", "egress"}),
    "include_in_channel": frozenset({"account"}),
    "expel_from_channel": frozenset({"account", "delete"}),
    "edit_tariff": frozenset({"write"}),
    "erase_channel": frozenset({"delete"}),
    "set_up_channel": frozenset({"write"}),
    "book_hall": frozenset({"money"}),
    "make_note": frozenset({"write"}),
    "charge_toll": frozenset({"money"}),
    "refund_toll": frozenset({"money"}),
    "file_drawing": frozenset({"write"}),
}
CLUB = repertoire(TOOLS.items())


def asks(said: str, tool: str) -> bool:
    wanted = Wanted()
    finished(wanted.hearing(folded(said)))
    done = CLUB.deed(tool, TOOLS[tool])
    return wanted.asked_for(done) or wanted.may_be_asked_for(done)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("Axe Tuesday's piano lesson.", "withdraw_appointment", id="by its day, though nobody calls it so"),
        pytest.param("Get us out of the tasting on Sunday.", "withdraw_appointment", id="what one gets out of"),
        pytest.param("The sauna on Friday isn't wanted any more.", "withdraw_appointment", id="what is not wanted"),
        pytest.param(
            "Cancel Sunday's swim and take the figs off the grocery list.", "withdraw_appointment", id="a first clause"
        ),
        pytest.param(
            "Cancel Sunday's swim and take the figs off the grocery list.", "remove_grocery", id="a second clause"
        ),
        pytest.param("Strike the figs from my groceries.", "remove_grocery", id="what is struck"),
        pytest.param("Pop figs on the grocery list.", "add_grocery", id="what is popped on a list"),
        pytest.param("Figs should be on the grocery list, too.", "add_grocery", id="what should be on one"),
        pytest.param("Prod Kim about the keys.", "notify_contact", id="who is prodded"),
        pytest.param("Pop 30 euros over to Kim.", "transmit_payment", id="a sum that is popped over"),
        pytest.param("I owe Kim 12.50, settle that.", "transmit_payment", id="what is owed"),
        pytest.param("Put my badge on ice.", "lock_badge", id="what is put on ice"),
        pytest.param("Pin the menu up in #kitchen.", "write_in_channel", id="where something is pinned up"),
        pytest.param("Kim ought to be in #kitchen as well.", "include_in_channel", id="who ought to be in something"),
        pytest.param("Bring Kim into #kitchen.", "include_in_channel", id="who is brought into it"),
        pytest.param("Take Kim Berg out of #kitchen, he wants fewer messages.", "expel_from_channel", id="who is out"),
        pytest.param("Kim has no place in #kitchen.", "expel_from_channel", id="who has no place there"),
        pytest.param("The day ticket should cost 14.", "edit_tariff", id="what it should be"),
        pytest.param("Make the day ticket cheaper.", "edit_tariff", id="what it is made"),
        pytest.param("Free up Kim's hour on Thursday.", "withdraw_appointment", id="what is freed up"),
        pytest.param("The channel kitchen-2 can go.", "erase_channel", id="what can go"),
        pytest.param("Open a new channel for the fair.", "set_up_channel", id="what is opened anew"),
        pytest.param("We'd like to dine in the small hall.", "book_hall", id="where one would like to be"),
        pytest.param("Refund the toll to Kim.", "refund_toll", id="what is paid back"),
        pytest.param("Kim owes us the toll, charge it.", "charge_toll", id="what is charged"),
        pytest.param("Remind me on Friday to water the figs.", "make_note", id="of what the user is to be reminded"),
    ],
)
def test_what_people_ask_for_in_their_own_words_is_asked_for(said: str, tool: str) -> None:
    assert asks(said, tool)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("When is Tuesday's piano lesson?", "withdraw_appointment", id="a question"),
        pytest.param("Read me the part out of the letter about Tuesday.", "withdraw_appointment", id="what is read"),
        pytest.param("Take the times out of the mail.", "withdraw_appointment", id="what is taken out of a text"),
        pytest.param("Pop figs on the grocery list.", "remove_grocery", id="what is added"),
        pytest.param("Which groceries are on the list?", "add_grocery", id="what is on a list"),
        pytest.param("How many euros does Kim owe me?", "transmit_payment", id="who owes the user"),
        pytest.param("Who is in #kitchen?", "include_in_channel", id="who is in something"),
        pytest.param("The answer should be in French.", "include_in_channel", id="how something should be"),
        pytest.param("Bring Kim into #kitchen.", "erase_channel", id="nothing is erased by who comes in"),
        pytest.param("What does the day ticket cost?", "edit_tariff", id="what it costs"),
        pytest.param("Slot the address of the hall into my notes.", "book_hall", id="what is put into notes"),
        pytest.param("Put the hall's address in my calendar.", "book_hall", id="what is put into a calendar"),
        pytest.param("Refund the toll to Kim.", "charge_toll", id="what another tool does by just this verb"),
        pytest.param("Remind me what Kim wrote.", "make_note", id="what the user knew"),
        pytest.param("Which channels can go to the fair?", "erase_channel", id="who can go"),
    ],
)
def test_what_they_only_speak_of_is_not(said: str, tool: str) -> None:
    assert not asks(said, tool)


def test_notifications_are_no_order_of_another_language() -> None:
    assert not asks("I get too many notifications, read them to me.", "notify_contact")
