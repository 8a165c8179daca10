"""Held against Presidio's own recognizer: the same numbers, in any text."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumberFormat, example_number, format_number
from presidio_analyzer.predefined_recognizers import PhoneRecognizer

from sidecar.content.presidio.telephone import MIN_DIGITS, WindowedPhoneRecognizer, runs

OURS, THEIRS = WindowedPhoneRecognizer(), PhoneRecognizer()
REGIONS = ("US", "GB", "DE", "FR", "IL", "IN", "CA", "BR", "PL", "IT", "JM", "AT")
FORMS = (
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.E164,
    PhoneNumberFormat.RFC3966,
)
EXAMPLES = [number for region in REGIONS if (number := example_number(region))]
NUMBERS = st.builds(format_number, st.sampled_from(EXAMPLES), st.sampled_from(FORMS))
PARTS = st.one_of(
    NUMBERS,
    st.text(alphabet="0123456789 -./()+x#", max_size=14),
    st.sampled_from(
        [
            " call ",
            ", ",
            " ext. 12",
            ";ext=7",
            " 2012-01-02 08:00",
            "$",
            "a",
            "3/10/2011",
            "\u0663\u0664",
            "\uff0b",
            "xxx",
        ]
    ),
    st.sampled_from(["  ", " " * 30, " extension " + " " * 20, " int 5 ", "\n", "доб 3", "0044 ", "01149", " #"]),
)


def found(by: PhoneRecognizer, text: str) -> list[tuple[int, int, float]]:
    return sorted((r.start, r.end, r.score) for r in by.analyze(text, ["PHONE_NUMBER"]))


@given(st.lists(PARTS, max_size=12).map("".join))
@example("my card # 4900948022576220 for")
@example("1-800-555-0123 ext" + " " * 40 + "12")
def test_it_finds_what_presidios_finds(text: str) -> None:
    assert found(OURS, text) == found(THEIRS, text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("12 and 345 and 6", [], id="too few digits"),
        pytest.param("1234", ["1234"], id="enough"),
        pytest.param("1234 or 5678 or 9999", ["1234 or 5678 or 9999"], id="near each other"),
        pytest.param("1234 words 5678", ["1234", "5678"], id="words between"),
        pytest.param("1234 ext. 5678", ["1234 ext. 5678"], id="an extension"),
        pytest.param("a 12-34" + " " * 50 + "5 b", ["12-34" + " " * 50 + "5"], id="spaces"),
    ],
)
def test_runs_are_what_one_number_could_join(text: str, expected: list[str]) -> None:
    assert [text[run.start : run.end] for run in runs(text)] == expected


def test_no_number_is_shorter() -> None:
    metadata = [PhoneMetadata.metadata_for_region(region) for region in THEIRS.supported_regions]

    assert min(min(one.general_desc.possible_length) for one in metadata if one and one.general_desc) == MIN_DIGITS
