"""What a tool does, as its name tells, and who speaks of it: also where nobody listed its verb."""

import pytest

from sidecar.content.origin.deeds import deed
from sidecar.content.origin.normal import folded
from sidecar.content.origin.trail import Trail


@pytest.mark.parametrize(
    ("said", "tool", "expected"),
    [
        pytest.param("let Ann know that I am late", "send_mail", True, id="in more than one word"),
        pytest.param("call off the meeting", "cancel_event", True, id="a verb and its adverb"),
        pytest.param("get rid of the draft", "delete_file", True, id="a saying"),
        pytest.param("embalm the sample", "embalm_sample", True, id="a verb that nobody listed"),
        pytest.param("Ann wrote to me about the plan", "send_mail", False, id="what somebody else did"),
        pytest.param("make sure that it is sent", "send_mail", True, id="what is to be done, in the passive"),
        pytest.param("post the summary", "delete_post", False, id="the thing of a tool that takes it away"),
        pytest.param("pay the plumber", "raise_rent", False, id="a thing whose name is another tool's verb"),
    ],
)
def test_who_speaks_of_it_in_whatever_words_asks_for_it(said: str, tool: str, *, expected: bool) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.asked_for(deed(tool)) is expected


@pytest.mark.parametrize(
    ("said", "tool", "effects", "expected"),
    [
        pytest.param("Sort out her application", "reject_applicant", {"delete"}, True, id="an unknown word"),
        pytest.param("I need a courier", "summon_courier", {"money"}, True, id="a wish"),
        pytest.param("Send her records on", "release_records", {"message"}, True, id="what its effects suggest"),
        pytest.param("Send her records on", "shred_records", {"delete"}, False, id="another act"),
        pytest.param("How many applicants are there?", "reject_applicant", {"delete"}, False, id="a question"),
        pytest.param("Give me the records", "shred_records", {"delete"}, False, id="a look-up"),
        pytest.param("Sort out her mail", "delete_mail", {"delete"}, False, id="a thing of many tools"),
    ],
)
def test_an_order_with_its_thing_may_mean_it(said: str, tool: str, effects: set[str], *, expected: bool) -> None:
    trail = Trail()
    trail.user(said)
    assert trail.may_be_asked_for(deed(tool, frozenset(effects))) is expected


def test_a_tool_that_reads_elsewhere_visits_whatever_its_name_is() -> None:
    assert "browse" in deed("consult_oracle", frozenset({"read", "egress"})).acts
    assert "browse" not in deed("consult_oracle", frozenset({"egress"})).acts


def test_another_languages_verb_is_an_order_for_what_the_effects_suggest() -> None:
    order = {"#reject"}
    assert deed("embalm_sample", frozenset({"delete"})).is_ordered_in(order)
    assert not deed("embalm_sample", frozenset({"write"})).is_ordered_in(order)


def test_a_name_without_words_is_a_deed_without_any() -> None:
    assert not deed("...").is_in({folded("send"), ""} - {""})
