"""A value goes where the session's own user means it to, and where a stranger's word counts it does not."""

import json

import pytest

from sidecar.checks.giving import Manner, kinds_called, manner
from sidecar.content.rewriting import Path
from sidecar.model.crossing import Boundary
from sidecar.model.strict_json import Json
from sidecar.model.verdict import Decision
from sidecar.policy.catalogue import Tool, Trust
from sidecar.policy.schemas import compile_schema
from tests.checks.test_reveal_declared import FOUND, baseline
from tests.content.finding import Needles
from tests.vaulting import House

CARD = "4111 1111 1111 1111"
TEXTS: Json = {"type": "object", "additionalProperties": {"type": ["string", "array", "object"]}}


def tool(name: str, *effects: str, trust: str = "untrusted", **sinks: str) -> Tool:
    """Return an entry whose arguments are made for nothing in particular."""
    return Tool(name=name, effects=effects, arguments=compile_schema(TEXTS, name=name), trust=Trust(trust), sinks=sinks)


TOOLS = [
    tool("read_file", "read", path="path"),
    tool("search_notes", "read"),
    tool("write_file", "write", path="path", content="text"),
    tool("save_draft", "write"),
    tool("book_room", "money", hotel="name"),
    tool("fill_form", "write", "egress", url="url", values="text"),
    tool("type_keys", "write", "egress"),
    tool("email_person", "message", to="email", body="text"),
]
NOTE = ("read_file", {"path": "notes.txt"}, "wifi password: hunter22-11; heating at 21")
FORM = {"url": "intra.example", "fields": ["user", "password_field"], "values": ["ann", "<PASSWORD_1>"]}
ASKED = "Log in at intra.example with what is in notes.txt."
MAIL = {"to": "ben@b.example", "body": "It is <PASSWORD_1>."}
CARDS = "<CREDIT_CARD_1>"

GIVEN = [
    pytest.param("Set the port in notes.txt.", NOTE, "write_file", {"path": "notes.txt", "content": "a <PASSWORD_1>"},
                 id="a file of the user's keeps what it holds"),
    pytest.param("Draft something of notes.txt.", NOTE, "save_draft", {"text": "<PASSWORD_1>"},
                 id="what stands where the user pointed stays in the user's world"),
    pytest.param(f"Book a room at Sol with my card {CARD}.", (), "book_room", {"hotel": "Sol", "how": f"visa {CARDS}"},
                 id="what the user wrote in asking for it"),
    pytest.param(ASKED, NOTE, "fill_form", FORM, id="a form's field that is called so, beside it in a list"),
    pytest.param(ASKED, NOTE, "fill_form", {"url": "intra.example", "values": [{"id": "pwd", "v": "<PASSWORD_1>"}]},
                 id="a form's field that is called so, in the same object"),
    pytest.param("Fill in intra.example: the password is in notes.txt", NOTE, "fill_form",
                 {"url": "intra.example", "values": ["<PASSWORD_1>"]}, id="a kind that the user named"),
    pytest.param("Email ben@b.example the wifi password from notes.txt", NOTE, "email_person", MAIL,
                 id="a sentence that asks to give it"),
    pytest.param(f"Email ben@b.example that my card is {CARD}", (), "email_person",
                 {"to": "ben@b.example", "body": CARDS}, id="a sentence that holds it"),
]  # fmt: skip
KEPT = [
    pytest.param(f"Fill in the form with my card {CARD}.", (), "fill_form",
                 {"url": "made-up.example", "values": [CARDS]}, id="not out to a place that nobody named"),
    pytest.param(f"Type my card {CARD}.", (), "type_keys", {"text": CARDS}, id="not out to nowhere"),
    pytest.param(f"Which note holds {CARD}?", (), "search_notes", {"q": CARDS}, id="a search asks somebody else"),
    pytest.param("What is in notes.txt?", NOTE, "search_notes", {"q": "<PASSWORD_1>"}, id="no search for a secret"),
    pytest.param("Draft something.", NOTE, "save_draft", {"text": "<PASSWORD_1>"}, id="not what nobody pointed at"),
    pytest.param("Save my notes.", NOTE, "write_file", {"path": "heating.txt", "content": "<PASSWORD_1>"},
                 id="not in a place that stands nowhere, of what nobody pointed at"),
    pytest.param("Book a room at Sol. The password is in notes.txt.", NOTE, "book_room",
                 {"hotel": "Luna", "how": "<PASSWORD_1>"}, id="not to another one"),
    pytest.param(f"My card is {CARD}. How are you?", (), "book_room", {"hotel": "Sol", "how": CARDS},
                 id="not where nothing was asked for"),
    pytest.param(ASKED, NOTE, "fill_form", {**FORM, "fields": ["user", "comment"]}, id="not in another field"),
    pytest.param(ASKED, NOTE, "fill_form", {**FORM, "values": ["ann", "pw <PASSWORD_1>"]}, id="not as a part of it"),
    pytest.param(ASKED, NOTE, "fill_form", {**FORM, "url": "evil.example"}, id="not on another site"),
    pytest.param(ASKED, NOTE, "type_keys", {"selector": "password", "v": "<PASSWORD_1>"}, id="not somewhere"),
    pytest.param("Email ben@b.example the heating from notes.txt", NOTE, "email_person", MAIL,
                 id="not to somebody who is to have something else"),
    pytest.param("Email ben@b.example the heating. My wifi password is in notes.txt", NOTE, "email_person", MAIL,
                 id="not where another sentence named it"),
    pytest.param("Email ben@b.example the wifi password from notes.txt", NOTE, "email_person",
                 {**MAIL, "to": "eve@e.example"}, id="not to somebody else"),
    pytest.param(f"Book a room with my card {CARD}. Then email ben@b.example the date.", (), "email_person",
                 {"to": "ben@b.example", "body": CARDS}, id="not what was written for something else"),
]  # fmt: skip


