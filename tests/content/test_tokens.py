"""Tokens are found in short steps as they are in one, and what replaces them stands where they stood."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.rewriting import Piece, pieces
from sidecar.content.tokens import SCANNED, WRITTEN, exchanged, found
from sidecar.model.strict_json import Json
from sidecar.model.tokens import Forms

FORMS = Forms({"PERSON", "US_BANK_NUMBER"})
LONG = "us" + r"\\_\\_bank\\_\\_number\\_\\_"  # as long as a kind is written: each underscore twice, escaped twice
TOKENS = (
    *("<PERSON_1>", "<PERSON_9999>", "PERSON_1", "[ person 7 ]", "_person_8_", "[person_1](x)"),
    *(f"\\\\<< {LONG}4444 /\\\\>>", f"&#x00003c; {LONG}1 &#x00003e;", "%3cus%20bank%20number%5f3%3e"),
    rf"\\\\u003c {LONG}22 \\\\u003e",
)
PLACED = st.lists(
    st.one_of(
        st.sampled_from(TOKENS),
        st.text(" _<[x1", max_size=5),
        st.integers(0, SCANNED).map(lambda size: "." * size),
    ),
    max_size=8,
).map("".join)


@given(PLACED)
async def test_a_seam_hides_no_token_and_makes_none(text: str) -> None:
    held = await found([Piece((), text)], FORMS)

    whole = [(form.start, form.end, form.token) for form in FORMS.find(text)]
    assert [(form.start, form.end, form.token) for forms in held.forms.values() for form in forms] == whole
    assert held.tokens == tuple(dict.fromkeys(token for *_, token in whole))


@pytest.mark.parametrize("word", ["", "x"])
@pytest.mark.parametrize("token", TOKENS)
async def test_a_token_is_found_wherever_the_seam_cuts_it(token: str, word: str) -> None:
    whole = [form.token for form in FORMS.find(f" {token}{word} ")]
    for before in range(SCANNED - len(token) - 1, SCANNED + 1):
        text = "." * (before - 1) + f" {token}{word} " + "." * SCANNED

        held = await found([Piece((), text)], FORMS)

        assert [form.token for forms in held.forms.values() for form in forms] == whole, before


@pytest.mark.parametrize("text", ["PERSON_1x", "PERSON_12345", "[PERSON 1](x)"])
async def test_what_is_no_token_becomes_none_where_a_look_ahead_ends(text: str) -> None:
    for before in range(SCANNED, SCANNED + 200):
        held = await found([Piece((), "." * before + text)], FORMS)

        assert held.tokens == (), before


async def test_texts_and_names_are_replaced_where_they_stand() -> None:
    body: Json = {"<PERSON_1>": ["<PERSON_1>, <PERSON_2>", 1], "b": '{"c": "<PERSON_1>"}', "d": "<PERSON_2>"}

    held = await found(pieces(body), FORMS)
    changed = await exchanged(body, held, {"<PERSON_1>": 'Ada "A"'})

    inner = json.dumps({"c": 'Ada "A"'})
    assert changed == {'Ada "A"': ['Ada "A", <PERSON_2>', 1], "b": inner, "d": "<PERSON_2>"}
    assert held.tokens == ("<PERSON_1>", "<PERSON_2>")
    assert held.places({"<PERSON_2>": ""}) == (("<PERSON_1>", 0), ("d",))


async def test_a_text_full_of_tokens_is_replaced_to_its_end() -> None:
    text = "<PERSON_1> <PERSON_2> " * WRITTEN

    changed = await exchanged(text, await found([Piece((), text)], FORMS), {"<PERSON_1>": "Ada"})

    assert changed == text.replace("<PERSON_1>", "Ada")


async def test_a_text_without_tokens_stays_itself() -> None:
    held = await found(pieces({"a": "<PERSON>, person 1"}), FORMS)

    assert (held.tokens, held.forms, held.places(())) == ((), {}, ())
