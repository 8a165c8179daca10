import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.model.tokens import Forms, entity_of, token

FORMS = Forms({"PERSON", "US_SSN"})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("<PERSON_1>", "<PERSON_1>", id="as written"),
        pytest.param("PERSON_1", "<PERSON_1>", id="bare"),
        pytest.param("person_1", "<PERSON_1>", id="bare in small letters"),
        pytest.param("<person 1>", "<PERSON_1>", id="small, with a space"),
        pytest.param("< Person-1 >", "<PERSON_1>", id="a hyphen"),
        pytest.param("<PERSON1>", "<PERSON_1>", id="nothing between"),
        pytest.param("<us_ssn12>", "<US_SSN_12>", id="nothing before the number"),
        pytest.param("<USSSN12>", "<US_SSN_12>", id="nothing between any of it"),
        pytest.param("<PERSON:1>", "<PERSON_1>", id="a colon"),
        pytest.param("<PERSON #1>", "<PERSON_1>", id="a number sign"),
        pytest.param("<PERSON.1>", "<PERSON_1>", id="a full stop"),
        pytest.param("<PERSON\n1>", "<PERSON_1>", id="a new line"),
        pytest.param("<PERSON\u20131>", "<PERSON_1>", id="a dash"),
        pytest.param("<PERSON_01>", "<PERSON_1>", id="a zero before it"),
        pytest.param("<|PERSON_1|>", "<PERSON_1>", id="as a mark of the model's own"),
        pytest.param("</PERSON_1>", "<PERSON_1>", id="as the end of an element"),
        pytest.param("\uff1cPERSON_1\uff1e", "<PERSON_1>", id="wide brackets"),
        pytest.param("\u27e8PERSON_1\u27e9", "<PERSON_1>", id="a mathematician's"),
        pytest.param("\u2039PERSON_1\u203a", "<PERSON_1>", id="a printer's"),
        pytest.param("[PERSON_1]", "<PERSON_1>", id="square"),
        pytest.param("{{PERSON_1}}", "<PERSON_1>", id="template"),
        pytest.param("<us ssn 12>", "<US_SSN_12>", id="a kind of two words"),
        pytest.param(r"<PERSON\_1>", "<PERSON_1>", id="Markdown"),
        pytest.param(r"\<PERSON_1\>", "<PERSON_1>", id="escaped brackets"),
        pytest.param("&lt;PERSON_1&gt;", "<PERSON_1>", id="HTML"),
        pytest.param("&#60;PERSON_1&#62;", "<PERSON_1>", id="HTML, by number"),
        pytest.param("&#x3c;PERSON_1&#X03E;", "<PERSON_1>", id="HTML, by number of sixteen"),
        pytest.param(r"\u003cPERSON_1\u003e", "<PERSON_1>", id="JSON"),
        pytest.param(r"\\u003cPERSON_1\\u003e", "<PERSON_1>", id="JSON in JSON"),
        pytest.param("%3CUS_SSN_1%3E", "<US_SSN_1>", id="URL"),
        pytest.param("%3cus%20ssn%5f1%3e", "<US_SSN_1>", id="URL, encoded throughout"),
    ],
)
def test_a_token_is_understood_in_every_form(text: str, found: str) -> None:
    (form,) = FORMS.find(f"to {text}, now")

    assert (form.token, form.start, form.end) == (found, 3, 3 + len(text))


@pytest.mark.parametrize(
    "text",
    [
        "person 1",
        "PERSON_12345",
        "PERSON_0",
        "XPERSON_1",
        "PERSON_1X",
        "<PERSON>",
        "<PART_1>",
        "PERSON1",
        "PERSON:1",
        "[PERSON1]",
        "<PERSON_0>",
        "<PERSON_1",
        "",
    ],
)
def test_what_is_no_token_stays_what_it_is(text: str) -> None:
    found = [form.token for form in FORMS.find(text)]

    assert found == (["<PERSON_1>"] if text == "<PERSON_1" else [])


def test_before_a_parenthesis_brackets_belong_to_a_link() -> None:
    assert FORMS.replaced("[PERSON_1](x)", {"<PERSON_1>": "Ada"}) == "[Ada](x)"


@pytest.mark.parametrize(
    ("text", "after"),
    [
        pytest.param("to <PERSON_1>", 'to A"d a', id="text"),
        pytest.param("_PERSON_1_ __PERSON_1__", '_A"d a_ __A"d a__', id="emphasis"),
        pytest.param("my_PERSON_1, _x_PERSON_1_", "my_PERSON_1, _x_PERSON_1_", id="part of a name in a program"),
        pytest.param("?q=%3CPERSON_1%3E", "?q=A%22d%20a", id="URL"),
        pytest.param("<p>&lt;PERSON_1&gt;</p>", "<p>A&quot;d a</p>", id="HTML"),
        pytest.param('{"to": "<PERSON_1>"}', '{"to": "A\\"d a"}', id="JSON in a string"),
        pytest.param('{"to": "<PERSON_1>"', '{"to": "A"d a"', id="no JSON"),
        pytest.param("<PERSON_2> and <US_SSN_1>", "<PERSON_2> and <US_SSN_1>", id="what nobody knows"),
    ],
)
def test_a_value_is_written_as_its_place_asks_for(text: str, after: str) -> None:
    assert FORMS.replaced(text, {"<PERSON_1>": 'A"d a'}) == after


@given(st.text(), st.text())
def test_json_in_a_string_stays_json(value: str, other: str) -> None:
    text = json.dumps({"to": "<PERSON_1>", "more": [other]})

    assert json.loads(FORMS.replaced(text, {"<PERSON_1>": value}))["to"] == value


def test_a_token_tells_its_kind() -> None:
    assert entity_of(token("US_SSN", 7)) == "US_SSN"


def test_without_kinds_there_are_no_tokens() -> None:
    assert list(Forms(()).find("<PERSON_1>")) == []