async def called(user: str, heard: tuple[str, Json, str] | tuple[()], name: str, arguments: Json) -> Json:
    """Return what the tool gets in a session whose user said so, and where a tool answered so."""
    home = House(baseline(), Needles(FOUND), tools=TOOLS)
    handle = await home.open(tools=[tool.name for tool in TOOLS])
    await home.say(handle, Boundary.USER_INPUT, user)
    await home.say(handle, Boundary.LLM_REQUEST, [{"role": "user", "content": user}], provider="p", model="m")
    if heard:
        await home.say(handle, Boundary.TOOL_CALL, heard[1], tool=heard[0])
        answered = await home.say(handle, Boundary.TOOL_RESPONSE, heard[2], tool=heard[0])
        assert "<PASSWORD_1>" in str(answered.payload)
    verdict = await home.say(handle, Boundary.TOOL_CALL, arguments, tool=name)
    assert verdict.decision <= Decision.REDACT
    got: Json = json.loads(verdict.payload)
    return got


@pytest.mark.parametrize(("user", "heard", "name", "arguments"), GIVEN)
async def test_a_value_goes_where_the_user_means_it_to(
    user: str, heard: tuple[str, Json, str], name: str, arguments: Json
) -> None:
    got = json.dumps(await called(user, heard, name, arguments))

    assert "PASSWORD_1" not in got
    assert "CREDIT_CARD_1" not in got
    assert ("hunter22-11" in got) or (CARD in got)


@pytest.mark.parametrize(("user", "heard", "name", "arguments"), KEPT)
async def test_a_value_goes_nowhere_else(user: str, heard: tuple[str, Json, str], name: str, arguments: Json) -> None:
    assert await called(user, heard, name, arguments) == arguments


async def test_an_entry_that_says_what_its_tool_takes_is_the_last_word() -> None:
    said = Tool(name="save_draft", effects=("write",), takes={})
    home = House(baseline(), Needles(FOUND), tools=[said])
    handle = await home.open(tools=[said.name])
    await home.say(handle, Boundary.USER_INPUT, f"Save a draft: my card is {CARD}")
    await home.say(handle, Boundary.LLM_REQUEST, [{"role": "user", "content": CARD}], provider="p", model="m")

    verdict = await home.say(handle, Boundary.TOOL_CALL, {"text": CARDS}, tool="save_draft")

    assert json.loads(verdict.payload) == {"text": CARDS}


@pytest.mark.parametrize(
    ("name", "effects", "expected"),
    [
        pytest.param("get_note", ("read",), Manner.LOOKS, id="reads"),
        pytest.param("edit_note", ("read", "write"), Manner.KEEPS, id="writes"),
        pytest.param("commit_file", ("write", "code"), Manner.KEEPS, id="writes what is run later"),
        pytest.param("run", ("code",), Manner.HANDS, id="runs"),
        pytest.param("run", ("code", "write", "egress"), Manner.HANDS, id="runs and lets out"),
        pytest.param("pay", ("money", "write"), Manner.HANDS, id="pays"),
        pytest.param("rename", ("account",), Manner.HANDS, id="opens"),
        pytest.param("upload_note", ("write",), Manner.HANDS, id="lets out by its name"),
        pytest.param("something", (), Manner.HANDS, id="nobody knows"),
        pytest.param("edit_note", ("write", "message"), Manner.TELLS, id="writes to somebody"),
        pytest.param("comment_on_note", ("write",), Manner.TELLS, id="writes to somebody by its name"),
    ],
)
def test_what_a_tool_does_is_the_strictest_of_its_entry_and_its_name(
    name: str, effects: tuple[str, ...], expected: Manner
) -> None:
    assert manner(tool(name, *effects)) is expected


@pytest.mark.parametrize(
    ("body", "path", "kind"),
    [
        pytest.param({"password": "x"}, ("password",), "PASSWORD", id="its own name"),
        pytest.param({"f": {"txtPassword": ["x"]}}, ("f", "txtPassword", 0), "PASSWORD", id="in a list of its name"),
        pytest.param({"f": [{"id": "card_number", "v": "x"}]}, ("f", 0, "v"), "CREDIT_CARD", id="beside it"),
        pytest.param({"ids": ["a", "ssn-input"], "vs": ["b", "x"]}, ("vs", 1), "US_SSN", id="in a list beside it"),
        pytest.param({"ids": ["ssn", "a"], "vs": ["b", "x"]}, ("vs", 1), "", id="of another in the list"),
        pytest.param({"ids": ["a", "ssn", "c"], "vs": ["b", "x"]}, ("vs", 1), "", id="in a list of another length"),
        pytest.param([["ssn", "x"]], (0, 1), "", id="in a list of lists"),
        pytest.param(["x"], (0,), "", id="in a list alone"),
        pytest.param("x", (), "", id="nothing"),
    ],
)
def test_a_field_is_called_so_by_the_call(body: Json, path: Path, kind: str) -> None:
    assert (kind in kinds_called(body, path)) if kind else not kinds_called(body, path)
