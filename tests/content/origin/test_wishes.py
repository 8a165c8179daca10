"""Which sentences of a request want something done, and of what do they speak?"""

import pytest

from sidecar.content.origin.leaving import leaves
from sidecar.content.origin.normal import folded
from sidecar.content.origin.speech import acts, stems
from sidecar.content.origin.wishes import kinds, sentences


@pytest.mark.parametrize(
    ("said", "act", "expected"),
    [
        pytest.param("Is the hotel any good? What do people write?", "send", False, id="questions"),
        pytest.param("Can you write to Ann?", "send", True, id="a question that orders"),
        pytest.param("Find out who pays the rent.", "pay", False, id="a look-up"),
        pytest.param("Find the bill and pay it.", "pay", True, id="a look-up and an order"),
        pytest.param("Look at the page of the club.", "browse", True, id="what is looked into"),
        pytest.param("Compare the last order with the new plan, please tell me.", "buy", False, id="things"),
        pytest.param("Make a payment to Ann.", "pay", True, id="a thing of which one is made"),
        pytest.param("Everybody should get a mail.", "send", True, id="a mail to be had"),
        pytest.param("Let me know what you find.", "send", False, id="what the user is told"),
        pytest.param("I'm moving to Bern next week.", "change", False, id="what the user does"),
        pytest.param("We have just moved to Bern.", "change", False, id="what the user did"),
        pytest.param("My phone number is now 555 0101.", "change", True, id="what is another now"),
        pytest.param("Kim's last name has changed to Berg.", "change", True, id="what has changed"),
        pytest.param("What is my phone number now?", "change", False, id="what is asked"),
        pytest.param("Is my number now 555 0101?", "change", False, id="whether it is"),
        pytest.param("If they are in stock I'll have two bags.", "buy", True, id="a thing to be had"),
        pytest.param("I'd like three of the red ones.", "buy", True, id="some things to be had"),
        pytest.param("I'd like a list of the red ones.", "buy", False, id="a list of some"),
        pytest.param("I'll have to go on Monday.", "buy", False, id="what is to be done"),
        pytest.param("I am moving to Bern, move my visit, too.", "change", True, id="what the user does, and an order"),
        pytest.param("Invite all of the team to a picnic.", "create", True, id="to what is to be"),
        pytest.param("Invite all of the team to the picnic.", "create", False, id="to what is"),
        pytest.param("I need a booking.", "book", True, id="a need"),
        pytest.param("There is a notice in rent-notice.txt.", "pay", False, id="the name of a file"),
        pytest.param("Look into /shop/orders/new first.", "buy", False, id="a path"),
        pytest.param("I wait for pay@bill.example.", "pay", False, id="an address"),
        pytest.param("If the lamp is in stock buy it.", "buy", True, id="an order behind a condition"),
        pytest.param("What happens if they cancel the picnic?", "delete", False, id="what others may do"),
        pytest.param("Is the cellar dry enough to book it?", "book", True, id="a condition of another kind"),
        pytest.param("Read what people say before you book.", "book", True, id="what comes before it"),
        pytest.param("Read up on what to know before I book.", "book", False, id="what the user does himself"),
        pytest.param("Compare the cancellation terms before you book.", "delete", False, id="what is looked up before"),
        pytest.param("Get me the cheapest kettle.", "buy", True, id="a thing to be got"),
        pytest.param("Get us a room with a balcony.", "book", True, id="a stay to be got"),
        pytest.param("I'll take the green one.", "buy", True, id="a thing that is taken"),
        pytest.param("Get me a list of all kettles.", "buy", False, id="what is told"),
        pytest.param("Get me an overview of the year.", "buy", False, id="what is told, of a year"),
        pytest.param("Sell the shares of the mill.", "buy", True, id="what is sold is traded"),
        pytest.param("Everybody in the choir needs to know the new hall.", "send", True, id="what others need to know"),
        pytest.param("I need to know which hall it is.", "send", False, id="what the user needs to know"),
        pytest.param("We have to know by noon, look it up.", "send", False, id="what the user has to know"),
        pytest.param("Grant Lena the right to write.", "admit", True, id="a right"),
        pytest.param("Give Lena full rights on the shed.", "admit", True, id="rights"),
        pytest.param("Make Lena the owner of the group.", "admit", True, id="what somebody is made"),
        pytest.param("Lena left, take her out of the group.", "delete", True, id="who is taken out"),
        pytest.param("Take the sums out of the letter.", "delete", False, id="what is taken out"),
        pytest.param("Send Lena my share of the gift.", "pay", True, id="a share of a sum"),
        pytest.param("Bring Lena to the project kick-off.", "delete", False, id="a kick-off kicks nobody"),
        pytest.param("Set up a kick-off with Lena.", "delete", False, id="nor where one is made"),
        pytest.param("Set up a kick-off with Lena.", "create", True, id="though it is made"),
    ],
)
def test_only_what_is_to_be_done_is_wanted(said: str, act: str, *, expected: bool) -> None:
    assert any(act in acts(each.said) for each in sentences(folded(said))) is expected


@pytest.mark.parametrize(
    ("said", "orders", "opened"),
    [
        pytest.param("Object to the fine.", {"object"}, {"object"}, id="an unknown word in front of an object"),
        pytest.param("Rosa wrote again.", {"rosa"}, set(), id="a name may be a verb"),
        pytest.param("I need a van.", {""}, set(), id="a wish"),
        pytest.param("Look up the fine, then say so.", {"say"}, {"say"}, id="an order behind a look-up"),
        pytest.param("How is the weather?", set(), set(), id="a question"),
    ],
)
def test_the_verbs_of_an_order_are_told_from_what_may_be_some(said: str, orders: set[str], opened: set[str]) -> None:
    sentence, *_ = sentences(folded(said))
    assert (set(sentence.orders), set(sentence.opened)) == (orders, opened)


def test_words_for_one_kind_of_things_meet() -> None:
    assert kinds(stems("appointment")) == kinds(stems("meetings")) == {"event"}
    assert not kinds(frozenset({"umbrella"}))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("Order the book that Jule wishes for", True, id="what somebody wishes"),
        pytest.param("Deliver it to the address in her letter", True, id="where somebody says"),
        pytest.param("Tilo mailed his number, save it", True, id="what somebody wrote"),
        pytest.param("Order two copies of the atlas", False, id="the user says it all"),
    ],
)
def test_who_leaves_a_part_of_it_to_others_is_told(said: str, *, expected: bool) -> None:
    assert leaves(folded(said)) is expected


@pytest.mark.parametrize("said", ["keep it short", "what should i bring", "make the answer brief"])
def test_how_an_answer_should_be_and_what_the_user_should_do_is_no_order(said: str) -> None:
    assert not any(each.opened for each in sentences(said))
