"""What is asked for in more than one word, and what only seems to be."""

import pytest

from sidecar.content.origin.asking import asked_in, taken_up
from sidecar.content.origin.speech import sayings


@pytest.mark.parametrize(
    ("said", "act"),
    [
        pytest.param("see that the crew gets the plan", "#send", id="somebody gets something"),
        pytest.param("make kim aware of the delay", "#send", id="somebody is made aware"),
        pytest.param("give kim her money back", "#return", id="what is given back, though money is given"),
        pytest.param("she should be made whole", "#return", id="somebody is made whole"),
        pytest.param("i don't want the lamp anymore", "#delete", id="what is not wanted any more"),
        pytest.param("he shouldn't have access to it", "#delete", id="who should have no access"),
        pytest.param("get kim into the choir", "#admit", id="who is got into something"),
        pytest.param("kim should be able to read the plan", "#admit", id="who should be able to read"),
        pytest.param("pencil in lunch with kim", "#create", id="what is pencilled in"),
        pytest.param("raise a ticket about the door", "#create", id="a ticket is raised"),
        pytest.param("square up with kim", "#pay", id="one squares up"),
        pytest.param("let kim have the 12 euros", "#pay", id="who is let have money"),
        pytest.param("the draft can go live", "#upload", id="what can go live"),
        pytest.param("my new number is 555 0101", "#change", id="what is new"),
        pytest.param("i'll fly with the early one", "#book", id="who will fly"),
        pytest.param("check whether the day is free and confirm it by mail", "#send", id="confirmed by some medium"),
        pytest.param("decline the invitation in a short message", "#send", id="declined in a message"),
        pytest.param("confirm the day with the tiler", "#send", id="confirmed with somebody"),
        pytest.param("settle a time with kim", "#send", id="a time is settled with somebody"),
        pytest.param("check with kim whether monday suits her", "#send", id="somebody is asked"),
        pytest.param("confirm our attendance", "#send", id="that one comes is confirmed"),
        pytest.param("confirm that we take the room", "#send", id="what one will do is confirmed"),
        pytest.param("assure kim that it is done", "#send", id="somebody is assured"),
        pytest.param("update kim on the delay", "#send", id="somebody is brought up to date"),
        pytest.param("stock up on bulbs", "#buy", id="one stocks up"),
    ],
)
def test_words_together_ask_for_it(said: str, act: str) -> None:
    assert act in asked_in(said)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param("who should be able to read the plan", id="a question"),
        pytest.param("check whether kim should be able to read it", id="what is to be looked up"),
        pytest.param("let me see the plan", id="what the user sees"),
        pytest.param("get me up to date", id="what the user is told"),
        pytest.param("i don't want to go", id="what nobody wants"),
        pytest.param("check with the calendar whether i am free", id="nobody is asked by a look-up"),
        pytest.param("confirm the booking", id="what a tool confirms"),
        pytest.param("confirm receipt to me", id="what the user is told himself"),
        pytest.param("find the booking that was confirmed by mail", id="what came by mail"),
        pytest.param("update the page on dogs", id="what is written anew is nobody"),
    ],
)
def test_what_is_asked_about_is_not_asked_for(said: str) -> None:
    assert not asked_in(said) - sayings(said)


def test_in_a_strangers_text_they_order_nothing() -> None:
    assert not sayings("kim should be able to read the plan. the draft can go live")
    assert not sayings("please confirm it by mail. please confirm your attendance. check with kim whether it suits")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param("kim asked me by mail to mend the shed. please do that.", True, id="he says to do so"),
        pytest.param("kim asked me by mail to mend the shed. what does that cost?", False, id="he only asks"),
    ],
)
def test_what_somebody_asked_for_is_asked_for_by_who_says_to_do_so(said: str, *, expected: bool) -> None:
    assert ("please mend the shed" in taken_up(said)) is expected
