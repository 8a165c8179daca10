import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.operators import apply, hashed, leftovers, mask, redact
from sidecar.model.operator import Operator

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("4111 1111 1111 1234", "**** **** **** 1234", id="a card, as on a receipt"),
        pytest.param("536-90-4399", "***-**-4399", id="a number with dashes"),
        pytest.param("ann@example.org", "***@******e.org", id="an address"),
        pytest.param("Smith", "***th", id="never more than half"),
        pytest.param("Li", "*i", id="of two, one"),
        pytest.param("J", "*", id="of one, none"),
        pytest.param("", "", id="nothing"),
        pytest.param("--", "--", id="no letter, no digit"),
        pytest.param("Ωmega77", "****a77", id="letters of any alphabet"),
    ],
)
def test_a_mask_leaves_the_form_and_the_last_four(value: str, expected: str) -> None:
    assert mask(value) == expected


@given(st.text())
def test_a_mask_masks_nothing_new_the_second_time(value: str) -> None:
    once = mask(value)

    assert mask(once) == once
    assert len(once) == len(value)
    assert sum(c.isalnum() for c in once) <= min(4, sum(c.isalnum() or c == "*" for c in value) / 2)


@pytest.mark.parametrize(
    ("operator", "key", "expected"),
    [
        pytest.param(Operator.ALLOW, KEY, "Ada", id="allow"),
        pytest.param(Operator.MASK, KEY, "**a", id="mask"),
        pytest.param(Operator.HASH, KEY, hashed("PERSON", "Ada", KEY), id="hash"),
        pytest.param(Operator.HASH, b"", "<PERSON>", id="a hash without a key redacts"),
        pytest.param(Operator.TOKEN, KEY, "<PERSON>", id="a token that nobody gave redacts"),
        pytest.param(Operator.REDACT, KEY, "<PERSON>", id="redact"),
        pytest.param(Operator.DENY, KEY, "<PERSON>", id="deny never shows the value"),
    ],
)
def test_what_stands_in_its_place(operator: Operator, key: bytes, expected: str) -> None:
    assert apply(operator, "PERSON", "Ada", key) == expected


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("PERSON", "Eva", KEY), id="another value"),
        pytest.param(("URL", "Ada", KEY), id="another kind"),
        pytest.param(("PERSON", "Ada", bytes(32)), id="another key"),
    ],
)
def test_a_hash_is_the_same_for_the_same_only(other: tuple[str, str, bytes]) -> None:
    assert hashed("PERSON", "Ada", KEY) == hashed("PERSON", "Ada", KEY)
    assert hashed("PERSON", "Ada", KEY) != hashed(*other)


@given(st.text())
def test_a_hash_holds_no_digit_and_no_vowel(value: str) -> None:
    inside = hashed("X", value, KEY).removeprefix("<X:").removesuffix(">")

    assert len(inside) == 12
    assert not set(inside) & set("0123456789aeiouy")


@given(st.text(min_size=1).filter(lambda s: any(map(str.isalnum, s))))
def test_what_replaces_a_datum_is_known_as_such(value: str) -> None:
    pattern = leftovers(["PERSON", "US_SSN"]).pattern

    assert pattern.fullmatch(redact("US_SSN"))
    assert pattern.fullmatch(hashed("PERSON", value, KEY))


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        pytest.param("**** **** **** 1234", True, id="a masked card"),
        pytest.param("***@******e.org", True, id="a masked address"),
        pytest.param("(***) ***-4567", True, id="a masked telephone number"),
        pytest.param("<JANE_DOE>", False, id="not any capitals between brackets"),
        pytest.param("<PERSON:12345678>", False, id="no digits in a hash"),
        pytest.param("<PERSON:margaret>", False, id="no name in a hash"),
        pytest.param("**4111111111111111", False, id="asterisks hide no card"),
        pytest.param("**1234567", False, id="nor more than four characters"),
        pytest.param("*Ada*", False, id="emphasis hides nothing"),
        pytest.param("**Ada**", False, id="nor does strong emphasis"),
        pytest.param("****Ada****", False, id="nor does the strongest"),
        pytest.param("**** John", False, id="nor an oath"),
        pytest.param("* * * *\n4567", False, id="nor a rule between paragraphs"),
    ],
)
def test_only_what_the_operators_leave_is_passed_over(text: str, *, hidden: bool) -> None:
    left = leftovers(["PERSON"]).pattern.sub("", text)

    assert any(map(str.isalnum, left)) is not hidden


def test_a_hundred_thousand_asterisks_are_looked_through_in_linear_time() -> None:
    assert leftovers(["PERSON"]).pattern.search("* " * 100_000 + "**- " * 50_000) is None


def test_a_token_stands_in_its_place_and_is_not_looked_at_again() -> None:
    assert apply(Operator.TOKEN, "PERSON", "Ada", KEY, "<PERSON_7>") == "<PERSON_7>"
    found = leftovers(["PERSON", "URL"], ["PERSON"]).finditer("<PERSON_7>, [person 7], PERSON_7, <URL_7>")
    assert [match[0] for match in found] == ["<PERSON_7>", "[person 7]", "PERSON_7"]
    assert leftovers(["PERSON"]).pattern.search("<PERSON_7>") is None


FORMS = st.sampled_from(
    [
        "<PERSON>",
        "<US_SSN:bcdfghjkmnpq>",
        "**** 1234",
        "***@***e.org",
        "[person 7]",
        "us_\u017fsn_1",
        "US_SSN_1",
        "<US SSN 1>",
        "{{person 12}}",
        "&lt;PERSON_1&gt;",
        "%3cperson_1%3e",
        "\\u003cPERSON_1\\u003e",
        "é",
        "plain",
        " ",
        "K",
        "per",
        "1",
    ]
)


@given(st.lists(FORMS, max_size=8).map("".join), st.integers(0, 20), st.integers(0, 80))
def test_a_look_at_the_signs_passes_nothing_over(text: str, start: int, end: int) -> None:
    finder = leftovers(["PERSON", "US_SSN"], ["PERSON", "US_SSN"])

    found = [match.span() for match in finder.finditer(text, start, end)]

    assert found == [match.span() for match in finder.pattern.finditer(text, start, end)]
