"""Words that are nobody's datum, in the languages that are known, and all of them where only forms are looked for."""

import pytest

from sidecar.content.parts import RUN_OF_FORMS, reading
from sidecar.content.plain import FORMED, LISTED, Small
from sidecar.policy.entities import NAMED

FORMS = Small(is_formed=True)


def lead(text: str, start: int, *, is_whole: bool, small: Small = LISTED) -> int:
    """Return the end of the plain words at `start`."""
    return reading(text, start, RUN_OF_FORMS, small).lead(text, is_whole=is_whole)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Der Vertrag wird", "Der ", id="German, before a capital"),
        pytest.param("Für den Fall", "Für den ", id="other letters"),
        pytest.param("La casa es", "La ", id="an article before a small letter"),
        pytest.param("La Paz es", "", id="an article of a name"),
        pytest.param("es de la Cruz", "es de ", id="a particle of a name"),
        pytest.param("van der Berg", "", id="a particle that goes on"),
        pytest.param("van onze", "van onze", id="a preposition"),
        pytest.param("Per Larsen", "", id="a name that is a word elsewhere"),
        pytest.param("Per finire", "Per ", id="that word"),
        pytest.param("\u00bfQu\u00e9 es Ada", "\u00bfQu\u00e9 es ", id="a sign in front"),
        pytest.param("\u2705 It is Ada", "\u2705 It is ", id="a picture"),
        pytest.param("\u2776 Ada", "", id="a digit in a circle"),
        pytest.param("[ { Ada", "[ { ", id="brackets"),
        pytest.param("+ -- Ada", "+ ", id="a minus may belong to a key"),
        pytest.param("JSON or SQL by Ada", "JSON or SQL by ", id="abbreviations"),
    ],
)
def test_small_words_of_other_languages_are_plain(text: str, expected: str) -> None:
    assert text[: lead(text, 0, is_whole=True)] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Charles Babbage called PostgreSQL", "Charles Babbage called PostgreSQL", id="names are words"),
        pytest.param("42 people came", "42 people came", id="a number of something"),
        pytest.param("NASA plans it", "NASA plans it", id="letters before a word"),
        pytest.param("NASA\nplans it", "", id="letters before another line, where a part may end first"),
        pytest.param("S3 keeps it", "S3 keeps it", id="letters and digits before a word"),
        pytest.param("def moving_average(values, width):", "def moving_average(values, width):", id="code"),
        pytest.param("2024-11-02T10:00:17.1Z INFO status=200 ", "2024-11-02T10:00:17.1Z INFO ", id="a record"),
        pytest.param("Nov 12 10:00:17 worker", "Nov 12 10:00:17 worker", id="the head of a record"),
        pytest.param("Nov 1234", "", id="letters before a group"),
        pytest.param("12 10:00", "", id="a number before no time"),
        pytest.param("[WARN] disk", "[WARN] disk", id="the level of a record"),
        pytest.param("see `kubectl`, so", "see `kubectl`, so", id="between ticks"),
        pytest.param("UNAVAILABLE or DEADLINE_EXCEEDED.", "UNAVAILABLE or DEADLINE_EXCEEDED.", id="constants"),
        pytest.param("http.ListenAndServe(x) or /usr/bin/env", "http.ListenAndServe(x) or /usr/bin/env", id="paths"),
        pytest.param("gap: #1f2933; color: #123456; x", "gap: #1f2933; color: ", id="a colour, but for digits"),
        pytest.param("sk_live_abcdefghijkl is", "", id="a key without a digit"),
        pytest.param("see sk-abcdefghijklmnopqrstuv is", "see ", id="a key behind a mark"),
        pytest.param("f(glpat-abcdefghijklmnopq)", "", id="a key within a call"),
        pytest.param("AB123456C is", "", id="a person's number in one word"),
        pytest.param("DE89 3704 is", "", id="an account"),
        pytest.param("pa**ss**word sunflower", "", id="a word with marks in it"),
        pytest.param("so 'pa' + 'ss' or Sunflower", "so 'pa' + 'ss' or ", id="strings that are joined"),
        pytest.param("42 17 came", "", id="groups of a number"),
        pytest.param('"4012", "then": "8888"', "", id="a group before the next member of an object"),
        pytest.param("4012 [b]8888", "", id="a group before markup"),
        pytest.param("GB 29 NWBK", "", id="letters of an account"),
        pytest.param("RSS MRA 85T10", "", id="letters of a person's number"),
        pytest.param("the password is sunflower", "the password is ", id="a password behind its name"),
        pytest.param("your Passwort lautet sunflower", "your Passwort ", id="in another language"),
        pytest.param("use sunflower as the password", "use ", id="a password before its name"),
        pytest.param("use sunflower and water", "use sunflower and water", id="a verb of other things"),
        pytest.param("change it to sunflower", "change it to ", id="what it is changed to"),
        pytest.param("p a s s w o r d sunflower", "", id="letters that stand apart"),
        pytest.param("p\u0430ssword sunflower", "", id="another alphabet"),
        pytest.param("4111 1111 1111 1111", "", id="a card"),
        pytest.param("at https://ada:b@example.org", "at ", id="an address"),
        pytest.param("Schneekettenpflichtgebietsschild", "", id="a run of letters that is long"),
    ],
)
def test_where_forms_are_looked_for_words_are_plain_that_nothing_tells_a_password(text: str, expected: str) -> None:
    assert text[: lead(text, 0, is_whole=True, small=FORMS)] == expected


def test_what_is_told_before_a_part_counts() -> None:
    text = "The password is this. Sunflower"
    start = text.index("Sun")

    assert lead(text, start, is_whole=True, small=FORMS) == start
    assert lead(text.replace("password", "painting"), start, is_whole=True, small=FORMS) == len(text)


def test_the_last_group_of_a_number_is_no_number_of_its_own() -> None:
    text = "The card 4111\n- 1111 was charged"
    start = text.index("- ")

    assert lead(text, start, is_whole=True, small=FORMS) == start + 2
    assert lead(text.replace("4111", "went"), start, is_whole=True, small=FORMS) == len(text)


def test_what_may_still_change_it_is_waited_for() -> None:
    ends = [
        "HTTP/2 mult",
        "HTTP/2 multi",
        "42 pe",
        "42 peo",
        "GB29 nwbk",
        "xy, which",
        "use sun",
        "use sunflower",
        "use sunflower ",
        "use sunflower as",
        "use sunflower as ",
        "use sunflower at ",
    ]

    found = [text[: lead(text, 0, is_whole=False, small=FORMS)] for text in ends]

    assert found[:6] == ["", "HTTP/2 ", "", "42 ", "", ""]
    assert found[6:] == ["use ", "use ", "use ", "use ", "use ", "use sunflower at "]


def test_no_name_is_a_form() -> None:
    assert FORMED.isdisjoint(NAMED)
