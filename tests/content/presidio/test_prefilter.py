import pytest
import regex  # type: ignore[import-untyped]  # it ships no types
from hypothesis import given
from hypothesis import strategies as st

from sidecar.content.presidio.prefilter import Held, needs
from sidecar.content.presidio.recognition import FLAGS, bundled

PATTERNS = sorted(
    {pattern.regex for kinds in bundled().values() for kind in kinds for pattern in getattr(kind, "PATTERNS", ())}
)


@pytest.mark.parametrize(
    ("pattern", "text", "may"),
    [
        pytest.param(r"\d{3}-\d", "no digit", False, id="a digit"),
        pytest.param(r"\d{3}-\d", "1", False, id="a dash"),
        pytest.param(r"\d{3}-\d", "\u0661-", True, id="a digit of another script"),
        pytest.param(r"[\d]?x", "x", True, id="what may be left out"),
        pytest.param(r"a+@", "A", False, id="a sign"),
        pytest.param(r"k@", "\u212a@", True, id="another letter in another case"),
        pytest.param(r"(a|b)c", "c", False, id="one of two"),
        pytest.param(r"(a|b)c", "cB", True, id="the other of two"),
        pytest.param(r"(a|b?)c", "c", True, id="one of two that may be empty"),
        pytest.param(r"(?=@)x", "x", True, id="what stands around is not told"),
        pytest.param(r"[^@]", "a", True, id="all but"),
        pytest.param(r"[\w]", "-", True, id="a set that is large"),
        pytest.param(r"[0-9a-f]:", "g:", False, id="ranges"),
        pytest.param(r"(?>a)b", "b", False, id="an atomic group"),
        pytest.param(r"(?:foo){e<=1}", "fo", True, id="a fuzzy match"),
        pytest.param(r"[[a-z]--[x]]@", "", True, id="a set of sets"),
        pytest.param(r"\p{L}@", "", True, id="an escape of regex alone"),
        pytest.param(r"(?|a@|b@)", "", True, id="a group of regex alone"),
        pytest.param(r"(", "", True, id="no expression"),
        pytest.param("é@", "@", True, id="a letter beyond ASCII"),
    ],
)
def test_what_a_text_must_hold(pattern: str, text: str, may: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Held.by(text).meets(needs(pattern)) is may


@given(st.sampled_from(PATTERNS), st.data())
def test_a_text_that_lacks_what_is_needed_has_no_match(pattern: str, data: st.DataObject) -> None:
    text = data.draw(st.one_of(st.text(max_size=40), st.text(alphabet="0123456789-. aAbBkKsS/:", max_size=40)))

    if regex.search(pattern, text, FLAGS):
        assert Held.by(text).meets(needs(pattern))


def test_nearly_all_of_presidios_patterns_need_something() -> None:
    assert sum(bool(needs(pattern)) for pattern in PATTERNS) > 0.9 * len(PATTERNS)


@pytest.mark.parametrize(
    ("text", "most"),
    [
        pytest.param("Nobody said where it had gone, and we wait.", 0, id="no digit"),
        pytest.param("Release 4 of the gateway fixes 12 leaks.", 1, id="numbers in a sentence"),
        pytest.param("On 2019-03-01 it moved", 13, id="a date"),
    ],
)
def test_few_of_presidios_patterns_for_dates_are_tried_in_a_text(text: str, most: int) -> None:
    [kind] = bundled()["DATE_TIME"]
    held = Held.by(text)
    tried = [pattern for pattern in kind.PATTERNS if held.meets(needs(pattern.regex))]  # type: ignore[attr-defined]  # of a pattern recognizer

    assert len(tried) <= most
    assert tried or not most


@pytest.mark.parametrize(
    ("pattern", "text", "may"),
    [
        pytest.param(r"(\d-x|\d-y)", "1x", False, id="a sign that all of them have"),
        pytest.param(r"(\d-x|\d/y)", "1x", False, id="one of two signs"),
        pytest.param(r"(\d-x|\d/y)", "1/x", True, id="the other sign, and another's letter"),
        pytest.param(r"(\d-|\d/|)", "", True, id="or nothing"),
    ],
)
def test_what_all_alternatives_need_is_needed(pattern: str, text: str, may: bool) -> None:  # noqa: FBT001 - a column of the table
    assert Held.by(text).meets(needs(pattern)) is may


def test_what_few_texts_hold_is_asked_for_first() -> None:
    assert [need.or_digit for need in needs(r"\d{2}[/-]\d{2}@")] == [False, False, True]
    assert needs(r"\d[/-]@")[0].characters == {"@"}
