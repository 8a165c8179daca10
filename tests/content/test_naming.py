"""Words with which no name begins, where names are looked for, and those with which one may."""

import pytest

from sidecar.content.naming import NAMES
from sidecar.content.parts import RUN_OF_NAMES, parts, reading
from sidecar.content.plain import FORMED, Small
from sidecar.policy.entities import NAMED

SMALL = Small(is_named=True)


def lead(text: str, *, is_whole: bool = True) -> str:
    return text[: reading(text, 0, RUN_OF_NAMES, SMALL).lead(text, is_whole=is_whole)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("The grandmother kneads dough to", "The grandmother kneads dough to", id="small letters"),
        pytest.param("Il est tard lundi soir et", "Il est tard lundi soir et", id="of another language"),
        pytest.param(
            "It has 42 people and 3.5 million of it",
            "It has 42 people and 3.5 million of it",
            id="numbers of something",
        ),
        pytest.param("NASA plans it", "NASA plans it", id="an abbreviation"),
        pytest.param("PostgreSQL Ada", "PostgreSQL ", id="a word as programs write it, whatever follows"),
        pytest.param("Kubernetes restarts it", "Kubernetes restarts it", id="a program"),
        pytest.param("Version 2 of bread that Bread", "Version 2 of bread that ", id="what sentences begin with"),
        pytest.param(".card { Ada", ".card { ", id="what stands behind a sign of a program"),
        pytest.param("#!/usr/bin/env Ada", "#!/usr/bin/env ", id="a path"),
        pytest.param('It is mux.HandleFunc("/ok", Ada', 'It is mux.HandleFunc("/ok", ', id="a call"),
        pytest.param("It is. image: Ada", "It is. image: ", id="a label"),
        pytest.param("[INFO] 2024-11-02 Ada", "[INFO] 2024-11-02 ", id="a record"),
        pytest.param("ada lovelace is it", "", id="a text in small letters alone"),
        pytest.param("It is maria Garcia", "It is ", id="small letters before a capital"),
        pytest.param("He lives in france now", "He lives in ", id="a place"),
        pytest.param("My name is ada of it", "My name is ", id="who says who it is"),
        pytest.param("It is ada at example dot", "It is ", id="an address that is spelled"),
        pytest.param("She met rue de la Paix", "She met ", id="a street"),
        pytest.param("It is bin laden", "It is ", id="a particle"),
        pytest.param("Rose is it", "", id="a name that is a word, too"),
        pytest.param("ANNA is it", "", id="a name in capitals"),
        pytest.param("It is from NASA is it", "It is from ", id="what a salutation tells"),
        pytest.param("McDonald is it", "", id="a name with a capital in it"),
        pytest.param("LeBron is it", "", id="another"),
        pytest.param("J.K. Rowling", "", id="initials"),
        pytest.param('Then f("Ada", it', "Then ", id="a name in a call"),
        pytest.param("name=Ada is it", "", id="a name behind its label"),
        pytest.param("It is 0301 234567", "It is ", id="a number that goes on"),
        pytest.param("Bread\nrises", "", id="another line"),
    ],
)
def test_what_no_name_begins_with(text: str, expected: str) -> None:
    assert lead(text) == expected


def test_a_word_is_let_go_when_the_next_one_has_begun() -> None:
    ends = ["The dough", "The dough ", "The dough r", "The dough a", "The dough at", "The dough at ", "The dough an"]

    assert [lead(text, is_whole=False) for text in ends] == [*["The "] * 2, "The dough ", *["The "] * 3, "The dough "]


def test_in_small_letters_alone_a_part_ends_where_words_of_the_lists_stand() -> None:
    text = "we think that yesterday evening somewhere nearby young maria garcia called, and so it was"

    assert all("maria garcia" in text[part.start : part.end] or part.start > 60 for part in parts(text, 6, SMALL))


def test_what_counts_as_a_name_has_no_form() -> None:
    assert FORMED.isdisjoint(NAMES)
    assert {"PERSON", "LOCATION"} == NAMES & NAMED
