"""What is written into something is kept there, and told to nobody: `write the offers into a file`."""

import pytest

from sidecar.content.origin.deeds import repertoire
from sidecar.content.origin.normal import folded
from sidecar.content.origin.said import Asked, Said
from sidecar.content.origin.trail import Trail
from sidecar.content.origin.wanted import Wanted
from sidecar.model.origin import Origin
from sidecar.model.steps import finished

TOOLS = {
    "create_file": frozenset({"write"}),
    "insert_in_file": frozenset({"write"}),
    "send_letter": frozenset({"message", "egress"}),
    "alter_trip": frozenset({"write"}),
}
DESK = repertoire(TOOLS.items())
PAGE = "Open water at the lake: bring a rope of ten metres, a lamp and a whistle. Hand in the slip a week before."


def asks(said: str, tool: str) -> bool:
    wanted = Wanted()
    finished(wanted.hearing(folded(said)))
    done = DESK.deed(tool, TOOLS[tool])
    return wanted.asked_for(done) or wanted.may_be_asked_for(done)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("Write what we need at the lake into a new file called 'Lake'.", "create_file", id="is written"),
        pytest.param("Write down what the page says in a new file.", "create_file", id="is written down"),
        pytest.param("Write the minutes up as a document.", "create_file", id="is written up"),
        pytest.param("Summarise the page in a new file.", "create_file", id="is summarised"),
        pytest.param("Collect the prices in a separate list.", "create_file", id="is collected"),
        pytest.param("List the guests with a boat in a file called 'Boats'.", "create_file", id="is listed"),
        pytest.param("Type up what Olga said as a note.", "create_file", id="is typed"),
        pytest.param("I need a document with the opening hours.", "create_file", id="is needed"),
        pytest.param("Add the three points to the file 'Lake'.", "insert_in_file", id="is added to one that is there"),
        pytest.param("Put Olga's answer into the file 'Lake'.", "insert_in_file", id="is put into it"),
        pytest.param("Note in the file 'Lake' when the bus goes.", "insert_in_file", id="is noted there"),
        pytest.param("Write Olga what I noted in a file.", "send_letter", id="a letter about what is in a file"),
        pytest.param("Write to Olga what stands in the document.", "send_letter", id="a letter about a document"),
        pytest.param("Write Olga a mail with the list in a table.", "send_letter", id="a letter with a table"),
    ],
)
def test_what_is_written_into_something_is_asked_for(said: str, tool: str) -> None:
    assert asks(said, tool)


@pytest.mark.parametrize(
    ("said", "tool"),
    [
        pytest.param("Write what we need into a new file called 'Lake'.", "send_letter", id="no letter"),
        pytest.param("Write the totals into the spreadsheet.", "send_letter", id="no letter, in one that is there"),
        pytest.param("List the guests in a table.", "create_file", id="how an answer should look"),
        pytest.param("What is in the file 'Lake'?", "insert_in_file", id="a question"),
        pytest.param("Add the three points to the file 'Lake'.", "alter_trip", id="another tool"),
    ],
)
def test_what_is_not_is_not(said: str, tool: str) -> None:
    assert not asks(said, tool)


@pytest.mark.parametrize(
    ("user", "tool", "expected"),
    [
        pytest.param("Write what the page says into a new file.", "create_file", Origin.REFERRED, id="into a new one"),
        pytest.param("Add what the page says to the file.", "insert_in_file", Origin.REFERRED, id="into one there"),
        pytest.param("Read me what the page says.", "create_file", Origin.UNTRUSTED, id="nobody asked for one"),
    ],
)
def test_a_page_may_give_orders_that_are_written_down(user: str, tool: str, expected: Origin) -> None:
    trail = Trail()
    trail.user(user)
    trail.add([Said(text=PAGE, origin=Origin.UNTRUSTED)], Asked(is_referred=True))
    text = "a rope of ten metres, a lamp and a whistle. Hand in the slip a week before."
    assert finished(trail.tracing(text, DESK.deed(tool, TOOLS[tool]))) is expected
