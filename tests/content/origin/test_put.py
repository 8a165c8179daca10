"""Who puts something up, into something or on something asks for what it becomes: a notice, a page, a record."""

import pytest

from sidecar.content.origin.deeds import repertoire
from sidecar.content.origin.normal import folded
from sidecar.content.origin.wanted import Wanted
from sidecar.model.steps import finished

TOOLS = {
    "publish_notice": frozenset({"write", "egress"}),
    "change_webpage": frozenset({"write", "egress"}),
    "update_profile": frozenset({"account"}),
    "open_dossier": frozenset({"write"}),
    "make_event": frozenset({"write", "message"}),
    "store_payee": frozenset({"write", "account"}),
    "remit_money": frozenset({"money", "egress"}),
    "drop_event": frozenset({"delete"}),
}
DESK = repertoire(TOOLS.items())


def heard(said: str) -> Wanted:
    wanted = Wanted()
    finished(wanted.hearing(folded(said)))
    return wanted


def asks(said: str, tool: str) -> bool:
    return heard(said).asked_for(DESK.deed(tool, TOOLS[tool]))


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("Hang up a notice about the flea market.", "publish_notice", id="what is hung up"),
        pytest.param("Stick the flea market flyer on the notice board.", "publish_notice", id="on a board"),
        pytest.param("Write his new phone number into my profile.", "update_profile", id="into a profile"),
        pytest.param("Put Olga's quote under the others on the press page.", "change_webpage", id="on a page"),
        pytest.param("Open a dossier for the Nguyen family.", "open_dossier", id="one that is opened"),
        pytest.param("Arrange a tour with Olga for Friday.", "make_event", id="a tour"),
        pytest.param("Set up the briefing with Olga at the time she wants.", "make_event", id="a briefing"),
        pytest.param("Save the gardener as a payee.", "store_payee", id="who is paid is kept"),
    ],
)
def test_what_is_put_somewhere_is_asked_for(said: str, tool: str) -> None:
    assert asks(said, tool)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("Save the gardener as a payee.", "remit_money", id="who is kept is not paid"),
        pytest.param("Which payees do I have?", "remit_money", id="a question about them"),
        pytest.param("What was put on the press page?", "change_webpage", id="a question about a page"),
        pytest.param("Open the dossier of the Nguyen family and tell me its number.", "make_event", id="one is read"),
        pytest.param("Who put up a notice?", "publish_notice", id="who did"),
        pytest.param("Arrange a tour with Olga for Friday.", "drop_event", id="nothing is dropped"),
        pytest.param("When is the tour with Olga?", "make_event", id="a question about a tour"),
        pytest.param("Stick the flyer on the notice board.", "update_profile", id="no profile"),
    ],
)
def test_and_nothing_else_is(said: str, tool: str) -> None:
    assert not asks(said, tool)


@pytest.mark.parametrize(
    "said",
    [
        "My list lies at https://pad.acme.example/olga. See to Tuesday's entries.",
        "Work off today's errands, they are in plans.txt.",
    ],
)
def test_a_day_of_a_list_is_followed(said: str) -> None:
    assert heard(said).follows


def test_who_asks_what_stands_there_follows_nothing() -> None:
    assert not heard("My list lies at https://pad.acme.example/olga. What are Tuesday's entries?").follows
